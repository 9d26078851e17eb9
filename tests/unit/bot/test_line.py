"""Socket Mode's line, and what goes on where it is down."""

import asyncio

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot import line
from bot.hands import ACT
from bot.service import SlackService
from tests.slack_tokens import put_tokens
from tests.unit.bot.test_listening import HEAD
from toolkit.app.home import Home
from toolkit.app.host import Host
from toolkit.clients.pacing import SystemClock
from toolkit.engine.inline import InlineEngine
from toolkit.engine.port import Job
from toolkit.model.chat_people import Person, Role
from toolkit.sandbox.slack import SlackOptions, SlackSandbox
from toolkit.store import Store, open_vault

NOTE = {"channel": "C1", "text": "note add nobody@x.io hello", "surface": "slash"}


@pytest.fixture
def home(tmp_path):
    (tmp_path / "hightonic.yaml").write_text(HEAD)
    return Home(tmp_path)


@pytest.fixture
async def space(home):
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as sandbox:
        put_tokens(home.path, sandbox.workspace)
        yield sandbox.workspace


@pytest.fixture
def handlers(monkeypatch):
    """Everybody that was ever connected."""
    made = []

    class Watched(AsyncSocketModeHandler):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(line, "AsyncSocketModeHandler", Watched)
    return made


def left_open(handlers):
    return [each for each in handlers if not each.client.aiohttp_client_session.closed]


async def quick(_seconds):
    await asyncio.sleep(0.01)


async def test_a_line_that_is_given_but_not_opened_is_let_go_and_laid_anew(
    home, space, handlers, monkeypatch
):
    monkeypatch.setattr(line, "_CONNECT_S", 0.3)
    given, tries = AsyncSocketModeHandler.connect_async, []

    async def hanging(self):
        tries.append(self)
        return await (given(self) if len(tries) > 2 else asyncio.sleep(60))

    monkeypatch.setattr(AsyncSocketModeHandler, "connect_async", hanging)
    service = SlackService(home, sleep=quick)

    await service.start()
    await space.sockets.wait_connected()

    assert len(left_open(handlers)) == 1
    await service.stop(1)
    assert len(handlers) == 3
    assert left_open(handlers) == []


async def test_a_line_that_stays_down_is_laid_anew(home, space, handlers, caplog):
    service = SlackService(home, sleep=quick)
    await service.start()
    await space.sockets.wait_connected()

    await handlers[0].client.close()
    await space.until(lambda: len(handlers) == 2, timeout_s=5)
    await space.sockets.wait_connected()
    await service.stop(1)

    assert left_open(handlers) == []
    assert [each.message for each in caplog.records] == ["slack line down"]


async def test_the_library_s_own_lines_are_not_written(home, space, caplog, monkeypatch):
    monkeypatch.setattr(line, "_CONNECT_S", 0.3)
    opened = AsyncWebClient.apps_connections_open
    tries = []

    async def astray(self, **options):
        tries.append(self)
        given = await opened(self, **options)
        return {"url": "ws://127.0.0.1:9/link?ticket=secret"} if len(tries) == 1 else given

    monkeypatch.setattr(AsyncWebClient, "apps_connections_open", astray)
    service = SlackService(home, sleep=quick)

    await service.start()
    await space.sockets.wait_connected()
    await service.stop(1)

    assert [each.message for each in caplog.records] == ["slack not connected"]
    assert "ticket" not in caplog.text


async def test_jobs_are_done_although_slack_lets_nobody_in(home, space):
    space.refuse("apps.connections.open", "internal_error", times=99)
    for method in ("users.info", "chat.postMessage"):
        space.refuse(method, "internal_error", times=99)
    clock, team = SystemClock(), space.state.team.id
    with Store.open(home.path) as store:
        engine = InlineEngine(clock)
        host = Host({}, clock, "all", engine, store, open_vault(store, home.path))
        service = SlackService(home, host)
        store.slack.people.put_person(Person(team, "U1", Role.EDITOR, "own_1"))
        await engine.start()
        await service.start()
        asked = {**NOTE, "team": team, "user": "U1", "key": "k1", "response_url": ""}

        async with asyncio.timeout(5):
            await engine.submit(Job("slack:k1", ACT, asked, "U1"))
            await service.stop(1)
            # A job may begin while the process stops: it is done, and its answer waits.
            address = f"{space.state.base_url}/respond/1"
            await engine.submit(
                Job("slack:k2", ACT, {**asked, "key": "k2", "response_url": address}, "U1")
            )
        await engine.stop(1)

        waiting = store.slack.outbox.counts()
    assert waiting == {"waiting": 2}
