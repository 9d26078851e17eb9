"""The service: what runs when. Events and the clock both end in the same planner."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from toolkit.app.comparing import Comparer, period_minutes
from toolkit.app.credentials import tell_expiring
from toolkit.app.draining import BATCH, Drainer
from toolkit.app.live import Obstacle, may_write
from toolkit.app.shared_pace import current_work
from toolkit.app.turns import Desk, Turns
from toolkit.engine.coalesce import DRAIN, SYNC, poke, sync_job
from toolkit.engine.port import JSON, ONCE, Args, Clock, Engine, Job, Pace, Retry
from toolkit.errors import HightonicError, StateBusyError
from toolkit.model.ids import ConnectionName
from toolkit.store import ConnectionStore
from toolkit.store.gcra import Work
from toolkit.store.intake import KEPT_AT_LEAST

_log = logging.getLogger(__name__)

TICK: Final = "tick"
TICK_S: Final = 1.0
PRUNE: Final = "prune"
PRUNE_S: Final = 86_400.0
DELIVER: Final = "deliver"
DELIVER_S: Final = 5.0
"""Messages that are due are sent once in so many seconds, all of a connection together."""
TICKED: Final = "service.ticked_at"
"""Memo, kept with every connection, of when a tick last looked at it."""
TICKED_EVERY_S: Final = 4.0

_EVENTS_KEPT: Final = timedelta(days=90)
_FIRINGS_KEPT: Final = timedelta(days=180)
# Cut short by a stop or by a lost turn; a wait that a stop ends is taken up at the next start.
_ONCE_MORE: Final = Retry(
    max_tries=2, worth_retrying=lambda error: isinstance(error, StateBusyError)
)


class Service:
    """Runs the connections of a home: drains of events, scheduled syncs, one tick.

    Args:
        desks: The connections, by name.
        engine: Runs the jobs; not started yet.
        clock: For ages, periods and waits.
        owner: Names this process in leases; the same after a restart where no other process
            can work, so that nobody waits for one that is gone.
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
        self._turns = Turns(owner, clock=clock)
        self._drainer = Drainer(self._turns, clock=clock)
        self._comparer = Comparer(self._turns, clock=clock)
        # A drain never fails: what it could not do waits in the inbox, with its own time.
        engine.register(DRAIN, self._drain, retry=ONCE, pace=Pace(poll_s=0.1))
        engine.register(SYNC, self._sync, retry=_ONCE_MORE, pace=Pace(poll_s=1.0))
        engine.register(TICK, self._tick, retry=ONCE, pace=Pace(poll_s=1.0))
        engine.register(DELIVER, self._deliver, retry=ONCE, pace=Pace(poll_s=1.0))
        engine.register(PRUNE, self._prune, retry=ONCE, pace=Pace(poll_s=10.0))
        engine.every(TICK, TICK_S)
        engine.every(PRUNE, PRUNE_S)

    @property
    def turns(self) -> Turns:
        """Who may write, and when."""
        return self._turns

    @property
    def desks(self) -> Mapping[ConnectionName, Desk]:
        """The connections, by name."""
        return self._desks

    async def wake(self, connection: ConnectionName) -> None:
        """See to it that what is in the inbox now is worked on; twice is once."""
        store = self._desks[connection].parts.store

        async def read() -> int:
            return await asyncio.to_thread(store.read_generation)

        async def bump(generation: int) -> None:
            await asyncio.to_thread(store.bump_generation, generation)

        await poke(self._engine, connection, read_generation=read, bump_generation=bump)

    async def tell(self, connection: ConnectionName) -> None:
        """Events came in: work on them now, unless they rest first and the tick sees to it.

        A wake-up per event that finds nothing due would halve what the intake carries.
        """
        if not self._desks[connection].parts.config.webhooks.quiet_s:
            await self.wake(connection)

    async def start(self) -> None:
        """Begin to work; what an earlier process left goes on."""
        await self._engine.start()

    async def stop(self, grace_s: float) -> int:
        """Running writes finish, nothing new starts; answers how many jobs were cut short.

        Events that are under way stay in the inbox, to be looked at once more.
        """
        self._turns.stop()
        return await self._engine.stop(grace_s)

    async def _tick(self, _args: Args) -> JSON:
        """Wake inboxes that are due and ask for syncs whose period has begun."""
        for desk in self._desks.values():
            try:
                await self._look_at(desk)
            except HightonicError as error:
                # The others must not wait for this one; the next tick looks again.
                _log.warning(
                    "connection not looked at",
                    extra={"connection": desk.name, "error": type(error).__name__},
                )
        return None

    async def _look_at(self, desk: Desk) -> None:
        now = self._clock.now()
        is_due, has_mail, minutes = await asyncio.to_thread(_read_desk, desk, now)
        if is_due and not desk.is_resting(now):
            await self.wake(desk.name)
        if has_mail:
            await self._engine.submit(_deliver_job(desk.name, now))
        slot = slot_of(desk.name, now, every_minutes=minutes)
        # A period that was stretched or came back begins with its next slot, not at once.
        is_new_period = desk.slot[0] not in (0, minutes)
        if desk.slot != (minutes, slot) and not is_new_period:
            await self._engine.submit(sync_job(desk.name, slot))
        desk.slot = (minutes, slot)

    async def _drain(self, args: Args) -> JSON:
        desk = self._desks[ConnectionName(str(args["connection"]))]
        store = desk.parts.store
        # Raised before the first read: an event that comes later asks for the next drain.
        await asyncio.to_thread(store.bump_generation, int(str(args["generation"])))
        current_work.set(Work.WEBHOOK)
        leave = await asyncio.to_thread(may_write, desk.parts)
        if leave.obstacle is Obstacle.PAUSED:
            return {"state": "waiting"}  # the events stay until somebody resumes
        if not leave.is_granted:
            return {"state": "plan only", "events": await asyncio.to_thread(_pass_over, store)}
        return {"events": await self._drainer.drain(desk)}

    async def _sync(self, args: Args) -> JSON:
        desk = self._desks[ConnectionName(str(args["connection"]))]
        current_work.set(Work.SCHEDULE)
        return await self._comparer.compare(desk)

    async def _deliver(self, args: Args) -> JSON:
        desk = self._desks[ConnectionName(str(args["connection"]))]
        courier = desk.parts.courier
        if courier is None or not (await asyncio.to_thread(may_write, desk.parts)).is_granted:
            return {"state": "waiting"}
        done = await courier.deliver()
        return {"sent": done.sent, "failed": done.failed, "dead": done.dead}

    async def _prune(self, _args: Args) -> JSON:
        """Once a day: forget what nobody asks for any more, and tell of keys grown old."""
        return {name: await self._prune_one(desk) for name, desk in self._desks.items()}

    async def _prune_one(self, desk: Desk) -> int:
        store, now = desk.parts.store, self._clock.now()
        inbox = await asyncio.to_thread(store.prune_inbox, now - KEPT_AT_LEAST)
        told = await asyncio.to_thread(store.feed.prune_events, now - _EVENTS_KEPT)
        sent = await asyncio.to_thread(store.prune_deliveries, now - _EVENTS_KEPT)
        fired = await asyncio.to_thread(store.prune_firings, now - _FIRINGS_KEPT)
        counts = {"inbox": inbox, "events": told, "messages": sent, "firings": fired}
        _log.info("pruned", extra={"connection": desk.name, **counts})
        ages = await asyncio.to_thread(desk.parts.key_ages)
        expiring = list(tell_expiring(desk.name, ages, now=now))
        if expiring:
            await asyncio.to_thread(store.feed.append_events, expiring)
        return inbox + told


