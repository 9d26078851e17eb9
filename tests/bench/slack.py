"""How quickly the bot acknowledges, and whether alerts beyond a channel's rate all arrive.

Acknowledgements are real time: `hightonic serve` in a process of its own, Socket Mode over
loopback, Slack and both vendors emulated on the other end. Idle is one line, its answer, the
next line; at fifty, fifty lines are on their way at any time. `ack_...` are commands that
look, `ack_write_...` such that are stored as jobs first; every one of them is waited for until
it is answered. The alerts run on a clock that the bench puts forward: ten events a
second for a thousand seconds come into the feed, are read, routed, stored and posted over
HTTP to the emulated Slack, whose rate limits stand on the same clock. Only the waiting
between two messages of a channel, an hour in all, is not sat through.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from bot.alerts.desk import AlertDesk
from bot.dispatcher import Dispatcher, Pace, SlackWire
from bot.settings import Settings
from tests.bench.stage import Stage, staged
from tests.slack_tokens import put_tokens
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_people import Person, Role
from toolkit.model.events import Event, EventKind, condition_fingerprint, usual_severity
from toolkit.model.ids import ConnectionName
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.serve import SandboxOptions
from toolkit.sandbox.slack import SlackOptions, SlackSandbox, SlackWorkspace
from toolkit.store import Store

COMMANDS = 500
WRITES = 100
PEOPLE = SandboxOptions(contacts=100, tasks=0, notes=0, leads=0, shared=0)
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


async def measure() -> dict[str, object]:
    """Figures of both."""
    with tempfile.TemporaryDirectory() as folder:
        acks = await _measure_acks(Path(folder) / "home")
    with tempfile.TemporaryDirectory() as folder:
        return {**acks, **await _measure_alerts(Path(folder))}


async def _measure_acks(folder: Path) -> dict[str, object]:
    async with (
        staged(folder, PEOPLE) as stage,
        SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox,
    ):
        put_tokens(folder, sandbox.workspace)
        stage.configure(metrics={"enabled": False})
        await stage.first_sync()
        _link(stage, sandbox.workspace)
        await stage.serve()
        await sandbox.workspace.sockets.wait_connected()
        everybody = stage.emulators.highlevel.state.contacts.values()
        email = next(each.values["email"] for each in everybody if each.values.get("email"))
        looks = _Typist(sandbox.workspace, f"contact find {email}")
        writes = _Typist(sandbox.workspace, f'note add {email} "order {{number}}"')
        figures: dict[str, object] = {}
        for name, typist, times in (("ack", looks, COMMANDS), ("ack_write", writes, WRITES)):
            idle = await typist.types(times)
            busy = await typist.types_side_by_side(times)
            figures |= {
                f"{name}_idle_p50_ms": _percentile(idle, 50),
                f"{name}_idle_p99_ms": _percentile(idle, 99),
                f"{name}_50_p99_ms": _percentile(busy, 99),
            }
        return {**figures, "commands_answered": looks.answered()}


def _link(stage: Stage, workspace: SlackWorkspace) -> None:
    team, people = workspace.state.team.id, workspace.state.people.values()
    anna = next(each.id for each in people if each.name == "anna")
    with stage.open_store() as store:
        store.slack.people.put_person(Person(team, anna, Role.ADMIN, "own_1"))


class _Typist:
    """Somebody who types the same line again and again."""

    def __init__(self, workspace: SlackWorkspace, line: str) -> None:
        self._workspace = workspace
        self._line = line
        self._numbers = itertools.count()

    def answered(self) -> int:
        """Commands that were answered so far, anybody's."""
        calls = self._workspace.state.calls
        return sum(each.method == "response_url" and not each.error for each in calls)

    async def types(self, times: int) -> list[float]:
        """One line, its answer, the next: milliseconds until each was acknowledged."""
        took = []
        for _ in range(times):
            before = self.answered()
            took.append(await self._type())
            await self._heard(before + 1)
        return took

    async def types_side_by_side(self, times: int) -> list[float]:
        """The same, with `SIDE_BY_SIDE` lines on their way at any time."""
        gate, before = asyncio.Semaphore(SIDE_BY_SIDE), self.answered()

        async def one() -> float:
            async with gate:
                return await self._type()

        took = await asyncio.gather(*(one() for _ in range(times)))
        await self._heard(before + times)
        return took

    async def _type(self) -> float:
        line = self._line.format(number=next(self._numbers))
        began_s = time.perf_counter()
        reply = await self._workspace.types("anna", "#ops", f"/hightonic {line}")
        took_ms = (time.perf_counter() - began_s) * 1000
        assert reply is not None
        assert reply.is_accepted
        assert not reply.body, "refused at once"
        return took_ms

    async def _heard(self, total: int) -> None:
        await self._workspace.until(lambda: self.answered() >= total, timeout_s=300)


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
