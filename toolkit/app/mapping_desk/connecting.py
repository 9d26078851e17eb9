"""What a new line between two fields would be: its name, its type, and what to think of."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from toolkit.app.mapping_desk.draft import entry_of
from toolkit.app.mapping_desk.shapes import places
from toolkit.mapping.spec import SET_TYPES
from toolkit.mapping.vendor_fields import CUSTOM
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from toolkit.app.mapping_desk.shapes import Entry, KindDraft, SideField
    from toolkit.mapping.spec import KindMapping

_NAMES: Final = ("firstName", "lastName")
_TEXTUAL: Final = frozenset({"text", "longtext", "note", "email", "phone"})
_STRICT: Final = frozenset({"number", "date", "datetime", "boolean"})
_WORDS: Final[Mapping[str, str]] = {
    "number": "numbers",
    "date": "days",
    "datetime": "moments",
    "boolean": "yes or no",
    "choice": "one of a list",
    "multi_choice": "several of a list",
    "tags": "tags",
    "owner": "a user",
    "email": "e-mails",
    "phone": "phones",
}


def warning_of(highlevel: SideField, timetonic: SideField) -> str:
    """What does not fit between two fields; empty where they go together."""
    if not highlevel.type or not timetonic.type:
        odd = highlevel if not highlevel.type else timetonic
        return f"{odd.title} is of type {odd.vendor_type}, which cannot be mapped"
    if timetonic.access == "read" and highlevel.access == "read":
        return "Neither side takes a value"
    return _misfit(highlevel.type, timetonic.type)


def _misfit(one: str, other: str) -> str:
    if one == other or {one, other} <= _TEXTUAL:
        return ""
    if {one, other} == {"date", "datetime"}:
        return "One side holds a day, the other a moment: the time of day is not kept"
    if other in _STRICT:
        return f"TimeTonic takes {_WORDS[other]} here, and HighLevel holds {_word(one)}"
    if one in _STRICT:
        return f"HighLevel takes {_WORDS[one]} here, and TimeTonic holds {_word(other)}"
    if (one in SET_TYPES) != (other in SET_TYPES) and "choice" in {one, other}:
        return "One side holds several values, the other a single one"
    return ""


def _word(type_name: str) -> str:
    return _WORDS.get(type_name, "text")


def connect(
    draft: KindDraft, highlevel: SideField, timetonic: SideField, *, base: KindMapping
) -> KindDraft:
    """The draft with one more line; lines that ended at either of the two make way.

    First and last name dropped on one column become one line of both. A pair of the
    default mapping gets that field's name and habits back.
    """
    both = _name_parts(draft, highlevel, timetonic)
    wires = both or (highlevel.name,)
    lines = {
        name: entry
        for name, entry in draft.lines.items()
        if not _ends(entry, wires, timetonic.name)
    }
    known = _known(base, wires, timetonic.name)
    if known is not None and known[0] not in lines:
        name, entry = known
    else:
        name = _name(highlevel, timetonic, taken=lines)
        entry = _entry(highlevel, timetonic, wires)
    place = _place(draft, lines, wires, timetonic.name)
    items = list(lines.items())
    items.insert(place, (name, entry))
    match_by = [each for each in draft.match_by if each == name or each in lines]
    return draft.model_copy(update={"lines": dict(items), "match_by": match_by})


def _ends(entry: Entry, wires: Collection[str], column: str) -> bool:
    return bool(set(places(entry, Side.HIGHLEVEL)) & set(wires)) or column in places(
        entry, Side.TIMETONIC
    )


def _place(
    draft: KindDraft, kept: Mapping[str, Entry], wires: Collection[str], column: str
) -> int:
    """Where the first line stood that made way; the end where none did."""
    for index, (name, entry) in enumerate(draft.lines.items()):
        if name not in kept and _ends(entry, wires, column):
            return index
    return len(kept)


def _name_parts(
    draft: KindDraft, highlevel: SideField, timetonic: SideField
) -> tuple[str, ...] | None:
    """Both halves of a name, where the other half stands on that column already."""
    if highlevel.name not in _NAMES:
        return None
    other = _NAMES[1 - _NAMES.index(highlevel.name)]
    for entry in draft.lines.values():
        on_column = timetonic.name in places(entry, Side.TIMETONIC)
        if on_column and other in places(entry, Side.HIGHLEVEL):
            return _NAMES
    return None


def _known(base: KindMapping, wires: tuple[str, ...], column: str) -> tuple[str, Entry] | None:
    for field in base.fields:
        if field.highlevel == wires and field.timetonic == column:
            return field.name, entry_of(field)
    return None


def _entry(highlevel: SideField, timetonic: SideField, wires: tuple[str, ...]) -> Entry:
    type_name = "name" if len(wires) > 1 else natural_type(highlevel, timetonic)
    entry: Entry = {
        "type": type_name,
        "highlevel": wires[0] if len(wires) == 1 else list(wires),
        "timetonic": timetonic.name,
        "direction": _direction(highlevel, timetonic),
        "on_conflict": "union" if type_name in SET_TYPES else "newest",
    }
    if type_name in {"choice", "multi_choice"}:
        # Options nobody listed are taken as they are: a closed list is a choice of its own.
        entry["open"] = True
    if type_name in SET_TYPES and timetonic.type in _TEXTUAL:
        entry["separator"] = ", "
    return entry


def natural_type(highlevel: SideField, timetonic: SideField) -> str:
    """The mapping type that suits both fields."""
    one, other = highlevel.type or "text", timetonic.type or "text"
    if other in _STRICT:
        return "date" if {one, other} == {"date", "datetime"} else other
    if one in {"tags", "owner", "note"}:
        return one
    if other in {"choice", "multi_choice"}:
        return one if one in {"choice", "multi_choice"} else other
    return "text" if one in _STRICT else one


def _direction(highlevel: SideField, timetonic: SideField) -> str:
    if highlevel.access == "read":
        return "to_timetonic"
    return "to_highlevel" if timetonic.access == "read" else "both"


def _name(highlevel: SideField, timetonic: SideField, *, taken: Collection[str]) -> str:
    """A neutral name nobody has yet, after the column."""
    bare = re.sub(r"[^a-z0-9]+", "_", timetonic.name.lower()).strip("_")
    wire = highlevel.name.removeprefix(CUSTOM)
    start = bare if bare.isidentifier() else re.sub(r"[^a-z0-9]+", "_", wire.lower()).strip("_")
    start = start if start.isidentifier() else "field"
    name, number = start, 1
    while name in taken:
        number += 1
        name = f"{start}_{number}"
    return name
