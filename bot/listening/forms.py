"""Forms that are sent: submitted, they are command lines.

What a form carries travels as a name only; what it stands for is kept by us. So a forged
form names nothing, and a submission does what its sender's role allows at that moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.commands import Asked
from bot.listening.filling import fields_of
from bot.listening.lines import lines_of, shown_text
from bot.views import modals
from bot.views.modals import typed
from bot.words import Voice
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from bot.listening.drafts import Drafts, Where
    from bot.listening.parts import Parts

Body = dict[str, Any]


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
        """A form was sent: its lines are stored as jobs before it closes."""
        view, user = body["view"], str(body["user"]["id"])
        team = str(body["team"]["id"])
        where = await asyncio.to_thread(self._find_draft, team, user, view["private_metadata"])
        person = await self._parts.members.refresh(team, user)
        voice = Voice(person.language, person.zone)
        if where is None or self._parts.hands is None:
            await ack(
                response_action="update",
                view=modals.ended(voice, voice.tell("form.stale"), is_good=False),
            )
            return
        given = typed(view["state"]["values"])
        if view["callback_id"] == "contact_form" and where.get("record"):
            given = await asyncio.to_thread(self._changed, given, where["record"])
        lines = lines_of(str(view["callback_id"]), given, where)
        key = f"view:{view['id']}:{view.get('hash', '')}"
        for number, line in enumerate(lines):
            asked = Asked(team, user, str(where.get("channel", "")), line, "modal")
            url = str(where.get("response_url", ""))
            await self._parts.hands.take(asked, f"{key}:{number}", url)
        shown = (
            modals.saving(voice)
            if lines
            else modals.ended(voice, voice.tell("deed.nothing_typed"), is_good=False)
        )
        await ack(response_action="update", view=shown)

    def _changed(self, given: Mapping[str, object], record: str) -> dict[str, object]:
        """Only what was typed over: the rest may have moved on meanwhile."""
        card = self._parts.cards.card(record)
        before = {each.name: each.value for each in fields_of(card)}
        return {name: v for name, v in given.items() if shown_text(v) != before.get(name, "")}

    def _find_draft(self, team: str, user: str, token: str) -> Where | None:
        try:
            return self._drafts.find(team, user, token)
        except HightonicError:
            return None
