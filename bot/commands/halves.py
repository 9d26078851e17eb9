"""Half a command: the form that asks for the rest, and what the line says for it already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.parse import Due, PersonRef

if TYPE_CHECKING:
    from bot.parse import Parsed

_MEANT: Final = {"contact": "record", "title": "title", "body": "text", "text": "text"}
"""Parameter of a command -> what forms call it."""


def form_for(parsed: Parsed) -> str:
    """The form's name; empty for none. Whose contact is edited no form asks."""
    if not parsed.wants_form or (parsed.command.verb == "edit" and "contact" in parsed.missing):
        return ""
    return parsed.command.form


def given_for(parsed: Parsed) -> dict[str, str]:
    """What was typed, by the names forms know."""
    found = {}
    for name, value in parsed.values.items():
        if isinstance(value, str) and name in _MEANT:
            found[_MEANT[name]] = value
        elif isinstance(value, Due):
            found["due"] = value.day.isoformat()
            found["time"] = f"{value.time:%H:%M}" if value.time else ""
        elif isinstance(value, PersonRef) and value.id:
            found["owner"] = value.id
    return found
