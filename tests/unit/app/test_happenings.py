"""What a run tells the feed: which events, how loud, once, and without personal values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from toolkit.app.happenings import (
    Telling,
    tell_ending,
    tell_outcomes,
    tell_plan,
    tell_resolutions,
)
from toolkit.errors import (
    CredentialsError,
    HightonicError,
    NotReachedError,
    QuotaExhaustedError,
    StateError,
)
from toolkit.model.events import Event, EventKind, Severity
from toolkit.model.ids import (
    ConnectionName,
    CorrelationKey,
    Digest,
    Kind,
    LinkId,
    RecordId,
    RunId,
    Side,
)
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
    Unlink,
    Update,
)

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
TELLING = Telling(
    ConnectionName("main"), RunId("run-1"), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
)
KEY, NONE = CorrelationKey("k"), Digest("")
PAIR = Link(LinkId("l1"), Kind.CONTACT, KEY, RecordId("h1"), RecordId("t1"))
SECRETS = {"name": "Ada Okafor", "email": "ada@example.org", "phone": "+33612345678"}


def update(kind: Kind = Kind.CONTACT, **after: object) -> Update:
    return Update(
        PAIR.id,
        kind,
        TIME,
        RecordId("t1"),
        before=SECRETS,
        after=after or SECRETS,  # type: ignore[arg-type]
        other=SECRETS,
        expected=NONE,
    )


CREATE = Create(PAIR.id, Kind.CONTACT, TIME, RecordId("h1"), KEY, SECRETS, SECRETS)
DELETE = Delete(PAIR.id, Kind.NOTE, TIME, RecordId("t1"), "delete", SECRETS, NONE)
JOIN = Join(PAIR.id, Kind.CONTACT, RecordId("h1"), RecordId("t1"), KEY, SECRETS)
CONFLICT = Conflict(
    PAIR.id,
    Kind.CONTACT,
    "phone",
    RecordId("h1"),
    RecordId("t1"),
    "+33611111111",
    "+33612345678",
    "+33687654321",
)


def told(operation: Operation, **outcome: object) -> list[Event]:
    state = outcome.pop("state", OutcomeState.DONE)
    made = Outcome(operation, state, **outcome)  # type: ignore[arg-type]
    return list(tell_outcomes(TELLING, [made], {PAIR.id: PAIR}))


@pytest.mark.parametrize(
    ("operation", "kind", "side"),
    [
        (CREATE, EventKind.CONTACT_CREATED, "timetonic"),
        (update(), EventKind.CONTACT_CHANGED, "timetonic"),
        (update(Kind.TASK, title="Call"), EventKind.TASK_CHANGED, "timetonic"),
        (update(Kind.TASK, is_completed=True), EventKind.TASK_COMPLETED, "timetonic"),
        (update(Kind.TASK, is_completed=False), EventKind.TASK_CHANGED, "timetonic"),
        (DELETE, EventKind.NOTE_DELETED, "timetonic"),
        (Unlink(PAIR.id, Kind.TASK, (HIGH,), {}), EventKind.TASK_DELETED, "highlevel"),
        (Unlink(PAIR.id, Kind.TASK, (), {}), None, ""),
        (JOIN, None, ""),
    ],
)
def test_operation_is_told_by_what_it_did(
    operation: Operation, kind: EventKind | None, side: str
) -> None:
    events = told(operation)

    assert [(each.kind, each.facts["side"]) for each in events] == (
        [(kind, side)] if kind else []
    )
    assert all(each.severity is Severity.INFO for each in events)


@pytest.mark.parametrize("state", [each for each in OutcomeState if each != OutcomeState.DONE])
def test_operation_that_was_not_done_is_not_told(state: OutcomeState) -> None:
    assert told(CREATE, state=state) == []


def test_field_the_server_stored_otherwise_is_a_warning_with_one_fingerprint() -> None:
    first, second = told(update(), altered=("phone",)), told(update(), altered=("phone",))

    assert first[1].kind is EventKind.FIELD_UNWRITABLE
    assert first[1].severity is Severity.WARNING
    assert first[1].fields == ("phone",)
    assert first[1].fingerprint == second[1].fingerprint != first[0].fingerprint


def test_events_name_fields_and_records_and_hold_no_value() -> None:
    plan = Plan("main", NONE, conflicts=(CONFLICT,))
    events = [*told(CREATE), *told(update()), *told(DELETE), *tell_plan(TELLING, plan)]

    assert {name for event in events for name in event.fields} >= {"name", "phone"}
    for value in (*SECRETS.values(), "+33611111111", "+33687654321"):
        assert value not in repr(events)


def test_conflict_is_told_once_while_its_values_stand() -> None:
    plan = Plan("main", NONE, conflicts=(CONFLICT,))
    (one,), (two,) = tell_plan(TELLING, plan), tell_plan(TELLING, plan)

    assert (one.kind, one.severity) == (EventKind.CONFLICT_OPENED, Severity.WARNING)
    assert one.once == two.once
    assert one.subjects[0].timetonic_id == "t1"


def test_brake_is_told_with_what_a_person_types() -> None:
    brake = BrakeTripped(TIME, Kind.NOTE, "delete", 12, 10, "12 notes would be deleted")
    plan = Plan("main", NONE, held=(DELETE,), brakes=(brake,))

    (event,) = tell_plan(TELLING, plan)

    assert (event.kind, event.severity) == (EventKind.BRAKE_TRIPPED, Severity.ERROR)
    assert event.facts["approval"] == plan.approval
    assert (event.facts["count"], event.facts["limit"]) == (12, 10)


def test_written_choice_is_told_and_one_of_a_forgotten_pair_is_not() -> None:
    choice = Resolution(PAIR.id, "phone", "f", "+33612345678")
    links = {PAIR.id: PAIR}

    (event,) = tell_resolutions(TELLING, [choice], links)

    assert (event.kind, event.fields) == (EventKind.CONFLICT_RESOLVED, ("phone",))
    assert list(tell_resolutions(TELLING, [choice], {})) == []


def ending(
    error: HightonicError | None = None,
    *,
    failures: tuple[str, ...] = (),
    was_bad: bool = False,
) -> list[tuple[EventKind, Severity]]:
    events = tell_ending(TELLING, failures=failures, error=error, was_bad=was_bad)
    return [(each.kind, each.severity) for each in events]


FAILED = (EventKind.RUN_FAILED, Severity.ERROR)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StateError("Disk full"), [FAILED]),
        (NotReachedError("Down", system="highlevel"), [FAILED]),
        (
            CredentialsError("No", system="highlevel"),
            [FAILED, (EventKind.CREDENTIAL_DEAD, Severity.CRITICAL)],
        ),
        (
            QuotaExhaustedError("No more", system="timetonic"),
            [FAILED, (EventKind.QUOTA_LOW, Severity.WARNING)],
        ),
    ],
)
def test_error_is_told_by_what_a_person_does_next(
    error: HightonicError, expected: list[tuple[EventKind, Severity]]
) -> None:
    assert ending(error) == expected


@pytest.mark.parametrize(
    ("failures", "was_bad", "kinds"),
    [
        ((), False, []),
        ((), True, [EventKind.RUN_RECOVERED]),
        (("2 x create contact: it has no name",), False, [EventKind.RUN_FAILED]),
    ],
)
def test_first_good_run_after_a_bad_one_is_told(
    failures: tuple[str, ...], was_bad: bool, kinds: list[EventKind]
) -> None:
    assert [kind for kind, _ in ending(failures=failures, was_bad=was_bad)] == kinds


def test_dead_key_has_one_fingerprint_a_system() -> None:
    high, same, time = (
        [
            *tell_ending(
                TELLING, failures=(), error=CredentialsError("x", system=s), was_bad=False
            )
        ]
        for s in ("highlevel", "highlevel", "timetonic")
    )

    assert high[1].fingerprint == same[1].fingerprint != time[1].fingerprint
    assert high[1].once == same[1].once
