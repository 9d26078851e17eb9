"""One process takes Slack's calls, others work: what is typed at the one, another does and answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.bench.stage import NAME, Stage, staged, until
from tests.flows.world import HIGH, SMALL, TIME, World
from tests.slack_tokens import put_tokens
from tests.unit.bot.test_alerts import an_event, put
from tests.unit.store.postgres import NoServerError
from tests.unit.store.postgres import serving as database
from toolkit.clients.pacing import ManualClock
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_people import Person, Role
from toolkit.model.ids import Kind
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack import SlackOptions, SlackSandbox, SlackWorkspace
from toolkit.sandbox.slack.outgoing import Reply
from toolkit.store import FILE_NAME, migrate_store

SHORTLY_S = 30.0


@pytest.mark.slow
def test_a_web_process_takes_what_two_workers_do(tmp_path: Path) -> None:
    try:
        with database() as server:
            asyncio.run(_work_apart(tmp_path, server.new_database()))
    except NoServerError as missing:
        pytest.skip(f"no PostgreSQL: {missing}")


async def _work_apart(tmp_path: Path, url: str) -> None:
    async with (
        staged(tmp_path / "home", SMALL) as stage,
        SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox,
    ):
        space = sandbox.workspace
        put_tokens(stage.home, space, is_socket=False)
        stage.configure(webhooks={"quiet_s": 0, "cap_s": 0}, metrics={"enabled": False})
        await stage.first_sync()
        migrate_store(stage.home / FILE_NAME, url)
        stage.database_url = url
        _admit(stage, space)
        web, *_workers = await asyncio.gather(
            *(stage.serve(role=role) for role in ("web", "worker", "worker"))
        )
        space.reach_by_http(f"{web.url}/slack/events")
        world = World(stage.emulators, ManualClock(EmulatorClock().now()), stage.home)
        email = world.emails()[0]
        before = len(space.messages("anna", "#ops"))

        found = await space.types("anna", "#ops", f"/hightonic contact find {email}")
        noted = [
            await space.types("anna", "#ops", f'/hightonic note add {email} "apart {number}"')
            for number in range(4)
        ]
        assert all(isinstance(each, Reply) and each.is_accepted for each in (found, *noted))
        await space.until(
            lambda: len(space.messages("anna", "#ops")) == before + 5, timeout_s=SHORTLY_S
        )
        await until(lambda: _are_on_both_sides(stage, world), seconds=SHORTLY_S)

        with stage.open_store() as store:
            put(store, an_event(happened="The key was refused", connection=NAME))
        await space.until(
            lambda: any("The key was refused" in each for each in space.reads("bruno", "#ops")),
            timeout_s=SHORTLY_S,
        )

        told = [each for each in space.reads("bruno", "#ops") if "was refused" in each]
    assert len(told) == 1


def _admit(stage: Stage, space: SlackWorkspace) -> None:
    team = space.state.team.id
    anna = next(each.id for each in space.state.people.values() if each.name == "anna")
    ops = space.state.find_channel("ops")
    assert ops is not None
    with stage.open_store() as store:
        store.slack.people.put_person(Person(team, anna, Role.ADMIN, "own_1"))
        Settings(store.slack.people, team).put_route(Route("all", team, ops.id))


async def _are_on_both_sides(stage: Stage, world: World) -> bool:
    def noted() -> bool:
        return all(
            sum("apart" in key[1] for key, _ in world.facts(side, Kind.NOTE)) == 4
            for side in (HIGH, TIME)
        )

    return await stage.emulators.do(noted)
