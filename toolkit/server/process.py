"""`hightonic serve`: intake, engine and service of one home in one process."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from toolkit.app.config import Config, ConnectionConfig, load_config
from toolkit.app.front_desk import FrontDesk
from toolkit.app.host import Host
from toolkit.app.intake import Intake
from toolkit.app.intake_highlevel import Destination, HighLevelIntake, default_legacy_keys
from toolkit.app.intake_inbox import StoredInbox
from toolkit.app.intake_timetonic import (
    WEBHOOK_SECRET,
    Entrance,
    TimeTonicIntake,
    WebhookSchema,
)
from toolkit.app.live import SANDBOX_KEY, is_sandbox
from toolkit.app.naming import claim_name
from toolkit.app.oauth_connect import HomeConsent
from toolkit.app.runs import Runner
from toolkit.app.service import Service
from toolkit.app.turns import Desk
from toolkit.app.watch import Watch
from toolkit.app.wiring import Parts, Transports, build_parts
from toolkit.clients.highlevel.signatures import ED25519_PUBLIC_KEY
from toolkit.clients.pacing import Clock, SystemClock
from toolkit.engine.durable import DurableEngine
from toolkit.engine.heartbeats import StoreHeartbeats
from toolkit.errors import UseError
from toolkit.model.ids import ConnectionName
from toolkit.server.apart import Apart, do_on
from toolkit.server.app import ServerDeps, build_app
from toolkit.server.services import build_services, plugged_in
from toolkit.server.serving import HttpServer
from toolkit.store import Store, Vault, open_vault

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from toolkit.app.home import Home

_log = logging.getLogger(__name__)

Role = Literal["all", "web", "worker"]
GRACE_S: Final = 30.0
_YOUNG: Final = 20_000
"""New objects after which the youngest are looked through; 700 by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How to serve.

    Attributes:
        role: `web` takes events and runs nothing, `worker` runs and listens nowhere; with a
            database server any number of both work together.
        public_keys: Replace HighLevel's signing keys, for the sandbox.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    role: Role = "all"
    transports: Transports = field(default_factory=Transports)
    public_keys: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Serving:
    """A running process.

    Attributes:
        port: The port in use; None where this role listens nowhere.
        intake: Counts deliveries.
    """

    service: Service
    intake: Intake
    port: int | None


@asynccontextmanager
async def serving(
    home: Home, options: ServeOptions, *, clock: Clock | None = None
) -> AsyncIterator[Serving]:
    """Everything running for the length of a block; then running writes finish.

    Raises:
        ConfigError: The settings cannot be used.
        StateError: The home cannot be used, or another process works on it.
        UseError: The address is taken, a key is missing, or there is no connection.
    """
    time = clock or SystemClock()
    config = _config_of(home)
    url = os.environ.get("HIGHTONIC_DATABASE_URL", "")
    async with AsyncExitStack() as stack:
        # A file has one process; a server's workers take turns by leases.
        me = claim_name(stack.enter_context(ExitStack()), home.path, is_shared=bool(url))
        store = stack.enter_context(Store.open(url or home.path, clock=time.now))
        vault = open_vault(store, home.path)
        ground = _Ground(home, store, vault, options, time)
        desks = await _open_desks(stack, config.connections, ground)
        engine = _engine(me, url, ground=ground)
        service = Service(desks, engine=engine, clock=time, owner=me)
        host = _host(service, engine, ground=ground)
        plugged = build_services(home, options, host)
        doors = await stack.enter_async_context(Apart("doors"))
        intake = _intake(store, service, clock=time)
        stack.push_async_callback(lambda: doors.do(intake.aclose()))
        await service.start()
        stack.push_async_callback(service.stop, GRACE_S)
        port = None
        if options.role != "worker":
            server = _http_server(desks, intake, ground=ground, doors=host.doors)
            await doors.do(server.start())
            stack.push_async_callback(lambda: doors.do(server.stop()))
            port = server.port
        await stack.enter_async_context(plugged_in(plugged, grace_s=GRACE_S))
        _log.info(
            "serving",
            extra={"port": port, "connections": len(desks), "services": ", ".join(plugged)},
        )
        yield Serving(service, intake, port)


