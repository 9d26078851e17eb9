"""Contacts: one card for both sides, and what a search found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.views.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    data_table,
    header,
    message,
    option,
    overflow,
    section,
    shown_rows,
    table,
)
from bot.views.shown import BLANK, field_name, shown_on
from bot.views.tasks import task_sections
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.words import Voice
    from toolkit.model.cards import ContactCard, ContactHit

_MOST_LINES: Final = 40


def card(voice: Voice, contact: ContactCard) -> Message:
    """Both sides of a contact in one: who holds what, since when, and what is open."""
    name = contact.name or voice.tell("contact.nameless")
    blocks: list[Block] = [header(name), context(_synced(voice, contact), contact.connection)]
    if contact.conflicts:
        text = voice.say("contact.conflicts", count=contact.conflicts)
        ask = button(voice.tell("button.choose"), "conflict.open", value=contact.id)
        blocks.append(section(text, accessory=ask))
    if contact.lines:
        blocks.append(_sides(voice, contact))
    if len(contact.lines) > _MOST_LINES:
        left = len(contact.lines) - _MOST_LINES
        blocks.append(context(voice.say("contact.more_fields", count=left)))
    blocks.append(section(voice.say("contact.open_tasks", count=contact.open_tasks)))
    blocks += task_sections(voice, contact.tasks)
    blocks.append(_card_actions(voice, contact))
    return message(voice, voice.say("contact.card", name=name), blocks)


def hint(voice: Voice, contact: ContactCard) -> Message:
    """What anybody may read of a contact: nothing of the person, and the way to the card."""
    said = voice.say("contact.linked", connection=contact.connection)
    about = [
        _synced(voice, contact),
        voice.say("contact.open_tasks", count=contact.open_tasks),
        *([voice.say("contact.conflicts", count=contact.conflicts)] * bool(contact.conflicts)),
    ]
    show = button(voice.tell("button.show_card"), "contact.show", value=contact.id)
    return message(voice, said, [section(said, accessory=show), context(*about)])


def _synced(voice: Voice, contact: ContactCard) -> str:
    if contact.synced_at is None:
        return voice.say("contact.never_synced")
    return voice.say("contact.synced", at=voice.moment(contact.synced_at))


def _sides(voice: Voice, contact: ContactCard) -> Block:
    heading = (
        voice.tell("table.field"),
        *(side.label for side in Side),
        voice.tell("table.same"),
    )
    rows = [
        (
            field_name(voice, line.name),
            *(shown_on(voice, line, side) for side in Side),
            voice.tell("value.yes" if line.is_agreed else "value.no"),
        )
        for line in contact.lines[:_MOST_LINES]
    ]
    return table([heading, *rows])


def _card_actions(voice: Voice, contact: ContactCard) -> Block:
    opens = [
        button(voice.tell("button.open_in", system=side.label), f"open.{side}", url=url)
        for side in Side
        if (url := contact.urls.get(side, ""))
    ]
    more = [
        option(voice.tell("button.note"), f"note:{contact.id}"),
        option(voice.tell("button.tag"), f"tag:{contact.id}"),
        option(voice.tell("button.notes"), f"notes:{contact.id}"),
    ]
    return actions(
        button(voice.tell("button.edit"), "contact.edit", value=contact.id),
        button(voice.tell("button.task"), "task.add", value=contact.id),
        *opens,
        overflow("contact.more", more),
    )


def found(voice: Voice, text: str, hits: Sequence[ContactHit], *, total: int) -> Message:
    """What a search found in both systems; a single hit is shown by `card` instead."""
    if not hits:
        said = voice.say("contact.none", text=text)
        make = button(voice.tell("button.new_contact"), "contact.add")
        return message(voice, said, [section(said, accessory=make)])
    said = voice.say("contact.found", count=total, text=text)
    names = ("table.name", "table.email", "table.phone", "table.where")
    rows = [tuple(voice.tell(name) for name in names), *(_row(hit) for hit in hits)]
    blocks = [section(said), data_table(rows, caption=voice.tell("contact.found_caption"))]
    left = total - min(len(hits), shown_rows(rows))
    if left > 0:
        blocks.append(context(voice.say("contact.narrow", count=left)))
    choices = [option(hit_label(hit), hit.id) for hit in hits[:100]]
    blocks.append(actions(_chooser(voice, choices)))
    return message(voice, said, blocks)


def hit_label(hit: ContactHit) -> str:
    """A contact in a menu; two of one name differ by their address."""
    if not hit.name:
        return hit.email or hit.phone or hit.id
    return f"{hit.name} ({hit.email})" if hit.email else hit.name


def _chooser(voice: Voice, choices: list[Block]) -> Block:
    return {
        "type": "static_select",
        "action_id": "contact.show",
        "placeholder": {"type": "plain_text", "text": voice.tell("contact.pick")},
        "options": choices,
    }


def _row(hit: ContactHit) -> tuple[str, ...]:
    where = " + ".join(side.label for side in Side if side in hit.sides)
    return (hit.name or BLANK, hit.email or BLANK, hit.phone or BLANK, where)
