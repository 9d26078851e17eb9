"""The service over a world: an engine in this process, the world's clock, webhooks by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from tests.flows.world import World
from toolkit.app.config import load_config
from toolkit.app.home import Home
from toolkit.app.intake import Intake
from toolkit.app.intake_highlevel import Destination, HighLevelIntake
from toolkit.app.intake_inbox import StoredInbox
from toolkit.app.intake_timetonic import TimeTonicIntake
from toolkit.app.runs import Runner
from toolkit.app.service import Service
from toolkit.app.turns import Desk
from toolkit.app.watch import Watch
from toolkit.app.wiring import Transports, build_parts
from toolkit.engine.inline import InlineEngine
from toolkit.model.events import Event, EventKind
from toolkit.model.ids import ConnectionName, Kind, RecordId, Side
from toolkit.server.app import ServerDeps, build_app
from toolkit.store import Arrival, ConnectionStore, Store, open_vault

TARGET = "http://office.invalid/webhooks/highlevel"


@dataclass
class Office:
    """A running service, and hands to move it."""

    world: World
    desk: Desk
    service: Service
    engine: InlineEngine
    intake: Intake
    watch: Watch
    others: dict[str, Desk] = field(default_factory=dict)

    @property
    def store(self) -> ConnectionStore:
        return self.desk.parts.store

    async def tick(self) -> None:
        """One tick of the next second, and all that follows from it."""
        self.world.clock.advance(1)
        await self.engine.tick()
        await self.engine.drain()

    async def compare(self) -> None:
        """The next scheduled comparison; its period passes first."""
        minutes = self.desk.parts.config.schedule.every_minutes
        self.world.clock.advance(60 * minutes)
        await self.tick()

    async def deliver(self) -> int:
        """Webhooks that are due reach the intake; how many."""
        return len(await self.world.sandbox.webhooks.pump())

    async def settle(self) -> None:
        """Deliver and drain until nobody has anything to tell."""
        while await self.deliver() or self.waiting:
            await self.tick()

    async def settle_for(self, seconds: int) -> None:
        """The same; what was put off comes back within so many seconds."""
        await self.deliver()
        for _ in range(seconds // 30):
            await self.tick()
            if not self.waiting and not await self.deliver():
                return
            self.world.clock.advance(29)

    def tell(self, side: Side, kind: Kind | None, record_id: str | None, **body: Any) -> None:
        """An event straight into the inbox."""
        self.store.put_event(
            Arrival(
                source=side,
                event_id=f"e{self.world.clock.now().timestamp()}-{len(self.states)}-{record_id}",
                event_type="Told",
                body=body,
                received_at=self.world.clock.now(),
                kind=kind,
                record_id=None if record_id is None else RecordId(record_id),
            )
        )

    @property
    def states(self) -> dict[str, int]:
        """Events by state, those with any."""
        counts = self.store.inbox_counts().states
        return {state.value: count for state, count in counts.items() if count}

    @property
    def waiting(self) -> int:
        """Pending events."""
        return self.states.get("pending", 0)

    def events(self, *kinds: EventKind) -> list[Event]:
        """The feed, of some kinds."""
        return self.store.feed.list_events(kinds=kinds or None, limit=10_000)

    @property
    def verbs(self) -> list[str]:
        """What ran, oldest first."""
        return [run.verb for run in reversed(self.store.list_runs(None))]


@dataclass
class _Patience:
    """The world's time, which waits do not move: a held turn is renewed all the while."""

    world: World

    def now(self) -> datetime:
        return self.world.clock.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.05))


@asynccontextmanager
async def open_office(world: World, *, is_hooked: bool = True) -> AsyncIterator[Office]:
    """A service for the length of a block, started; nothing runs until a tick.

    Args:
        world: Whose systems and clock.
        is_hooked: HighLevel's webhooks reach the intake (when pumped).
    """
    home, clock = Home(world.home), world.clock
    async with AsyncExitStack() as stack:
        store = stack.enter_context(Store.open(world.home, clock=clock.now))
        vault = open_vault(store, world.home)
        desks: dict[ConnectionName, Desk] = {}
        for settings in load_config(home.config_path).connections.values():
            parts = await stack.enter_async_context(
                build_parts(
                    settings,
                    home=home,
                    store=store,
                    vault=vault,
                    transports=Transports(**world.sandbox.transports()),
                    clock=clock,
                )
            )
            desks[settings.name] = Desk(parts, Runner(parts))
        engine = InlineEngine(clock, is_eager=False)
        service = Service(desks, engine=engine, clock=_Patience(world), owner="office")
        intake = Intake(StoredInbox(store), clock=clock.now)
        stack.push_async_callback(intake.aclose)
        await service.start()
        stack.push_async_callback(service.stop, 1.0)
        watch = Watch(desks, intake.counts, clock=clock)
        if is_hooked:
            _hook(world, list(desks.values()), intake, watch)
        desk = desks[ConnectionName(world.name)]
        yield Office(world, desk, service, engine, intake, watch, dict(desks))


def _hook(world: World, desks: Sequence[Desk], intake: Intake, watch: Watch) -> None:
    webhooks = world.sandbox.webhooks
    location_id = desks[0].parts.config.highlevel.location_id
    app = build_app(
        ServerDeps(
            highlevel=HighLevelIntake(
                intake,
                [Destination(desk.name, location_id) for desk in desks],
                public_keys=[webhooks.signer.public_key_pem.encode()],
            ),
            timetonic=TimeTonicIntake(intake, {}, secrets=lambda _name: []),
            readiness=watch.readiness,
            measures=watch.measures,
        )
    )
    webhooks.configure(target=TARGET, transport=httpx.ASGITransport(app))
