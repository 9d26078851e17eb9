"""The catalogue: everything that can be called and everything that fires, in one typed list.

The command line (`hightonic catalog`, `hightonic call`), the assistant's door (`hightonic mcp`)
and the other front ends read it; nothing in it is written twice.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from toolkit.app.catalog.entry import Entry, Role, System, input_digest
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Entry",
    "Role",
    "System",
    "find_entries",
    "get_entry",
    "input_digest",
    "list_entries",
]


@cache
def list_entries() -> Mapping[str, Entry]:
    """Every entry by its id, in the order of the catalogue; built once a process."""
    from toolkit.app.catalog.highlevel import highlevel_entries
    from toolkit.app.catalog.hightonic import hightonic_entries
    from toolkit.app.catalog.timetonic import timetonic_entries
    from toolkit.app.catalog.triggers import trigger_entries

    entries = (
        *highlevel_entries(),
        *timetonic_entries(),
        *hightonic_entries(),
        *trigger_entries(),
    )
    return {entry.id: entry for entry in entries}


def get_entry(entry_id: str) -> Entry:
    """One entry.

    Raises:
        UseError: There is none; the nearest right id is told.
    """
    entries = list_entries()
    if entry := entries.get(entry_id):
        return entry
    near = get_close_matches(entry_id, entries, n=1, cutoff=0.5)
    raise UseError(
        "The catalogue has no such entry",
        unchanged="Nothing was sent",
        remedy=f"Did you mean {near[0]}?" if near else "See `hightonic catalog`",
    )


def find_entries(*, words: str = "", system: str = "", role: str = "") -> list[Entry]:
    """Entries that hold every word, of one system or role where named."""
    wanted = words.lower().split()
    return [
        entry
        for entry in list_entries().values()
        if system in ("", entry.system)
        and role in ("", entry.role)
        and all(word in f"{entry.id} {entry.title} {entry.summary}".lower() for word in wanted)
    ]
