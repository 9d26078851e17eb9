"""How quickly the bot acknowledges, and whether alerts beyond a channel's rate all arrive.

Acknowledgements are real time: a started service, Socket Mode over loopback, the emulated
Slack on the other end. The alerts run on a clock that the bench puts forward: ten events a
second for a thousand seconds come into the feed, are read, routed, stored and posted over
HTTP to the emulated Slack, whose rate limits stand on the same clock. Only the waiting
between two messages of a channel, an hour in all, is not sat through.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from bot.alerts.desk import AlertDesk
from bot.dispatcher import Dispatcher, Pace, SlackWire
from bot.service import SlackService
from bot.settings import Settings
from tests.slack_tokens import put_tokens
from toolkit.app.home import Home
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_people import Person, Role
from toolkit.model.events import Event, EventKind, condition_fingerprint, usual_severity
from toolkit.model.ids import ConnectionName
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack import SlackOptions, SlackSandbox
from toolkit.store import Store

COMMANDS = 500
SIDE_BY_SIDE = 50
ALERTS = 10_000
A_SECOND = 10
_EVER = timedelta(days=1)
KINDS = (
    EventKind.RUN_FAILED,
    EventKind.QUOTA_LOW,
    EventKind.CREDENTIAL_DEAD,
    EventKind.CONFLICT_OPENED,
)
SETTINGS = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""


async def measure() -> dict[str, object]:
    """Figures of both."""
    with tempfile.TemporaryDirectory() as folder:
        acks = await _measure_acks(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        return {**acks, **await _measure_alerts(Path(folder))}


async def _measure_acks(folder: Path) -> dict[str, object]:
    (folder / "hightonic.yaml").write_text(SETTINGS)
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox:
        put_tokens(folder, sandbox.workspace)
        async with _serving(folder, sandbox):
            idle = [await _typed(sandbox) for _ in range(COMMANDS)]
            gate = asyncio.Semaphore(SIDE_BY_SIDE)

            async def one() -> float:
                async with gate:
                    return await _typed(sandbox)

            busy = await asyncio.gather(*(one() for _ in range(COMMANDS)))
    return {
        "ack_idle_p50_ms": _percentile(idle, 50),
        "ack_idle_p99_ms": _percentile(idle, 99),
        "ack_50_p99_ms": _percentile(busy, 99),
    }


@asynccontextmanager
async def _serving(folder: Path, sandbox: SlackSandbox):
    with Store.open(folder) as store:
        state = sandbox.workspace.state
        anna = next(each.id for each in state.people.values() if each.name == "anna")
        store.slack.people.put_person(Person(state.team.id, anna, Role.ADMIN, "own_1"))
    service = SlackService(Home(folder))
    await service.start()
    await sandbox.workspace.sockets.wait_connected()
    try:
        yield
    finally:
        await service.stop(60)


async def _typed(sandbox: SlackSandbox) -> float:
    began_s = time.perf_counter()
    reply = await sandbox.workspace.types("anna", "#ops", "/hightonic contact find ada")
    assert reply is not None
    assert reply.is_accepted
    return (time.perf_counter() - began_s) * 1000


def _percentile(values: list[float], wanted: int) -> float:
    return round(statistics.quantiles(values, n=100)[wanted - 1], 1)


async def _measure_alerts(folder: Path) -> dict[str, object]:
    clock = EmulatorClock.frozen(datetime.fromisoformat("2026-11-23T09:00:00Z"))
    async with (
        SlackSandbox.running(SlackOptions(), clock=clock) as sandbox,
        aiohttp.ClientSession() as session,
    ):
        with Store.open(folder, clock=clock.now) as store:
            team, ops = (
                sandbox.workspace.state.team.id,
                sandbox.workspace.state.find_channel("ops"),
            )
            assert ops is not None
            Settings(store.slack.people, team).put_route(Route("all", team, ops.id))
            held = sandbox.workspace.credentials
            wire = SlackWire(held.bot_token, base_url=held.base_url, session=session)
            dispatcher = Dispatcher(store.slack, {team: wire}.get, pace=Pace())
            desk = AlertDesk(store.slack, store.feed, values_of=lambda _: {}, clock=clock.now)
            await _storm(store, desk, dispatcher, clock)
            payloads = [
                each.content["metadata"]["event_payload"]
                for each in sandbox.workspace.state.history(ops.id)
            ]
    return {
        "alerts_sent": ALERTS,
        "alerts_delivered": sum(each.get("count", 0) for each in payloads),
        "posts": len(payloads),
    }


async def _storm(
    store: Store, desk: AlertDesk, dispatcher: Dispatcher, clock: EmulatorClock
) -> None:
    """Ten events a second where a channel takes one message, then until all is said."""
    rng = random.Random(5)
    for first in range(0, ALERTS, A_SECOND):
        store.feed.append_events(
            [_event(rng, clock.now()) for _ in range(first, first + A_SECOND)]
        )
        while desk.read():
            pass
        await dispatcher.once()
        clock.advance(1)
    outbox, boards = store.slack.outbox, store.slack.alerts
    while boards.due_boards(clock.now() + _EVER) or outbox.counts().get("waiting"):
        desk.tick()
        clock.advance(1 if await dispatcher.once() else 5)


def _event(rng: random.Random, at: datetime) -> Event:
    kind, connection = rng.choice(KINDS), ConnectionName(f"c{rng.randrange(25)}")
    fingerprint = condition_fingerprint(connection, kind)
    return Event(connection, at, kind, usual_severity(kind), fingerprint)
