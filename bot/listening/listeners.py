"""What is done with each delivery: acknowledged, handed to the desk as one line, answered."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from slack_sdk.errors import SlackClientError

from bot.commands import Asked, Reply
from bot.listening.board import Board
from bot.listening.clicks import line_of
from bot.listening.forms import Forms, form_of
from toolkit.errors import HightonicError
from toolkit.model.chat_messages import Outgoing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.listening.parts import Parts

_log = logging.getLogger(__name__)

_MENTION: Final = re.compile(r"<@[UW]\w+(?:\|[^>]*)?>\s*")
_MOST_WAITING: Final = 1000
_REFUSED: Final = 300

Body = dict[str, Any]


class Listeners:
    """What is done with each delivery. Work goes on after the acknowledgement.

    Args:
        parts: What they stand on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._forms = Forms(parts)
        self._board = Board(parts)
        self._under_way: set[asyncio.Task[None]] = set()

    async def drain(self) -> None:
        """Wait for the work under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def command(self, ack: Any, body: Body, respond: Any) -> None:  # noqa: ANN401 — bolt's
        """A typed command."""
        asked = Asked(
            str(body["team_id"]),
            str(body["user_id"]),
            str(body["channel_id"]),
            str(body.get("text", "")),
        )
        key = f"trigger:{body.get('trigger_id', '')}"
        is_taken = await self._hand_over(asked, key, body)
        await ack()
        if not is_taken:
            self._begin(key, self._form_or_answer(asked, body, respond, key=key))

    async def action(self, ack: Any, body: Body, respond: Any) -> None:  # noqa: ANN401 — bolt's
        """A click: the line it stands for."""
        action = body["actions"][0]
        if form_of(str(action.get("action_id", ""))):
            await ack()
            key = f"click:{body.get('trigger_id', '')}"
            self._begin(key, self._opened(body, action))
            return
        line = line_of(action)
        if line is None:
            await ack()
            return
        asked = Asked(
            str(body["team"]["id"]),
            str(body["user"]["id"]),
            str(body.get("channel", {}).get("id", "")),
            line,
            "button",
        )
        key = f"click:{body.get('trigger_id', '')}:{action.get('action_ts', '')}"
        is_taken = await self._hand_over(asked, key, body)
        await ack()
        if not is_taken:
            in_place = bool(asked.channel)
            work = self._answer(asked, respond, key) if in_place else self._direct(asked, key)
            self._begin(key, work)

    async def said(self, event: Body, body: Body) -> None:
        """A mention, or a message to the bot alone; the answer stands in its thread."""
        is_own = event.get("bot_id") or event.get("subtype")
        if is_own or not event.get("user"):
            return
        team = str(body.get("team_id") or event.get("team"))
        text = _MENTION.sub("", str(event.get("text", ""))).strip()
        asked = Asked(team, str(event["user"]), str(event["channel"]), text, "message")
        key = f"event:{body.get('event_id', '')}"
        if not await self._hand_over(asked, key, {}):
            self._begin(key, self._reply_in_thread(asked, key, str(event["ts"])))

    async def home_opened(self, event: Body, body: Body) -> None:
        """Somebody looks at the bot's own tab."""
        if event.get("tab", "home") != "home":
            return
        team = str(body.get("team_id", ""))
        work = self._board.publish(team, str(event["user"]))
        self._begin(f"event:{body.get('event_id', '')}", work)

    async def _form_or_answer(
        self, asked: Asked, body: Body, respond: Callable[..., Awaitable[Any]], *, key: str
    ) -> None:
        form = await asyncio.to_thread(self._parts.desk.form_of, asked)
        if form:
            await self._forms.open_for_line(body, form)
        else:
            await self._answer(asked, respond, key)

    async def _opened(self, body: Body, action: Body) -> None:
        await self._forms.open_for_click(body, action)

    async def shortcut(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """A shortcut: its form."""
        await ack()
        key = f"shortcut:{body.get('trigger_id', '')}"
        self._begin(key, self._used(body))

    async def _used(self, body: Body) -> None:
        await self._forms.open_for_shortcut(body)

    async def submitted(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """A form was sent."""
        await self._forms.submitted(ack, body)

    async def suggest(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """What fits what is being typed into a form."""
        await self._forms.options(ack, body)

    async def removed(self, event: Body, body: Body) -> None:
        """The app was removed, or its bot token taken back; a person's token is none of ours."""
        taken_back = (event.get("tokens") or {}).get("bot")
        is_ours = event.get("type") == "app_uninstalled" or taken_back
        if is_ours and self._parts.leave is not None:
            await asyncio.to_thread(self._parts.leave, str(body.get("team_id", "")))

    async def ignore(self, ack: Any) -> None:  # noqa: ANN401 — bolt's
        """What nobody listens to is acknowledged, so that no warning sign is shown."""
        await ack()

    async def _hand_over(self, asked: Asked, key: str, body: Body) -> bool:
        """Store the line as a job where it writes.

        Before the acknowledgement: no crash can lose what was acknowledged. Nobody is looked
        up for it, since Slack, slow to say who somebody is, waits three seconds only.
        """
        if self._parts.hands is None:
            return False
        return await self._parts.hands.take(asked, key, str(body.get("response_url", "")))

    def _begin(self, key: str, work: Awaitable[None]) -> None:
        if len(self._under_way) >= _MOST_WAITING:
            _log.warning("too much at once, a delivery was left")
            asyncio.ensure_future(work).cancel()
            return
        task = asyncio.create_task(self._once(key, work), name=key)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _once(self, key: str, work: Awaitable[None]) -> None:
        """Slack delivers again what it believes lost, to any process: the first one works."""
        task = asyncio.ensure_future(work)
        try:
            is_new = await asyncio.to_thread(self._parts.shelf.people.take_on, key)
            if is_new:
                await task
            else:
                task.cancel()
        except HightonicError as error:
            task.cancel()
            _log.warning("delivery failed", extra={"error": type(error).__name__})
        except Exception as error:  # noqa: BLE001 — the name alone: a text may hold values
            _log.error("delivery failed", extra={"error": type(error).__name__})

    async def _ask(self, asked: Asked) -> Reply:
        # Looked up first: what a guest may do is decided by what Slack says of them now.
        await self._parts.members.refresh(asked.team, asked.user)
        return await asyncio.to_thread(self._parts.desk.answer, asked)

    async def _answer(
        self, asked: Asked, respond: Callable[..., Awaitable[Any]], key: str
    ) -> None:
        """To where it was asked while Slack takes it there, else by the outbox, which tries on."""
        reply = await self._ask(asked)
        if await _responded(reply, respond):
            return
        to = asked.channel if reply.is_public else asked.user
        out = Outgoing(f"answer:{key}", asked.team, to, reply.message.payload())
        await asyncio.to_thread(self._parts.shelf.outbox.put, [out])

    async def _direct(self, asked: Asked, key: str) -> None:
        """Clicked on the home tab, where nothing can be answered: it comes as a message."""
        reply = await self._ask(asked)
        out = Outgoing(key, asked.team, asked.user, reply.message.payload())
        await asyncio.to_thread(self._parts.shelf.outbox.put, [out])
        await self._board.publish(asked.team, asked.user)

    async def _reply_in_thread(self, asked: Asked, key: str, ts: str) -> None:
        reply = await self._ask(asked)
        payload = {**reply.message.payload(), "thread_ts": ts}
        if asked.channel.startswith("D") or reply.is_public:
            out = Outgoing(key, asked.team, asked.channel, payload)
            await asyncio.to_thread(self._parts.shelf.outbox.put, [out])
            return
        # A channel has readers who may not see what the one who asks may.
        await self._parts.client.chat_postEphemeral(
            channel=asked.channel,
            user=asked.user,
            text=reply.message.text,
            blocks=[*reply.message.blocks],
            thread_ts=ts,
        )


async def _responded(reply: Reply, respond: Callable[..., Awaitable[Any]]) -> bool:
    shown = reply.message
    try:
        answer = await respond(
            text=shown.text,
            blocks=[*shown.blocks],
            response_type="in_channel" if reply.is_public else "ephemeral",
            replace_original=False,
            unfurl_links=False,
        )
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        _log.warning("answer not taken", extra={"error": type(error).__name__})
        return False
    return bool(answer.status_code < _REFUSED)
