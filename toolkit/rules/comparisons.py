"""How a field's value is compared with one of the settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from toolkit.model.values import Value
from toolkit.rules.patterns import matches


class Op(StrEnum):
    """How a field is compared."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    MATCHES = "matches"
    ABOVE = "above"
    BELOW = "below"
    BEFORE = "before"
    AFTER = "after"
    IS_BLANK = "is_blank"
    OLDER_THAN_DAYS = "older_than_days"
    NEWER_THAN_DAYS = "newer_than_days"


def is_blank(value: Value) -> bool:
    """Whether there is nothing in the field; an empty list counts as nothing."""
    # Null and an empty text are two values; a person calls both blank.
    return value is None or value in ("", ())


def _is(value: Value, operand: Value) -> bool:
    if value is None or operand is None:
        return value is operand
    if isinstance(value, str) and isinstance(operand, str):
        return folded(value) == folded(operand)
    if isinstance(value, tuple):
        given = operand if isinstance(operand, tuple) else (operand,)
        return {folded(str(each)) for each in value} == {folded(str(each)) for each in given}
    return value == operand


def _one_of(value: Value, operand: Value) -> bool:
    options = operand if isinstance(operand, tuple) else (operand,)
    members = value if isinstance(value, tuple) else (value,)
    return any(_is_text(member, option) for member in members for option in options)


def _is_text(member: Value, option: Value) -> bool:
    return member is not None and folded(_text(member)) == folded(_text(option))


def _contains(value: Value, operand: Value) -> bool:
    if isinstance(value, tuple):
        return _one_of(value, operand)
    return value is not None and folded(_text(operand)) in folded(_text(value))


def _starts_with(value: Value, operand: Value) -> bool:
    return value is not None and folded(_text(value)).startswith(folded(_text(operand)))


def _matches(value: Value, operand: Value) -> bool:
    return value is not None and matches(str(operand), _text(value))


def _above(value: Value, operand: Value) -> bool:
    return not is_blank(value) and number(value) > number(operand)


def _below(value: Value, operand: Value) -> bool:
    return not is_blank(value) and number(value) < number(operand)


def folded(text: str) -> str:
    """What spellings that differ in case or blanks only have in common."""
    return " ".join(text.casefold().split())


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def number(value: Value) -> float:
    """The number it holds; what holds none compares as neither above nor below."""
    try:
        return float(value) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        return math.nan


COMPARISONS: Final[Mapping[Op, Callable[[Value, Value], bool]]] = {
    Op.IS: _is,
    Op.IS_NOT: lambda value, operand: not _is(value, operand),
    Op.IN: _one_of,
    Op.NOT_IN: lambda value, operand: not _one_of(value, operand),
    Op.CONTAINS: _contains,
    Op.STARTS_WITH: _starts_with,
    Op.MATCHES: _matches,
    Op.ABOVE: _above,
    Op.BELOW: _below,
    Op.IS_BLANK: lambda value, operand: is_blank(value) is (operand is True),
}
"""Those that need neither clock nor calendar."""