def slot_of(connection: str, now: datetime, *, every_minutes: int) -> int:
    """Number of the connection's period; connections begin theirs at different moments."""
    period_s = every_minutes * 60
    spread = int.from_bytes(blake2b(connection.encode(), digest_size=8).digest(), "big")
    return int((now.timestamp() + spread % period_s) // period_s)


def _deliver_job(connection: ConnectionName, now: datetime) -> Job:
    slot = int(now.timestamp() // DELIVER_S)
    return Job(
        f"{DELIVER}:{connection}:{slot:012d}", DELIVER, {"connection": connection}, connection
    )


def _read_desk(desk: Desk, now: datetime) -> tuple[bool, bool, int]:
    """Whether events and messages are due, and the period in minutes.

    Notes that the tick was here.
    """
    store, config = desk.parts.store, desk.parts.config
    hooks = config.webhooks
    if store.get_memo(TICKED, max_age_s=TICKED_EVERY_S, now=now) is None:
        store.put_memo(TICKED, now.isoformat(), now)
    due_at = store.next_due_at(quiet_s=hooks.quiet_s, cap_s=hooks.cap_s)
    is_due = due_at is not None and due_at <= now
    is_due = is_due and may_write(desk.parts).obstacle is not Obstacle.PAUSED
    courier = desk.parts.courier
    has_mail = courier is not None and bool(courier.due()) and may_write(desk.parts).is_granted
    return is_due, has_mail, period_minutes(config, store, now)


def _pass_over(store: ConnectionStore) -> int:
    """Events of a connection that only plans: once it is live, it compares everything."""
    passed = 0
    while events := store.take_batch(BATCH):
        store.mark_done(event.seq for event in events)
        passed += len(events)
    return passed
