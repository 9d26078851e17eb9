"""An event loop on a thread of its own, for what must answer while a run computes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Apart(AbstractAsyncContextManager["Apart"]):
    """Runs coroutines on another thread's loop; a block begins and ends the thread.

    Planning and committing keep a loop busy for tens of milliseconds. A sender of events
    that is answered from the same loop waits for all of it.

    Args:
        name: Names the thread, for debuggers.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it over there; cancelled here, it is cancelled there."""
        return await do_on(self._loop, work)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()


async def do_on(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Run it on a loop of another thread, and wait for it here."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
