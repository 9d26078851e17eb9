"""What journal lines say: whom they concern, and what a run truly did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from toolkit.model.outcomes import OutcomeState
from toolkit.store import JournalEntry

WRITES: Final = ("created", "updated", "deleted")
"""Words of what was written to a vendor."""

_WORDS: Final = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "join": "linked",
    "unlink": "unlinked",
}


def concerns(entry: JournalEntry, record: str) -> bool:
    """Whether the line is about this record: its id on either side, or its link's."""
    if record in {entry.record_id, entry.link_id}:
        return True
    operation = entry.operation
    ids = ("id", "origin_id", "highlevel_id", "timetonic_id")
    return any(getattr(operation, name, None) == record for name in ids)


def count_lines(entries: Iterable[JournalEntry]) -> dict[str, int]:
    """`created`, `updated`, ..., `failed`, `unknown` -> lines; those with any."""
    counts: Counter[str] = Counter()
    for entry in entries:
        word = _WORDS.get(entry.verb)
        if word is not None:
            counts[word if entry.state is OutcomeState.DONE else entry.state.value] += 1
    return dict(counts)
