"""kill -9 of a service while people give it commands: what was acknowledged is done, once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import update

from bot.settings import Settings
from tests.bench.stage import ROOT, Served, Stage, staged
from tests.flows.world import HIGH, SMALL, TIME, World
from tests.slack_tokens import put_tokens
from tests.unit.bot.test_alerts import an_event, put
from toolkit.clients.pacing import ManualClock
from toolkit.model.chat_alerts import Habits, Route
from toolkit.model.chat_people import Person, Role
from toolkit.model.ids import Kind
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack import SlackOptions, SlackSandbox, SlackWorkspace
from toolkit.sandbox.slack.outgoing import Reply
from toolkit.store import Store
from toolkit.store.schema_slack import slack_message

IS_LONG = os.environ.get("HIGHTONIC_LONG_TESTS") == "1"
KILLS = 12 if IS_LONG else 2
A_ROUND = 4


class Night:
    """Both vendors, a workspace, and a service that dies."""

    def __init__(self, stage: Stage, workspace: SlackWorkspace) -> None:
        self.stage, self.workspace = stage, workspace
        self.world = World(stage.emulators, ManualClock(EmulatorClock().now()), stage.home)
        self.served: Served | None = None

    async def serve(self) -> None:
        """A process, until it is connected to Slack."""
        log = (self.stage.home / "serve.log").open("ab")
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.flows.slack_served"),
                *("--home", str(self.stage.home), "--port", "0", "--json"),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
            env=os.environ,
        )
        assert process.stdout is not None
        line = await asyncio.to_thread(process.stdout.readline)
        log.close()
        assert line, (self.stage.home / "serve.log").read_text()[-2000:]
        self.served = Served(process, json.loads(line)["port"] or 0, Path(log.name))
        self.stage.services.append(self.served)
        await self.workspace.sockets.wait_connected()

    async def kill(self) -> None:
        """As a power cut would."""
        assert self.served is not None
        await asyncio.to_thread(self.served.kill)

    async def notes(self) -> dict[str, Counter[str]]:
        """Texts of notes on each side; how often each stands there."""
        sides = {}
        for side in (HIGH, TIME):
            facts = await self.stage.emulators.do(
                lambda side=side: self.world.facts(side, Kind.NOTE)
            )
            sides[side.value] = Counter(key[1] for key, _ in facts if "order" in key[1])
        return sides


@asynccontextmanager
async def _night(tmp_path: Path) -> AsyncIterator[Night]:
    async with (
        staged(tmp_path / "home", SMALL) as stage,
        SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox,
    ):
        put_tokens(stage.home, sandbox.workspace)
        stage.configure(webhooks={"quiet_s": 0, "cap_s": 0}, metrics={"enabled": False})
        await stage.first_sync()
        night = Night(stage, sandbox.workspace)
        people = {each.name: each.id for each in sandbox.workspace.state.people.values()}
        with stage.open_store() as store:
            anna = Person(sandbox.workspace.state.team.id, people["anna"], Role.ADMIN, "own_1")
            store.slack.people.put_person(anna)
        yield night


async def test_what_was_acknowledged_is_done_once(tmp_path: Path) -> None:
    random = Random(7)
    async with _night(tmp_path) as night:
        email = night.world.emails()[0]
        taken = []
        for kill in range(KILLS + 1):
            await night.serve()
            for number in range(A_ROUND):
                text = f"order {kill} {number}"
                line = f'/hightonic note add {email} "{text}"'
                reply = await night.workspace.types("anna", "#ops", line)
                if isinstance(reply, Reply) and reply.is_accepted:
                    taken.append(text)
                await asyncio.sleep(random.uniform(0, 0.15))
            if kill < KILLS:
                await night.kill()

        expected = Counter(taken)
        async with asyncio.timeout(60):
            while any(
                side.keys() < expected.keys() for side in (await night.notes()).values()
            ) or len(_answers(night)) < len(taken):
                await asyncio.sleep(0.2)
        assert taken
        assert await night.notes() == {HIGH.value: expected, TIME.value: expected}


def _answers(night: Night) -> list[str]:
    """What Anna was told, in the channel or to her alone."""
    return [
        *night.workspace.reads("anna", "#ops"),
        *night.workspace.reads("anna", "bot"),
    ]


async def test_no_alert_is_lost_or_said_twice(tmp_path: Path) -> None:
    random = Random(3)
    async with _night(tmp_path) as night:
        with night.stage.open_store() as store:
            team = night.workspace.state.team.id
            ops = night.workspace.state.find_channel("ops")
            assert ops is not None
            settings = Settings(store.slack.people, team)
            settings.put_route(Route("all", team, ops.id))
            # The minute that conflicts are collected for, and the pause between two edits.
            settings.put_habits(ops.id, Habits(group_s=0.3, edit_s=0.3))
            names = [f"link{number:012}" for number in range(4 * (KILLS + 1))]
            for kill in range(KILLS + 1):
                await night.serve()
                for name in names[4 * kill : 4 * kill + 4]:
                    at = EmulatorClock().now()
                    put(store, an_event("conflict_opened", link=name, at=at))
                    await asyncio.sleep(random.uniform(0, 0.6))
                if kill < KILLS:
                    await night.kill()
                    a_minute_passes(store)
            await night.workspace.until(lambda: _told(night) >= len(names), timeout_s=60)
            await asyncio.sleep(2)

        assert _told(night) == len(names)


def a_minute_passes(store: Store) -> None:
    """What a killed process was sending is free again: a claim lasts so long."""
    with store.transactions.writing() as connection:
        lost = update(slack_message).where(slack_message.c.claimed_until.is_not(None))
        connection.execute(lost.values(claimed_until=datetime(2026, 1, 1, tzinfo=UTC)))


def _told(night: Night) -> int:
    """How many events what stands in the channel speaks of."""
    shown = night.workspace.messages("bruno", "#ops")
    payloads = [each.content["metadata"]["event_payload"] for each in shown]
    return sum(int(each.get("count", 0)) for each in payloads)
