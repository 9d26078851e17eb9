"""What is done with each delivery: acknowledged, handed to the desk as one line, answered."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from bot.commands import Asked, Reply
from bot.listening.board import Board
from bot.listening.clicks import line_of, opening_of
from bot.listening.drafts import Drafts
from bot.listening.forms import Forms
from bot.listening.links import Links
from bot.listening.modal_answers import in_modal, put_on_top
from bot.listening.opening import Openings
from bot.listening.suggesting import Suggestions
from bot.listening.typing_in import Typing, is_typing
from bot.listening.way import UNREACHED, Respond, Way, responded, voice_of
from bot.listening.whose import team_of
from bot.views import answers
from bot.views.blocks import Message, section
from bot.views.in_modal import answered
from bot.views.modals import saving
from toolkit.errors import HightonicError, StateBusyError
from toolkit.model.chat_messages import Outgoing

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.listening.parts import Parts
    from bot.words import Voice

_log = logging.getLogger(__name__)

_MENTION: Final = re.compile(r"<@[UW]\w+(?:\|[^>]*)?>\s*")
_MOST_WAITING: Final = 1000
_IN_TIME_S: Final = 2.0
"""Of the three seconds that Slack waits for an acknowledgement."""

Body = dict[str, Any]


class Listeners:
    """What is done with each delivery. Work goes on after the acknowledgement.

    Args:
        parts: What they stand on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        drafts = Drafts(parts.shelf.people)
        self._forms = Forms(parts, drafts)
        self._openings = Openings(parts, drafts)
        self._suggestions = Suggestions(parts)
        self._typing = Typing(parts, drafts)
        self._board = Board(parts)
        self._links = Links(parts)
        self._under_way: set[asyncio.Task[None]] = set()

    async def drain(self) -> None:
        """Wait for the work under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def command(self, ack: Any, body: Body, respond: Respond) -> None:  # noqa: ANN401 — bolt's
        """A typed command."""
        asked = Asked(
            team_of(body),
            str(body["user_id"]),
            str(body["channel_id"]),
            str(body.get("text", "")),
        )
        key = f"trigger:{body.get('trigger_id', '')}"
        try:
            is_taken = await self._hand_over(asked, key, body)
        except HightonicError as error:
            shown = await self._failure(asked, error)
            await ack(text=shown.text, blocks=[*shown.blocks])
            return
        await ack()
        if not is_taken:
            way = self._way(asked, respond)
            self._begin(key, self._form_or_answer(asked, body, respond, key=key), way)

    async def action(self, ack: Any, body: Body, respond: Respond) -> None:  # noqa: ANN401 — bolt's
        """A click: the line it stands for, or the form it opens."""
        if is_typing(body):
            await ack()
            self._begin(
                f"typed:{body['actions'][0].get('action_ts', '')}",
                self._typing.typed(body),
                None,
            )
            return
        action = body["actions"][0]
        line = line_of(action)
        opens = opening_of(action) is not None
        asked = _clicked(body, line or "")
        way = self._way(asked, respond if body.get("response_url") else None)
        key = f"click:{body.get('trigger_id', '')}:{action.get('action_ts', '')}"
        try:
            is_taken = (
                not opens and line is not None and await self._hand_over(asked, key, body)
            )
            self._check_room()
        except HightonicError as error:
            await self._refuse(asked, error, way)
            await ack()
            return
        await ack()
        if opens:
            self._begin(key, self._openings.for_click(body, action), way)
        elif line is not None and in_modal(body):
            self._begin(key, self._shown_in_modal(asked, body, is_taken=is_taken), way)
        elif line is not None and not is_taken:
            work = (
                self._answer(asked, respond, key) if asked.channel else self._direct(asked, key)
            )
            self._begin(key, work, way)

    async def _shown_in_modal(self, asked: Asked, body: Body, *, is_taken: bool) -> None:
        """What a deed comes to is told by a message: its modal may be closed by then."""
        voice = await self._voice(asked)
        shown = None if is_taken else (await self._ask(asked)).message
        view = saving(voice) if shown is None else answered(voice, shown)
        await put_on_top(self._parts, body, view)

    async def said(self, event: Body, body: Body) -> None:
        """A mention, or a message to the bot alone; the answer stands in its thread."""
        is_own = event.get("bot_id") or event.get("subtype")
        if is_own or not event.get("user"):
            return
        team = team_of(body)
        text = _MENTION.sub("", str(event.get("text", ""))).strip()
        asked = Asked(team, str(event["user"]), str(event["channel"]), text, "message")
        key, ts = f"event:{body.get('event_id', '')}", str(event["ts"])
        way = self._way(asked, thread=ts)
        try:
            is_taken = await self._hand_over(asked, key, {})
        except HightonicError as error:
            await self._refuse(asked, error, way)
            return
        if not is_taken:
            self._begin(key, self._reply_in_thread(asked, key, ts), way)

    async def home_opened(self, event: Body, body: Body) -> None:
        """Somebody looks at the bot's own tab."""
        if event.get("tab", "home") != "home":
            return
        team = team_of(body)
        self._check_room()
        work = self._board.publish(team, str(event["user"]))
        # A tab that could not be shown stays as it was, and is opened again.
        self._begin(f"event:{body.get('event_id', '')}", work, None)

    async def link_shared(self, event: Body, body: Body) -> None:
        """Somebody posts a link to one of HighLevel's pages."""
        if event.get("user"):
            self._check_room()
            work = self._links.shared(event, str(body.get("team_id", "")))
            # What cannot be shown below a link is not missed by anybody.
            self._begin(f"event:{body.get('event_id', '')}", work, None)

    async def _form_or_answer(
        self, asked: Asked, body: Body, respond: Respond, *, key: str
    ) -> None:
        reply = await self._ask(asked)
        if reply.form:
            await self._openings.for_line(body, reply.form)
        else:
            await self._give(reply, asked, respond, key)

    async def shortcut(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """A shortcut: its form."""
        asked = _clicked(body, "")
        way = self._way(asked)
        try:
            self._check_room()
        except HightonicError as error:
            await self._refuse(asked, error, way)
            await ack()
            return
        await ack()
        key = f"shortcut:{body.get('trigger_id', '')}"
        self._begin(key, self._openings.for_shortcut(body), way)

    async def submitted(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """A form was sent."""
        await self._forms.submitted(ack, body)

    async def suggest(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """What fits what is being typed into a form."""
        await self._suggestions.offer(ack, body)

    async def removed(self, event: Body, body: Body) -> None:
        """The app was removed, or its bot token taken back; a person's token is none of ours."""
        taken_back = (event.get("tokens") or {}).get("bot")
        is_ours = event.get("type") == "app_uninstalled" or taken_back
        if is_ours and self._parts.leave is not None:
            await asyncio.to_thread(self._parts.leave, team_of(body))

    async def ignore(self, ack: Any) -> None:  # noqa: ANN401 — bolt's
        """What nobody listens to is acknowledged, so that no warning sign is shown."""
        await ack()

    async def _hand_over(self, asked: Asked, key: str, body: Body) -> bool:
        """Store the line as a job where it writes.

        Before the acknowledgement: no crash can lose what was acknowledged. Nobody is looked
        up for it, since Slack, slow to say who somebody is, waits three seconds only.

        Raises:
            StateError: It could not be stored, or too much is under way: nothing is taken on.
        """
        hands = self._parts.hands
        if hands and await hands.take(asked, key, str(body.get("response_url", ""))):
            return True
        self._check_room()
        return False

    def _check_room(self) -> None:
        if len(self._under_way) >= _MOST_WAITING:
            _log.warning("too much at once, a delivery was refused")
            raise StateBusyError(
                "Too much is asked at once",
                unchanged="Nothing was done",
                remedy="Try again in a minute",
            )

    def _begin(self, key: str, work: Coroutine[Any, Any, None], way: Way | None) -> None:
        task = asyncio.create_task(self._once(key, work, way), name=key)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _once(self, key: str, work: Coroutine[Any, Any, None], way: Way | None) -> None:
        """Slack delivers again what it believes lost, to any process: the first one works.

        What fails after the acknowledgement is said: who asked hears nothing else of it.
        """
        try:
            if await asyncio.to_thread(self._parts.shelf.people.take_on, key):
                await work
        except UNREACHED as error:
            # Answers go by the outbox then; a form cannot: its click is three seconds old.
            _log.warning("form not opened", extra={"error": type(error).__name__})
            if way is not None:
                said = (await self._voice(way.asked)).say("form.not_opened")
                await way.say(Message(said, (section(said),)))
        except HightonicError as error:
            await self._tell(error, way)
        except Exception as error:  # noqa: BLE001 — the name alone: a text may hold values
            _log.error("delivery failed", extra={"error": type(error).__name__})
            known = HightonicError("It failed inside hightonic", remedy="Tell an administrator")
            await self._tell(known, way)
        finally:
            work.close()

    async def _tell(self, error: HightonicError, way: Way | None) -> None:
        """Where nothing is acknowledged any more: as far as Slack takes it."""
        extra = {"error": type(error).__name__, "reference": error.reference}
        _log.warning("delivery failed", extra=extra)
        if way is not None:
            await way.say(await self._failure(way.asked, error))

    async def _refuse(self, asked: Asked, error: HightonicError, way: Way) -> None:
        """Say that nothing was taken on.

        Raises:
            HightonicError: The same, where Slack does not take that either: then nothing may
                be acknowledged, and Slack itself shows that it did not work, or asks again.
        """
        shown = await self._failure(asked, error)
        if not await way.say(shown, within_s=_IN_TIME_S):
            raise error

    async def _failure(self, asked: Asked, error: HightonicError) -> Message:
        return answers.failed(await self._voice(asked), error)

    async def _voice(self, asked: Asked) -> Voice:
        return await voice_of(self._parts.shelf.people, asked.team, asked.user)

    def _way(self, asked: Asked, respond: Respond | None = None, *, thread: str = "") -> Way:
        return Way(lambda: self._parts.workspaces.client(asked.team), asked, respond, thread)

    async def _ask(self, asked: Asked) -> Reply:
        # Looked up first: what a guest may do is decided by what Slack says of them now.
        await self._parts.members.refresh(asked.team, asked.user)
        return await asyncio.to_thread(self._parts.desk.answer, asked)

    async def _answer(self, asked: Asked, respond: Respond, key: str) -> None:
        """To where it was asked while Slack takes it there, else by the outbox, which tries on."""
        await self._give(await self._ask(asked), asked, respond, key)

    async def _give(self, reply: Reply, asked: Asked, respond: Respond, key: str) -> None:
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
        way = self._way(asked, thread=ts)
        if not await way.say(reply.message, is_direct=False):
            out = Outgoing(key, asked.team, asked.user, reply.message.payload())
            await asyncio.to_thread(self._parts.shelf.outbox.put, [out])


def _clicked(body: Body, line: str) -> Asked:
    return Asked(
        team_of(body),
        str(body["user"]["id"]),
        str(body.get("channel", {}).get("id", "")),
        line,
        "button",
    )
