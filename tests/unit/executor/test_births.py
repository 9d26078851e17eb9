"""Records that begin here: announced, sent, looked up when unanswered, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.executor.fakes import Bench
from tests.unit.executor.test_run import a_plan, states
from tests.unit.store.samples import a_create, a_link, a_record
from toolkit.errors import (
    NotFoundError,
    NotReachedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)
from toolkit.executor.recover import recover
from toolkit.executor.run import apply_plan
from toolkit.model.ids import Kind, LinkId, RecordId, RunId, Side
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState
from toolkit.model.plan import Create, Delete, Operation, Update
from toolkit.model.values import digest

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
DONE, FAILED, UNKNOWN, SKIPPED = (
    OutcomeState.DONE,
    OutcomeState.FAILED,
    OutcomeState.UNKNOWN,
    OutcomeState.SKIPPED,
)
CONTACT = a_link(9)
BORN = LinkId("link1")


def a_birth(number: int = 1, **changes: object) -> Create:
    given = {"title": f"Call {number}"}
    made = a_create(
        number,
        kind=Kind.TASK,
        origin_id=RecordId(""),
        parent=CONTACT.id,
        values=given,
        shown=given,
        causes=("rule/h",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def a_row(**changes: object) -> Create:
    return replace(a_birth(kind=Kind.METRIC, parent=None), **changes)  # type: ignore[arg-type]


@pytest.fixture
def ready(bench: Bench) -> Bench:
    bench.store.put_links([CONTACT])
    return bench


def ending(kind: type[VendorError]) -> Callable[[str, int], VendorError | None]:
    return lambda verb, _number: kind("no", system="timetonic") if verb != "find" else None


async def test_a_birth_leaves_a_record_and_no_pair(ready: Bench) -> None:
    (outcome,) = await apply_plan(a_plan(a_birth()), ready.context())

    assert (outcome.state, outcome.id) == (DONE, "tnew1")
    assert ready.store.get_link(BORN) is None
    record = ready.store.get_observed(TIME, Kind.TASK, RecordId("tnew1"))
    assert record is not None
    assert (record.parent_id, record.values) == ("t9", {"title": "Call 1"})
    assert ready.store.list_pending() == []
    (line,) = ready.store.list_journal(link_id=BORN)
    assert line.operation == a_birth()


async def test_a_birth_claims_no_id_while_it_is_under_way(ready: Bench) -> None:
    run_id = RunId(ready.store.begin_run("sync"))

    ready.store.record_intent(run_id, [a_birth(1), a_birth(2)])

    halves = ready.store.links(kind=Kind.TASK)
    assert [link.state for link in halves] == [LinkState.HALF] * 2
    assert {(link.highlevel_id, link.timetonic_id) for link in halves} == {(None, None)}


async def test_the_same_birth_writes_once(ready: Bench) -> None:
    await apply_plan(a_plan(a_birth()), ready.context())

    (again,) = await apply_plan(a_plan(a_birth()), ready.context())

    assert (again.state, again.reason) == (SKIPPED, "it was made before")
    assert ready.time.calls == ["create"]
    assert ready.store.list_done([BORN, LinkId("other")]) == {BORN}


async def test_a_birth_needs_its_contact(bench: Bench) -> None:
    (outcome,) = await apply_plan(a_plan(a_birth()), bench.context())

    assert (outcome.state, outcome.reason) == (SKIPPED, "its contact does not exist there")


async def test_an_unanswered_birth_is_found_at_once_by_its_key(ready: Bench) -> None:
    ready.time.after = ending(UnknownOutcomeError)

    (outcome,) = await apply_plan(a_plan(a_birth()), ready.context())

    assert (outcome.state, outcome.id) == (DONE, "tnew1")
    assert ready.store.links(kind=Kind.TASK) == []


async def test_a_birth_without_an_answer_waits_and_is_not_tried_twice(ready: Bench) -> None:
    ready.time.before = lambda _verb, _n: UnknownOutcomeError("?", system="timetonic")
    (first,) = await apply_plan(a_plan(a_birth()), ready.context())
    ready.time.before = lambda _verb, _n: None

    (second,) = await apply_plan(a_plan(a_birth()), ready.context())

    assert (first.state, second.state) == (UNKNOWN, SKIPPED)
    assert second.reason == "its first try is still without an answer"
    assert len(ready.store.list_pending()) == 1, "the open write stays open"


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_birth_that_a_dead_run_sent_is_looked_up(ready: Bench, is_there: bool) -> None:
    run_id = RunId(ready.store.begin_run("sync"))
    ready.store.record_intent(run_id, [a_birth()])
    if is_there:
        ready.time.put(
            a_record(
                side=TIME,
                kind=Kind.TASK,
                id=RecordId("t5"),
                correlation=a_birth().correlation,
                values={"title": "Call 1"},
            )
        )

    (outcome,) = await recover(ready.context())

    assert outcome.state is (DONE if is_there else SKIPPED)
    assert ready.store.get_link(BORN) is None
    assert ready.store.was_done(BORN) is is_there
    seen = ready.store.get_observed(TIME, Kind.TASK, RecordId("t5"))
    assert (seen is not None) is is_there
    assert await recover(ready.context()) == []


@pytest.mark.parametrize("error", [RejectedError, NotReachedError, NotFoundError])
async def test_a_refused_birth_leaves_nothing_and_may_be_asked_for_again(
    ready: Bench, error: type[VendorError]
) -> None:
    ready.time.before = ending(error)
    (failed,) = await apply_plan(a_plan(a_birth()), ready.context())
    ready.time.before = lambda _verb, _n: None

    assert failed.state is FAILED
    assert ready.store.links(kind=Kind.TASK) == []
    (again,) = await apply_plan(a_plan(a_birth()), ready.context())
    assert again.state is DONE


async def test_one_bad_birth_leaves_the_others(ready: Bench) -> None:
    ready.time.batch = 1
    ready.time.before = lambda verb, number: (
        RejectedError("no", system="timetonic") if (verb, number) == ("create", 2) else None
    )

    outcomes = await apply_plan(a_plan(a_birth(1), a_birth(2), a_birth(3)), ready.context())

    assert states(outcomes) == [DONE, FAILED, DONE]


async def test_a_row_of_our_own_keeps_a_pair_with_the_one_id_there_is(ready: Bench) -> None:
    (outcome,) = await apply_plan(a_plan(a_row()), ready.context())
    (again,) = await apply_plan(a_plan(a_row()), ready.context())

    link = ready.store.get_link(BORN)
    assert link is not None
    assert (link.state, link.highlevel_id) == (LinkState.LIVE, None)
    assert link.timetonic_id == outcome.id == "tnew1"
    assert link.base == {"title": "Call 1"}
    assert (again.state, again.reason) == (SKIPPED, "its twin exists already")


def a_change(link_id: LinkId, row_id: str) -> Update:
    return Update(
        link_id,
        Kind.METRIC,
        TIME,
        RecordId(row_id),
        before={"title": "Call 1"},
        after={"title": "Two"},
        other={},
        expected=digest({}),
    )


async def test_a_row_of_our_own_is_changed_in_place_and_removed(ready: Bench) -> None:
    await apply_plan(a_plan(a_row()), ready.context())

    await apply_plan(a_plan(a_change(BORN, "tnew1")), ready.context())

    link = ready.store.get_link(BORN)
    assert link is not None
    assert link.base == {"title": "Two"}
    removal = Delete(
        BORN,
        Kind.METRIC,
        TIME,
        RecordId("tnew1"),
        mode="delete",
        before={"title": "Two"},
        expected=digest({}),
    )
    await apply_plan(a_plan(removal), ready.context())
    link = ready.store.get_link(BORN)
    assert link is not None
    assert link.state is LinkState.DELETED
    (back,) = await apply_plan(a_plan(a_row(generation=1)), ready.context())
    assert back.state is DONE


async def test_a_row_of_our_own_that_somebody_removed_is_known_to_be_gone(ready: Bench) -> None:
    await apply_plan(a_plan(a_row()), ready.context())
    ready.time.before = ending(NotFoundError)

    (outcome,) = await apply_plan(a_plan(a_change(BORN, "tnew1")), ready.context())

    assert outcome.state is FAILED
    link = ready.store.get_link(BORN)
    assert link is not None
    assert link.state is LinkState.DELETED


async def test_two_sides_set_move_the_base_with_the_second_write(bench: Bench) -> None:
    link = a_link(1, base={"name": "A"})
    bench.store.put_links([link])
    for system, record_id in ((bench.high, "h1"), (bench.time, "t1")):
        system.put(a_record(side=system.side, id=RecordId(record_id), values={"name": "A"}))
    plan = a_plan(*(_set(side, record_id) for side, record_id in ((HIGH, "h1"), (TIME, "t1"))))

    outcomes = await apply_plan(plan, bench.context())

    assert states(outcomes) == [DONE, DONE]
    assert bench.store.links() == [replace(link, base={"name": "B"})]
    await apply_plan(a_plan(*map(_taken_back, plan.writes)), bench.context())
    assert bench.store.links() == [link], "both sides agree again: no difference is kept"


@pytest.mark.parametrize("speller", [HIGH, TIME])
async def test_two_sides_set_remember_how_one_spells_it(bench: Bench, speller: Side) -> None:
    bench.store.put_links([a_link(1, base={"name": "A"})])
    for system, record_id in ((bench.high, "h1"), (bench.time, "t1")):
        system.put(a_record(side=system.side, id=RecordId(record_id), values={"name": "A"}))
        if system.side is speller:
            system.spells = str.lower
    plan = a_plan(_set(HIGH, "h1"), _set(TIME, "t1"))

    outcomes = await apply_plan(plan, bench.context())

    altered = {each.operation.side: each.altered for each in outcomes}  # type: ignore[union-attr]
    assert altered == {speller: ("name",), speller.other: ()}
    (link,) = bench.store.links()
    assert (link.base, link.aliases) == ({"name": "B"}, {speller: {"name": "b"}})
    await apply_plan(a_plan(*map(_taken_back, plan.writes)), bench.context())
    (link,) = bench.store.links()
    assert (link.base, link.aliases) == ({"name": "A"}, {speller: {"name": "a"}})


async def test_one_side_taken_back_keeps_the_difference(bench: Bench) -> None:
    bench.store.put_links([a_link(1, base={"name": "B"})])
    bench.high.put(a_record(side=HIGH, id=RecordId("h1"), values={"name": "B"}))
    back = replace(_set(HIGH, "h1"), before={"name": "B"}, after={"name": "A"}, other={})

    await apply_plan(a_plan(replace(back, is_undo=True)), bench.context())

    (link,) = bench.store.links()
    assert (link.base, link.aliases) == ({"name": "B"}, {HIGH: {"name": "A"}})


def _taken_back(write: Operation) -> Update:
    assert isinstance(write, Update)
    return replace(write, before=write.after, after=write.before, other={}, is_undo=True)


def _set(side: Side, record_id: str) -> Update:
    return Update(
        LinkId("link1"),
        Kind.CONTACT,
        side,
        RecordId(record_id),
        before={"name": "A"},
        after={"name": "B"},
        other={"name": "A"},
        expected=digest({}),
    )
