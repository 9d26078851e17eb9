"""What is done with each delivery: acknowledged, handed to the desk as one line, answered."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.commands import Asked
from bot.listening.answering import Answering
from bot.listening.board import Board
from bot.listening.clicks import line_of, opening_of
from bot.listening.drafts import Drafts
from bot.listening.few import Few
from bot.listening.forms import Forms
from bot.listening.links import Links
from bot.listening.modal_answers import in_modal
from bot.listening.opening import Openings
from bot.listening.suggesting import Suggestions
from bot.listening.typing_in import Typing, is_typing
from bot.listening.under_way import UnderWay
from bot.listening.way import Respond, Way
from bot.listening.whose import team_of
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from bot.listening.parts import Parts

_log = logging.getLogger(__name__)

_MENTION: Final = re.compile(r"<@[UW]\w+(?:\|[^>]*)?>\s*")

_STORED_WITHIN_S: Final = 2.0
"""Of the three seconds that Slack waits for an acknowledgement."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doing:
    """How a line is answered that is no job.

    Attributes:
        way: Where a failure is told.
        answer: Begins the answer.
    """

    way: Way
    answer: Callable[[], Coroutine[Any, Any, None]]


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
        few = Few()
        self._answering = Answering(parts, self._board, self._openings, few=few)
        self._under_way = UnderWay(parts, few)

    async def drain(self) -> None:
        """Wait for the work under way."""
        await self._under_way.drain()

    async def command(self, ack: Any, body: Body, respond: Respond) -> None:  # noqa: ANN401 — bolt's
        """A typed command."""
        asked = Asked(
            team_of(body),
            str(body["user_id"]),
            str(body["channel_id"]),
            str(body.get("text", "")),
        )
        key = f"trigger:{body.get('trigger_id', '')}"
        doing = Doing(
            self._way(asked, respond),
            lambda: self._answering.to_line(asked, body, respond, key=key),
        )
        try:
            is_taken = await self._hand_over(asked, body, key, doing)
        except HightonicError as error:
            shown = await self._under_way.failure(asked, error)
            await ack(text=shown.text, blocks=[*shown.blocks])
            return
        await ack()
        if not is_taken:
            self._under_way.begin(key, doing.answer(), doing.way)

    async def action(self, ack: Any, body: Body, respond: Respond) -> None:  # noqa: ANN401 — bolt's
        """A click: the line it stands for, or the form it opens."""
        if is_typing(body):
            await ack()
            self._under_way.begin(
                f"typed:{body['actions'][0].get('action_ts', '')}",
                self._typing.typed(body),
                None,
            )
            return
        action = body["actions"][0]
        key = f"click:{body.get('trigger_id', '')}:{action.get('action_ts', '')}"
        line = line_of(action)
        asked = _clicked(body, line or "")
        way = self._way(asked, respond if body.get("response_url") else None)
        if opening_of(action) is not None:
            await self._opens(ack, key, self._openings.for_click(body, action), way)
        elif line is not None:
            await self._does(ack, body, key, way)
        else:
            await ack()

    async def _opens(
        self, ack: Respond, key: str, form: Coroutine[Any, Any, None], way: Way
    ) -> None:
        try:
            self._under_way.check_room()
        except HightonicError as error:
            form.close()
            await self._under_way.refuse(error, way)
            await ack()
            return
        await ack()
        self._under_way.begin(key, form, way)

    async def _does(self, ack: Respond, body: Body, key: str, way: Way) -> None:
        asked, is_modal = way.asked, in_modal(body)
        doing = Doing(way, lambda: self._answering.to_click(way, body, key))
        try:
            is_taken = await self._hand_over(asked, body, key, doing)
        except HightonicError as error:
            await self._under_way.refuse(error, way)
            await ack()
            return
        await ack()
        if is_taken and is_modal:
            self._under_way.begin(f"{key}:modal", self._answering.saving(asked, body), way)
        elif not is_taken:
            self._under_way.begin(key, doing.answer(), way)

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
        doing = Doing(way, lambda: self._answering.in_thread(way, key))
        try:
            is_taken = await self._hand_over(asked, {}, key, doing)
        except HightonicError as error:
            await self._under_way.refuse(error, way)
            return
        if not is_taken:
            self._under_way.begin(key, doing.answer(), way)

    async def home_opened(self, event: Body, body: Body) -> None:
        """Somebody looks at the bot's own tab."""
        if event.get("tab", "home") != "home":
            return
        team = team_of(body)
        self._under_way.check_room()
        work = self._board.publish(team, str(event["user"]))
        # A tab that could not be shown stays as it was, and is opened again.
        self._under_way.begin(f"event:{body.get('event_id', '')}", work, None)

    async def link_shared(self, event: Body, body: Body) -> None:
        """Somebody posts a link to one of HighLevel's pages."""
        if event.get("user"):
            self._under_way.check_room()
            work = self._links.shared(event, team_of(body))
            # What cannot be shown below a link is not missed by anybody.
            self._under_way.begin(f"event:{body.get('event_id', '')}", work, None)

    async def shortcut(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """A shortcut: its form."""
        way = self._way(_clicked(body, ""))
        key = f"shortcut:{body.get('trigger_id', '')}"
        await self._opens(ack, key, self._openings.for_shortcut(body), way)

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

    async def _hand_over(self, asked: Asked, body: Body, key: str, doing: Doing) -> bool:
        """Store the line as a job where it writes; False where it is to be answered now.

        Before the acknowledgement: no crash can lose what was acknowledged. Nobody is looked
        up for it, since Slack, slow to say who somebody is, waits three seconds only. So it
        does for a busy disk: then it is acknowledged, and what becomes of it is told.

        Raises:
            StateError: It could not be stored, or too much is under way: nothing is taken on.
        """
        hands = self._parts.hands
        if hands is not None:
            url = str(body.get("response_url", ""))
            taking = asyncio.ensure_future(hands.take(asked, key, url))
            await asyncio.wait({taking}, timeout=_STORED_WITHIN_S)
            if not taking.done():
                self._under_way.begin("", self._late(taking, key, doing), doing.way)
                return True
            if await taking:
                return True
        self._under_way.check_room()
        return False

    async def _late(self, taking: asyncio.Future[bool], key: str, doing: Doing) -> None:
        if not await taking:
            self._under_way.begin(key, doing.answer(), doing.way)

    def _way(self, asked: Asked, respond: Respond | None = None, *, thread: str = "") -> Way:
        return Way(lambda: self._parts.workspaces.client(asked.team), asked, respond, thread)


def _clicked(body: Body, line: str) -> Asked:
    return Asked(
        team_of(body),
        str(body["user"]["id"]),
        str(body.get("channel", {}).get("id", "")),
        line,
        "button",
    )
