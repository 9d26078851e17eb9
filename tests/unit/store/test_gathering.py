import asyncio
import threading

import pytest

from tests.unit.store.samples import an_arrival
from toolkit.errors import StateBusyError, StateError
from toolkit.model.ids import ConnectionName
from toolkit.store import GatheringIntake

ON_BOTH_DATABASES = True

MAIN = ConnectionName("main")


@pytest.fixture
def commits(store, monkeypatch):
    """How many events each commit held."""
    sizes: list[int] = []
    real = store.put_events

    def counted(rows):
        sizes.append(len(rows))
        return real(rows)

    monkeypatch.setattr(store, "put_events", counted)
    return sizes


async def test_what_comes_in_together_is_stored_together_and_once(store, memory, commits):
    async with GatheringIntake(store, most=60) as intake:
        stored = await asyncio.gather(
            *(intake.put(MAIN, an_arrival(number % 90)) for number in range(100))
        )

    assert (stored.count(True), stored.count(False)) == (90, 10)
    assert stored[:90] == [True] * 90
    assert sum(memory.inbox_counts().states.values()) == 90
    assert commits == [60, 40]


async def test_one_after_the_other_is_stored_at_once(store, memory):
    async with GatheringIntake(store) as intake:
        assert await intake.put(MAIN, an_arrival(1))
        assert len(memory.take_batch()) == 1
        assert not await intake.put(MAIN, an_arrival(1))


async def test_what_cannot_be_stored_is_told_to_each_and_the_next_goes_on(
    store, memory, monkeypatch
):
    real = store.put_events

    def refuse(rows):
        raise StateError("The disk is full")

    monkeypatch.setattr(store, "put_events", refuse)
    async with GatheringIntake(store) as intake:
        ends = await asyncio.gather(
            *(intake.put(MAIN, an_arrival(number)) for number in range(3)),
            return_exceptions=True,
        )
        monkeypatch.setattr(store, "put_events", real)
        again = await intake.put(MAIN, an_arrival(1))

    assert [str(each) for each in ends] == ["The disk is full"] * 3
    assert again
    assert len(memory.take_batch()) == 1


async def test_a_request_that_was_cut_off_disturbs_nobody(store, memory, monkeypatch):
    real, may_go = store.put_events, threading.Event()

    def slow(rows):
        may_go.wait(10)
        return real(rows)

    monkeypatch.setattr(store, "put_events", slow)
    async with GatheringIntake(store) as intake:
        tasks = [asyncio.create_task(intake.put(MAIN, an_arrival(n))) for n in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        may_go.set()
        ends = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(ends[0], asyncio.CancelledError)
    assert ends[1:] == [True, True]
    assert len(memory.take_batch()) == 3


async def test_a_cut_off_request_is_not_told_of_a_failure_either(store, monkeypatch):
    may_go = threading.Event()

    def fail(rows):
        may_go.wait(10)
        raise StateError("The disk is full")

    monkeypatch.setattr(store, "put_events", fail)
    async with GatheringIntake(store) as intake:
        task = asyncio.create_task(intake.put(MAIN, an_arrival(1)))
        await asyncio.sleep(0)
        task.cancel()
        may_go.set()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_more_than_can_wait_is_refused_at_once(store):
    async with GatheringIntake(store, queue=2) as intake:
        ends = await asyncio.gather(
            *(intake.put(MAIN, an_arrival(number)) for number in range(4)),
            return_exceptions=True,
        )

    assert ends[:2] == [True, True]
    assert [type(each) for each in ends[2:]] == [StateBusyError] * 2


async def test_closing_twice_is_once(store):
    intake = GatheringIntake(store)

    await intake.close()
    await intake.close()
