"""Values between us and a script: JSON lines, with marks for what JSON does not have.

A tuple, a set, a date, an instant and facts travel as an object with one marked key; an
object of the user's own that looks like one is wrapped as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from toolkit.mapping.scripting import Facts

MARK: Final = "~"
MOST_BYTES: Final = 1_000_000
"""A line longer than this is refused, whichever way it goes."""

_DEEPEST = 50


class CrossingError(ValueError):
    """A value that has no form for the crossing.

    Args:
        reason: One clause; names the type, never the value.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def write_line(message: Mapping[str, object]) -> bytes:
    """One message as a line.

    Raises:
        CrossingError: It holds something that cannot cross, or too much.
    """
    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False)
        line = text.encode() + b"\n"
    except (ValueError, UnicodeEncodeError) as error:
        raise CrossingError("a number or a text that cannot be written down") from error
    if len(line) > MOST_BYTES:
        raise CrossingError(f"more than {MOST_BYTES // 1_000_000} MB")
    return line


def encode(value: object, *, depth: int = 0) -> Any:  # noqa: ANN401 — plain JSON
    """A value as plain JSON.

    Raises:
        CrossingError: It is of a type that cannot cross.
    """
    if depth > _DEEPEST:
        raise CrossingError("lists within lists without end")
    for kinds, encoder in _ENCODERS:
        if isinstance(value, kinds):
            return encoder(value, depth + 1)
    raise CrossingError(f"a value of type {type(value).__name__}")


def decode(plain: Any) -> Any:  # noqa: ANN401 — whatever was encoded
    """The value of plain JSON that `encode` gave."""
    match plain:
        case list():
            return [decode(each) for each in plain]
        case dict() if len(plain) == 1 and (key := next(iter(plain))).startswith(MARK):
            return _DECODERS[key.removeprefix(MARK)](plain[key])
        case dict():
            return {key: decode(each) for key, each in plain.items()}
        case _:
            return plain


def _marked(kind: str, items: Iterable[object], depth: int) -> dict[str, Any]:
    return {f"{MARK}{kind}": [encode(each, depth=depth) for each in items]}


def _encode_mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    encoded: dict[str, Any] = {}
    for key, each in value.items():
        if not isinstance(key, str):
            raise CrossingError(f"a key of type {type(key).__name__}")
        encoded[str(key)] = encode(each, depth=depth)
    looks_marked = len(encoded) == 1 and next(iter(encoded)).startswith(MARK)
    return {f"{MARK}own": encoded} if looks_marked else encoded


# The first that fits: a bool is an int, an instant is a date, facts are a mapping. An enum
# or another kind of number of the user's crosses as the number it is.
_ENCODERS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any, int], Any]], ...]] = (
    ((type(None), bool, str), lambda value, _depth: value),
    (float, lambda value, _depth: float(value)),
    (int, lambda value, _depth: int(value)),
    (datetime, lambda value, _depth: {f"{MARK}instant": value.isoformat()}),
    (date, lambda value, _depth: {f"{MARK}date": value.isoformat()}),
    (list, lambda value, depth: [encode(each, depth=depth) for each in value]),
    (tuple, lambda value, depth: _marked("tuple", value, depth)),
    ((set, frozenset), lambda value, depth: _marked("set", sorted(value, key=repr), depth)),
    (Facts, lambda value, depth: _marked("facts", [dict(value)], depth)),
    (Mapping, _encode_mapping),
)
_DECODERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "tuple": lambda items: tuple(map(decode, items)),
    "set": lambda items: frozenset(map(decode, items)),
    "date": date.fromisoformat,
    "instant": datetime.fromisoformat,
    "facts": lambda items: Facts(decode(items[0])),
    "own": lambda plain: {key: decode(each) for key, each in plain.items()},
}
