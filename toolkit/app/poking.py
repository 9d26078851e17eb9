"""Waking whoever works on events: soon, in the background, and no more often than of use."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from toolkit.model.ids import ConnectionName

_log = logging.getLogger(__name__)


class Pokes:
    """Runs one wake-up per connection at a time; those that come meanwhile become one more.

    Args:
        wake: Called with the connection. Its failure is logged and goes no further: the events
            are kept, and the sweep of the service finds them within a minute.
    """

    def __init__(self, wake: Callable[[ConnectionName], Awaitable[object]]) -> None:
        self._wake = wake
        self._running: dict[ConnectionName, asyncio.Task[None]] = {}
        self._again: set[ConnectionName] = set()

    def soon(self, connection: ConnectionName) -> None:
        """Wake for this connection after the caller's turn; returns at once."""
        if connection in self._running:
            self._again.add(connection)
            return
        self._running[connection] = asyncio.create_task(self._run(connection))

    async def drain(self) -> None:
        """Return when no wake-up runs or waits."""
        while self._running:
            await asyncio.gather(*self._running.values())

    async def _run(self, connection: ConnectionName) -> None:
        try:
            while True:
                self._again.discard(connection)
                try:
                    await self._wake(connection)
                except Exception as error:  # noqa: BLE001 — the events are safe; see the class
                    _log.error(
                        "wake-up failed",
                        extra={"connection": connection, "error": type(error).__name__},
                    )
                if connection not in self._again:
                    return
        finally:
            del self._running[connection]
