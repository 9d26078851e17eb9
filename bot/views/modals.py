"""Modals: the forms, the launcher, and what they show while work is under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bot.views.blocks import (
    MOST_IN_VIEW,
    Block,
    actions,
    button,
    context,
    divider,
    fitted,
    option,
    plain,
    rich,
    section,
)
from bot.views.shown import field_name, shown
from bot.words import cut
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from bot.words import Voice
    from toolkit.model.cards import ConflictCard

View: TypeAlias = dict[str, Any]

_TITLE: Final = 24
_TYPED: Final = 3000
_MOST_CONFLICTS: Final = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form carries: `token` is all of it that travels, signed and opaque.

    Attributes:
        token: Names the draft in our store; goes into `private_metadata`.
        problem: A sentence shown above the form; empty for none.
    """

    token: str
    problem: str = ""


def modal(
    voice: Voice, name: str, blocks: Sequence[Block], *, token: str = "", submit: str = ""
) -> View:
    """A modal with a title of at most 24 characters, never a person's name."""
    view: View = {
        "type": "modal",
        "callback_id": name,
        "title": plain(voice.tell(f"modal.{name}"), _TITLE),
        "close": plain(voice.tell("button.cancel" if submit else "button.close"), _TITLE),
        "blocks": fitted(voice, blocks, MOST_IN_VIEW),
        "private_metadata": token[:3000],
    }
    return {**view, "submit": plain(submit, _TITLE)} if submit else view


@dataclass(frozen=True, slots=True)
class TaskStart:
    """What stands in the task form at first; empty for blank.

    Attributes:
        contact: Its id and name.
        due: `2026-12-24`.
        time: `09:30`.
        owner: A Slack user.
    """

    title: str = ""
    body: str = ""
    contact: tuple[str, str] = ("", "")
    due: str = ""
    time: str = ""
    owner: str = ""


def task_form(voice: Voice, draft: Draft, start: TaskStart) -> View:
    """Adds a task."""
    body = text_entry(start.body, is_long=True)
    due = _begun({"type": "datepicker"}, "initial_date", start.due)
    time = _begun({"type": "timepicker"}, "initial_time", start.time)
    owner = _begun({"type": "users_select"}, "initial_user", start.owner)
    blocks = [
        *problem(draft),
        entry(voice.tell("form.title"), "title", text_entry(start.title)),
        _contact_select(voice, start.contact),
        entry(voice.tell("field.due_at"), "due", due, is_needed=True),
        entry(voice.tell("form.time"), "time", time, is_needed=False),
        entry(voice.tell("field.owner_id"), "owner", owner, is_needed=False),
        entry(voice.tell("field.body"), "body", body, is_needed=False),
    ]
    return modal(
        voice, "task_form", blocks, token=draft.token, submit=voice.tell("button.save")
    )


def _begun(element: Block, member: str, value: str) -> Block:
    return {**element, member: value} if value else element


def note_form(
    voice: Voice, draft: Draft, *, text: str = "", contact: tuple[str, str] = ("", "")
) -> View:
    """Adds a note; `text` may be a message that is being saved."""
    blocks = [
        *problem(draft),
        _contact_select(voice, contact),
        entry(voice.tell("form.note"), "body", text_entry(text, is_long=True)),
    ]
    return modal(
        voice, "note_form", blocks, token=draft.token, submit=voice.tell("button.save")
    )


