"""While an address or a number is typed into a contact form: who has it already?

It only warns. The last thing typed wins: an older look that comes late finds the form
changed (`hash`) and is dropped.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from slack_sdk.errors import SlackApiError

from bot.commands import Asked
from bot.listening.filling import fields_of
from bot.listening.opening import line_for
from bot.listening.whose import team_of
from bot.views.contact_form import contact_form, likely_id, likely_shown
from bot.views.modals import Draft, typed
from bot.words import Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.listening.drafts import Drafts, Where
    from bot.listening.parts import Parts
    from toolkit.model.cards import ContactHit

Body = dict[str, Any]

_FIELDS: Final = frozenset({"email", "phone"})
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LEAST_DIGITS: Final = 7
_TOLD_APART_BY: Final = 9
"""Digits at the end of a phone number that no country code changes."""
_MOST: Final = 3
_LOOKED_AT: Final = 20
_FORMS_KEPT: Final = 500


def is_typing(body: Mapping[str, Any]) -> bool:
    """Whether this click is a key pressed in a field that is looked up."""
    view = body.get("view") or {}
    first = (body.get("actions") or [{}])[0]
    return view.get("callback_id") == "contact_form" and first.get("block_id") in _FIELDS


@dataclass(slots=True)
class _Form:
    """What is known of one open form."""

    typed_at: float = 0.0
    shown: frozenset[str] = frozenset()


class Typing:
    """Warns of likely duplicates.

    Args:
        parts: What listeners stand on.
        drafts: Knows what forms were opened for.
    """

    def __init__(self, parts: Parts, drafts: Drafts) -> None:
        self._parts = parts
        self._drafts = drafts
        self._forms: OrderedDict[str, _Form] = OrderedDict()

    async def typed(self, body: Body) -> None:
        """Look up what stands in the form now, and say so in it where that is news."""
        view, at = body["view"], float(body["actions"][0].get("action_ts") or 0)
        form = self._form(view)
        if at < form.typed_at:
            return
        form.typed_at = at
        changed = await asyncio.to_thread(self._warned, body, form.shown)
        if changed is None or form.typed_at != at:
            return
        form.shown = likely_shown(changed)
        client = await self._parts.workspaces.client(team_of(body))
        await _put(client, view, changed, is_latest=lambda: form.typed_at == at)

    def _form(self, view: Mapping[str, Any]) -> _Form:
        known = self._forms.setdefault(view["id"], _Form(shown=likely_shown(view)))
        self._forms.move_to_end(view["id"])
        if len(self._forms) > _FORMS_KEPT:
            self._forms.popitem(last=False)
        return known

    def _warned(self, body: Body, shown: frozenset[str]) -> Body | None:
        """The form with its warnings; None where they stand there already, or for strangers."""
        team, user, view = team_of(body), str(body["user"]["id"]), body["view"]
        where = self._drafts.find(team, user, str(view.get("private_metadata", "")))
        if where is None:
            return None
        asked = Asked(team, user, where.get("channel", ""), _line(where), "modal")
        if self._parts.desk.refusal(asked) is not None:
            return None
        card = self._parts.cards.card(where["record"]) if where.get("record") else None
        given = typed(view["state"]["values"])
        found = {
            name: self._holders(name, str(given.get(name) or ""), own=card.id if card else "")
            for name in sorted(_FIELDS & set(given))
        }
        wanted = {likely_id(name, hit.id) for name, hits in found.items() for hit in hits}
        if wanted == shown:
            return None
        person = self._parts.shelf.people.find_person(team, user)
        voice = Voice(person.language, person.zone) if person else Voice()
        draft = Draft(str(view["private_metadata"]))
        return contact_form(voice, draft, fields_of(self._parts.cards, card), likely=found)

    def _holders(self, field: str, text: str, *, own: str) -> list[ContactHit]:
        """Contacts other than the form's own that have this."""
        wanted = searched(field, text)
        if not wanted:
            return []
        hits, _ = self._parts.cards.find(wanted, limit=_LOOKED_AT)
        return [hit for hit in hits if hit.id != own and _has(hit, field, wanted)][:_MOST]


async def _put(
    client: AsyncWebClient, view: Body, changed: Body, *, is_latest: Callable[[], bool]
) -> None:
    try:
        await client.views_update(view_id=view["id"], hash=view["hash"], view=changed)
    except SlackApiError as error:
        word = str(error.response.get("error"))
        if word == "hash_conflict" and is_latest():
            # An older look came in between; what was typed last is what counts.
            await client.views_update(view_id=view["id"], view=changed)
        elif word not in {"hash_conflict", "not_found"}:
            raise


def _line(where: Where) -> str:
    return line_for("contact_form", where)


def searched(field: str, text: str) -> str:
    """What to search for; empty while too little is typed to tell anybody by."""
    if field == "email":
        address = text.strip()
        return address if _ADDRESS.fullmatch(address) else ""
    digits = _digits(text)
    return digits[-_TOLD_APART_BY:] if len(digits) >= _LEAST_DIGITS else ""


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdigit())


def _has(hit: ContactHit, field: str, wanted: str) -> bool:
    if field == "email":
        return hit.email.casefold() == wanted.casefold()
    return _digits(hit.phone).endswith(wanted)
