"""The bot at work for the flows: an emulated workspace, both emulated vendors, the real service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.dispatcher import Pace
from bot.install.doors import open_doors
from bot.listening import Listeners
from bot.service import SlackService
from bot.settings import Settings
from tests.flows.office import _Patience as Patience
from tests.flows.world import World
from tests.slack_tokens import put_tokens
from toolkit.app.config import load_config
from toolkit.app.front_desk import FrontDesk
from toolkit.app.home import Home
from toolkit.app.host import Host
from toolkit.app.runs import Runner
from toolkit.app.service import Service
from toolkit.app.slack_manifest import EVENTS_PATH
from toolkit.app.turns import Desk
from toolkit.app.wiring import Transports, build_parts
from toolkit.engine.inline import InlineEngine
from toolkit.engine.port import Job, Submission
from toolkit.model.chat_people import Person, Role
from toolkit.sandbox.slack import (
    SlackOptions,
    SlackSandbox,
    SlackWorkspace,
    check_message,
    check_view,
)
from toolkit.sandbox.slack.outgoing import Reply
from toolkit.store import Store, open_vault

Mode = Literal["socket", "http"]
MODES: Final[tuple[Mode, ...]] = ("socket", "http")
SHORTLY_S = 15.0
OWNER = "own_1"
_SPOKEN = ("chat.postMessage", "chat.update", "chat.postEphemeral", "response_url")
_VIEWED = ("views.open", "views.push", "views.update", "views.publish")
_SECRETS = ("xoxb-", "xapp-", "xoxp-", "sandbox-signing-secret", "Traceback", 'File "')


@dataclass
class SlackOffice:
    """People of a workspace, and what the bot says to them."""

    world: World
    workspace: SlackWorkspace
    store: Store
    listeners: Listeners
    engine: ServedEngine
    desk: Desk

    @property
    def team(self) -> str:
        return self.workspace.state.team.id

    def user(self, name: str) -> str:
        """Somebody's id."""
        people = self.workspace.state.people.values()
        return next(each.id for each in people if each.name == name)

    def channel(self, name: str) -> str:
        """A channel's id."""
        found = self.workspace.state.find_channel(name)
        assert found is not None
        return found.id

    def link(self, name: str, role: Role, **options: Any) -> None:
        """Somebody is known in HighLevel, with this role; English, so that words compare."""
        people, user = self.store.slack.people, self.user(name)
        known = people.find_person(self.team, user) or Person(self.team, user)
        linked = replace(known, role=role, owner_id=OWNER, language="en")
        people.put_person(replace(linked, **options))

    def limit(self, channel: str, ceiling: Role) -> None:
        """Nobody may do more than this in a channel."""
        self.settings.limit_channel(self.channel(channel), ceiling)

    @property
    def settings(self) -> Settings:
        return Settings(self.store.slack.people, self.team)

    async def type(self, name: str, text: str, channel: str = "#ops") -> Reply:
        """A command; returns once it is acknowledged."""
        reply = await self.workspace.types(name, channel, f"/hightonic {text}")
        assert isinstance(reply, Reply)
        assert reply.is_accepted, self.workspace.notices(name)
        return reply

    async def ask(self, name: str, text: str, channel: str = "#ops") -> str:
        """A command and its answer, as who asks reads it."""
        before = len(self.workspace.messages(name, channel))
        await self.type(name, text, channel)
        return await self.hears(name, channel, after=before)

    async def click(self, name: str, label: str, channel: str = "#ops") -> str:
        """A click and its answer."""
        before = len(self.workspace.messages(name, channel))
        await self.workspace.clicks(name, label)
        return await self.hears(name, channel, after=before)

    async def hears(self, name: str, channel: str = "#ops", *, after: int = 0) -> str:
        """The next thing somebody reads in a channel beyond so many messages."""
        await self.workspace.until(
            lambda: len(self.workspace.messages(name, channel)) > after, timeout_s=SHORTLY_S
        )
        return self.workspace.reads(name, channel)[-1]

    async def at_rest(self) -> None:
        """Everything acknowledged is dealt with."""
        await self.listeners.drain()
        await self.engine.at_rest()

    def check(self) -> int:
        """Whatever was said keeps Slack's limits, pings nobody, and tells no secret; how much."""
        said = [
            call
            for call in self.workspace.state.calls
            if call.method in _SPOKEN or call.method in _VIEWED
        ]
        for call in said:
            view = call.arguments.get("view")
            issues = check_view(view) if view else check_message(_message(call.arguments))
            assert not issues, [*map(str, issues)]
            assert call.error not in {"invalid_blocks", "msg_too_long"}, call.error
            words = json.dumps(call.arguments, ensure_ascii=False)
            assert not [each for each in _SECRETS if each in words], words[:500]
        for message in self.workspace.state.messages.values():
            if message.user == self.workspace.state.team.bot_user:
                groups = {each for each in self.workspace.pings(message) if each[0] == "!"}
                assert not groups, message.content
        return len(said)


