"""Forms that open: for a click, a shortcut or half a command, and only for who may use them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bot.commands import Asked
from bot.parse.words import quoted
from bot.views import modals
from bot.views.in_modal import answered
from bot.views.modals import Draft, FieldInput
from bot.words import Voice

if TYPE_CHECKING:
    from bot.listening.drafts import Drafts, Where
    from bot.listening.parts import Parts
    from toolkit.model.cards import ContactCard
    from toolkit.model.chat_people import Person

_log = logging.getLogger(__name__)

Body = dict[str, Any]

_COMPUTED: Final = frozenset(
    {"updated_at", "last_sync", "total_tasks", "open_tasks", "tags", "owner_id"}
)
_USUAL: Final = ("name", "email", "phone", "company", "source")
_KINDS: Final[Mapping[str, str]] = {"email": "email", "phone": "phone"}
_MOST_FIELDS: Final = 20
_OPENERS: Final[Mapping[str, str]] = {
    "contact.add": "contact_form",
    "contact.edit": "contact_form",
    "task.add": "task_form",
    "note.add": "note_form",
    "conflict.open": "resolver",
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
}


def form_of(action_id: str) -> str:
    """The form that a button or shortcut opens; empty for none."""
    known = next(
        (key for key in _OPENERS if action_id == key or action_id.startswith(f"{key}.")), ""
    )
    return _OPENERS.get(known, "")


class Openings:
    """Opens modals.

    Args:
        parts: What listeners stand on.
        drafts: Keeps what they are opened for.
    """

    def __init__(self, parts: Parts, drafts: Drafts) -> None:
        self._parts = parts
        self._drafts = drafts

    async def for_click(self, body: Body, action: Mapping[str, Any]) -> None:
        """The form a button stands for."""
        where = {
            "channel": str(body.get("channel", {}).get("id", "")),
            "response_url": str(body.get("response_url", "")),
            "record": str(action.get("value", "")),
        }
        await self._open(form_of(str(action.get("action_id", ""))), body, where)

    async def for_shortcut(self, body: Body) -> None:
        """The form of a shortcut, filled with the message it was used on."""
        where = {
            "channel": str(body.get("channel", {}).get("id", "")),
            "response_url": str(body.get("response_url", "")),
            "record": "",
            "text": str(body.get("message", {}).get("text", "")),
        }
        await self._open(form_of(str(body.get("callback_id", ""))), body, where)

    async def for_line(self, body: Body, form: str) -> None:
        """The form that asks for what a typed line left out."""
        where = {
            "channel": str(body.get("channel_id", "")),
            "response_url": str(body.get("response_url", "")),
            "record": "",
        }
        as_click = {**body, "team": {"id": body["team_id"]}, "user": {"id": body["user_id"]}}
        await self._open(_FORMS.get(form, form), as_click, where)

    async def _open(self, form: str, body: Body, where: Where) -> None:
        if not form:
            return
        team, user = str(body["team"]["id"]), str(body["user"]["id"])
        person = await self._parts.members.refresh(team, user)
        asked = Asked(team, user, where["channel"], line_for(form, where), "modal")
        view = await asyncio.to_thread(self._view, form, person, asked, where)
        if view is None:
            return
        await self._show(body, view)

    async def _show(self, body: Body, view: dict[str, Any]) -> None:
        trigger = body["trigger_id"]
        client = await self._parts.workspaces.client(str(body["team"]["id"]))
        if body.get("view", {}).get("type") == "modal":
            # What it was opened from stands below, and is there again when it is closed.
            await client.views_push(trigger_id=trigger, view=view)
        else:
            await client.views_open(trigger_id=trigger, view=view)

    def _view(
        self, form: str, person: Person, asked: Asked, where: Where
    ) -> dict[str, Any] | None:
        voice = Voice(person.language, person.zone)
        refusal = self._parts.desk.refusal(asked)
        if refusal is not None:
            return answered(voice, refusal)
        token = self._drafts.keep(asked.team, asked.user, {**where, "form": form})
        return self._form(form, voice, Draft(token), where)

    def _form(
        self, form: str, voice: Voice, draft: Draft, where: Where
    ) -> dict[str, Any] | None:
        record, text = where.get("record", ""), where.get("text", "")
        card = self._parts.cards.card(record) if record else None
        contact = (card.id, card.name) if card else ("", "")
        match form:
            case "contact_form":
                return modals.contact_form(voice, draft, fields_of(card))
            case "task_form":
                return modals.task_form(voice, draft, title=text, contact=contact)
            case "note_form":
                return modals.note_form(voice, draft, text=text, contact=contact)
            case _:
                waiting = [each for each in self._parts.cards.conflicts() if each.id == record]
                return modals.resolver(voice, draft, waiting[0]) if waiting else None


def line_for(form: str, where: Mapping[str, str]) -> str:
    """The command whose rules say who may open a form."""
    record = where.get("record", "")
    if form == "contact_form" and record:
        return f"contact edit {quoted(record)}"
    return _LINES[form]


def fields_of(card: ContactCard | None) -> list[FieldInput]:
    """What the form asks for: of a new contact the usual fields, of another what it has."""
    if card is None:
        return [
            FieldInput(name, _KINDS.get(name, "text"), is_needed=name == "name")
            for name in _USUAL
        ]
    lines = [each for each in card.lines if each.name not in _COMPUTED][:_MOST_FIELDS]
    return [
        FieldInput(
            each.name,
            _KINDS.get(each.name, "text"),
            value="" if each.value is None else str(each.value),
        )
        for each in lines
    ]
