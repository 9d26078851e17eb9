"""Conditions: what must hold of a contact before a rule acts.

The answer is yes, no, or unknown. A field that nobody has looked at yet answers nothing,
neither does its opposite; a rule acts on a yes only. A blank field is known: it *is* not
anything, and it is neither above nor before anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from toolkit.model.values import Value
from toolkit.rules.comparisons import COMPARISONS, Op, is_blank, number
from toolkit.rules.templates import Text
from toolkit.rules.words import Absent, FieldRef


class Counted(StrEnum):
    """What of a contact can be counted."""

    TOTAL_TASKS = "total_tasks"
    OPEN_TASKS = "open_tasks"
    OVERDUE_TASKS = "overdue_tasks"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Compare:
    """A field against a value of the settings.

    Attributes:
        operand: A neutral value; for `before` and `after` a date in words.
    """

    ref: FieldRef
    op: Op
    operand: Value


@dataclass(frozen=True, slots=True)
class HasTag:
    """The contact carries the tag; case does not matter."""

    tag: Text


@dataclass(frozen=True, slots=True)
class InSegment:
    """The contact belongs to a segment of the settings."""

    name: str


@dataclass(frozen=True, slots=True)
class Count:
    """So many of the contact's tasks."""

    what: Counted
    op: Op
    number: float


@dataclass(frozen=True, slots=True)
class HasTask:
    """The contact has a task of that title.

    Attributes:
        is_open: Only open ones count, or only completed ones; None counts both.
    """

    title: Text
    is_open: bool | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A function of the user says so."""

    function: str


Condition: TypeAlias = All | AnyOf | Not | Compare | HasTag | InSegment | Count | HasTask | Ask
ALWAYS = All(())


class Known(Protocol):
    """What is known of one contact at one moment; None stands for unknown."""

    def read(self, ref: FieldRef) -> Value | Absent:
        """The field's value."""
        ...

    def has_tag(self, tag: Text) -> bool | None:
        """Whether it carries the tag."""
        ...

    def count(self, what: Counted) -> int | None:
        """How many there are."""
        ...

    def has_task(self, title: Text, *, is_open: bool | None) -> bool | None:
        """Whether it has such a task."""
        ...

    def ask(self, function: str) -> bool | None:
        """What the user's function says."""
        ...

    def segment(self, name: str) -> Condition:
        """What makes a contact belong to the segment."""
        ...

    def days_since(self, value: Value) -> float | None:
        """Days from a day or an instant until now; negative where it is to come."""
        ...

    def is_before(self, value: Value, moment: str) -> bool | None:
        """Whether a day or an instant comes before a date in words."""
        ...

    def is_after(self, value: Value, moment: str) -> bool | None:
        """Whether a day or an instant comes after a date in words."""
        ...


def holds(condition: Condition, known: Known) -> bool | None:
    """Whether the condition holds; None where that cannot be told.

    Raises:
        RuleProblemError: A template or a function of the user fails.
    """
    match condition:
        case All(parts):
            return _all(holds(part, known) for part in parts)
        case AnyOf(parts):
            return _opposite(_all(_opposite(holds(part, known)) for part in parts))
        case Not(part):
            return _opposite(holds(part, known))
        case InSegment(name):
            return holds(known.segment(name), known)
        case Compare():
            return _compare(condition, known)
        case _:
            return _fact(condition, known)


def _fact(condition: HasTag | Count | HasTask | Ask, known: Known) -> bool | None:
    match condition:
        case HasTag(tag):
            return known.has_tag(tag)
        case HasTask(title, is_open):
            return known.has_task(title, is_open=is_open)
        case Ask(function):
            return known.ask(function)
        case Count(what, op, number):
            count = known.count(what)
            return None if count is None else COMPARISONS[op](count, number)


def segments_in(condition: Condition) -> Iterable[str]:
    """Names of the segments a condition asks about, directly."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from segments_in(part)
        case Not(part):
            yield from segments_in(part)
        case InSegment(name):
            yield name
        case _:
            return


def _all(answers: Iterable[bool | None]) -> bool | None:
    is_unknown = False
    for answer in answers:
        if answer is False:
            return False
        is_unknown = is_unknown or answer is None
    return None if is_unknown else True


def _opposite(answer: bool | None) -> bool | None:  # noqa: FBT001 — an answer, not a switch
    return None if answer is None else not answer


def _compare(condition: Compare, known: Known) -> bool | None:
    value = known.read(condition.ref)
    operand = condition.operand
    if isinstance(value, Absent):
        return None
    match condition.op:
        case Op.BEFORE:
            return False if is_blank(value) else known.is_before(value, str(operand))
        case Op.AFTER:
            return False if is_blank(value) else known.is_after(value, str(operand))
        case Op.OLDER_THAN_DAYS | Op.NEWER_THAN_DAYS:
            return False if is_blank(value) else _aged(condition, known.days_since(value))
        case op:
            return COMPARISONS[op](value, operand)


def _aged(condition: Compare, days: float | None) -> bool | None:
    if days is None:
        return None
    limit = number(condition.operand)
    return days > limit if condition.op is Op.OLDER_THAN_DAYS else days < limit