def resolver(
    voice: Voice, draft: Draft, card: ConflictCard, *, is_similar: bool = False
) -> View:
    """Each field with both values and a choice; one more value can be typed.

    Args:
        voice: The person's.
        draft: Carries how many others there are of each field.
        card: The record's conflicts.
        is_similar: Those like it are ticked at first.
    """
    blocks: list[Block] = [*problem(draft), rich(card.name or voice.tell("contact.nameless"))]
    for line in card.lines[:_MOST_CONFLICTS]:
        name = field_name(voice, line.field)
        values = {Side.HIGHLEVEL: line.highlevel, Side.TIMETONIC: line.timetonic}
        choices = [
            option(cut(f"{side.label}: {shown(voice, value)}", 75), side.value)
            for side, value in values.items()
        ]
        choices.append(option(voice.tell("resolver.other"), "value"))
        radio = {"type": "radio_buttons", "options": choices}
        blocks.append(divider())
        blocks.append(entry(name, f"choice.{line.id}", radio))
        typed = entry(
            voice.tell("resolver.value"), f"value.{line.id}", text_entry(""), is_needed=False
        )
        blocks.append(typed)
    if len(card.lines) > _MOST_CONFLICTS:
        left = len(card.lines) - _MOST_CONFLICTS
        blocks.append(context(voice.say("conflict.more_fields", count=left)))
    if card.similar:
        every = [option(voice.tell("button.similar", count=card.similar), "similar")]
        also: Block = {"type": "checkboxes", "options": every}
        if is_similar:
            also["initial_options"] = every
        blocks += [
            divider(),
            entry(voice.tell("resolver.also"), "similar", also, is_needed=False),
        ]
    return modal(
        voice, "resolver", blocks, token=draft.token, submit=voice.tell("button.resolve")
    )


def launcher(voice: Voice, draft: Draft, *, may_write: bool) -> View:
    """What a bare `/hightonic` opens; `draft` says where it was typed."""
    search = {
        "type": "external_select",
        "action_id": "contact.show",
        "min_query_length": 2,
        "placeholder": plain(voice.tell("contact.pick"), 150),
    }
    blocks: list[Block] = [
        section(voice.say("launcher.find")),
        actions(search),
        actions(
            button(voice.tell("button.new_contact"), "contact.add") if may_write else None,
            button(voice.tell("button.new_task"), "task.add") if may_write else None,
            button(voice.tell("button.my_tasks"), "task.mine"),
            button(voice.tell("button.sync"), "sync.status"),
            button(voice.tell("button.help"), "help.open"),
        ),
    ]
    return modal(voice, "launcher", blocks, token=draft.token)


def saving(voice: Voice) -> View:
    """Shown at once after a click on Save; closing it closes what it was opened from."""
    view = modal(voice, "saving", [section(voice.say("form.saving"))])
    return {**view, "clear_on_close": True}


def ended(voice: Voice, sentence: str, *, is_good: bool, reference: str = "") -> View:
    """What came of it."""
    blocks = [alert("success" if is_good else "error", sentence)]
    if reference:
        blocks.append(context(voice.say("error.reference", reference=reference)))
    return modal(voice, "ended", blocks)


def typed(state: Mapping[str, Any]) -> dict[str, object]:
    """What a person put into a form: block id -> text, list of texts, or None for blank.

    Args:
        state: `view.state.values` of a submission.
    """
    found: dict[str, object] = {}
    for block_id, elements in state.items():
        for element in elements.values():
            found[block_id] = _chosen(element)
    return found


_SINGLE: Final = ("value", "selected_date", "selected_time", "selected_user")


def _chosen(element: Mapping[str, Any]) -> object:
    if "selected_options" in element:
        return [each["value"] for each in element["selected_options"]]
    if isinstance(picked := element.get("selected_option"), dict):
        return picked["value"]
    return next((element[name] for name in _SINGLE if element.get(name)), None)


def problem(draft: Draft) -> list[Block]:
    """What is wrong, above a form; nothing where all is well."""
    return [alert("error", draft.problem)] if draft.problem else []


def alert(level: str, text: str) -> Block:
    """A coloured sentence; modals alone may hold one."""
    return {"type": "alert", "level": level, "text": plain(text)}


def _contact_select(voice: Voice, contact: tuple[str, str]) -> Block:
    id_, name = contact
    element: Block = {"type": "external_select", "min_query_length": 2}
    if id_:
        element["initial_option"] = option(name or id_, id_)
    return entry(voice.tell("table.contact"), "contact", element)


def text_entry(value: str, *, is_long: bool = False) -> Block:
    """A field for text that holds this at first."""
    made: Block = {"type": "plain_text_input", "multiline": is_long, "max_length": _TYPED}
    return {**made, "initial_value": cut(value, _TYPED)} if value else made


def entry(label: str, block_id: str, element: Block, *, is_needed: bool = True) -> Block:
    """A field of a form; without `is_needed` it may stay blank."""
    return {
        "type": "input",
        "block_id": block_id[:255],
        "label": plain(label, 150),
        "element": {"action_id": "v", **element},
        "optional": not is_needed,
    }
