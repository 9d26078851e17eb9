"""What stands in a form when it opens, and what is kept of that until it is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bot.commands.requests import shown_request
from bot.views import modals, small_forms
from bot.views.contact_form import FieldInput, contact_form
from bot.views.in_modal import answered
from bot.views.modals import Draft, TaskStart, ended
from toolkit.model.chat_people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.listening.drafts import Drafts, Where
    from bot.listening.parts import Parts
    from bot.words import Voice
    from toolkit.model.cards import ConflictCard, ContactCard
    from toolkit.model.chat_people import Person

View = dict[str, Any]

_COMPUTED: Final = frozenset(
    {"updated_at", "last_sync", "total_tasks", "open_tasks", "tags", "owner_id"}
)
_USUAL: Final = ("name", "email", "phone", "company", "source")
_KINDS: Final[Mapping[str, str]] = {"email": "email", "phone": "phone"}
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
        if form == "resolver":
            return self._resolver(person, voice, where)
        if form == "approval":
            return self._request(person, voice, where)
        record = where.get("record", "")
        card = self._cards.card(record) if record else None
        if record and card is None and form != "assign_form":
            return ended(voice, voice.tell("contact.none", text=record), is_good=False)
        if form == "tag_form":
            return self._tags(person, voice, where, card) if card else None
        about = {**where, "record": card.id} if card else where
        draft = self._keep(person, {**about, "form": form})
        if form == "launcher":
            may_write = person.is_linked and person.role >= Role.EDITOR
            return modals.launcher(voice, draft, may_write=may_write)
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
        case "contact_form":
            return contact_form(voice, draft, fields_of(card))
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
