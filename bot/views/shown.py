"""Values of records as people read them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words import Voice
    from toolkit.model.cards import FieldLine
    from toolkit.model.ids import Side
    from toolkit.model.values import Value

BLANK: Final = "\u2013"
"""Known to hold nothing."""
UNSEEN: Final = "?"
"""Not known: the side was not seen to have the field."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\Z")


def shown(voice: Voice, value: Value) -> str:
    """A canonical value in the reader's language and zone."""
    if value is None or value in {"", ()}:
        return BLANK
    if isinstance(value, bool):
        return voice.tell("value.yes" if value else "value.no")
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, str):
        return _text(voice, value)
    return str(value)


def shown_on(voice: Voice, line: FieldLine, side: Side) -> str:
    """What one side shows; blank and unseen differ."""
    return shown(voice, line.shown[side]) if side in line.shown else UNSEEN


def field_name(voice: Voice, name: str) -> str:
    """A field as people call it; fields of their own keep the name they gave."""
    key = f"field.{name}"
    return voice.tell(key) if voice.knows(key) else name.replace("_", " ").capitalize()


def _text(voice: Voice, value: str) -> str:
    try:
        if _DAY.match(value):
            return voice.day(date.fromisoformat(value))
        if _INSTANT.match(value):
            return voice.clock(datetime.fromisoformat(value))
    except ValueError:
        # It looks like a date and is none, which a person should see as it stands.
        return value
    return value
