"""A click is a command: what it would have been if it were typed.

So a button does what its owner's role allows at the moment of the click, and nothing a
typed line could not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.parse.words import quoted

_LINES: Final = {
    "alert.ack": "alert ack {}",
    "alert.resolve": "alert resolve {}",
    "alert.list": "alert list",
    "approval.yes": "approve yes {}",
    "approval.no": "approve no {}",
    "approval.show": "approve show {}",
    "contact.show": "contact show {}",
    "help.open": "help",
    "me.link": "me link",
    "me.unlink": "me unlink",
    "sync.conflicts": "sync conflicts",
    "sync.retry": "sync retry",
    "sync.status": "sync status",
    "sync.undo": "sync undo {}",
    "sync.pause": "sync pause {}",
    "sync.resume": "sync resume {}",
    "task.done": "task done {}",
    "task.mine": "task list mine",
    "conflict.open": "sync conflicts",
    "conflict.keep.highlevel": "sync resolve {} highlevel",
    "conflict.keep.timetonic": "sync resolve {} timetonic",
    "write.undo": "write undo {}",
}
_CHOICES: Final = {
    "mute": "mute add {} 1h",
    "why": "why {}",
}
_LONGEST: Final = 300


def line_of(action: Mapping[str, Any]) -> str | None:
    """The line that a click stands for; None where it stands for none.

    Args:
        action: One of `actions` of an interaction.
    """
    name = str(action.get("action_id", ""))
    chosen = action.get("selected_option") or {}
    value = str(action.get("value") or chosen.get("value") or "")[:_LONGEST]
    if action.get("type") == "overflow":
        verb, _, rest = value.partition(":")
        return _filled(_CHOICES.get(verb), rest)
    # Buttons of a list carry their id in the name as well, since names must differ.
    known = next((key for key in _LINES if name == key or name.startswith(f"{key}.")), None)
    return _filled(_LINES.get(known or ""), value)


def _filled(template: str | None, value: str) -> str | None:
    if template is None:
        return None
    if "{}" not in template:
        return template
    return template.format(quoted(value)) if value else None
