"""A rule as a value: when, if, then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from toolkit.model.automation import Trigger
from toolkit.model.ids import Kind, Side
from toolkit.model.values import Value
from toolkit.rules.actions import Action
from toolkit.rules.calendar import Calendar
from toolkit.rules.conditions import ALWAYS, Condition
from toolkit.rules.words import SUBJECT_KINDS, Vocabulary

Every: TypeAlias = Literal["hour", "day", "work_day", "week", "month"]
UserFunction: TypeAlias = Callable[[Mapping[str, object], Mapping[str, object]], object]
"""Takes the contact and the happening."""
Canon: TypeAlias = Callable[[Kind, str, object], Value]
"""Reads a raw value as a field's neutral one; raises ValueError where it does not fit."""


@dataclass(frozen=True, slots=True)
class When:
    """What a rule waits for.

    Attributes:
        side: Only what began there; None takes both.
        fields: Only changes of one of these; empty takes all but those the sync counts.
        tags: Only when one of these was added; empty takes all.
        every: How often, for `schedule`.
        at: `HH:MM` on the office's clocks, for `schedule`.
        after: How long past its due date, in words, for `task_overdue`.
    """

    trigger: Trigger
    side: Side | None = None
    fields: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    every: Every = "day"
    at: str = "00:00"
    after: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a connection.

    Attributes:
        name: Unique within the connection.
        when: Any of these wakes it.
        recipe: The recipe it was made from, where it was.
        file: Where it is written, as the user named it.
        source: The same as plain JSON, as `rules:` takes it.
    """

    name: str
    when: tuple[When, ...]
    condition: Condition = ALWAYS
    actions: tuple[Action, ...] = ()
    is_enabled: bool = True
    recipe: str = field(default="", compare=False)
    file: str = field(default="", compare=False)
    line: int | None = field(default=None, compare=False)
    source: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def subject(self) -> Kind | None:
        """What else but the contact all its happenings are about."""
        kinds = {SUBJECT_KINDS.get(each.trigger) for each in self.when}
        return kinds.pop() if len(kinds) == 1 else None

    def place(self, line: int | None = None) -> str:
        """Where it is written, for people: `hightonic.yaml:12`."""
        at = line or self.line
        return f"{self.file}:{at}" if self.file and at else self.file


def _first(_rule: str) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything else that rules see besides one contact.

    Attributes:
        now: What ages are measured against.
        segments: Name -> what makes a contact belong to it.
        functions: The user's own, by name.
        turn: How many times a rule's round robin has given something out so far.
        canon: The mapping's own reading of values; without it only shapes are checked.
    """

    now: datetime
    words: Vocabulary = field(default_factory=Vocabulary)
    calendar: Calendar = field(default_factory=Calendar)
    segments: Mapping[str, Condition] = field(default_factory=dict)
    functions: Mapping[str, UserFunction] = field(default_factory=dict)
    turn: Callable[[str], int] = _first
    canon: Canon | None = None
