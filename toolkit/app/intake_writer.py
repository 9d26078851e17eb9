"""One thread that writes events, all that wait in one transaction.

A commit costs a flush of the disk; deliveries that arrive while one is under way share the
next. So the promise stays one per event while the price falls with the load.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import TYPE_CHECKING

from toolkit.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.app.intake import Addressed, InboxPort

_BATCH = 200
_LONGEST_LINE = 2_000
_BACKLOG_AGE_S = 1.0


class Kept(Enum):
    """How one event fared."""

    NEW = "new"
    BEFORE = "before"
    NO_ROOM = "no room"


class IntakeWriter:
    """Writes events from one event loop through a thread of its own.

    Args:
        inbox: Where to.
        capacity: Waiting events above which new ones are refused; looked up at most once a
            second, so that counting never slows the intake.
    """

    def __init__(self, inbox: InboxPort, *, capacity: int) -> None:
        self._inbox = inbox
        self._capacity = capacity
        self._line: list[tuple[Addressed, asyncio.Future[Kept]]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake")
        self._backlog = 0
        self._counted_at_s: float | None = None

    async def put(self, arrival: Addressed) -> Kept:
        """Keep one event.

        Raises:
            StateError: The disk or database does not take it.
        """
        if len(self._line) >= _LONGEST_LINE or self._backlog >= self._capacity:
            self._start()  # or the backlog would never be looked up again
            return Kept.NO_ROOM
        waiter: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._line.append((arrival, waiter))
        self._start()
        return await waiter

    async def aclose(self) -> None:
        """Write what waits, then end the thread."""
        while self._flushing is not None:
            await self._flushing
        self._thread.shutdown(wait=False)

    def _start(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            await self._look()
            while self._line:
                batch, self._line = self._line[:_BATCH], self._line[_BATCH:]
                await self._write(batch)
                await self._look()
        finally:
            self._flushing = None

    async def _write(self, batch: Sequence[tuple[Addressed, asyncio.Future[Kept]]]) -> None:
        try:
            fresh = await self._in_thread([arrival for arrival, _ in batch])
        except Exception as error:  # noqa: BLE001 — each waiter gets it and decides
            if len(batch) == 1 or isinstance(error, StateError):
                for _, waiter in batch:
                    _fail(waiter, error)
                return
            # The disk is well: one event that cannot be written must not take others with it.
            for pair in batch:
                await self._write([pair])
            return
        self._backlog += sum(fresh)
        for (_, waiter), is_new in zip(batch, fresh, strict=True):
            if not waiter.done():
                waiter.set_result(Kept.NEW if is_new else Kept.BEFORE)

    async def _in_thread(self, arrivals: Sequence[Addressed]) -> Sequence[bool]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._inbox.put_events, arrivals)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        if self._counted_at_s is not None and loop.time() - self._counted_at_s < _BACKLOG_AGE_S:
            return
        try:
            self._backlog = await loop.run_in_executor(self._thread, self._inbox.count_waiting)
        except Exception:  # noqa: BLE001 — the write that follows meets the same fault and reports it
            self._backlog = 0
        self._counted_at_s = loop.time()


def _fail(waiter: asyncio.Future[Kept], error: Exception) -> None:
    if not waiter.done():
        waiter.set_exception(error)
