"""The names a rule may use, and the shape of what stands behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final

from toolkit.model.automation import Trigger
from toolkit.model.ids import Kind
from toolkit.rules.problems import Path, RuleProblemError


class Shape(StrEnum):
    """How a neutral value is compared and written."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes_no"
    TEXTS = "texts"


class Absent(Enum):
    """A field nobody has looked at yet: neither blank nor filled."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class FieldWord:
    """One field as rules see it.

    Attributes:
        is_settable: Whether an action may write it.
        is_counted: Worked out by the sync itself; its changes alone wake no rule.
        options: The only values it takes; empty where it takes any.
    """

    shape: Shape = Shape.TEXT
    is_settable: bool = True
    is_counted: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field of the contact, or of what the happening is about."""

    kind: Kind
    name: str

    @property
    def shown(self) -> str:
        """As the file spells it."""
        return self.name if self.kind is Kind.CONTACT else f"{self.kind.value}.{self.name}"


DERIVED: Final[Mapping[str, Shape]] = {
    "first_seen_at": Shape.MOMENT,
    "last_note_at": Shape.MOMENT,
    "last_appointment_at": Shape.MOMENT,
    "next_appointment_at": Shape.MOMENT,
    "next_task_due_at": Shape.MOMENT,
    "last_activity_at": Shape.MOMENT,
    "last_touch_on": Shape.DAY,
    "next_step_on": Shape.DAY,
    "total_tasks": Shape.NUMBER,
    "open_tasks": Shape.NUMBER,
    "overdue_tasks": Shape.NUMBER,
}
"""Worked out from a contact's tasks, notes and appointments; see `toolkit.rules.derived`."""

RULE_KINDS: Final = (Kind.CONTACT, Kind.TASK, Kind.NOTE, Kind.APPOINTMENT)
"""Kinds whose fields rules may name."""

SUBJECT_KINDS: Final[Mapping[Trigger, Kind]] = {
    Trigger.TASK_CREATED: Kind.TASK,
    Trigger.TASK_COMPLETED: Kind.TASK,
    Trigger.TASK_OVERDUE: Kind.TASK,
    Trigger.NOTE_ADDED: Kind.NOTE,
    Trigger.APPOINTMENT_BOOKED: Kind.APPOINTMENT,
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All mapped fields of a connection.

    Attributes:
        tags: The contact field that holds tags; None where none is mapped.
        archive_tag: Tag that marks an archived contact.
    """

    kinds: Mapping[Kind, Mapping[str, FieldWord]] = field(default_factory=dict)
    tags: str | None = "tags"
    archive_tag: str = "archived"

    def word(self, ref: FieldRef) -> FieldWord | None:
        """What is known of a field; None where there is no such field."""
        if self.is_derived(ref):
            return FieldWord(DERIVED[ref.name], is_settable=False)
        return self.kinds.get(ref.kind, {}).get(ref.name)

    def is_derived(self, ref: FieldRef) -> bool:
        """Whether rules work it out; a mapped field of that name goes first, a count not."""
        if ref.kind is not Kind.CONTACT or ref.name not in DERIVED:
            return False
        fields = self.kinds.get(Kind.CONTACT, {})
        own = fields.get(ref.name)
        return bool(fields) and (own is None or own.is_counted)

    def names(self, subject: Kind | None) -> tuple[str, ...]:
        """Everything a rule about such a subject may name, as the file spells it."""
        contact = self.kinds.get(Kind.CONTACT, {})
        own = {*contact, *DERIVED} if contact else set[str]()
        theirs = self.kinds.get(subject, {}) if subject not in {None, Kind.CONTACT} else {}
        return (*sorted(own), *(f"{subject}.{name}" for name in sorted(theirs)))

    def find(self, name: str, *, subject: Kind | None, at: Path) -> FieldRef:
        """The field that a name in the file means.

        Raises:
            RuleProblemError: There is no such field, or the happening has no such subject.
        """
        head, dot, rest = name.partition(".")
        ref = FieldRef(Kind.CONTACT, name)
        if dot and head in RULE_KINDS:
            ref = FieldRef(Kind(head), rest)
        if ref.kind not in {Kind.CONTACT, subject}:
            raise RuleProblemError(
                f"`{name}` names a {ref.kind.value}, but this trigger is not about one", at=at
            )
        if self.word(ref) is None:
            raise RuleProblemError(
                f"`{name}` is not a mapped field",
                at=at,
                wrong=name,
                known=self.names(subject),
            )
        return ref

    def counted(self) -> frozenset[str]:
        """Contact fields that the sync writes by itself."""
        fields = self.kinds.get(Kind.CONTACT, {})
        return frozenset(name for name, word in fields.items() if word.is_counted)
