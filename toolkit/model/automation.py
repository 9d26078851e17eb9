"""What automations hear and what they ask for, as values.

A happening is something that took place (or a moment that came); a rule that answers it
gives effects; the planner turns effects into operations. Everything has a name that is the
same each time it is met, so that work repeated after a crash is done once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from toolkit.model.events import Fact
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.values import Values


class Trigger(StrEnum):
    """What a rule can wait for."""

    CONTACT_CREATED = "contact_created"
    """A pair came to be, wherever its first record stood; not those of the first sync."""
    LEAD_CREATED = "lead_created"
    """A new row in TimeTonic became a contact."""
    CONTACT_UPDATED = "contact_updated"
    CONTACT_DELETED = "contact_deleted"
    CONTACT_TAGGED = "contact_tagged"
    TASK_CREATED = "task_created"
    TASK_COMPLETED = "task_completed"
    TASK_OVERDUE = "task_overdue"
    NOTE_ADDED = "note_added"
    APPOINTMENT_BOOKED = "appointment_booked"
    SCHEDULE = "schedule"
    """Every so often, for every contact that meets the conditions."""
    CONFLICT = "conflict"
    RUN_FAILED = "run_failed"
    RUN_RECOVERED = "run_recovered"

    @property
    def has_contact(self) -> bool:
        """Whether it is about one contact."""
        return self not in {Trigger.RUN_FAILED, Trigger.RUN_RECOVERED}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that took place, or one moment that came for one contact.

    Attributes:
        key: Names it within the connection, the same each time it is met.
        contact: The contact's pair; None where it is about no contact.
        subject: The task, note or appointment it is about, where there is one.
        side: Where it began, where that is known.
        fields: Names of the fields that changed.
        tags: Tags that were added.
        chain: Rules whose effects led here, first one first; empty where a person did it.
        facts: For events about runs: counts and names; no personal values.
    """

    key: str
    trigger: Trigger
    at: datetime
    contact: LinkId | None = None
    subject: LinkId | None = None
    side: Side | None = None
    fields: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task as both sides agreed on it last."""

    link_id: LinkId
    values: Values


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """All that conditions and templates may ask of one contact.

    Attributes:
        values: Neutral field -> value both sides agreed on last.
        tasks: Its tasks, oldest pair first.
        notes: Its notes' values.
        appointments: Its appointments' values.
        first_seen_at: When its pair was made, where the journal still knows.
        subjects: Its notes and appointments by pair, so that what a happening is about can
            be read; may hold only those that happenings are about.
    """

    link_id: LinkId
    values: Values
    tasks: tuple[TaskFacts, ...] = ()
    notes: tuple[Values, ...] = ()
    appointments: tuple[Values, ...] = ()
    first_seen_at: datetime | None = None
    subjects: Mapping[LinkId, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetFields:
    """Give fields of a pair (contact or task) these values on both sides."""

    link_id: LinkId
    kind: Kind
    values: Values
    effect: Literal["set"] = "set"


@dataclass(frozen=True, slots=True)
class EditTags:
    """Add and remove tags of a contact; tags others put there stay."""

    link_id: LinkId
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    field: str = "tags"
    effect: Literal["tags"] = "tags"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A contact, task or note that exists on neither side yet.

    Attributes:
        parent: Pair of the contact it hangs on; None for a contact.
        number: Tells several records of one firing apart.
    """

    kind: Kind
    parent: LinkId | None
    values: Values
    number: int = 0
    effect: Literal["new"] = "new"


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """Delete a pair's records on both sides; only people ask for it, never a rule."""

    link_id: LinkId
    kind: Kind
    effect: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True)
class ArchiveContact:
    """Tag the contact as archived and put it down in the archive; nothing is deleted."""

    link_id: LinkId
    reason: str = ""
    effect: Literal["archive"] = "archive"


@dataclass(frozen=True, slots=True)
class Send:
    """A message out of the house; sent at least once, signed, retried, never by the planner.

    Attributes:
        channel: `slack` or `url`.
        to: Slack channel, or the address by its name in the settings.
        body: JSON that is sent; may hold personal values, so it is kept sealed at rest.
    """

    channel: Literal["slack", "url"]
    to: str
    body: Mapping[str, object]
    link_id: LinkId | None = None
    effect: Literal["send"] = "send"


Effect: TypeAlias = SetFields | EditTags | NewRecord | DeleteRecord | ArchiveContact | Send


@dataclass(frozen=True, slots=True)
class Firing:
    """One rule answering one happening, with what it asks for.

    Attributes:
        rule: Name of the rule within the connection.
        happening: What it answers.
        effects: In the order of the rule's actions; empty where its conditions did not hold.
        problem: Why it could not be worked out (a user's function that failed, with file
            and line; a template): effects are then empty. No personal values.
        turns: Places its round robin moved on by; to be stored together with the effects.
    """

    rule: str
    happening: Happening
    effects: tuple[Effect, ...] = ()
    problem: str = ""
    turns: int = 0

    @property
    def id(self) -> str:
        """Names rule and happening; also the cause that operations carry."""
        return f"{self.rule}/{self.happening.key}"
