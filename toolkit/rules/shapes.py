"""Raw text and values of the settings as neutral values, by the shape of the field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime

from toolkit.model.values import Value
from toolkit.rules.calendar import Calendar
from toolkit.rules.dates import EARLIEST, LATEST, instant_text, read_moment
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.words import Shape

_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def shaped(raw: object, shape: Shape, *, at: datetime, calendar: Calendar) -> Value:
    """The neutral value of what a template gave or the settings say.

    Args:
        raw: Text, number, yes/no, a list of texts, or None; blank text is None.
        shape: What the field holds.
        at: What dates in words are counted from.
        calendar: Working days and zone for them.

    Raises:
        RuleProblemError: It does not fit.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if shape is Shape.DAY:
        return _day(raw, at=at, calendar=calendar)
    if shape is Shape.MOMENT:
        return instant_text(read_moment(_single(raw)).resolve(at, calendar))
    return _TIMELESS[shape](raw)


def moment_of(value: Value, calendar: Calendar) -> datetime:
    """The instant of a neutral day (where it begins) or instant.

    Raises:
        RuleProblemError: The value is neither, or further away than anybody counts.
    """
    try:
        given = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise RuleProblemError("the field holds no date") from error
    if not EARLIEST < given.year < LATEST:
        raise RuleProblemError("the date is out of range")
    return calendar.instant(given) if given.tzinfo is None else given


def is_day(value: Value) -> bool:
    """Whether a neutral date names a day only."""
    return isinstance(value, str) and "T" not in value


def _day(raw: object, *, at: datetime, calendar: Calendar) -> str:
    text = _single(raw).strip()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return read_moment(text).resolve_day(at, calendar).isoformat()


def _single(raw: object) -> str:
    match raw:
        case str():
            return raw.strip()
        case bool():
            return "true" if raw else "false"
        case int() | float():
            return str(raw)
        case _:
            raise RuleProblemError("several values stand where one belongs")


def _number(raw: object) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise RuleProblemError("this is not a number")
    try:
        number = float(raw)
    except ValueError as error:
        raise RuleProblemError("this is not a number") from error
    if not math.isfinite(number):
        raise RuleProblemError("this is not a number")
    return int(number) if number.is_integer() else number


def _yes_no(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word not in _WORDS:
        raise RuleProblemError("this is neither yes nor no")
    return _WORDS[word]


def _texts(raw: object) -> tuple[str, ...] | None:
    if isinstance(raw, str):
        raw = raw.split(",")
    if not isinstance(raw, list | tuple) or not all(isinstance(each, str) for each in raw):
        raise RuleProblemError("this is not a list of texts")
    return tuple(sorted({each.strip() for each in raw} - {""})) or None


_TIMELESS: Mapping[Shape, Callable[[object], Value]] = {
    Shape.TEXT: _single,
    Shape.NUMBER: _number,
    Shape.YES_NO: _yes_no,
    Shape.TEXTS: _texts,
}
