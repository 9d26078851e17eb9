"""Lines that write, as jobs: stored before they are acknowledged, done once, then answered."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import aiohttp

from bot.commands.desk import CommandDesk
from bot.commands.lines import Asked
from bot.commands.promises import forget
from toolkit.engine.port import JSON, Args, Job, Pace, Retry
from toolkit.errors import StateError
from toolkit.model.chat_messages import Outgoing

if TYPE_CHECKING:
    from bot.commands.deed_desk import DeedDesk
    from bot.listening.members import Members
    from bot.views.blocks import Message
    from toolkit.app.host import Host
    from toolkit.app.slack_memory import SlackShelf

_log = logging.getLogger(__name__)

ACT: Final = "slack.act"
_ANSWER_S: Final = 10.0
_RETRY: Final = Retry(
    max_tries=3, first_wait_s=5.0, worth_retrying=lambda error: isinstance(error, StateError)
)


class Hands:
    """Takes lines over and sees them through, also after a crash.

    Args:
        host: Stores and runs the jobs.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._ready = asyncio.Event()
        self._desk: CommandDesk
        self._deeds: DeedDesk
        self._shelf: SlackShelf
        self._session: aiohttp.ClientSession
        self._members: Members
        # A deed says how it failed; trying it again is for the person who asked. What stands
        # in the way of saying so is tried again: done is done, and then told.
        host.register(ACT, self._act, retry=_RETRY, pace=Pace(poll_s=0.25))

    def begin(
        self,
        desk: CommandDesk,
        deeds: DeedDesk,
        *,
        shelf: SlackShelf,
        session: aiohttp.ClientSession,
        members: Members,
    ) -> None:
        """Work on what was stored, from now on."""
        self._members = members
        self._desk, self._deeds = desk, deeds
        self._shelf, self._session = shelf, session
        self._ready.set()

    async def take(self, asked: Asked, key: str, response_url: str) -> bool:
        """Store the line as a job where it writes; False where it only looks.

        Args:
            asked: The line.
            key: Names the delivery; the same one again stores nothing more.
            response_url: Where the answer goes; empty for a message to who asked.

        Raises:
            StateError: It could not be stored: do not acknowledge it.
        """
        is_deed = self._desk.guess_deed(asked.text)
        if is_deed is None:
            is_deed = await asyncio.to_thread(self._desk.is_deed, asked)
        if not is_deed:
            return False
        args: Args = {**asdict(asked), "key": key, "response_url": response_url}
        try:
            await self._host.submit(Job(f"slack:{key}", ACT, args, asked.user))
        except StateError as error:
            raise StateError(
                "What you asked for could not be stored",
                unchanged="Nothing was changed",
                remedy="Try again in a minute",
            ) from error
        return True

    async def _act(self, args: Args) -> JSON:
        await self._ready.wait()
        asked = Asked(
            *(str(args[name]) for name in ("team", "user", "channel", "text", "surface"))
        )
        # What somebody is to the workspace counts when it is done, not when it was typed.
        await self._members.refresh(asked.team, asked.user)
        shown = await self._deeds.carry(asked, str(args["key"]))
        await self._answer(asked, shown, key=str(args["key"]), url=str(args["response_url"]))
        await asyncio.to_thread(forget, self._shelf.people, asked.team, str(args["key"]))
        return None

    async def _answer(self, asked: Asked, shown: Message, *, key: str, url: str) -> None:
        """To where it was asked while Slack takes it there, else to the person.

        A job may outlive the service in a stop: its answer then waits for the next start.
        """
        if url and not self._session.closed and await self._responded(url, shown):
            return
        out = Outgoing(f"answer:{key}", asked.team, asked.user, shown.payload())
        await asyncio.to_thread(self._shelf.outbox.put, [out])

    async def _responded(self, url: str, shown: Message) -> bool:
        body = {**shown.payload(), "response_type": "ephemeral", "replace_original": False}
        try:
            async with self._session.post(
                url, json=body, timeout=aiohttp.ClientTimeout(total=_ANSWER_S)
            ) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("answer not taken", extra={"error": type(error).__name__})
            return False
