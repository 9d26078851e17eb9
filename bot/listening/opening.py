"""Forms that open: for a click, a shortcut or half a command, and only for who may use them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bot.commands import Asked
from bot.listening.clicks import opening_of
from bot.listening.filling import Filling
from bot.listening.modal_answers import in_modal, put_on_top
from bot.listening.quoting import read_message
from bot.listening.whose import team_of
from bot.parse.words import quoted
from bot.views.in_modal import answered
from bot.views.modals import ended
from bot.words import Voice

if TYPE_CHECKING:
    from bot.listening.drafts import Drafts, Where
    from bot.listening.parts import Parts
    from toolkit.model.chat_people import Person

Body = dict[str, Any]

_SHORTCUTS: Final[Mapping[str, str]] = {
    "task_new": "task_form",
    "task_from_message": "task_form",
    "note_from_message": "note_form",
}
_FORMS: Final[Mapping[str, str]] = {
    "contact": "contact_form",
    "task": "task_form",
    "note": "note_form",
}
_LINES: Final[Mapping[str, str]] = {
    "contact_form": "contact add",
    "task_form": "task add",
    "note_form": "note add",
    "resolver": "sync conflicts",
    "tag_form": "contact tag {} +tag",
    "assign_form": "alert assign {} me",
    "launcher": "menu",
    "approval": "approve show {}",
}


class Openings:
    """Opens modals.

    Args:
        parts: What listeners stand on.
        drafts: Keeps what they are opened for.
    """

    def __init__(self, parts: Parts, drafts: Drafts) -> None:
        self._parts = parts
        self._drafts = drafts
        self._filling = Filling(parts, drafts)

    async def for_click(self, body: Body, action: Mapping[str, Any]) -> None:
        """The form a button or a choice of a menu stands for."""
        opening = opening_of(action)
        if opening is None:
            return
        where = {
            **(await asyncio.to_thread(self._below, body)),
            "record": opening.record,
            "is_similar": "yes" if opening.is_similar else "",
        }
        await self._open(opening.form, body, where)

    def _below(self, body: Body) -> Where:
        """Where the answer goes: to where it was clicked, or where the modal below was opened."""
        token = str((body.get("view") or {}).get("private_metadata", ""))
        team, user = team_of(body), str(body["user"]["id"])
        below = self._drafts.find(team, user, token) if token else None
        if below is not None:
            return {name: below.get(name, "") for name in ("channel", "response_url")}
        return {
            "channel": str(body.get("channel", {}).get("id", "")),
            "response_url": str(body.get("response_url", "")),
        }

    async def for_shortcut(self, body: Body) -> None:
        """The form of a shortcut, filled with the message it was used on."""
        where = {
            "channel": str(body.get("channel", {}).get("id", "")),
            "response_url": str(body.get("response_url", "")),
            "record": "",
        }
        if body.get("message"):
            client = await self._parts.workspaces.client(str(body["team"]["id"]))
            where |= await read_message(client, body)
        await self._open(_SHORTCUTS.get(str(body.get("callback_id", "")), ""), body, where)

    async def for_line(self, body: Body, form: str, given: Mapping[str, str]) -> None:
        """The form that asks for what a typed line left out."""
        where = {
            "channel": str(body.get("channel_id", "")),
            "response_url": str(body.get("response_url", "")),
            "record": "",
            **given,
        }
        as_click = {**body, "team": {"id": team_of(body)}, "user": {"id": body["user_id"]}}
        await self._open(_FORMS.get(form, form), as_click, where)

    async def _open(self, form: str, body: Body, where: Where) -> None:
        if not form:
            return
        team, user = team_of(body), str(body["user"]["id"])
        person = await self._parts.members.refresh(team, user)
        asked = Asked(team, user, where["channel"], line_for(form, where), "modal")
        view = await asyncio.to_thread(self._view, form, person, asked, where)
        await self._show(body, view)

    async def _show(self, body: Body, view: dict[str, Any]) -> None:
        if in_modal(body):
            # What it was opened from stands below, and is there again when it is closed.
            await put_on_top(self._parts, body, view)
            return
        client = await self._parts.workspaces.client(team_of(body))
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    def _view(self, form: str, person: Person, asked: Asked, where: Where) -> dict[str, Any]:
        voice = Voice(person.language, person.zone)
        refusal = self._parts.desk.refusal(asked)
        if refusal is not None:
            return answered(voice, refusal)
        view = self._filling.view(form, person, voice, where)
        return view or ended(voice, voice.tell("form.gone"), is_good=False)


def line_for(form: str, where: Mapping[str, str]) -> str:
    """The command whose rules say who may open a form."""
    record = where.get("record", "")
    if form == "contact_form" and record:
        return f"contact edit {quoted(record)}"
    return _LINES[form].format(quoted(record))
