"""What a dead run left is looked up before anything else, as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.executor.fakes import Bench
from tests.unit.store.samples import NOON, a_create, a_delete, a_link, a_record, an_update
from toolkit.errors import NotReachedError
from toolkit.executor.recover import recover
from toolkit.model.ids import CorrelationKey, LinkId, RecordId, RunId, Side
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState
from toolkit.model.plan import Write

TIME = Side.TIMETONIC


def _left_behind(bench: Bench, write: Write) -> None:
    run_id = RunId(bench.store.begin_run("sync"))
    bench.store.record_intent(run_id, [write])


async def test_nothing_left_behind_costs_nothing(bench: Bench) -> None:
    assert await recover(bench.context()) == []
    assert bench.high.calls == bench.time.calls == []


async def test_lost_create_is_found_by_its_key(bench: Bench) -> None:
    _left_behind(bench, a_create())
    key = CorrelationKey("key1")
    bench.time.put(a_record(side=TIME, id=RecordId("t5"), correlation=key))

    (outcome,) = await recover(bench.context())

    assert outcome.state is OutcomeState.DONE
    link = bench.store.get_link(LinkId("link1"))
    assert link is not None
    assert (link.state, link.timetonic_id) == (LinkState.LIVE, "t5")
    assert await recover(bench.context()) == []


async def test_create_that_never_happened_is_forgotten(bench: Bench) -> None:
    _left_behind(bench, a_create())

    (outcome,) = await recover(bench.context())

    assert outcome.state is OutcomeState.SKIPPED
    assert bench.store.links() == []
    assert bench.store.list_pending() == []


async def test_lagging_index_is_given_time_and_the_pair_stays_half(bench: Bench) -> None:
    _left_behind(bench, a_create())
    bench.time.settle = 120.0

    (early,) = await recover(bench.context())
    link = bench.store.get_link(LinkId("link1"))
    assert early.state is OutcomeState.UNKNOWN
    assert link is not None
    assert link.state is LinkState.HALF

    bench.now = NOON + timedelta(seconds=121)
    (late,) = await recover(bench.context())
    assert late.state is OutcomeState.SKIPPED
    assert bench.store.links() == []


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ({"name": "New"}, OutcomeState.DONE),
        ({"name": "Old"}, OutcomeState.SKIPPED),
        (None, OutcomeState.SKIPPED),
    ],
)
async def test_lost_update_is_looked_at(
    bench: Bench, shown: dict[str, str] | None, state: OutcomeState
) -> None:
    bench.store.put_links([a_link(base={"name": "Old"})])
    _left_behind(bench, an_update())
    if shown is not None:
        bench.high.put(a_record(values=shown))

    (outcome,) = await recover(bench.context())

    assert outcome.state is state
    link = bench.store.get_link(LinkId("link1"))
    assert link is not None
    assert link.base == ({"name": "New"} if state is OutcomeState.DONE else {"name": "Old"})


@pytest.mark.parametrize(
    ("is_there", "state"), [(True, OutcomeState.SKIPPED), (False, OutcomeState.DONE)]
)
async def test_lost_deletion_is_looked_at(
    bench: Bench, is_there: bool, state: OutcomeState
) -> None:
    bench.store.put_links([a_link()])
    _left_behind(bench, a_delete())
    if is_there:
        bench.time.put(a_record(side=TIME, id=RecordId("t1")))

    (outcome,) = await recover(bench.context())

    assert outcome.state is state


async def test_system_that_is_still_silent_is_asked_again_next_time(bench: Bench) -> None:
    bench.store.put_links([a_link()])
    _left_behind(bench, an_update())
    bench.high.before = lambda _verb, _number: NotReachedError("", system="highlevel")

    (outcome,) = await recover(bench.context())

    assert outcome.state is OutcomeState.UNKNOWN
    assert len(bench.store.list_pending()) == 1
