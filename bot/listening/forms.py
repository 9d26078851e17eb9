"""Forms: opened by a click, a shortcut or half a command; submitted, they are command lines.

What a form carries travels as a name only; what it stands for is kept by us. So a forged
form names nothing, and a submission does what its sender's role allows at that moment.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from slack_sdk.errors import SlackApiError

from bot.commands import Asked
from bot.parse.words import quoted
from bot.views import modals
from bot.views.blocks import option
from bot.views.modals import Draft, FieldInput, typed
from bot.words import Voice
from toolkit.errors import HightonicError
from toolkit.model.chat_people import Person

if TYPE_CHECKING:
    from bot.listening.parts import Parts
    from toolkit.model.cards import ContactCard

_log = logging.getLogger(__name__)

Body = dict[str, Any]

_DRAFT: Final = "draft"
_LATELY: Final = 20
"""Drafts kept for one person; an older form is asked to be opened again."""
_COMPUTED: Final = frozenset(
    {"updated_at", "last_sync", "total_tasks", "open_tasks", "tags", "owner_id"}
)
_USUAL: Final = ("name", "email", "phone", "company", "source")
_MOST_FIELDS: Final = 20
_MOST_OPTIONS: Final = 100
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


def form_of(action_id: str) -> str:
    """The form that a button or shortcut opens; empty for none."""
    known = next(
        (key for key in _OPENERS if action_id == key or action_id.startswith(f"{key}.")), ""
    )
    return _OPENERS.get(known, "")


class Forms:
    """Opens modals and reads what was put into them.

    Args:
        parts: What listeners stand on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open_for_click(self, body: Body, action: Mapping[str, Any]) -> bool:
        """Open the form a button stands for; False where it stands for none."""
        form = form_of(str(action.get("action_id", "")))
        if not form:
            return False
        where = {
            "channel": str(body.get("channel", {}).get("id", "")),
            "response_url": str(body.get("response_url", "")),
            "record": str(action.get("value", "")),
        }
        await self._open(form, body, where)
        return True

    async def open_for_shortcut(self, body: Body) -> bool:
        """Open the form of a shortcut, filled with the message it was used on."""
        form = form_of(str(body.get("callback_id", "")))
        if not form:
            return False
        said = str(body.get("message", {}).get("text", ""))
        channel = str(body.get("channel", {}).get("id", ""))
        where = {
            "channel": channel,
            "response_url": str(body.get("response_url", "")),
            "record": "",
            "text": said,
        }
        await self._open(form, body, where)
        return True

    async def open_for_line(self, body: Body, form: str) -> None:
        """Open the form that asks for what a typed line left out."""
        where = {
            "channel": str(body.get("channel_id", "")),
            "response_url": str(body.get("response_url", "")),
            "record": "",
        }
        as_click = {**body, "team": {"id": body["team_id"]}, "user": {"id": body["user_id"]}}
        await self._open(_FORMS.get(form, form), as_click, where)

    async def submitted(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """A form was sent: its lines are stored as jobs before it closes."""
        view, user = body["view"], str(body["user"]["id"])
        team = str(body["team"]["id"])
        where = await asyncio.to_thread(self._take_draft, team, user, view["private_metadata"])
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

    async def options(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """What fits what is being typed: contacts or tags."""
        wanted = str(body.get("value", ""))
        block = str(body.get("block_id", ""))
        found = await asyncio.to_thread(
            self._tags if block == "tags" else self._contacts, wanted
        )
        await ack(options=[option(label, value) for label, value in found[:_MOST_OPTIONS]])

    def _contacts(self, wanted: str) -> list[tuple[str, str]]:
        hits, _ = self._parts.cards.find(wanted, limit=_MOST_OPTIONS)
        return [(hit.name or hit.email or hit.id, hit.id) for hit in hits]

    def _tags(self, wanted: str) -> list[tuple[str, str]]:
        return [(wanted, wanted)] if wanted else []

    async def _open(self, form: str, body: Body, where: dict[str, str]) -> None:
        team, user = str(body["team"]["id"]), str(body["user"]["id"])
        person = await self._parts.members.refresh(team, user)
        token = await asyncio.to_thread(self._keep_draft, team, user, {**where, "form": form})
        view = await asyncio.to_thread(self._view, form, person, Draft(token), where)
        if view is None:
            return
        try:
            await self._parts.client.views_open(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as error:
            # The click is three seconds old: the person clicks again.
            _log.warning("form not opened", extra={"error": str(error.response.get("error"))})

    def _view(
        self, form: str, person: Person, draft: Draft, where: Mapping[str, str]
    ) -> dict[str, Any] | None:
        voice = Voice(person.language, person.zone)
        record = where.get("record", "")
        card = self._parts.cards.card(record) if record else None
        contact = (card.id, card.name) if card else ("", "")
        if form == "contact_form":
            return modals.contact_form(voice, draft, fields_of(card))
        if form == "task_form":
            return modals.task_form(voice, draft, title=where.get("text", ""), contact=contact)
        if form == "note_form":
            return modals.note_form(voice, draft, text=where.get("text", ""), contact=contact)
        waiting = [each for each in self._parts.cards.conflicts() if each.id == record]
        return modals.resolver(voice, draft, waiting[0]) if waiting else None

    def _changed(self, given: Mapping[str, object], record: str) -> dict[str, object]:
        """Only what was typed over: the rest may have moved on meanwhile."""
        card = self._parts.cards.card(record)
        before = {each.name: each.value for each in fields_of(card)}
        return {name: v for name, v in given.items() if _text(v) != before.get(name, "")}

    def _keep_draft(self, team: str, user: str, where: Mapping[str, str]) -> str:
        token = secrets.token_urlsafe(12)
        people = self._parts.shelf.people
        kept: dict[str, Any] = people.get_setting(team, user, _DRAFT) or {}
        latest = dict([*kept.items(), (token, dict(where))][-_LATELY:])
        people.put_setting(team, user, _DRAFT, value=latest)
        return token

    def _take_draft(self, team: str, user: str, token: str) -> dict[str, str] | None:
        try:
            kept: dict[str, Any] = (
                self._parts.shelf.people.get_setting(team, user, _DRAFT) or {}
            )
        except HightonicError:
            return None
        return kept.get(token)


def fields_of(card: ContactCard | None) -> list[FieldInput]:
    """What the form asks for: of a new contact the usual fields, of another what it has."""
    if card is None:
        return [
            FieldInput(name, "email" if name == "email" else "text", is_needed=name == "name")
            for name in _USUAL
        ]
    lines = [each for each in card.lines if each.name not in _COMPUTED][:_MOST_FIELDS]
    return [
        FieldInput(
            each.name,
            "email" if each.name == "email" else "text",
            value="" if each.value is None else str(each.value),
        )
        for each in lines
    ]


def lines_of(form: str, given: Mapping[str, object], where: Mapping[str, str]) -> list[str]:
    """The command lines that a submission stands for: pure.

    Args:
        form: Callback id of the modal.
        given: Block id -> what was put in, None for blank.
        where: What the form was opened for.
    """
    record = where.get("record", "")
    match form:
        case "contact_form":
            fields = [
                f"{name}={quoted(_text(value))}"
                for name, value in given.items()
                if value is not None or record
            ]
            verb = f"contact edit {quoted(record)}" if record else "contact add"
            return [" ".join([verb, *fields])] if fields else []
        case "task_form":
            return [_task_line(given)]
        case "note_form":
            body = quoted(_text(given.get("body")))
            return [f"note add {quoted(_text(given.get('contact')))} {body}"]
        case "resolver":
            return _resolved(given)
        case _:
            return []


def _task_line(given: Mapping[str, object]) -> str:
    due = " ".join(filter(None, [_text(given.get("due")), _text(given.get("time"))]))
    keys = {
        "due": due,
        "contact": _text(given.get("contact")),
        "body": _text(given.get("body")),
    }
    parts = [f"{name}={quoted(value)}" for name, value in keys.items() if value]
    if owner := _text(given.get("owner")):
        parts.append(f"owner=<@{owner}>")
    return " ".join(["task add", *parts, quoted(_text(given.get("title")))])


def _resolved(given: Mapping[str, object]) -> list[str]:
    lines = []
    for name, choice in given.items():
        kind, _, conflict = name.partition(".")
        if kind != "choice" or not choice:
            continue
        value = _text(given.get(f"value.{conflict}"))
        said = f"value={quoted(value)}" if choice == "value" else ""
        lines.append(f"sync resolve {quoted(conflict)} {choice} {said}".strip())
    return lines


def _text(value: object) -> str:
    return "" if value is None else str(value)
