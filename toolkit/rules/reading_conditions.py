"""Conditions out of the settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from toolkit.model.values import Value
from toolkit.rules.comparisons import Op
from toolkit.rules.conditions import (
    ALWAYS,
    All,
    AnyOf,
    Ask,
    Compare,
    Condition,
    Count,
    Counted,
    HasTag,
    HasTask,
    InSegment,
    Not,
)
from toolkit.rules.dates import read_moment
from toolkit.rules.patterns import is_bounded
from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.reading import (
    Reader,
    check_keys,
    group,
    items,
    plain_text,
    value_of,
    yes_no,
)
from toolkit.rules.shapes import shaped
from toolkit.rules.words import FieldRef, FieldWord, Shape

_ORDERED = (Op.ABOVE, Op.BELOW)
_DATED = (Op.BEFORE, Op.AFTER, Op.OLDER_THAN_DAYS, Op.NEWER_THAN_DAYS)
_DATES = (Shape.DAY, Shape.MOMENT)
_TEXTUAL = (Op.STARTS_WITH, Op.MATCHES)
_COUNT_OPS = (Op.IS, Op.IS_NOT, Op.ABOVE, Op.BELOW)
_SHAPES: Mapping[Op, tuple[Shape, ...]] = {
    **dict.fromkeys(_ORDERED, (Shape.NUMBER,)),
    **dict.fromkeys(_DATED, _DATES),
    **dict.fromkeys(_TEXTUAL, (Shape.TEXT,)),
    Op.CONTAINS: (Shape.TEXT, Shape.TEXTS),
}
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def read_condition(raw: object, *, reader: Reader, at: Path) -> Condition:
    """A condition; nothing at all always holds, a list holds where all of it does.

    Raises:
        RuleProblemError: It cannot be read, or names something unknown.
    """
    if raw is None:
        return ALWAYS
    if isinstance(raw, list | tuple):
        return All(_parts(raw, reader=reader, at=at))
    given = group(raw, at)
    if "field" in given:
        return _comparison(given, reader=reader, at=at)
    if len(given) != 1:
        raise RuleProblemError(
            "a condition says one thing",
            at=at,
            remedy="Join several with `all:`, `any:` or `not:`",
        )
    key, value = next(iter(given.items()))
    read = _READERS.get(key)
    if read is None:
        raise RuleProblemError(
            f"`{key}` is not a condition", at=(*at, key), wrong=key, known=(*_READERS, "field")
        )
    if not reader.has_contact and key not in _ABOUT_NOBODY:
        raise RuleProblemError("this trigger is not about a contact", at=(*at, key))
    return read(value, reader, (*at, key))


def _parts(raw: object, *, reader: Reader, at: Path) -> tuple[Condition, ...]:
    if isinstance(raw, Mapping):
        raise RuleProblemError("conditions stand in a list", at=at, remedy="Begin with `- `")
    return tuple(
        read_condition(each, reader=reader, at=(*at, index))
        for index, each in enumerate(items(raw, at))
    )


def _not(raw: object, reader: Reader, at: Path) -> Condition:
    return Not(read_condition(raw, reader=reader, at=at))


def _tag(raw: object, reader: Reader, at: Path) -> Condition:
    if reader.words.tags is None:
        raise RuleProblemError("no tags are mapped", at=at)
    return HasTag(reader.text(raw, at))


def _segment(raw: object, reader: Reader, at: Path) -> Condition:
    return InSegment(reader.name(raw, reader.segments, what="segment", at=at))


def _function(raw: object, reader: Reader, at: Path) -> Condition:
    return Ask(reader.name(raw, reader.conditions, what="condition function", at=at))


def _has_task(raw: object, reader: Reader, at: Path) -> Condition:
    if not isinstance(raw, Mapping):
        return HasTask(reader.text(raw, at))
    given = group(raw, at)
    check_keys(given, ("title", "open"), at, what="`has_task`")
    title = reader.text(given.get("title"), (*at, "title"))
    return HasTask(title, yes_no(given["open"], (*at, "open")) if "open" in given else None)


def _count(what: Counted) -> Callable[[object, Reader, Path], Condition]:
    def read(raw: object, _reader: Reader, at: Path) -> Condition:
        given = group(raw, at) if isinstance(raw, Mapping) else {"is": raw}
        check_keys(given, _COUNT_OPS, at, what=f"`{what}`")
        parts = tuple(
            Count(what, Op(key), _figure(value, (*at, key))) for key, value in given.items()
        )
        return parts[0] if len(parts) == 1 else All(parts)

    return read


def _all_of(raw: object, reader: Reader, at: Path) -> Condition:
    return All(_parts(raw, reader=reader, at=at))


def _any_of(raw: object, reader: Reader, at: Path) -> Condition:
    return AnyOf(_parts(raw, reader=reader, at=at))


_READERS: Mapping[str, Callable[[object, Reader, Path], Condition]] = {
    "all": _all_of,
    "any": _any_of,
    "not": _not,
    "tag": _tag,
    "segment": _segment,
    "has_task": _has_task,
    "function": _function,
    **{each.value: _count(each) for each in Counted},
}
_ABOUT_NOBODY = frozenset({"all", "any", "not", "function"})


def _comparison(given: Mapping[str, object], *, reader: Reader, at: Path) -> Condition:
    ref = reader.ref(given["field"], (*at, "field"))
    word = reader.words.word(ref) or FieldWord()
    compared = {key: value for key, value in given.items() if key != "field"}
    check_keys(compared, tuple(Op), at, what="a condition on a field")
    if not compared:
        raise RuleProblemError(
            f"what of `{ref.shown}`?", at=at, remedy="Add `is:`, `is_blank: true`, `above:` ..."
        )
    parts = tuple(
        _compare(ref, word, op=Op(key), raw=value, reader=reader, at=(*at, key))
        for key, value in compared.items()
    )
    return parts[0] if len(parts) == 1 else All(parts)


def _compare(  # noqa: PLR0913 — one line of the settings and what it is read with
    ref: FieldRef, word: FieldWord, *, op: Op, raw: object, reader: Reader, at: Path
) -> Compare:
    shapes = _SHAPES.get(op)
    if shapes is not None and word.shape not in shapes:
        wanted = " or ".join(shape.value.replace("_", "/") for shape in shapes)
        raise RuleProblemError(
            f"`{op}` suits fields of type {wanted}, and `{ref.shown}` is "
            f"{word.shape.value.replace('_', '/')}",
            at=at,
        )
    return Compare(ref, op, _operand(word, op, raw=raw, reader=reader, at=at))


def _operand(word: FieldWord, op: Op, *, raw: object, reader: Reader, at: Path) -> Value:
    if op in {Op.IN, Op.NOT_IN}:
        one = replace(word, shape=Shape.TEXT) if word.shape is Shape.TEXTS else word
        listed = enumerate(items(raw, at))
        return tuple(str(_exact(one, each, reader, (*at, index))) for index, each in listed)
    read = _PLAIN_OPERANDS.get(op)
    return _exact(word, raw, reader, at) if read is None else read(raw, at)


def _exact(word: FieldWord, raw: object, reader: Reader, at: Path) -> Value:
    value = value_of(raw, at)
    if value is None or value == "":
        return value
    try:
        shaped_value = shaped(value, word.shape, at=_ANY_DAY, calendar=reader.calendar)
    except RuleProblemError as error:
        raise RuleProblemError(error.reason, at=at, remedy=error.remedy) from error
    _check_option(word, value, at)
    return shaped_value


def _check_option(word: FieldWord, value: Value, at: Path) -> None:
    known = {option.casefold() for option in word.options}
    for each in value if isinstance(value, tuple) else (value,):
        if known and str(each).casefold() not in known:
            raise RuleProblemError(
                "the field has no such option", at=at, wrong=str(each), known=word.options
            )


def check_option(word: FieldWord, value: Value, at: Path) -> None:
    """Whether a field with a closed list of options takes the value.

    Raises:
        RuleProblemError: It does not.
    """
    if value is not None and value != "":
        _check_option(word, value, at)


def _figure(raw: object, at: Path) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise RuleProblemError(f"`{at[-1]}` must be a number", at=at)
    return raw


def _moment(raw: object, at: Path) -> str:
    text = plain_text(raw, at)
    try:
        read_moment(text)
    except RuleProblemError as error:
        raise RuleProblemError(error.reason, at=at, remedy=error.remedy) from error
    return text


def _pattern(raw: object, at: Path) -> str:
    text = plain_text(raw, at)
    try:
        re.compile(text)
        if is_bounded(text):
            return text
    except re.error as error:
        raise RuleProblemError(f"this pattern cannot be read: {error.msg}", at=at) from error
    raise RuleProblemError(
        "some texts would keep this pattern busy for ever",
        at=at,
        remedy="Repeat no group that holds a repeat or a choice, as in `(a+)+`",
    )


_PLAIN_OPERANDS: Mapping[Op, Callable[[object, Path], Value]] = {
    Op.IS_BLANK: yes_no,
    **dict.fromkeys((*_ORDERED, Op.OLDER_THAN_DAYS, Op.NEWER_THAN_DAYS), _figure),
    **dict.fromkeys((Op.BEFORE, Op.AFTER), _moment),
    Op.MATCHES: _pattern,
    **dict.fromkeys((Op.CONTAINS, Op.STARTS_WITH), value_of),
}
