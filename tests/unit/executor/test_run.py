"""Carrying out a plan over two systems in memory and the real ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.executor.fakes import Bench, FakeSystem
from tests.unit.store.samples import (
    NOON,
    a_create,
    a_delete,
    a_link,
    a_record,
    an_update,
)
from toolkit.errors import (
    CredentialsError,
    DuplicateContactError,
    ForbiddenError,
    NotFoundError,
    NotReachedError,
    QuotaExhaustedError,
    RejectedError,
    StateError,
    UnknownOutcomeError,
    VendorError,
)
from toolkit.executor.context import GIVE_UP_AFTER
from toolkit.executor.run import apply_plan
from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Join, Operation, Plan, Rebase, Unlink

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
DONE, FAILED, UNKNOWN, SKIPPED = (
    OutcomeState.DONE,
    OutcomeState.FAILED,
    OutcomeState.UNKNOWN,
    OutcomeState.SKIPPED,
)


def a_plan(*operations: Operation) -> Plan:
    return Plan("main", Digest("d"), operations=operations)


def states(outcomes: list[Outcome]) -> list[OutcomeState]:
    return [outcome.state for outcome in outcomes]


def refusing(kind: type[VendorError], *, verb: str = "create", first: int = 1) -> object:
    def trouble(called: str, number: int) -> VendorError | None:
        return kind("no", system="timetonic") if called == verb and number >= first else None

    return trouble


async def test_creates_make_pairs_and_both_records_are_remembered(bench: Bench) -> None:
    outcomes = await apply_plan(a_plan(a_create(1), a_create(2), a_create(3)), bench.context())

    assert states(outcomes) == [DONE] * 3
    assert bench.time.calls == ["create", "create"], "two batches of two"
    links = bench.store.links()
    assert {link.state for link in links} == {LinkState.LIVE}
    assert len(bench.store.list_observed(TIME, Kind.CONTACT)) == 3
    assert bench.store.list_pending() == []


async def test_plan_carried_out_again_sends_nothing(bench: Bench) -> None:
    plan = a_plan(a_create(1), a_create(2))
    await apply_plan(plan, bench.context())
    bench.time.calls.clear()

    outcomes = await apply_plan(plan, bench.context())

    assert states(outcomes) == [SKIPPED] * 2
    assert bench.time.calls == []


async def test_child_finds_the_id_its_contact_got_in_the_same_plan(bench: Bench) -> None:
    task = a_create(2, kind=Kind.TASK, parent=LinkId("link1"))

    await apply_plan(a_plan(a_create(1), task), bench.context())

    made = [each for each in bench.time.records.values() if each.kind is Kind.TASK]
    (contact,) = [each for each in bench.time.records.values() if each.kind is Kind.CONTACT]
    assert [each.parent_id for each in made] == [contact.id]


async def test_child_of_a_contact_that_failed_is_skipped(bench: Bench) -> None:
    bench.time.before = refusing(RejectedError, first=1)
    task = a_create(2, kind=Kind.TASK, parent=LinkId("link1"))

    outcomes = await apply_plan(a_plan(a_create(1), task), bench.context())

    assert states(outcomes) == [FAILED, SKIPPED]
    assert bench.time.calls.count("create") == 1


@pytest.mark.parametrize(
    ("error", "state", "is_retryable", "link"),
    [
        (RejectedError, FAILED, False, LinkState.PARKED),
        (DuplicateContactError, FAILED, False, LinkState.PARKED),
        (NotReachedError, FAILED, True, None),
        (QuotaExhaustedError, FAILED, True, None),
        (CredentialsError, FAILED, True, None),
        (ForbiddenError, FAILED, True, None),
        (NotFoundError, FAILED, True, None),
        (UnknownOutcomeError, UNKNOWN, True, LinkState.HALF),
    ],
)
async def test_failed_create_is_told_by_its_class(
    bench: Bench,
    error: type[VendorError],
    state: OutcomeState,
    is_retryable: bool,
    link: LinkState | None,
) -> None:
    bench.time.before = refusing(error)

    (outcome,) = await apply_plan(a_plan(a_create()), bench.context())

    assert (outcome.state, outcome.is_retryable) == (state, is_retryable)
    assert outcome.error == error.__name__
    stored = bench.store.get_link(LinkId("link1"))
    assert (stored.state if stored else None) is link
    assert bool(bench.store.list_pending()) is (state is UNKNOWN)


@pytest.mark.parametrize("error", [UnknownOutcomeError, RejectedError])
async def test_create_that_happened_all_the_same_is_found_at_once(
    bench: Bench, error: type[VendorError]
) -> None:
    bench.time.after = refusing(error)

    (outcome,) = await apply_plan(a_plan(a_create()), bench.context())

    assert outcome.state is DONE
    assert outcome.id in bench.time.records
    assert bench.time.calls == ["create", "find"]


async def test_look_up_that_fails_too_leaves_the_create_unknown(bench: Bench) -> None:
    bench.time.before = lambda _verb, _number: UnknownOutcomeError("", system="timetonic")

    (outcome,) = await apply_plan(a_plan(a_create()), bench.context())

    assert outcome.state is UNKNOWN


async def test_record_of_another_pair_is_never_taken_for_the_lost_one(bench: Bench) -> None:
    taken = a_record(side=TIME, id=RecordId("t7"), correlation=CorrelationKey("key1"))
    bench.time.put(taken)
    bench.store.put_links([a_link(7)])
    bench.time.before = lambda verb, _n: (
        UnknownOutcomeError("", system="timetonic") if verb == "create" else None
    )

    (outcome,) = await apply_plan(a_plan(a_create()), bench.context())

    assert outcome.state is UNKNOWN


@pytest.mark.parametrize("error", [CredentialsError, ForbiddenError, QuotaExhaustedError])
async def test_side_that_says_stop_gets_no_further_call(
    bench: Bench, error: type[VendorError]
) -> None:
    bench.time.before = refusing(error)
    creates = [a_create(number) for number in range(6)]

    outcomes = await apply_plan(a_plan(*creates), bench.context())

    assert states(outcomes) == [FAILED] * 2 + [SKIPPED] * 4
    assert bench.time.calls.count("create") == 1


async def test_silent_side_is_given_up_after_a_while(bench: Bench) -> None:
    bench.time.batch = 1
    bench.time.before = refusing(NotReachedError)
    creates = [a_create(number) for number in range(GIVE_UP_AFTER + 5)]

    outcomes = await apply_plan(a_plan(*creates), bench.context())

    assert states(outcomes) == [FAILED] * GIVE_UP_AFTER + [SKIPPED] * 5
    assert "does not answer" in outcomes[-1].reason


async def test_stop_ends_what_has_not_begun(bench: Bench) -> None:
    context = bench.context()
    context.stop.set()

    outcomes = await apply_plan(a_plan(a_create()), context)

    assert states(outcomes) == [SKIPPED]
    assert bench.store.links() == []


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ({"name": "Old"}, ""),
        ({"name": "New"}, "it shows the wanted values already"),
        ({"name": "Newer"}, "it was edited since"),
        (None, "it is gone"),
    ],
)
async def test_old_picture_is_checked_before_a_write(
    bench: Bench, shown: dict[str, str] | None, reason: str
) -> None:
    bench.store.put_links([a_link()])
    bench.age_s = 61.0
    if shown is not None:
        bench.high.put(a_record(values=shown))

    (outcome,) = await apply_plan(a_plan(an_update()), bench.context())

    assert outcome.reason == reason
    assert outcome.state is (SKIPPED if reason else DONE)


async def test_check_that_fails_skips_the_batch(bench: Bench) -> None:
    bench.store.put_links([a_link()])
    bench.age_s = 61.0
    bench.high.before = refusing(NotReachedError, verb="read")

    (outcome,) = await apply_plan(a_plan(an_update()), bench.context())

    assert outcome.state is SKIPPED
    assert "could not be checked" in outcome.reason


async def test_deletion_of_what_is_gone_already_is_done(bench: Bench) -> None:
    bench.store.put_links([a_link()])
    bench.time.put(a_record(side=TIME, id=RecordId("t1"), values={"name": "Old"}))
    bench.time.before = refusing(NotFoundError, verb="delete")

    (outcome,) = await apply_plan(a_plan(a_delete()), bench.context())

    assert (outcome.state, outcome.reason) == (DONE, "was gone already")


async def test_local_steps_reach_no_vendor(bench: Bench) -> None:
    join = Join(
        LinkId("link5"),
        Kind.CONTACT,
        RecordId("h5"),
        RecordId("t5"),
        CorrelationKey("key5"),
        {"name": "A"},
    )
    bench.store.put_links([a_link(1), a_link(2)])
    steps = (
        join,
        Rebase(LinkId("link1"), Kind.CONTACT, {"name": "B"}),
        Unlink(LinkId("link2"), Kind.CONTACT, (HIGH,), {}),
    )

    outcomes = await apply_plan(a_plan(*steps), bench.context())

    assert states(outcomes) == [DONE] * 3
    assert bench.high.calls == bench.time.calls == []
    again = await apply_plan(a_plan(*steps), bench.context())
    assert states(again)[0] is SKIPPED


async def test_refused_create_may_go_again_once_it_has_rested(bench: Bench) -> None:
    bench.time.before = refusing(RejectedError)
    await apply_plan(a_plan(a_create()), bench.context())
    bench.time.before = lambda _verb, _number: None

    resting = await apply_plan(a_plan(a_create()), bench.context())
    parked = bench.store.get_link(LinkId("link1"))
    assert parked is not None
    bench.store.put_links([replace(parked, not_before=NOON)])
    rested = await apply_plan(a_plan(a_create()), bench.context())

    assert states(resting) == [SKIPPED]
    assert states(rested) == [DONE]


async def test_failure_of_the_store_waits_for_writes_under_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.time = FakeSystem(TIME, batch=1, concurrency=4)
    settled: list[int] = []
    original = bench.store.record_settled

    def failing(run_id: object, batch: object) -> None:
        settled.append(1)
        if len(settled) == 1:
            raise StateError("The disk is full")
        original(run_id, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.store, "record_settled", failing)

    with pytest.raises(StateError):
        await apply_plan(a_plan(*(a_create(number) for number in range(4))), bench.context())

    assert bench.time.calls.count("create") == len(settled) == 4


async def test_progress_is_told_after_every_batch(bench: Bench) -> None:
    told: list[tuple[str, int, int]] = []
    context = bench.context(progress=lambda *what: told.append(what))

    await apply_plan(a_plan(*(a_create(number) for number in range(3))), context)

    assert told == [("create contacts", 2, 3), ("create contacts", 3, 3)]
