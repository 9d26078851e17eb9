"""What an event is about, and which other event ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.model.events import EventKind, condition_fingerprint
from toolkit.model.values import digest

if TYPE_CHECKING:
    from toolkit.model.events import Event

OBJECTS: Final = (
    "contact",
    "task",
    "note",
    "appointment",
    "conflict",
    "run",
    "account",
    "automation",
)
_OBJECT_OF: Final = {
    EventKind.CONFLICT_OPENED: "conflict",
    EventKind.CONFLICT_RESOLVED: "conflict",
    EventKind.BRAKE_TRIPPED: "run",
    EventKind.RUN_FAILED: "run",
    EventKind.RUN_RECOVERED: "run",
    EventKind.WEBHOOK_GAP: "run",
    EventKind.METRICS_TAKEN: "run",
    EventKind.FIELD_UNWRITABLE: "run",
    EventKind.QUOTA_LOW: "account",
    EventKind.CREDENTIAL_EXPIRING: "account",
    EventKind.CREDENTIAL_DEAD: "account",
    EventKind.LOOP_PARKED: "automation",
    EventKind.AUTOMATION_POST: "automation",
    EventKind.DELIVERY_DEAD: "automation",
}
_LASTING: Final = frozenset(
    {
        EventKind.CONFLICT_OPENED,
        EventKind.BRAKE_TRIPPED,
        EventKind.RUN_FAILED,
        EventKind.QUOTA_LOW,
        EventKind.CREDENTIAL_EXPIRING,
        EventKind.CREDENTIAL_DEAD,
        EventKind.LOOP_PARKED,
        EventKind.FIELD_UNWRITABLE,
        EventKind.DELIVERY_DEAD,
    }
)


def object_of(kind: EventKind) -> str:
    """What a route calls it."""
    return _OBJECT_OF.get(kind) or kind.value.partition("_")[0]


def is_lasting(kind: EventKind) -> bool:
    """Whether it is a condition that stands until it is ended, and no mere news."""
    return kind in _LASTING


def key_of(event: Event) -> str:
    """What makes events one alert: conflicts and changes by kind, conditions by themselves."""
    if event.kind is EventKind.CONFLICT_OPENED or not is_lasting(event.kind):
        return digest([event.connection, event.kind.value])
    return event.fingerprint


def ended_keys(event: Event) -> tuple[str, ...]:
    """Keys of the alerts that this event ends, wholly or by one condition."""
    if event.kind is EventKind.CONFLICT_RESOLVED:
        return (digest([event.connection, EventKind.CONFLICT_OPENED.value]),)
    if event.kind is EventKind.RUN_RECOVERED:
        failed = condition_fingerprint(event.connection, EventKind.RUN_FAILED)
        return (failed,)
    return ()


def cause_of(event: Event) -> str:
    """Why, in the words of what failed; names no values."""
    for name in ("happened", "failure_1", "error"):
        if (fact := event.facts.get(name)) is not None:
            return str(fact)
    return ", ".join(event.fields)
