"""Tells the app things: once for what a person waits for, again for events that failed."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack.outgoing import Ending, Kind, Line, Outgoing, Reply

# Three more tries: nearly at once, after a minute, after five (docs.slack.dev/apis/events-api,
# read 2026-11). Commands and interactions are told once: a person clicks again.
PAUSES_S: Final = (0.0, 60.0, 300.0)
_GLANCE_S: Final = 0.05
_KEPT: Final = 50_000
_REASONS: Final = {
    Ending.LATE: "http_timeout",
    Ending.REFUSED: "http_error",
    Ending.UNREACHABLE: "connection_failed",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One try: what was told, and what came back."""

    outgoing: Outgoing
    reply: Reply


@dataclass(slots=True)
class Teller:
    """Tells the app, and remembers every try.

    Args:
        clock: Says when a retry is due; moving it forward brings retries on.
        line: How the app is reached; None when it is nowhere.
        deadline_s: Real seconds the app has to acknowledge.
    """

    clock: EmulatorClock
    line: Line | None = None
    deadline_s: float = 3.0
    told: deque[Told] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _due: list[tuple[float, int, Outgoing]] = field(init=False, default_factory=list)
    _numbers: Iterator[int] = field(init=False, default_factory=itertools.count)

    async def tell(self, outgoing: Outgoing) -> Reply:
        """Tell it now; a failed event is told again later by `retry_due`."""
        if self.line is None:
            reply = Reply(Ending.UNREACHABLE)
        else:
            reply = await self.line.tell(outgoing, within_s=self.deadline_s)
        self.told.append(Told(outgoing, reply))
        if outgoing.kind is Kind.EVENT and not reply.is_accepted and not reply.is_final:
            self._schedule(outgoing, reply)
        return reply

    def _schedule(self, outgoing: Outgoing, reply: Reply) -> None:
        if outgoing.retry < len(PAUSES_S):
            due_s = self.clock.monotonic() + PAUSES_S[outgoing.retry]
            again = replace(outgoing, retry=outgoing.retry + 1, reason=_REASONS[reply.ending])
            heapq.heappush(self._due, (due_s, next(self._numbers), again))

    @property
    def waiting(self) -> int:
        """How many events wait to be told again."""
        return len(self._due)

    async def retry_due(self) -> list[Reply]:
        """Tell again what is due now, in order."""
        replies = []
        now_s = self.clock.monotonic()
        while self._due and self._due[0][0] <= now_s:
            _, _, outgoing = heapq.heappop(self._due)
            replies.append(await self.tell(outgoing))
        return replies

    async def retry_forever(self) -> None:
        """Tell again what becomes due, until cancelled."""
        with suppress(asyncio.CancelledError):
            while True:
                await self.retry_due()
                await asyncio.sleep(_GLANCE_S)
