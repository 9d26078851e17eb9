"""Many arrivals, few commits: what comes in while one commit runs goes into the next.

A commit waits for the disk, 0.3 ms on a good day and 4 ms on a busy one (measured, two
shared cores), and the vendor's burst does not wait for either.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from toolkit.errors import StateBusyError

if TYPE_CHECKING:
    from types import TracebackType

    from toolkit.model.ids import ConnectionName
    from toolkit.store.intake import Arrival
    from toolkit.store.store import Store


class GatheringIntake:
    """Keeps events for many tasks of one event loop.

    It has a thread of its own: bulk work that fills the usual ones delays no
    acknowledgement.

    Args:
        store: Where to; not closed with this.
        most: Events in one commit.
        queue: Events that may wait; more are refused at once.
    """

    def __init__(self, store: Store, *, most: int = 200, queue: int = 5_000) -> None:
        self._store = store
        self._most = most
        self._queue = queue
        self._waiting: list[tuple[ConnectionName, Arrival, asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")

    async def put(self, name: ConnectionName, arrival: Arrival) -> bool:
        """Keep an event; on the disk when this returns.

        Returns:
            Whether it is new (see `ConnectionStore.put_event`).

        Raises:
            StateBusyError: Too many wait already.
            StateError: It is not stored. Either way it must not be acknowledged.
        """
        if len(self._waiting) >= self._queue:
            raise StateBusyError(
                "More webhooks come in than can be stored",
                unchanged="This one was not stored",
                remedy="Let the sender try again",
            )
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((name, arrival, kept))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await kept

    async def close(self) -> None:
        """Store what waits, then let go of the thread; twice is once."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch = self._waiting[: self._most]
                del self._waiting[: self._most]
                rows = [(name, arrival) for name, arrival, _ in batch]
                try:
                    stored = await loop.run_in_executor(
                        self._thread, self._store.put_events, rows
                    )
                except Exception as error:  # noqa: BLE001 — handed to those who wait
                    _refuse(batch, error)
                else:
                    _answer(batch, stored)
        finally:
            self._writer = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def _answer(
    batch: list[tuple[ConnectionName, Arrival, asyncio.Future[bool]]], stored: list[bool]
) -> None:
    for (_, _, kept), is_new in zip(batch, stored, strict=True):
        # A request that was cut off has cancelled its future; the event is kept all the same.
        if not kept.done():
            kept.set_result(is_new)


def _refuse(
    batch: list[tuple[ConnectionName, Arrival, asyncio.Future[bool]]], error: Exception
) -> None:
    for _, _, kept in batch:
        if not kept.done():
            kept.set_exception(error)