def rest_the_collector() -> None:
    """What is loaded by now stays: walking it again and again would hold up answers.

    For a process that does nothing but serve.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)


def _config_of(home: Home) -> Config:
    config = load_config(home.config_path)
    if not config.connections:
        raise UseError("There is no connection to serve", remedy="Run `hightonic connect`")
    home.create()
    return config


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all connections of the process stand on."""

    home: Home
    store: Store
    vault: Vault
    options: ServeOptions
    clock: Clock


async def _open_desks(
    stack: AsyncExitStack, connections: Mapping[str, ConnectionConfig], ground: _Ground
) -> dict[ConnectionName, Desk]:
    desks = {}
    for settings in connections.values():
        parts = await stack.enter_async_context(
            build_parts(
                settings,
                home=ground.home,
                store=ground.store,
                vault=ground.vault,
                transports=ground.options.transports,
                clock=ground.clock,
            )
        )
        desks[settings.name] = Desk(parts, Runner(parts))
    return desks


def _engine(me: str, url: str, *, ground: _Ground) -> DurableEngine:
    clock = ground.clock
    heartbeats = StoreHeartbeats(ground.store.workers, clock.now) if url else None
    return DurableEngine(
        url or f"sqlite:///{ground.home.path / 'engine.db'}",
        executor_id=me,
        clock=clock,
        heartbeats=heartbeats,
        role=ground.options.role,
    )


def _host(service: Service, engine: DurableEngine, *, ground: _Ground) -> Host:
    desks = {name: FrontDesk(desk, service.turns) for name, desk in service.desks.items()}
    return Host(desks, ground.clock, ground.options.role, engine, ground.store, ground.vault)


def _intake(store: Store, service: Service, *, clock: Clock) -> Intake:
    """Answers from the doors' loop; what was stored is told to the loop that works."""
    home_loop = asyncio.get_running_loop()
    return Intake(
        StoredInbox(store),
        clock=clock.now,
        on_stored=lambda name: do_on(home_loop, service.tell(name)),
    )


def _http_server(
    desks: Mapping[ConnectionName, Desk],
    intake: Intake,
    *,
    ground: _Ground,
    doors: Mapping[str, ASGIApp],
) -> HttpServer:
    watch = Watch(desks, intake.counts, clock=ground.clock)
    return HttpServer(
        build_app(_deps(desks, intake, watch, ground=ground), doors),
        host=ground.options.host,
        port=ground.options.port,
    )


def _deps(
    desks: Mapping[ConnectionName, Desk], intake: Intake, watch: Watch, *, ground: _Ground
) -> ServerDeps:
    vault, options = ground.vault, ground.options
    configs = [desk.parts.config for desk in desks.values()]
    takes_legacy = any(each.webhooks.legacy_signatures for each in configs)
    return ServerDeps(
        highlevel=HighLevelIntake(
            intake,
            [_destination(desk.parts) for desk in desks.values()],
            public_keys=options.public_keys or (ED25519_PUBLIC_KEY,),
            legacy_keys=default_legacy_keys() if takes_legacy else (),
        ),
        timetonic=TimeTonicIntake(
            intake,
            {each.name: _entrance(each) for each in configs},
            secrets=lambda name: [
                secret
                for suffix in ("", ".next")
                if (secret := vault.get(name, WEBHOOK_SECRET + suffix))
            ],
        ),
        readiness=watch.readiness,
        measures=watch.measures,
        consent=HomeConsent(
            ground.store, vault, clock=ground.clock, transport=options.transports.highlevel
        ),
    )


def _destination(parts: Parts) -> Destination:
    config = parts.config
    key = parts.store.get_memo(SANDBOX_KEY) if is_sandbox(config) else None
    return Destination(
        config.name,
        config.highlevel.location_id,
        config.webhooks.app_id,
        own_keys=(str(key).encode("ascii"),) if key else (),
    )


def _entrance(config: ConnectionConfig) -> Entrance:
    hooks = config.webhooks
    return Entrance(
        WebhookSchema(
            row_id=hooks.row_id, table=hooks.table, event=hooks.event, event_id=hooks.event_id
        ),
        {mapping.table: kind for kind, mapping in config.mapping.kinds.items()},
    )
