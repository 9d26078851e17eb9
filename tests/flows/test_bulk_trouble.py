"""Batches that are stopped, refused, cut off from a service or killed: nothing lost or twice."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.flows.bulk_office import Bulk, open_bulk
from tests.flows.crashing import judged, sync_and_die
from tests.flows.world import HIGH, TIME, World, assert_converged, assert_linked, build_world
from tests.sampling import IS_EXHAUSTIVE, some
from toolkit.app.bulk import BatchDesk, BatchState, ConnectionHands, ItemState
from toolkit.app.connection import Connection
from toolkit.errors import (
    CredentialsError,
    DecisionNeededError,
    HightonicError,
    StateBusyError,
    UseError,
)
from toolkit.model.ids import Kind
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.store import Lease

PUT = "update-contact PUT"
SLICES = 2


def puts(world: World) -> Counter[str]:
    """HighLevel contact -> how often it was written."""
    calls = world.sandbox.recorder.select(is_write=True, system="highlevel")
    return Counter(
        each.path.rsplit("/", 1)[-1]
        for each in calls
        if each.method == "PUT" and each.status == 200
    )


async def staged(bulk: Bulk, count: int = 6) -> str:
    """A batch that sets a field, adds a tag and makes a note."""
    links = bulk.links(bulk.people(count))
    steps = [
        await bulk.step("set_field", "source", "fair", links),
        await bulk.step("tags", links, add=["bulk"]),
        await bulk.step("hang", "note", {"body": "Imported"}, links[:1]),
    ]
    return (await bulk.desk.stage(steps)).id


async def test_stopped_batch_lets_running_writes_finish_and_sends_the_rest_when_resumed(
    bulk: Bulk,
) -> None:
    batch_id = await staged(bulk)

    def stop_early(_what: str, done: int, _total: int) -> None:
        if done:
            bulk.desk.stop()

    report = await bulk.desk.apply(batch_id, progress=stop_early)

    assert report.batch.state is BatchState.STOPPED
    assert "not sent" in report.batch.said
    assert "Resume" in report.batch.said
    assert bulk.desk.at_work == ""
    resumed = await bulk.desk.apply(batch_id)
    assert resumed.batch.state is BatchState.DONE
    assert len(resumed.batch.runs) == 2
    assert set(puts(bulk.world).values()) == {1}
    await bulk.world.settle()
    assert_converged(bulk.world)


async def test_failed_ones_are_kept_with_the_reason_and_retried_alone(bulk: Bulk) -> None:
    batch_id = await staged(bulk)
    bulk.world.fail(Fault(FaultKind.BROKEN_BEFORE, match=PUT, times=2))

    report = await bulk.desk.apply(batch_id)

    failed = {each.item.contact for each in report.left if each.state is ItemState.FAILED}
    assert (report.batch.state, len(failed)) == (BatchState.PARTLY, 2)
    assert all(each.reason for each in report.left)
    assert report.batch.can_retry
    bulk.world.fail()
    before = puts(bulk.world)
    retried = await bulk.desk.retry_failed(batch_id)
    assert retried.batch.state is BatchState.DONE, (retried.batch, retried.left)
    assert sum((puts(bulk.world) - before).values()) == 2
    await bulk.world.settle(0)
    assert_converged(bulk.world)


async def test_refused_contact_is_woken_to_be_retried(bulk: Bulk) -> None:
    batch_id = await staged(bulk)
    bulk.world.fail(Fault(FaultKind.REFUSED_BUT_CREATED, match=PUT, times=1))

    report = await bulk.desk.apply(batch_id)
    bulk.world.fail()
    retried = await bulk.desk.retry_failed(batch_id)

    assert report.batch.state is BatchState.PARTLY
    assert retried.batch.state is BatchState.DONE, (retried.batch, retried.left)
    await bulk.world.settle(0)
    assert_converged(bulk.world)


async def test_key_that_dies_in_the_middle_leaves_a_clear_word_and_a_batch_to_resume(
    bulk: Bulk,
) -> None:
    batch_id = await staged(bulk)
    bulk.world.fail(
        Fault(FaultKind.UNAUTHORISED, match=" /contacts", system="highlevel", nth=4, times=0)
    )

    try:
        batch = (await bulk.desk.apply(batch_id)).batch
    except CredentialsError:
        batch = await bulk.desk.get(batch_id)

    assert batch.state is BatchState.STOPPED
    assert "key" in batch.said or "token" in batch.said, batch.said
    bulk.world.fail()
    resumed = await bulk.desk.apply(batch_id)
    assert resumed.batch.state is BatchState.DONE, resumed.batch.said
    assert set(puts(bulk.world).values()) == {1}
    await bulk.world.settle()
    assert_converged(bulk.world)


async def test_a_brake_holds_all_of_it_until_exactly_this_is_approved(world: World) -> None:
    world.configure(sync={"brakes": {"update_floor": 1, "update_share": 0}})
    async with open_bulk(world) as bulk:
        batch_id = await staged(bulk)
        plan = await bulk.desk.plan(batch_id)
        held = await bulk.desk.apply(batch_id)

        assert plan.brakes == held.brakes
        assert plan.operations
        assert (held.batch.state, held.approval) == (BatchState.STAGED, plan.approval)
        assert world.writes() == 0
        report = await bulk.desk.apply(batch_id, approve=plan.approval)
        assert report.batch.state is BatchState.DONE


async def test_one_batch_at_a_time_and_unknown_or_unsent_ones_are_told(bulk: Bulk) -> None:
    batch_id = await staged(bulk)
    with pytest.raises(UseError):
        await bulk.desk.revert(batch_id)
    with pytest.raises(UseError):
        await bulk.desk.apply("nonsense")

    first, second = await asyncio.gather(
        bulk.desk.apply(batch_id), bulk.desk.apply(batch_id), return_exceptions=True
    )

    told = [each for each in (first, second) if isinstance(each, HightonicError)]
    assert len(told) == 1
    with pytest.raises(UseError):
        await bulk.desk.drop(batch_id)
    other = await staged(bulk, 2)
    await bulk.desk.drop(other)
    assert [each.id for each in await bulk.desk.history()] == [batch_id]


async def test_paused_connection_and_one_that_is_busy_leave_the_batch_staged(
    bulk: Bulk,
) -> None:
    batch_id = await staged(bulk)
    store = await bulk.desk.build(lambda book: book._store)
    store.set_paused(is_paused=True)

    with pytest.raises(DecisionNeededError):
        await bulk.desk.apply(batch_id)

    batch = await bulk.desk.get(batch_id)
    assert (batch.state, "paused" in batch.said) == (BatchState.STAGED, True), batch
    store.set_paused(is_paused=False)
    with Lease(bulk.world.home, purpose="another"), pytest.raises(StateBusyError):
        await bulk.desk.apply(batch_id)
    assert (await bulk.desk.get(batch_id)).state is BatchState.STAGED
    assert bulk.world.writes() == 0


async def test_stop_before_anything_was_sent_sends_nothing(bulk: Bulk) -> None:
    batch_id = await staged(bulk)
    bulk.desk.stop()
    applying = asyncio.ensure_future(bulk.desk.apply(batch_id))
    while not bulk.desk.at_work:
        await asyncio.sleep(0)
    bulk.desk.stop()

    report = await applying

    assert report.batch.can_apply
    assert bulk.world.writes() == 0
    assert (await bulk.desk.apply(batch_id)).batch.state is BatchState.DONE


class Story:
    """A settled world and a batch of each sort of item, kept before anything is sent."""

    def __init__(self, home: Path) -> None:
        self.world = asyncio.run(build_world(home))
        asyncio.run(self.world.settle())
        self.batch_id, self.people = asyncio.run(self._stage())
        self.world.sandbox.recorder.clear()
        self.boundaries = judged(self._count)

    async def _stage(self) -> tuple[str, list[str]]:
        async with open_bulk(self.world) as bulk:
            return await staged(bulk, 3), bulk.people(3)

    async def work(self, connection: Connection) -> None:
        await BatchDesk(ConnectionHands(connection)).apply(self.batch_id)

    async def _count(self) -> list[str]:
        how, passed = await sync_and_die(self._elsewhere("counting"), 0, self.work)
        assert how == "lived"
        return list(passed)

    def judge(self, dies_at: int) -> None:
        try:
            judged(lambda: self._survive(dies_at))
        except AssertionError as error:
            where = f"killed at {dies_at}, {self.boundaries[dies_at - 1]}"
            pytest.fail(f"{where}:\n{error}", pytrace=False)

    async def _survive(self, dies_at: int) -> None:
        world = self._elsewhere(str(dies_at))
        await sync_and_die(world, dies_at, self.work)
        world.clock.advance(120)
        async with open_bulk(world) as bulk:
            (seen,) = await bulk.desk.history()
            assert seen.state is not BatchState.APPLYING, "nobody is at work any more"
            assert seen.state is not BatchState.STOPPED or "Resume" in seen.said
            batch = (await bulk.desk.apply(self.batch_id)).batch
            assert batch.state is BatchState.DONE, batch
            assert set(puts(world).values()) == {1}, [
                (e.system, e.method, e.path, e.operation, e.status)
                for e in world.sandbox.recorder.requests
            ]
        await world.settle()
        assert_converged(world)
        assert_linked(world)
        for side in (HIGH, TIME):
            for email in self.people:
                contact = world.by_identity(side, Kind.CONTACT)[email]
                assert (contact["source"], "bulk" in contact["tags"]) == ("fair", True)
            notes = [k for k, _ in world.facts(side, Kind.NOTE) if k[1:] == ("Imported",)]
            assert len(notes) == 1
        shutil.rmtree(world.home)

    def _elsewhere(self, name: str) -> World:
        home = self.world.home.parent / name
        shutil.copytree(self.world.home, home)
        self.world.home = home
        return self.world


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("bulk") / "home")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_killed_in_the_middle_the_batch_is_resumed_and_each_is_written_once(
    story: Story, part: int
) -> None:
    every = list(range(1, len(story.boundaries) + 1))
    durable = [n for n, name in enumerate(story.boundaries, 1) if name.startswith("after")]
    assert len(durable) > 10

    chosen = every if IS_EXHAUSTIVE else some(durable, one_in=3)
    for dies_at in chosen[part::SLICES]:
        story.judge(dies_at)
