"""The contact form: a field each, and who has the same address or number already."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from bot.views.blocks import Block, actions, button, option
from bot.views.modals import Draft, View, alert, entry, modal, problem, text_entry
from bot.views.shown import field_name

if TYPE_CHECKING:
    from bot.words import Voice
    from toolkit.model.cards import ContactHit

_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_MOST_LIKELY: Final = 3
_LIKELY: Final = "likely."
_ASKED_LIVE: Final = frozenset({"email", "phone"})
_LIVE: Final = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}


@dataclass(frozen=True, slots=True)
class FieldInput:
    """One field of the contact form.

    Attributes:
        kind: `text`, `email`, `phone`, `date`, `longtext`, `owner`, `tags` or `choice`.
        value: What stands in it at first.
        choices: Of a `choice`, and the tags that are set.
    """

    name: str
    kind: str = "text"
    value: str = ""
    is_needed: bool = False
    choices: tuple[str, ...] = ()


def contact_form(
    voice: Voice,
    draft: Draft,
    fields: Sequence[FieldInput],
    *,
    likely: Mapping[str, Sequence[ContactHit]] = MappingProxyType({}),
) -> View:
    """Adds or edits a contact on both sides.

    Args:
        voice: The person's.
        draft: Carries whose contact it is.
        fields: In the order shown; needed ones first.
        likely: Field -> contacts that have what is typed there already; it can be saved
            all the same.
    """
    blocks = problem(draft)
    for each in fields:
        blocks.append(_field(voice, each))
        blocks += _likely(voice, each.name, likely.get(each.name, ()))
    return modal(
        voice, "contact_form", blocks, token=draft.token, submit=voice.tell("button.save")
    )


def _likely(voice: Voice, field: str, hits: Sequence[ContactHit]) -> list[Block]:
    """Who has it already, under the field, with the way to their card."""
    made: list[Block] = []
    for hit in hits[:_MOST_LIKELY]:
        name = hit.name or hit.email or voice.tell("contact.nameless")
        said = voice.tell(f"form.duplicate.{field}", name=name)
        show = button(voice.tell("button.show_card"), f"contact.show.{hit.id}", value=hit.id)
        made.append({**alert("warning", said), "block_id": likely_id(field, hit.id)})
        made.append(actions(show))
    return made


def likely_id(field: str, contact: str) -> str:
    """Id of the block that says so: what a form shows already is told by these."""
    return f"{_LIKELY}{field}.{contact}"[:255]


def likely_shown(view: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the warnings that stand in a contact form."""
    ids = (str(each.get("block_id", "")) for each in view.get("blocks", ()))
    return frozenset(each for each in ids if each.startswith(_LIKELY))


def _field(voice: Voice, field: FieldInput) -> Block:
    element = _element(field)
    block = entry(field_name(voice, field.name), field.name, element, is_needed=field.is_needed)
    # Typing an address or a number asks us whether somebody has it already.
    return {**block, "dispatch_action": True} if field.kind in _ASKED_LIVE else block


def _element(field: FieldInput) -> Block:
    match field.kind:
        case "email":
            return _email(field.value)
        case "date":
            day = {"initial_date": field.value[:10]} if field.value else {}
            return {"type": "datepicker", **day}
        case "owner":
            return {
                "type": "users_select",
                **({"initial_user": field.value} if field.value else {}),
            }
        case "tags":
            chosen = [option(tag, tag) for tag in dict.fromkeys(field.choices) if tag][:100]
            some = {"initial_options": chosen} if chosen else {}
            return {"type": "multi_external_select", "min_query_length": 1, **some}
        case "choice" if field.choices:
            return _choice(field)
        case kind:
            made = text_entry(field.value, is_long=kind == "longtext")
            return {**made, **_LIVE} if kind == "phone" else made


def _email(value: str) -> Block:
    if value and not _ADDRESS.fullmatch(value):
        # Slack opens no form with a broken address in it; as text it can be mended.
        return {**text_entry(value), **_LIVE}
    element: Block = {"type": "email_text_input", **_LIVE}
    return {**element, "initial_value": value} if value else element


def _choice(field: FieldInput) -> Block:
    options = [option(each, each) for each in dict.fromkeys(field.choices) if each][:100]
    made: Block = {"type": "static_select", "options": options}
    chosen = next((each for each in options if each["value"] == field.value[:150]), None)
    return {**made, "initial_option": chosen} if chosen else made