def _message(arguments: Mapping[str, Any]) -> dict[str, Any]:
    names = ("text", "blocks", "attachments", "metadata")
    return {name: arguments[name] for name in names if name in arguments}


class ServedEngine(InlineEngine):
    """Takes a job at once and does it afterwards, as the durable one does."""

    def __init__(self, clock: Any) -> None:
        super().__init__(clock, is_eager=False)
        self._begun: set[asyncio.Task[None]] = set()

    async def submit(self, job: Job) -> Submission:
        """As `Engine.submit`; work begins when the caller has gone on."""
        taken = await super().submit(job)
        task = asyncio.create_task(self.drain())
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return taken

    async def at_rest(self) -> None:
        """Everything taken is done."""
        while self._begun:
            await asyncio.gather(*self._begun)


@asynccontextmanager
async def open_slack_office(
    world: World, *, mode: Mode = "socket", options: SlackOptions | None = None
) -> AsyncIterator[SlackOffice]:
    """The service at work on a world's home, for the length of a block.

    Args:
        world: Whose home and vendors.
        mode: How Slack reaches the bot.
        options: How the workspace behaves; by default without limits of calls.
    """
    chosen = options or SlackOptions(rate_limit=False)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(SlackSandbox.running(chosen))
        workspace = sandbox.workspace
        put_tokens(world.home, workspace, is_socket=mode == "socket")
        desk, store, host, engine = await _open_house(stack, world)
        linking, door = open_doors(host)
        service = SlackService(
            Home(world.home), host, linking=linking, door=door, pace=Pace(channel_s=0)
        )
        await engine.start()
        await service.start()
        stack.push_async_callback(service.stop, 5)
        if mode == "http":
            reach_by_doors(workspace, host)
        else:
            await workspace.sockets.wait_connected()
        listeners = service._listeners
        assert listeners is not None
        yield SlackOffice(world, workspace, store, listeners, engine, desk)
        await listeners.drain()
        await engine.at_rest()


async def _open_house(
    stack: AsyncExitStack, world: World
) -> tuple[Desk, Store, Host, ServedEngine]:
    """What `hightonic serve` has when it builds its services."""
    home, clock = Home(world.home), world.clock
    store = stack.enter_context(Store.open(world.home, clock=clock.now))
    vault = open_vault(store, world.home)
    (settings,) = load_config(home.config_path).connections.values()
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
    desk = Desk(parts, Runner(parts))
    engine = ServedEngine(clock)
    service = Service(
        {settings.name: desk}, engine=engine, clock=Patience(world), owner="office"
    )
    fronts = {settings.name: FrontDesk(desk, service.turns)}
    host = Host(fronts, clock, "all", engine, store, vault)
    stack.push_async_callback(engine.stop, 1.0)
    return desk, store, host, engine


def reach_by_doors(workspace: SlackWorkspace, host: Host) -> None:
    """Slack calls the doors that the service has mounted."""
    served = Starlette(routes=[Mount(path, app=app) for path, app in host.doors.items()])
    workspace.reach_by_http(
        f"http://bot.invalid{EVENTS_PATH}", transport=httpx.ASGITransport(app=served)
    )
