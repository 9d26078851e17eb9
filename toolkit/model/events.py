"""What happened that a person or a front end may want to hear of, as values.

An event names records and fields, never what stands in them: who wants the values reads
the record. Two events of one condition (a key that is dead, a field that does not stick)
share a fingerprint, so that a front end may show one line for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from toolkit.model.ids import ConnectionName, Digest, Kind, LinkId, RecordId
from toolkit.model.values import digest

Fact: TypeAlias = str | int | float | bool | None
Change: TypeAlias = Literal["created", "changed", "deleted"]


class Severity(StrEnum):
    """How soon somebody should look."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
    """Nothing is synced any more until a person acts."""


class EventKind(StrEnum):
    """What happened."""

    CONTACT_CREATED = "contact_created"
    CONTACT_CHANGED = "contact_changed"
    CONTACT_DELETED = "contact_deleted"
    TASK_CREATED = "task_created"
    TASK_CHANGED = "task_changed"
    TASK_DELETED = "task_deleted"
    TASK_COMPLETED = "task_completed"
    NOTE_CREATED = "note_created"
    NOTE_CHANGED = "note_changed"
    NOTE_DELETED = "note_deleted"
    APPOINTMENT_CREATED = "appointment_created"
    APPOINTMENT_CHANGED = "appointment_changed"
    APPOINTMENT_DELETED = "appointment_deleted"
    CONFLICT_OPENED = "conflict_opened"
    CONFLICT_RESOLVED = "conflict_resolved"
    BRAKE_TRIPPED = "brake_tripped"
    RUN_FAILED = "run_failed"
    RUN_RECOVERED = "run_recovered"
    """The first good run after a failed one."""
    QUOTA_LOW = "quota_low"
    CREDENTIAL_EXPIRING = "credential_expiring"
    CREDENTIAL_DEAD = "credential_dead"
    LOOP_PARKED = "loop_parked"
    FIELD_UNWRITABLE = "field_unwritable"
    WEBHOOK_GAP = "webhook_gap"
    """A comparison found changes that no webhook had told of."""
    METRICS_TAKEN = "metrics_taken"
    """A day has ended; its figures are the facts."""
    AUTOMATION_POST = "automation_post"
    """A rule has something to say in Slack; the sealed delivery named in the facts holds it."""
    DELIVERY_DEAD = "delivery_dead"
    """A message that a rule sent out was given up after the last try."""

    @classmethod
    def of(cls, kind: Kind, change: Change) -> EventKind:
        """The event of a record that was created, changed or deleted."""
        return cls(f"{kind.value}_{change}")


_LOUD: Final[Mapping[EventKind, Severity]] = {
    EventKind.CONFLICT_OPENED: Severity.WARNING,
    EventKind.BRAKE_TRIPPED: Severity.ERROR,
    EventKind.RUN_FAILED: Severity.ERROR,
    EventKind.QUOTA_LOW: Severity.WARNING,
    EventKind.CREDENTIAL_EXPIRING: Severity.WARNING,
    EventKind.CREDENTIAL_DEAD: Severity.CRITICAL,
    EventKind.LOOP_PARKED: Severity.WARNING,
    EventKind.FIELD_UNWRITABLE: Severity.WARNING,
    EventKind.WEBHOOK_GAP: Severity.WARNING,
    EventKind.DELIVERY_DEAD: Severity.WARNING,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that an event is about; whichever of its ids are known."""

    kind: Kind
    link_id: LinkId | None = None
    highlevel_id: RecordId | None = None
    timetonic_id: RecordId | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the feed.

    Attributes:
        fingerprint: Equal for events of one condition; see `condition_fingerprint`.
        subjects: The records it is about.
        fields: Names of the fields it is about, never their values.
        reference: Ties it to a run, a plan or a line of the log.
        facts: Counts, names of systems, days left, ...; no personal values, no secrets.
        once: Where not empty, a second event of the connection with the same text is not
            stored: work that is repeated after a crash tells nothing twice.
        seq: Place in the feed, above 0 and growing; 0 until it is stored.
    """

    connection: ConnectionName
    at: datetime
    kind: EventKind
    severity: Severity
    fingerprint: Digest
    subjects: tuple[Subject, ...] = ()
    fields: tuple[str, ...] = ()
    reference: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    once: str = ""
    seq: int = 0


def usual_severity(kind: EventKind) -> Severity:
    """How loud an event of this kind is where nothing speaks for more or less."""
    return _LOUD.get(kind, Severity.INFO)


def condition_fingerprint(
    connection: ConnectionName, kind: EventKind, *condition: str
) -> Digest:
    """Names a condition the same way each time it is met, on every machine.

    Args:
        connection: Where it holds.
        kind: What it is.
        condition: What tells it from others of its kind: a link and a field, a system;
            no personal values, since the result is shown.
    """
    return digest([connection, kind.value, *condition])
