"""One pace for all workers of a connection: calls are booked in the store before they go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Final

from toolkit.clients.pacing import Clock, WindowPacer
from toolkit.model.ids import Side
from toolkit.store import ConnectionStore
from toolkit.store.gcra import Allowance, Work

current_work: ContextVar[Work] = ContextVar("current_work", default=Work.SCHEDULE)
"""Which lane the calls of the running task are booked in."""

# Beyond this no vendor's window can be met: an emulator that lifted its limits.
_LIFTED: Final = 100_000
_MARGIN: Final = 2
# A call that goes late comes too close to those of others: on a starved machine two workers
# had 103 of 100 calls in a window (2026-11). A missed booking is left unused instead.
_LATEST_S: Final = 0.1
_MOST_BOOKINGS: Final = 5


class SharedPacer:
    """A `Pacer` that also holds between processes.

    The window pacer within learns the vendor's limits from its headers and keeps this
    process within them; the store keeps all processes together within them.

    Args:
        store: The connection's memory, which all workers share.
        side: Whose calls.
        clock: For waits.
        inner: The pacer of this process.
    """

    def __init__(
        self,
        store: ConnectionStore,
        *,
        side: Side,
        clock: Clock,
        inner: WindowPacer | None = None,
    ) -> None:
        self._store = store
        self._side = side
        self._clock = clock
        self._inner = inner or WindowPacer(clock=clock, system=side.value)

    @property
    def left_today(self) -> int | None:
        """Calls the vendor says are left today; None where it did not say."""
        return self._inner.daily_remaining

    async def acquire(self) -> None:
        """Return when one call may start.

        Raises:
            QuotaExhaustedError: The daily allowance is used up.
            StateError: The call could not be booked; do not send it.
        """
        await self._inner.acquire()
        if self._inner.limit > _LIFTED:
            return
        allowance = Allowance(
            limit=max(1, self._inner.limit - _MARGIN), window_s=self._inner.window_s
        )
        try:
            for _ in range(_MOST_BOOKINGS):
                if await self._book(allowance) <= _LATEST_S:
                    return
        except BaseException:
            self._inner.release()
            raise

    async def _book(self, allowance: Allowance) -> float:
        """Book one call and wait for its moment; how many seconds too late we woke."""
        work = current_work.get()

        def reserve() -> tuple[float, datetime]:
            wait_s = self._store.reserve(self._side, allowance, work=work)
            return wait_s, self._clock.now() + timedelta(seconds=wait_s)

        wait_s, moment = await asyncio.to_thread(reserve)
        await self._clock.sleep(wait_s)
        return (self._clock.now() - moment).total_seconds()

    def release(self) -> None:
        """The call has ended; once for every `acquire`."""
        self._inner.release()

    def learn(self, headers: Mapping[str, str]) -> None:
        """Read the vendor's limits from an answer."""
        self._inner.learn(headers)

    def pause(self, seconds: float | None = None) -> None:
        """Start nothing for a while, in any process."""
        self._inner.pause(seconds)
        self._store.hold(self._side, seconds or self._inner.window_s)
