"""What stands in a form when it opens, and what is kept of that until it is sent."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from bot.commands.requests import shown_request
from bot.listening.lines import shown_text
from bot.views import modals, small_forms
from bot.views.contact_form import FieldInput, contact_form
from bot.views.in_modal import answered
from bot.views.modals import Draft, TaskStart, ended
from bot.views.shown import BLANK
from toolkit.model.chat_people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.listening.drafts import Drafts, Where
    from bot.listening.parts import Parts
    from bot.words import Voice
    from toolkit.app.front_readings import FrontReadings
    from toolkit.model.cards import ConflictCard, ContactCard, FieldManner
    from toolkit.model.chat_people import Person
    from toolkit.model.values import Value

View = dict[str, Any]

_COMPUTED: Final = frozenset(
    {"updated_at", "last_sync", "total_tasks", "open_tasks", "tags", "owner_id"}
)
_USUAL: Final = ("name", "email", "phone", "company", "source")
_KINDS: Final[Mapping[str, str]] = {"email": "email", "phone": "phone"}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_FIELDS: Final = 20


class Filling:
    """Builds forms from what is stored. Synchronous.

    Args:
        parts: What listeners stand on.
        drafts: Keeps what they are opened for.
    """

    def __init__(self, parts: Parts, drafts: Drafts) -> None:
        self._cards = parts.cards
        self._people = parts.shelf.people
        self._drafts = drafts

    def view(self, form: str, person: Person, voice: Voice, where: Where) -> View | None:
        """A form as it opens; None where what it is about is no longer there."""
        if form in {"resolver", "approval"}:
            own = self._resolver if form == "resolver" else self._request
            return own(person, voice, where)
        # Of all forms, that of an alert alone is about no contact.
        record = "" if form == "assign_form" else where.get("record", "")
        card = self._cards.card(record) if record else None
        if record and card is None:
            return ended(voice, voice.tell("contact.none", text=record), is_good=False)
        if form == "tag_form":
            return self._tags(person, voice, where, card) if card else None
        fields = fields_of(self._cards, card) if form == "contact_form" else []
        about = {**where, "record": card.id} if card else where
        # As it stands now: what others change meanwhile is not sent back as it was.
        before = json.dumps({each.name: each.value for each in fields})
        draft = self._keep(person, {**about, "form": form, "before": before})
        if form == "launcher":
            may_write = person.is_linked and person.role >= Role.EDITOR
            return modals.launcher(voice, draft, may_write=may_write)
        if fields:
            return contact_form(voice, draft, fields)
        return _form(form, voice, draft, where=where, card=card)

    def _resolver(self, person: Person, voice: Voice, where: Where) -> View | None:
        cards = self._cards.conflicts()
        card = next((each for each in cards if each.id == where.get("record")), None)
        if card is None:
            return None
        counts = json.dumps(_similar(card, cards))
        draft = self._keep(person, {**where, "form": "resolver", "similar": counts})
        return modals.resolver(voice, draft, card, is_similar=bool(where.get("is_similar")))

    def _request(self, person: Person, voice: Voice, where: Where) -> View | None:
        asked = self._people.find_approval(where.get("record", ""))
        # Another workspace's request is as unknown here as one that never was.
        if asked is None or asked.team != person.team:
            return None
        return answered(voice, shown_request(voice, self._people, asked))

    def _tags(self, person: Person, voice: Voice, where: Where, card: ContactCard) -> View:
        tags = tags_of(card)
        draft = self._keep(person, {**where, "form": "tag_form", "tags": json.dumps(tags)})
        return small_forms.tag_form(voice, draft, card.name, tags)

    def _keep(self, person: Person, where: Where) -> Draft:
        return Draft(self._drafts.keep(person.team, person.user, where))


def _form(
    form: str, voice: Voice, draft: Draft, *, where: Where, card: ContactCard | None
) -> View:
    contact = (card.id, card.name) if card else ("", "")
    text = where.get("text", "")
    match form:
        case "task_form":
            start = TaskStart(
                where.get("title", ""),
                text,
                contact,
                due=where.get("due", ""),
                time=where.get("time", ""),
                owner=where.get("owner", ""),
            )
            return modals.task_form(voice, draft, start)
        case "note_form":
            return modals.note_form(voice, draft, text=text, contact=contact)
        case _:
            return small_forms.assign_form(voice, draft)


def _similar(card: ConflictCard, cards: list[ConflictCard]) -> dict[str, int]:
    """Conflict -> how many of other records are in the same field."""
    others = [line.field for each in cards if each.id != card.id for line in each.lines]
    return {line.id: others.count(line.field) for line in card.lines}


def tags_of(card: ContactCard) -> list[str]:
    """The tags of a contact."""
    held = next((each.value for each in card.lines if each.name == "tags"), ())
    return [str(each) for each in held] if isinstance(held, tuple) else []


def fields_of(cards: FrontReadings, card: ContactCard | None) -> list[FieldInput]:
    """What the form asks for: of a new contact the usual fields, of another what it has."""
    if card is None:
        return [*_which_connection(cards), *(_usual(name) for name in _USUAL)]
    manners = cards.manners(card.connection)
    lines = [each for each in card.lines if _is_asked(each.name, manners)][:_MOST_FIELDS]
    return [_field(each.name, each.value, manners.get(each.name)) for each in lines]


def _which_connection(cards: FrontReadings) -> list[FieldInput]:
    if len(cards.names) == 1:
        return []
    return [FieldInput("connection", "choice", choices=cards.names, is_needed=True)]


def _usual(name: str) -> FieldInput:
    return FieldInput(name, _KINDS.get(name, "text"), is_needed=name == "name")


def _is_asked(name: str, manners: Mapping[str, FieldManner]) -> bool:
    manner = manners.get(name)
    return name not in _COMPUTED and (manner is None or manner.is_typed)


def _field(name: str, value: Value, manner: FieldManner | None) -> FieldInput:
    """A menu or a calendar only where what stands there fits it: nothing is lost by looking."""
    shown = ", ".join(value) if isinstance(value, tuple) else shown_text(value)
    kind = manner.type if manner else "text"
    if kind == "choice" and manner and shown in {"", *manner.choices}:
        return FieldInput(name, "choice", value=shown, choices=(BLANK, *manner.choices))
    if kind == "date" and (not shown or _DAY.fullmatch(shown)):
        return FieldInput(name, "date", value=shown)
    known = {"email": "email", "phone": "phone", "longtext": "longtext", "note": "longtext"}
    return FieldInput(name, known.get(kind, _KINDS.get(name, "text")), value=shown)
