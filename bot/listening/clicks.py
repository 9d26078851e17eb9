"""A click is a command: what it would have been if it were typed.

So a button does what its owner's role allows at the moment of the click, and nothing a
typed line could not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.parse.words import quoted

_LINES: Final = {
    "alert.ack": "alert ack {}",
    "alert.resolve": "alert resolve {}",
    "alert.list": "alert list",
    "approval.yes": "approve yes {}",
    "approval.no": "approve no {}",
    "contact.show": "contact show {}",
    "help.open": "help",
    "me.link": "me link",
    "me.unlink": "me unlink",
    "sync.conflicts": "sync conflicts",
    "sync.plan": "sync plan {}",
    "sync.retry": "sync retry",
    "sync.status": "sync status",
    "sync.undo": "sync undo {}",
    "sync.pause": "sync pause {}",
    "sync.resume": "sync resume {}",
    "task.done": "task done {}",
    "task.mine": "task list mine",
    "route.mute": "mute add all 1h channel=<#{}>",
    "route.unmute": "mute off all channel=<#{}>",
    "conflict.similar.highlevel": "sync resolve {} highlevel similar={}",
    "conflict.similar.timetonic": "sync resolve {} timetonic similar={}",
    "conflict.skip": "sync conflicts after={}",
    "conflict.keep.highlevel": "sync resolve {} highlevel",
    "conflict.keep.timetonic": "sync resolve {} timetonic",
    "write.undo": "write undo {}",
}
_CHOICES: Final = {
    "card": "contact show {}",
    "mute": "mute add {} 1h",
    "notes": "note list {}",
    "why": "why {}",
}
_FORMS: Final = {
    "approval.show": "approval",
    "contact.add": "contact_form",
    "contact.edit": "contact_form",
    "task.add": "task_form",
    "note.add": "note_form",
    "conflict.open": "resolver",
}
_CHOICE_FORMS: Final = {
    "assign": "assign_form",
    "note": "note_form",
    "similar": "resolver",
    "tag": "tag_form",
}
_LONGEST: Final = 300
_CHANNEL: Final = "<#{}>"


@dataclass(frozen=True, slots=True)
class Opening:
    """The form that a click opens.

    Attributes:
        record: It is about; empty for a new one.
        is_similar: The resolver, with those like it ticked.
    """

    form: str
    record: str = ""
    is_similar: bool = False


def opening_of(action: Mapping[str, Any]) -> Opening | None:
    """The form that a click opens; None where it opens none.

    Args:
        action: One of `actions` of an interaction.
    """
    if action.get("type") == "overflow":
        verb, _, record = _value(action).partition(":")
        form = _CHOICE_FORMS.get(verb)
        return Opening(form, record, verb == "similar") if form and record else None
    form = _FORMS.get(_known(action, _FORMS))
    return Opening(form, _value(action)) if form else None


def line_of(action: Mapping[str, Any]) -> str | None:
    """The line that a click stands for; None where it stands for none.

    Args:
        action: One of `actions` of an interaction.
    """
    value = _value(action)
    if action.get("type") == "overflow":
        verb, _, rest = value.partition(":")
        return _filled(_CHOICES.get(verb), rest)
    return _filled(_LINES.get(_known(action, _LINES)), value)


def _value(action: Mapping[str, Any]) -> str:
    chosen = action.get("selected_option") or {}
    return str(action.get("value") or chosen.get("value") or "")[:_LONGEST]


def _known(action: Mapping[str, Any], table: Mapping[str, str]) -> str:
    """Buttons of a list carry their id in the name as well, since names must differ."""
    name = str(action.get("action_id", ""))
    return next((key for key in table if name == key or name.startswith(f"{key}.")), "")


def _filled(template: str | None, value: str) -> str | None:
    if template is None:
        return None
    blanks = template.count("{}")
    values = value.split("|") if blanks > 1 else [value]
    if blanks and (len(values) != blanks or not all(values)):
        return None
    if _CHANNEL in template:
        # Only what is an id may stand where Slack writes one.
        return template.format(value) if value.isalnum() else None
    return template.format(*map(quoted, values)) if blanks else template
