"""Everything one emulated workspace knows, and the ids it gives out."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.slack.manifest import (
    APP_ID,
    SlackApp,
    Token,
    TokenKind,
)
from toolkit.sandbox.slack.people import Person, Team
from toolkit.sandbox.slack.values import Channel, ChannelKind, Json, Message, View

_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of the Web API as the app made it. The token is never kept.

    Args:
        method: For example `chat.postMessage`.
        arguments: What was sent, JSON members read.
        status: HTTP status of the answer.
        error: Slack's word for what went wrong; empty when it went well.
        at_s: Seconds of the emulator's steady clock.
    """

    method: str
    arguments: Json
    status: int
    error: str
    at_s: float


@dataclass(slots=True)
class Trigger:
    """A ticket to open one view with."""

    user: str
    given_at_s: float
    is_used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A short-lived address that answers one command or click.

    Args:
        message_ts: Of the message that was clicked; empty for a command.
        uses: How often it was used.
    """

    user: str
    channel: str
    given_at_s: float
    message_ts: str = ""
    thread_ts: str = ""
    uses: int = 0


class Changes:
    """Counts changes, and lets one wait for the next."""

    def __init__(self) -> None:
        self.version = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def note(self) -> None:
        """Something changed."""
        self.version += 1
        for one in self._waiting:
            if not one.done():
                one.set_result(None)
        self._waiting.clear()

    async def wait_past(self, version: int, *, timeout_s: float) -> int:
        """Wait until the count is past a version; returns the count, also when time is up."""
        if self.version <= version:
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            with suppress(TimeoutError):
                await asyncio.wait_for(future, timeout_s)
            self._waiting.discard(future)
        return self.version


@dataclass(slots=True)
class SlackState:
    """One workspace and the one app installed there.

    Args:
        app: What the app is.
        clock: Its time; may be moved.
        team: Which workspace it is.
    """

    app: SlackApp
    clock: EmulatorClock
    team: Team = field(default_factory=Team)
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    unfurl_ids: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=_KEPT))
    changes: Changes = field(default_factory=Changes)
    base_url: str = "http://slack.invalid"
    is_installed: bool = True
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _last_ts: tuple[int, int] = (0, 0)

    def new_id(self, prefix: str) -> str:
        """A fresh id, for example `V0000000007`."""
        return self.team.write_id(prefix, next(self._numbers))

    def new_ts(self) -> str:
        """A fresh message time: Unix seconds and six digits, always rising."""
        second = int(self.clock.now().timestamp())
        last_second, number = self._last_ts
        # A clock that stands still, or steps back, must not give one name to two messages.
        fresh = (second, 100) if second > last_second else (last_second, number + 100)
        self._last_ts = fresh
        return f"{fresh[0]}.{fresh[1]:06d}"

    def new_trigger(self, user: str) -> str:
        """A ticket that opens one view for this person within three seconds."""
        ticket = f"{next(self._numbers)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self.triggers[ticket] = Trigger(user, self.clock.monotonic())
        return ticket

    def new_response_url(
        self, user: str, channel: str, *, message_ts: str = "", thread_ts: str = ""
    ) -> str:
        """An address for five answers within thirty minutes."""
        secret = secrets.token_hex(12)
        self.response_urls[secret] = ResponseUrl(
            user, channel, self.clock.monotonic(), message_ts=message_ts, thread_ts=thread_ts
        )
        return f"{self.base_url}/respond/{secret}"

    def new_bot_token(self) -> str:
        """A bot token with the app's scopes; lives twelve hours where tokens rotate."""
        rotates = self.app.rotates_tokens
        text = f"{'xoxe.' if rotates else ''}xoxb-{secrets.token_hex(16)}"
        expires = self.clock.now().timestamp() + 43_200 if rotates else None
        self.tokens[text] = Token(
            TokenKind.BOT, frozenset(self.app.scopes), self.team.bot_user, expires
        )
        return text

    def new_code(self, user: str) -> str:
        """A code that `oauth.v2.access` takes once, for the person who installs the app."""
        code = secrets.token_hex(16)
        self.codes[code] = user
        return code

    def add(self, message: Message) -> Message:
        """Show a message."""
        self.messages[(message.channel, message.ts)] = message
        self.changes.note()
        return message

    def direct_channel(self, user: str) -> Channel:
        """The conversation of a person with the app's bot; opened when there is none."""
        members = {user, self.team.bot_user}
        for one in self.channels.values():
            if one.is_direct and one.members == members:
                return one
        channel = Channel(self.new_id("D"), "", ChannelKind.DIRECT, members)
        self.channels[channel.id] = channel
        return channel

    def find_channel(self, name: str) -> Channel | None:
        """A conversation by id, by name with or without `#`, or by the id of a person."""
        if name in self.channels:
            return self.channels[name]
        if name in self.people:
            return self.direct_channel(name)
        bare = name.removeprefix("#")
        named = (one for one in self.channels.values() if one.name and one.name == bare)
        return next(named, None)

    def history(self, channel: str) -> list[Message]:
        """Everything in a conversation, ephemeral messages included, oldest first."""
        own = [one for one in self.messages.values() if one.channel == channel]
        return sorted(own, key=lambda one: one.ts)

    def top_view(self, user: str) -> View | None:
        """The modal a person looks at, if any."""
        stack = self.stacks.get(user) or []
        return self.views[stack[-1]] if stack else None

    def home(self, user: str) -> View | None:
        """The home tab last published to a person, if any."""
        found = self.homes.get(user)
        return self.views[found] if found else None

    def notify(self, user: str, sentence: str) -> None:
        """Tell a person what Slack's own client would tell them, for example a timeout."""
        self.notices.setdefault(user, []).append(sentence)
        self.changes.note()

    def counts(self) -> dict[str, int]:
        """Records by kind, for the control door."""
        return {
            "people": len(self.people),
            "channels": len(self.channels),
            "messages": len(self.messages),
            "views": sum(one.is_open for one in self.views.values()),
        }

    def member_json(self, member: Message | View) -> Json:
        """A message or a view as payloads carry it."""
        if isinstance(member, View):
            return member.to_json(self.team, app_id=APP_ID)
        return member.to_json(self.team, app_id=APP_ID)
