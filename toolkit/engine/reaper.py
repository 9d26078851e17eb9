"""Whose jobs nobody does any more, and who takes them over.

DBOS recovers on its own only what this executor id left behind at the last start. A worker
that died for good would keep its jobs, and with them their partitions, for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from toolkit.engine.port import Clock

_log = logging.getLogger(__name__)

MAX_LIVES: Final = 25
"""A job whose worker died this often is taken to be what kills them."""

# A job between claim and handler, or between handler and its stored ending, looks like a
# stray one; it does so for milliseconds, not for this many rounds.
_STRAY_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that some process has taken up and not finished.

    Attributes:
        executor_id: The process.
        lives: How often it was taken over before.
    """

    job_id: str
    name: str
    executor_id: str
    lives: int = 0


class Heartbeats(Protocol):
    """Where processes show each other that they live: a table that all of them reach."""

    def beat(self, executor_id: str, *, role: str, at: datetime) -> None:
        """Note that the process lives."""
        ...

    def list_alive(self, *, since: datetime) -> Collection[str]:
        """Executor ids whose last beat is at or after `since`."""
        ...


class Claims(Protocol):
    """The engine's view of all claims."""

    async def list_claims(self) -> Sequence[Claim]:
        """Jobs taken up and not finished, of every process."""
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Put jobs back into their queues, with the lives they are given here."""
        ...

    async def give_up(self, claim: Claim) -> None:
        """Take a job out for good."""
        ...


def find_orphans(claims: Sequence[Claim], *, me: str, alive: Collection[str]) -> list[Claim]:
    """Claims of the dead, if it is this process's turn to take them over.

    One process acts for all, the first by id of those alive, so that a job is not released
    once more when another process has just taken it up.
    """
    if min({me, *alive}) != me:
        return []
    return [c for c in claims if c.executor_id != me and c.executor_id not in alive]


class Reaper:
    """Beats, and takes over what nobody does any more.

    Args:
        me: This process's executor id; no other process may have it at the same time.
        role: Shown beside the beat.
        claims: The engine's claims.
        heartbeats: The shared table; None: this process is alone, all others are dead.
        clock: For the beats.
        dead_after_s: Silence that counts as death. A false alarm does no harm beyond work
            done twice: DBOS does not take the first run's ending any more.
    """

    def __init__(  # noqa: PLR0913 — each is a different thing, all by name
        self,
        *,
        me: str,
        role: str,
        claims: Claims,
        heartbeats: Heartbeats | None,
        clock: Clock,
        dead_after_s: float,
    ) -> None:
        self._me = me
        self._role = role
        self._claims = claims
        self._heartbeats = heartbeats
        self._clock = clock
        self._dead_after = timedelta(seconds=dead_after_s)
        self._seen_idle: Counter[str] = Counter()

    async def beat(self) -> Collection[str]:
        """Show that this process lives; who else does."""
        if self._heartbeats is None:
            return {self._me}
        now = self._clock.now()
        await asyncio.to_thread(self._heartbeats.beat, self._me, role=self._role, at=now)
        since = now - self._dead_after
        return await asyncio.to_thread(self._heartbeats.list_alive, since=since)

    async def round(self, working_on: Callable[[], Collection[str]]) -> bool:
        """Beat, then take over; to be called every few seconds.

        Args:
            working_on: Jobs whose handlers are at work in this process.

        Returns:
            Whether this process acts for all.
        """
        alive = await self.beat()
        claims = await self._claims.list_claims()
        left = find_orphans(claims, me=self._me, alive=alive)
        left += self._find_strays(claims, working_on())
        await self._take_over(left)
        return min({self._me, *alive}) == self._me

    def _find_strays(self, claims: Sequence[Claim], working_on: Collection[str]) -> list[Claim]:
        """Own claims without a handler: the database failed between claim and dispatch."""
        idle = [c for c in claims if c.executor_id == self._me and c.job_id not in working_on]
        self._seen_idle = Counter({c.job_id: self._seen_idle[c.job_id] + 1 for c in idle})
        return [c for c in idle if self._seen_idle[c.job_id] >= _STRAY_ROUNDS]

    async def _take_over(self, claims: Sequence[Claim]) -> None:
        lost = [claim for claim in claims if claim.lives >= MAX_LIVES]
        for claim in lost:
            await self._claims.give_up(claim)
            _log.error("job given up, its workers die", extra={"job": claim.name})
        kept = [claim for claim in claims if claim.lives < MAX_LIVES]
        if kept:
            await self._claims.release([replace(c, lives=c.lives + 1) for c in kept])
            for executor_id, jobs in Counter(c.executor_id for c in kept).items():
                _log.warning("jobs taken over", extra={"worker": executor_id, "jobs": jobs})
