"""What a run did, as events for the feed: pure. Names records and fields, never values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from toolkit.errors import CredentialsError, HightonicError, QuotaExhaustedError, VendorError
from toolkit.model.events import (
    Event,
    EventKind,
    Fact,
    Subject,
    condition_fingerprint,
    usual_severity,
)
from toolkit.model.ids import ConnectionName, Kind, LinkId, RunId, Side
from toolkit.model.links import Link, Resolution
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import (
    BrakeTripped,
    Conflict,
    Create,
    Delete,
    Join,
    Operation,
    Plan,
    Rebase,
    Unlink,
    Update,
)

_FAILURES_NAMED = 5


@dataclass(frozen=True, slots=True)
class Telling:
    """What every event of one run shares."""

    connection: ConnectionName
    run_id: RunId
    at: datetime

    def event(
        self,
        kind: EventKind,
        *condition: str,
        subjects: tuple[Subject, ...] = (),
        fields: Iterable[str] = (),
        facts: dict[str, Fact] | None = None,
        once: str = "",
    ) -> Event:
        """One event; `condition` names what tells it from others of its kind."""
        return Event(
            connection=self.connection,
            at=self.at,
            kind=kind,
            severity=usual_severity(kind),
            fingerprint=condition_fingerprint(self.connection, kind, *condition),
            subjects=subjects,
            fields=tuple(sorted(fields)),
            reference=self.run_id,
            facts=facts or {},
            once=once,
        )


def tell_outcomes(
    telling: Telling, outcomes: Sequence[Outcome], links: dict[LinkId, Link]
) -> Iterator[Event]:
    """What was created, changed and deleted; a repeated run of the same work tells no more."""
    for number, outcome in enumerate(outcomes):
        if outcome.state is not OutcomeState.DONE:
            continue
        told = _change(outcome.operation) if outcome.operation.kind.is_paired else None
        if told is None:
            continue
        kind, side, fields = told
        subject = _subject(outcome, links.get(outcome.operation.link_id))
        yield telling.event(
            kind,
            outcome.operation.link_id,
            subjects=(subject,),
            fields=fields,
            facts={"side": side.value},
            once=f"{telling.run_id}:{number}",
        )
        if outcome.altered:
            yield telling.event(
                EventKind.FIELD_UNWRITABLE,
                side.value,
                outcome.operation.kind,
                *sorted(outcome.altered),
                subjects=(subject,),
                fields=outcome.altered,
                facts={"side": side.value},
                once=f"{telling.run_id}:{number}:altered",
            )


def _change(operation: Operation) -> tuple[EventKind, Side, Iterable[str]] | None:
    match operation:
        case Create() if operation.is_birth:
            return None  # told once, when its twin is made
        case Create():
            created = EventKind.of(operation.kind, "created")
            return created, operation.side, operation.values
        case Update():
            is_finished = operation.kind is Kind.TASK and operation.after.get("is_completed")
            changed = EventKind.of(operation.kind, "changed")
            kind = EventKind.TASK_COMPLETED if is_finished else changed
            return kind, operation.side, operation.after
        case Delete():
            return EventKind.of(operation.kind, "deleted"), operation.side, ()
        case Unlink() if operation.gone:
            return EventKind.of(operation.kind, "deleted"), operation.gone[0], ()
        case Join() | Rebase() | Unlink():
            return None


def _subject(outcome: Outcome, link: Link | None) -> Subject:
    operation = outcome.operation
    if link is None:
        return Subject(operation.kind, operation.link_id)
    return Subject(operation.kind, link.id, link.highlevel_id, link.timetonic_id)


def tell_plan(telling: Telling, plan: Plan) -> Iterator[Event]:
    """Conflicts that opened and brakes that tripped; each is told once while it stands."""
    for conflict in plan.conflicts:
        yield telling.event(
            EventKind.CONFLICT_OPENED,
            conflict.link_id,
            conflict.field,
            subjects=(_conflict_subject(conflict),),
            fields=(conflict.field,),
            once=f"conflict:{conflict.fingerprint}",
        )
    for brake in plan.brakes:
        yield _brake(telling, brake, approval=plan.approval)


def _conflict_subject(conflict: Conflict) -> Subject:
    return Subject(
        conflict.kind, conflict.link_id, conflict.highlevel_id, conflict.timetonic_id
    )


def _brake(telling: Telling, brake: BrakeTripped, *, approval: str) -> Event:
    return telling.event(
        EventKind.BRAKE_TRIPPED,
        brake.side.value,
        brake.kind,
        brake.verb,
        facts={
            "side": brake.side.value,
            "verb": brake.verb,
            "count": brake.count,
            "limit": brake.limit,
            "approval": approval,
        },
        once=f"brake:{approval}:{brake.side}:{brake.kind}:{brake.verb}",
    )


def tell_resolutions(
    telling: Telling, resolved: Iterable[Resolution], links: dict[LinkId, Link]
) -> Iterator[Event]:
    """Conflicts whose choice is written on both sides now."""
    for each in resolved:
        link = links.get(each.link_id)
        if link is None:
            continue
        yield telling.event(
            EventKind.CONFLICT_RESOLVED,
            each.link_id,
            each.field,
            subjects=(Subject(link.kind, link.id, link.highlevel_id, link.timetonic_id),),
            fields=(each.field,),
            once=f"resolved:{telling.run_id}:{each.fingerprint}",
        )


def tell_loops(
    telling: Telling, loops: Mapping[LinkId, Iterable[str]], links: dict[LinkId, Link]
) -> Iterator[Event]:
    """Pairs that went back and forth between the systems, and rest since this run."""
    for link_id, fields in loops.items():
        link = links.get(link_id)
        if link is not None:
            yield telling.event(
                EventKind.LOOP_PARKED,
                link_id,
                subjects=(Subject(link.kind, link.id, link.highlevel_id, link.timetonic_id),),
                fields=fields,
                facts={"remedy": "hightonic retry"},
                once=f"{telling.run_id}:loop:{link_id}",
            )


def tell_ending(
    telling: Telling, *, failures: Sequence[str], error: HightonicError | None, was_bad: bool
) -> Iterator[Event]:
    """A run that failed, wholly or in part, and the first good one after it.

    Args:
        telling: The run.
        failures: One line per reason, without values.
        error: What ended the run early.
        was_bad: The run before failed.
    """
    if error is None and not failures:
        if was_bad:
            yield telling.event(EventKind.RUN_RECOVERED, once=f"{telling.run_id}:ended")
        return
    facts: dict[str, Fact] = {
        f"failure_{number}": line for number, line in enumerate(failures[:_FAILURES_NAMED], 1)
    }
    if error is not None:
        facts |= {"error": type(error).__name__, "happened": error.happened}
    yield telling.event(EventKind.RUN_FAILED, facts=facts, once=f"{telling.run_id}:ended")
    if isinstance(error, VendorError):
        yield from _tell_vendor(telling, error)


def _tell_vendor(telling: Telling, error: VendorError) -> Iterator[Event]:
    if isinstance(error, CredentialsError):
        yield tell_dead_key(telling, error)
    if isinstance(error, QuotaExhaustedError):
        facts: dict[str, Fact] = {"system": error.system, "left": 0}
        yield telling.event(
            EventKind.QUOTA_LOW,
            error.system,
            facts=facts,
            once=f"quota:{error.system}:{telling.at:%Y-%m-%d}",
        )


def tell_dead_key(telling: Telling, error: CredentialsError) -> Event:
    """A service refuses our key; told once a day while it does."""
    return telling.event(
        EventKind.CREDENTIAL_DEAD,
        error.system,
        facts={"system": error.system},
        once=f"dead:{error.system}:{telling.at:%Y-%m-%d}",
    )
