"""Whose token a call carries, and what happens where there is none."""

from datetime import timedelta
from types import SimpleNamespace

import aiohttp
import pytest

from bot.dispatcher.answers import LockedOut, Said, Unreached
from bot.workspaces import Workspaces
from toolkit.app.slack_home import slack_home
from toolkit.app.slack_keys import AppKeys, Installation
from toolkit.errors import CredentialsError, NotReachedError
from toolkit.model.chat_messages import Flight
from toolkit.sandbox.slack import SlackOptions, SlackSandbox
from toolkit.store import open_vault


@pytest.fixture
async def space():
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox:
        yield sandbox.workspace


@pytest.fixture
def found(store, clock, tmp_path, space):
    time = SimpleNamespace(now=clock)
    made = slack_home(store, open_vault(store, tmp_path), [], clock=time)
    made.keys.put_app(AppKeys(base_url=space.credentials.base_url))
    return made


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def workspaces(found, session):
    return Workspaces(found, session)


def installed(space, **options):
    given = {"team": space.state.team.id, "bot_token": space.credentials.bot_token}
    return Installation(**{**given, **options})


def a_flight(space, **options):
    team = space.state.team.id
    return Flight("s", team, space.state.find_channel("ops").id, {"text": "x"}, 1, **options)


async def test_a_workspace_is_known_the_moment_it_installs_the_app(workspaces, found, space):
    team = space.state.team.id
    wire = workspaces.wire(team)
    assert await wire.post(a_flight(space)) == LockedOut("not installed")
    assert not await workspaces.has(team)

    found.keys.put(installed(space))

    assert await workspaces.has(team)
    assert isinstance(await wire.post(a_flight(space)), Said)
    assert (await (await workspaces.client(team)).auth_test())["team_id"] == team


async def test_a_token_is_looked_up_anew_after_half_a_minute(workspaces, found, space, clock):
    team = space.state.team.id
    found.keys.put(installed(space))
    await workspaces.token(team)

    found.keys.put(installed(space, bot_token="xoxb-new"))
    early = await workspaces.token(team)
    clock.on(seconds=30)

    assert early == space.credentials.bot_token
    assert await workspaces.token(team) == "xoxb-new"


async def test_what_is_forgotten_has_no_token(workspaces, found, space):
    team = space.state.team.id
    found.keys.put(installed(space))
    await workspaces.token(team)
    found.keys.forget(team)

    workspaces.forget(team)
    workspaces.forget(team)

    with pytest.raises(CredentialsError):
        await workspaces.client(team)


async def test_a_message_whose_token_cannot_be_renewed_was_not_sent(
    workspaces, found, space, clock
):
    ended = installed(space, refresh_token="xoxe-1", expires_at=clock.at - timedelta(hours=1))
    found.keys.put(ended)
    wire = workspaces.wire(space.state.team.id)

    space.refuse("oauth.v2.access", "ratelimited", times=9)
    sure, unsure = a_flight(space), a_flight(space, is_unsure=True)

    assert await wire.post(sure) == Unreached("NotReachedError")
    assert await wire.find(unsure) == Unreached("NotReachedError")
    assert await wire.post(unsure) == Unreached("NotReachedError")
    assert space.calls("chat.postMessage") == []


async def test_nobody_is_called_once_the_service_has_stopped(workspaces, found, space, session):
    found.keys.put(installed(space))
    await session.close()

    with pytest.raises(NotReachedError):
        await workspaces.client(space.state.team.id)
