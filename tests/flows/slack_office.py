"""The bot at work for the flows: an emulated workspace, both emulated vendors, the real service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx
import pytest
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import CommandDesk
from bot.commands.desk import Sources
from bot.dispatcher import Pace
from bot.listening import Listeners, Members, Parts, build_app
from bot.service import SlackService
from bot.settings import Settings
from tests.flows.world import World
from toolkit.app.home import Home
from toolkit.app.slack_home import open_slack
from toolkit.model.chat_people import Person, Role
from toolkit.sandbox.slack import (
    SlackApp,
    SlackOptions,
    SlackSandbox,
    SlackWorkspace,
    check_message,
    check_view,
)
from toolkit.sandbox.slack.outgoing import Reply
from toolkit.store import Store

Mode = Literal["socket", "http"]
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
    chosen = replace(chosen, app=SlackApp(is_socket_mode=mode == "socket"))
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(SlackSandbox.running(chosen))
        workspace = sandbox.workspace
        store = stack.enter_context(Store.open(world.home))
        put_tokens(stack, workspace)
        reach = _by_socket if mode == "socket" else _by_http
        listeners = await stack.enter_async_context(reach(world, workspace))
        yield SlackOffice(world, workspace, store, listeners)


def put_tokens(stack: AsyncExitStack, workspace: SlackWorkspace) -> None:
    """The workspace's tokens stand in the environment until the stack is left."""

    held, patch = workspace.credentials, pytest.MonkeyPatch()
    stack.callback(patch.undo)
    patch.setenv("HIGHTONIC_SLACK_BOT_TOKEN", held.bot_token)
    patch.setenv("HIGHTONIC_SLACK_APP_TOKEN", held.app_token)
    patch.setenv("HIGHTONIC_SLACK_SIGNING_SECRET", held.signing_secret)
    patch.setenv("HIGHTONIC_SLACK_URL", held.base_url)


@asynccontextmanager
async def _by_socket(world: World, workspace: SlackWorkspace) -> AsyncIterator[Listeners]:
    service = SlackService(Home(world.home), pace=Pace(channel_s=0))
    await service.start()
    await workspace.sockets.wait_connected()
    try:
        assert service._listeners is not None
        yield service._listeners
    finally:
        await service.stop(5)


@asynccontextmanager
async def _by_http(world: World, workspace: SlackWorkspace) -> AsyncIterator[Listeners]:
    # The service mounts no door yet: the same listeners behind bolt's own one.
    with open_slack(Home(world.home)) as found:
        tokens = found.tokens
        client = AsyncWebClient(
            token=tokens.bot_token, base_url=tokens.base_url, retry_handlers=[]
        )
        sources = Sources(
            found.shelf, found.cards, found.feed, found.values_of, found.clock, found.fields
        )
        members = Members(client, found.shelf.people, clock=found.clock)
        parts = Parts(
            client,
            CommandDesk(sources),
            found.shelf,
            found.cards,
            members,
            tokens.bot_token,
            tokens.signing_secret,
        )
        app, listeners = build_app(parts)
        door = httpx.ASGITransport(app=AsyncSlackRequestHandler(app))
        workspace.reach_by_http("http://bot.invalid/slack/events", transport=door)
        yield listeners
        await listeners.drain()
