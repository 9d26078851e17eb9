"""Answers to lines that are no jobs: where they were asked, in a form, or as a message."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bot.listening.modal_answers import in_modal, put_on_top
from bot.listening.way import UNREACHED, Respond, Way, responded, voice_of
from bot.views.in_modal import answered
from bot.views.modals import saving
from toolkit.model.chat_messages import Outgoing

if TYPE_CHECKING:
    from bot.commands import Asked, Reply
    from bot.listening.board import Board
    from bot.listening.few import Few
    from bot.listening.opening import Openings
    from bot.listening.parts import Parts
    from bot.views.blocks import Message
    from bot.words import Voice

_log = logging.getLogger(__name__)

Body = dict[str, Any]


class Answering:
    """Asks the desk, and brings what it says to who asked.

    Args:
        parts: What listeners stand on.
        board: Home tabs.
        openings: Forms.
        few: Asks the desk.
    """

    def __init__(self, parts: Parts, board: Board, openings: Openings, *, few: Few) -> None:
        self._parts = parts
        self._few = few
        self._board = board
        self._openings = openings

    async def to_line(self, asked: Asked, body: Body, respond: Respond, *, key: str) -> None:
        """The form that asks for the rest, else the answer."""
        reply = await self._ask(asked)
        if reply.form:
            await self._openings.for_line(body, reply.form, reply.given)
        else:
            await self._give(reply, asked, respond, key)

    async def to_click(self, way: Way, body: Body, key: str) -> None:
        """In the modal it was clicked in, at its address, or, on the home tab, as a message."""
        asked = way.asked
        if in_modal(body):
            shown = (await self._ask(asked)).message
            view = answered(await self._voice(asked), shown)
            if not await put_on_top(self._parts, body, view):
                await self._keep(asked, shown, key)
        elif way.respond is not None:
            await self._give(await self._ask(asked), asked, way.respond, key)
        else:
            await self._direct(asked, key)

    async def saving(self, asked: Asked, body: Body) -> None:
        """What a deed comes to is told by a message: its modal may be closed by then."""
        await put_on_top(self._parts, body, saving(await self._voice(asked)))

    async def _ask(self, asked: Asked) -> Reply:
        # Looked up first: what a guest may do is decided by what Slack says of them now.
        await self._parts.members.refresh(asked.team, asked.user)
        return await self._few.aside(self._parts.desk.answer, asked)

    async def _give(self, reply: Reply, asked: Asked, respond: Respond, key: str) -> None:
        """To where it was asked while Slack takes it there, else by the outbox, which tries on."""
        try:
            if await responded(reply.message, respond, is_public=reply.is_public):
                return
        except UNREACHED as error:
            _log.warning("answer not taken", extra={"error": type(error).__name__})
        to = asked.channel if reply.is_public else asked.user
        out = Outgoing(f"answer:{key}", asked.team, to, reply.message.payload())
        await asyncio.to_thread(self._parts.shelf.outbox.put, [out])

    async def _direct(self, asked: Asked, key: str) -> None:
        """Clicked on the home tab, where nothing can be answered: it comes as a message."""
        await self._keep(asked, (await self._ask(asked)).message, key)
        await self._board.publish(asked.team, asked.user)

    async def in_thread(self, way: Way, key: str) -> None:
        """Below the message that asked."""
        asked = way.asked
        reply = await self._ask(asked)
        payload = {**reply.message.payload(), "thread_ts": way.thread}
        if asked.channel.startswith("D") or reply.is_public:
            out = Outgoing(key, asked.team, asked.channel, payload)
            await asyncio.to_thread(self._parts.shelf.outbox.put, [out])
            return
        # A channel has readers who may not see what the one who asks may.
        if not await way.say(reply.message, is_direct=False):
            await self._keep(asked, reply.message, key)

    async def _keep(self, asked: Asked, shown: Message, key: str) -> None:
        """Said by a message of their own, as soon as Slack takes one."""
        out = Outgoing(key, asked.team, asked.user, shown.payload())
        await asyncio.to_thread(self._parts.shelf.outbox.put, [out])

    async def _voice(self, asked: Asked) -> Voice:
        return await voice_of(self._parts.shelf.people, asked.team, asked.user)
