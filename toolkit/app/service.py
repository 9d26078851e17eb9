"""The service: what runs when. Events and the clock both end in the same planner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from toolkit.app.live import Obstacle, may_write
from toolkit.app.observe_dirty import Dirty
from toolkit.app.runs import Runner
from toolkit.app.shared_pace import current_work
from toolkit.app.wiring import Parts
from toolkit.engine.coalesce import DRAIN, SYNC, poke, sync_job
from toolkit.engine.port import JSON, ONCE, Args, Clock, Engine, Pace
from toolkit.errors import HightonicError, StateBusyError
from toolkit.model.ids import ConnectionName, RecordId, Side
from toolkit.model.outcomes import RunReport
from toolkit.store.gcra import Work
from toolkit.store.inbox import InboxEvent

_log = logging.getLogger(__name__)

TICK: Final = "tick"
TICK_S: Final = 1.0
BATCH: Final = 100
LEASE_S: Final = 60.0
_RETRY_EVENTS_S: Final = 60.0
_MOST_TRIES: Final = 5


@dataclass(slots=True)
class Desk:
    """One connection in the service.

    Attributes:
        turn: One run of the connection at a time in this process.
        slot: The last period a sync was asked for.
    """

    parts: Parts
    runner: Runner
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    slot: int = -1

    @property
    def name(self) -> ConnectionName:
        """The connection."""
        return self.parts.config.name


class Service:
    """Runs the connections of a home: drains of events, scheduled syncs, one tick.

    Args:
        desks: The connections, by name.
        engine: Runs the jobs; not started yet.
        clock: For ages, periods and waits.
        owner: Names this process in leases.
    """

    def __init__(
        self,
        desks: Mapping[ConnectionName, Desk],
        *,
        engine: Engine,
        clock: Clock,
        owner: str,
    ) -> None:
        self._desks = dict(desks)
        self._engine = engine
        self._clock = clock
        self._owner = owner
        # A drain never fails: what it could not do waits in the inbox, with its own time.
        engine.register(DRAIN, self._drain, retry=ONCE, pace=Pace(poll_s=0.1))
        engine.register(SYNC, self._sync, retry=ONCE, pace=Pace(poll_s=1.0))
        engine.register(TICK, self._tick, retry=ONCE, pace=Pace(poll_s=1.0))
        engine.every(TICK, TICK_S)

    async def wake(self, connection: ConnectionName) -> None:
        """See to it that what is in the inbox now is worked on; twice is once."""
        store = self._desks[connection].parts.store

        async def read() -> int:
            return await asyncio.to_thread(store.read_generation)

        async def bump(generation: int) -> None:
            await asyncio.to_thread(store.bump_generation, generation)

        await poke(self._engine, connection, read_generation=read, bump_generation=bump)

    async def start(self) -> None:
        """Begin to work; what an earlier process left goes on."""
        await self._engine.start()

    async def stop(self, grace_s: float) -> int:
        """Running writes finish, nothing new starts; answers how many jobs were cut short."""
        for desk in self._desks.values():
            desk.runner.request_stop()
        return await self._engine.stop(grace_s)

    async def _tick(self, _args: Args) -> JSON:
        """Wake inboxes that are due and ask for syncs whose period has begun."""
        for desk in self._desks.values():
            await self._look_at(desk)
        return None

    async def _look_at(self, desk: Desk) -> None:
        now = self._clock.now()
        hooks = desk.parts.config.webhooks
        due_at = await asyncio.to_thread(
            lambda: desk.parts.store.next_due_at(quiet_s=hooks.quiet_s, cap_s=hooks.cap_s)
        )
        if due_at is not None and due_at <= now and may_write(desk.parts).is_granted:
            await self.wake(desk.name)
        slot = slot_of(desk.name, now, every_minutes=desk.parts.config.schedule.every_minutes)
        if slot != desk.slot:
            desk.slot = slot
            await self._engine.submit(sync_job(desk.name, slot))

    async def _drain(self, args: Args) -> JSON:
        desk = self._desks[ConnectionName(str(args["connection"]))]
        store, hooks = desk.parts.store, desk.parts.config.webhooks
        # Raised before the first read: an event that comes later asks for the next drain.
        await asyncio.to_thread(store.bump_generation, int(str(args["generation"])))
        if not may_write(desk.parts).is_granted:
            return {"state": "waiting"}  # the events stay until somebody resumes
        handled = 0
        current_work.set(Work.WEBHOOK)
        while True:
            events = await asyncio.to_thread(
                lambda: store.take_batch(BATCH, quiet_s=hooks.quiet_s, cap_s=hooks.cap_s)
            )
            if not events:
                return {"events": handled}
            await self._handle(desk, events)
            handled += len(events)

    async def _handle(self, desk: Desk, events: Sequence[InboxEvent]) -> None:
        store = desk.parts.store
        seqs = [event.seq for event in events]
        try:
            async with self._turn(desk, purpose="drain"):
                await desk.runner.drain([dirty_of(event) for event in events])
        except HightonicError as error:
            tries = max(event.tries for event in events) + 1
            wait = timedelta(seconds=_RETRY_EVENTS_S * tries)
            retry_at = self._clock.now() + wait if tries < _MOST_TRIES else None
            name = type(error).__name__
            await asyncio.to_thread(lambda: store.mark_failed(seqs, name, retry_at=retry_at))
            _log.warning(
                "events not handled",
                extra={"connection": desk.name, "error": name, "events": len(seqs)},
            )
            return
        await asyncio.to_thread(store.mark_done, seqs)

    async def _sync(self, args: Args) -> JSON:
        desk = self._desks[ConnectionName(str(args["connection"]))]
        current_work.set(Work.SCHEDULE)
        async with self._turn(desk, purpose="scheduled sync"):
            leave = may_write(desk.parts)
            if leave.obstacle is Obstacle.PAUSED:
                return {"state": "paused"}
            if not leave.is_granted:
                plan = await desk.runner.preview(full=False, notes="due", progress=None)
                return {"state": "plan only", "writes": len(plan.writes)}
            is_full = self._is_full_due(desk)
            report = await desk.runner.sync(
                full=is_full, notes="due", approve=None, progress=None
            )
            if is_full:
                now = self._clock.now()
                desk.parts.store.put_memo("schedule.full_at", now.isoformat())
        return _counts(report)

    def _is_full_due(self, desk: Desk) -> bool:
        at = desk.parts.store.get_memo("schedule.full_at")
        every = timedelta(hours=desk.parts.config.schedule.full_every_h)
        return at is None or self._clock.now() - datetime.fromisoformat(at) >= every

    @asynccontextmanager
    async def _turn(self, desk: Desk, *, purpose: str) -> AsyncIterator[None]:
        """The right to write for a connection, in this process and among all.

        Raises:
            StateBusyError: Another process held it all the time we waited.
        """
        store, owner = desk.parts.store, self._owner
        async with desk.turn:
            await self._acquire(desk, purpose)
            renewing = asyncio.create_task(self._keep_renewed(desk))
            try:
                yield
            finally:
                renewing.cancel()
                await asyncio.to_thread(store.release_lease, owner)

    async def _acquire(self, desk: Desk, purpose: str) -> None:
        for left in range(int(LEASE_S) + 1, -1, -1):
            try:
                await asyncio.to_thread(
                    lambda: desk.parts.store.acquire_lease(
                        self._owner, ttl_s=LEASE_S, purpose=purpose
                    )
                )
            except StateBusyError:
                if not left:
                    raise
                await self._clock.sleep(1.0)
            else:
                return

    async def _keep_renewed(self, desk: Desk) -> None:
        while True:
            await self._clock.sleep(LEASE_S / 3)
            is_ours = await asyncio.to_thread(
                lambda: desk.parts.store.renew_lease(self._owner, ttl_s=LEASE_S)
            )
            if not is_ours:
                # Somebody else began because we were silent too long: finish and let go.
                desk.runner.request_stop()
                return


def dirty_of(event: InboxEvent) -> Dirty:
    """The record an event tells of, with its contact where the body names it."""
    parent = event.body.get("contactId") if event.source is Side.HIGHLEVEL else None
    return Dirty(
        event.source,
        event.kind,
        event.record_id or RecordId(""),
        RecordId(parent) if isinstance(parent, str) and parent else None,
    )


def slot_of(connection: str, now: datetime, *, every_minutes: int) -> int:
    """Number of the connection's period; connections begin theirs at different moments."""
    period_s = every_minutes * 60
    spread = int.from_bytes(blake2b(connection.encode(), digest_size=8).digest(), "big")
    return int((now.timestamp() + spread % period_s) // period_s)


def _counts(report: RunReport) -> JSON:
    return {"run": report.run_id, "writes": report.writes_sent, "held": report.held}
