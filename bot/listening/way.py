"""The way back to somebody who asked, past store and outbox: those may be what failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from slack_sdk.errors import SlackClientError

from bot.words import Voice
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.commands import Asked
    from bot.views.blocks import Message
    from toolkit.app.slack_memory import SlackPeople

_log = logging.getLogger(__name__)

Respond = Callable[..., Awaitable[Any]]
UNREACHED: Final = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What is raised where Slack takes nothing from us."""
_REFUSED: Final = 300
_WITHIN_S: Final = 10.0
_DIRECT: Final = "D"


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody is told something alone, once, without anything being stored.

    Attributes:
        client: Slack's, for their workspace; may raise a `HightonicError`.
        asked: Who, and where they asked; no channel on the home tab and in a form.
        respond: Bolt's, where the delivery brought an address for answers.
        thread: `ts` of the message they wrote; empty for none.
    """

    client: Callable[[], Awaitable[AsyncWebClient]]
    asked: Asked
    respond: Respond | None = None
    thread: str = ""

    async def say(
        self, shown: Message, *, within_s: float = _WITHIN_S, is_direct: bool = True
    ) -> bool:
        """Whether they were told: at the address, in the channel, or by a message of their own.

        Args:
            shown: What they are told.
            within_s: Seconds for all that is tried.
            is_direct: Whether a message of their own will do.
        """
        try:
            async with asyncio.timeout(within_s):
                for goes in self._goings(shown, is_direct=is_direct):
                    if await _went(goes):
                        return True
        except TimeoutError:
            _log.warning("nobody told in time")
        return False

    def _goings(
        self, shown: Message, *, is_direct: bool
    ) -> Iterator[Callable[[], Awaitable[bool]]]:
        if respond := self.respond:
            yield lambda: responded(shown, respond)
        if self.asked.channel and not self.asked.channel.startswith(_DIRECT):
            yield lambda: self._ephemeral(shown)
        if is_direct:
            yield lambda: self._direct(shown)

    async def _ephemeral(self, shown: Message) -> bool:
        await (await self.client()).chat_postEphemeral(
            channel=self.asked.channel,
            user=self.asked.user,
            text=shown.text,
            blocks=[*shown.blocks],
            thread_ts=self.thread or None,
        )
        return True

    async def _direct(self, shown: Message) -> bool:
        await (await self.client()).chat_postMessage(
            channel=self.asked.user, text=shown.text, blocks=[*shown.blocks]
        )
        return True


async def voice_of(people: SlackPeople, team: str, user: str) -> Voice:
    """A person's language, as far as the store says it; it may be what failed."""
    try:
        person = await asyncio.to_thread(people.find_person, team, user)
    except HightonicError:
        person = None
    return Voice(person.language, person.zone) if person else Voice()


async def responded(shown: Message, respond: Respond, *, is_public: bool = False) -> bool:
    """Whether Slack took an answer at the address of the delivery.

    Raises:
        SlackClientError: Slack was not reached; so with those of `aiohttp`, and `TimeoutError`.
    """
    answer = await respond(
        text=shown.text,
        blocks=[*shown.blocks],
        response_type="in_channel" if is_public else "ephemeral",
        replace_original=False,
        unfurl_links=False,
    )
    return bool(answer.status_code < _REFUSED)


async def _went(goes: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await goes()
    except (*UNREACHED, HightonicError) as error:
        _log.warning("answer not taken", extra={"error": type(error).__name__})
        return False
