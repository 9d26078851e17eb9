"""How handlers come to an end."""

import asyncio
from contextvars import ContextVar

import pytest

from tests.unit.engine.bench import JumpingClock
from toolkit.engine.shift import Shift
from toolkit.engine.trades import Trade
from toolkit.errors import StateBusyError


async def test_who_comes_after_the_end_is_sent_away_and_remembered() -> None:
    shift = Shift(JumpingClock())
    await shift.close(1)

    async def never(_args):
        pytest.fail("the shift was over")

    with pytest.raises(asyncio.CancelledError):
        await shift.work("late", Trade(name="work", handler=never), {})

    assert shift.unfinished == {"late"}
    assert shift.job_ids == set()


async def test_a_handler_knows_nothing_of_who_dispatched_it() -> None:
    place = ContextVar("place", default="outside")
    shift = Shift(JumpingClock())

    async def say(_args):
        return place.get()

    place.set("inside a workflow")
    ending = await shift.work("j", Trade(name="work", handler=say), {})

    assert ending.result == "outside"


async def test_whoever_waits_for_a_handler_takes_it_along_when_cancelled() -> None:
    shift, inside, ended = Shift(JumpingClock()), asyncio.Event(), asyncio.Event()

    async def wait(_args):
        inside.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(shift.work("j", Trade(name="work", handler=wait), {}))
    await inside.wait()

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_try_that_fails_after_the_end_is_cut_at_once_and_not_waited_for() -> None:
    shift, inside, go_on = Shift(JumpingClock()), asyncio.Event(), asyncio.Event()

    async def fail(_args):
        inside.set()
        await go_on.wait()
        raise StateBusyError("cut short")

    trade = Trade(name="work", handler=fail)
    working = asyncio.create_task(shift.work("j", trade, {}))
    await inside.wait()
    closing = asyncio.create_task(shift.close(30))
    await asyncio.sleep(0)
    go_on.set()

    await asyncio.wait_for(closing, 5)
    with pytest.raises(asyncio.CancelledError):
        await working
    assert shift.unfinished == {"j"}
