"""Patterns of `matches`: what a customer typed must never keep us busy for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser  # type: ignore[attr-defined] # the only reader of patterns there is
from typing import Any, Final

MOST_CHARACTERS: Final = 200
"""Of a value that are compared: a plain pattern takes time with a power of it."""

_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def is_bounded(pattern: str) -> bool:
    """Whether no text can make it take time without end.

    A repeated group that holds another repeat or a choice may be tried in as many ways as
    there are subsets of the text: `(a+)+`, `(a|aa)*`.

    Raises:
        re.error: It is no pattern.
    """
    return not any(_is_wild(body) for body in _repeated(_parser.parse(pattern)))


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern stands anywhere in the first part of the text."""
    return re.search(pattern, text[:MOST_CHARACTERS]) is not None


def _repeated(parsed: Any) -> Iterator[Any]:  # noqa: ANN401 — the parser's own tree
    """Bodies that may be repeated many times, at any depth."""
    for name, argument in parsed:
        if str(name) in _REPEATS:
            _, most, body = argument
            if most > 1:
                yield body
        for part in _parts(argument):
            yield from _repeated(part)


def _is_wild(body: Any) -> bool:  # noqa: ANN401 — the parser's own tree
    for name, argument in body:
        if str(name) in _REPEATS or str(name) == "BRANCH":
            return True
        if any(_is_wild(part) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> Iterator[Any]:  # noqa: ANN401 — the parser's own tree
    """Patterns within what stands beside a name."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for each in argument:
            yield from _parts(each)
