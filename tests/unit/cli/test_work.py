import asyncio
import os
import signal
from contextlib import asynccontextmanager

import pytest

from toolkit.cli.fail import StoppedError
from toolkit.cli.work import attend

TICKS = 5
"""Turns of the loop within which a signal is surely heard."""


class Sync:
    """Ten writes; a request to stop ends it after the one under way."""

    def __init__(self):
        self.is_stopping = False
        self.is_closed = False
        self.finished = 0

    def request_stop(self):
        self.is_stopping = True

    @asynccontextmanager
    async def opened(self):
        try:
            yield self
        finally:
            self.is_closed = True

    async def run(self, signals):
        for number in range(10):
            if self.is_stopping:
                break
            await self.write(signals.get(number, ()))
        return self.finished

    async def write(self, signals):
        for each in signals:
            os.kill(os.getpid(), each)
        for _ in range(TICKS):
            await asyncio.sleep(0)
        self.finished += 1


async def attend_sync(sync, signals, *, is_writing=True):
    return await attend(
        sync.opened(),
        lambda opened, _progress: opened.run(signals),
        is_silent=True,
        is_writing=is_writing,
    )


def test_undisturbed_work_ends_by_itself():
    worked = asyncio.run(attend_sync(Sync(), {}))

    assert (worked.value, worked.stopped_by) == (10, None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_lets_the_running_write_finish(number, capsys):
    sync = Sync()

    worked = asyncio.run(attend_sync(sync, {3: [number]}))

    assert (worked.value, worked.stopped_by) == (4, number)
    assert sync.is_closed
    assert "Press Ctrl-C again" in capsys.readouterr().err


def test_second_signal_cuts_the_work_off_and_still_closes():
    sync = Sync()

    with pytest.raises(StoppedError) as stopped:
        asyncio.run(attend_sync(sync, {3: [signal.SIGINT, signal.SIGINT]}))

    assert stopped.value.signal_number == signal.SIGINT
    assert stopped.value.was_writing
    assert sync.finished == 3
    assert sync.is_closed


def test_first_signal_cuts_what_writes_nothing():
    sync = Sync()

    with pytest.raises(StoppedError) as stopped:
        asyncio.run(attend_sync(sync, {3: [signal.SIGINT]}, is_writing=False))

    assert not stopped.value.was_writing
    assert not sync.is_stopping
    assert sync.is_closed


def test_signal_before_anything_is_open_cuts_at_once():
    @asynccontextmanager
    async def opening():
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(1)
        yield Sync()

    async def use(opened, _progress):
        return await opened.run({})

    with pytest.raises(StoppedError, match="2"):
        asyncio.run(attend(opening(), use, is_silent=True))


def test_cancellation_from_elsewhere_is_not_a_signal():
    async def use(_opened, _progress):
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(attend(Sync().opened(), use, is_silent=True))
