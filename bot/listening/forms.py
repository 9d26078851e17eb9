"""Forms that are sent: submitted, they are command lines.

What a form carries travels as a name only; what it stands for is kept by us. So a forged
form names nothing, and a submission does what its sender's role allows at that moment.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any, Final

from bot.commands import Asked
from bot.listening.lines import changed, lines_of
from bot.listening.way import voice_of
from bot.listening.whose import team_of
from bot.views import modals
from bot.views.answers import failure
from bot.views.in_modal import answered
from bot.views.modals import typed
from bot.words import cut
from toolkit.errors import HightonicError, StateError
from toolkit.model.values import digest

if TYPE_CHECKING:
    from bot.listening.drafts import Drafts, Where
    from bot.listening.parts import Parts
    from bot.parse import Misread
    from bot.words import Voice

Body = dict[str, Any]

_LONGEST: Final = 300


class Forms:
    """Reads what was put into modals.

    Args:
        parts: What listeners stand on.
        drafts: Knows what they were opened for.
    """

    def __init__(self, parts: Parts, drafts: Drafts) -> None:
        self._parts = parts
        self._drafts = drafts

    async def submitted(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """A form was sent: its lines are stored as jobs before it closes.

        What cannot be taken on is said in the form, where all that was typed still stands.
        """
        view, team, user = body["view"], team_of(body), str(body["user"]["id"])
        voice = await voice_of(self._parts.shelf.people, team, user)
        try:
            given = await self._taken(Asked(team, user, "", "", "modal"), view, voice)
        except HightonicError as error:
            given = complained(voice, view, unescape(failure(voice, error)))
        await ack(**given)

    async def _taken(self, who: Asked, view: Body, voice: Voice) -> Body:
        """What the acknowledgement asks Slack to do with the form.

        Raises:
            StateError: Something could not be stored; what was stored before it is done.
        """
        where = await asyncio.to_thread(
            self._drafts.find, who.team, who.user, view["private_metadata"]
        )
        if where is None or self._parts.hands is None:
            return _shown(modals.ended(voice, voice.tell("form.stale"), is_good=False))
        lines = await asyncio.to_thread(self._lines, view, where)
        if not lines:
            return _shown(modals.ended(voice, voice.tell("deed.nothing_typed"), is_good=False))
        asked = [replace(who, channel=where.get("channel", ""), text=each) for each in lines]
        complaint = await asyncio.to_thread(self._complaint, asked)
        if complaint is not None:
            problem, sentence = complaint
            return complained(voice, view, sentence, near=(problem.expected, problem.word))
        return _shown(await self._handed_over(asked, view, where, voice))

    async def _handed_over(
        self, asked: list[Asked], view: Body, where: Where, voice: Voice
    ) -> Body:
        """The form's last view: saved in a moment, or what was answered at once."""
        shown, url = modals.saving(voice), where.get("response_url", "")
        for number, each in enumerate(asked):
            # By what it says: a form that is mended and sent again asks for something else.
            name = f"view:{view['id']}:{view.get('hash', '')}:{digest([each.text])[:16]}"
            try:
                is_taken = self._parts.hands and await self._parts.hands.take(each, name, url)
            except StateError as error:
                raise _partly(number, len(asked), error) from error
            if not is_taken:
                reply = await asyncio.to_thread(self._parts.desk.answer, each)
                shown = answered(voice, reply.message)
        return shown

    def _complaint(self, asked: list[Asked]) -> tuple[Misread, str] | None:
        """The first line that says nothing; all are looked at before one is carried out."""
        complaints = (self._parts.desk.complaint(each) for each in asked)
        return next((each for each in complaints if each is not None), None)

    def _lines(self, view: Body, where: Where) -> list[str]:
        form, given = str(view["callback_id"]), typed(view["state"]["values"])
        if form == "contact_form" and where.get("record"):
            given = changed(given, json.loads(where.get("before") or "{}"))
        return lines_of(form, given, where)


def _partly(taken: int, wanted: int, error: StateError) -> StateError:
    """What failed, where some of the form was taken on before."""
    if not taken:
        return error
    return StateError(
        f"{taken} of {wanted} choices were taken on, then nothing could be stored",
        unchanged="The others were not changed",
        remedy="Send the form again: nothing is done twice",
    )


def complained(voice: Voice, view: Body, sentence: str, *, near: Collection[str] = ()) -> Body:
    """An acknowledgement that keeps the form open and says what is wrong in it: pure.

    Args:
        voice: The person's.
        view: As it was sent.
        sentence: Plain.
        near: Names of fields it may be about; under the first of the form else.
    """
    fields = [each["block_id"] for each in view["blocks"] if each["type"] == "input"]
    if not fields:
        return _shown(modals.ended(voice, sentence, is_good=False))
    about = next((each for each in fields if each in near), fields[0])
    return {"response_action": "errors", "errors": {about: cut(sentence, _LONGEST)}}


def _shown(view: Body) -> Body:
    return {"response_action": "update", "view": view}
