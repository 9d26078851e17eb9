"""Counting what a connection holds: pure, from stored pairs, without a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from toolkit.app.day_figures import Census, top_counts
from toolkit.model.ids import Kind

NAMES: Final = 200
"""Stages, sources and owners kept by name; sources are free text, and a day is kept long."""

_STAGE, _SOURCE, _OWNER = "lifecycle_stage", "source", "owner_id"
_IS_DONE, _DUE_AT = "is_completed", "due_at"


def take_census(
    live: Iterable[tuple[Kind, Mapping[str, object]]],
    *,
    now: datetime,
    owner_name: Callable[[str], str] = lambda owner_id: owner_id,
) -> Census:
    """Counts over the live pairs.

    Args:
        live: Kind of each, and what both sides agreed on last.
        now: Aware; tasks due before it are overdue.
        owner_name: What people call an owner.
    """
    kinds: Counter[Kind] = Counter()
    shares = {name: Counter[str]() for name in (_STAGE, _SOURCE, _OWNER)}
    open_tasks = overdue = 0
    # Canonical instants are UTC text of one width, so they compare as they stand.
    moment = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for kind, values in live:
        kinds[kind] += 1
        if kind is Kind.CONTACT:
            for name, counts in shares.items():
                counts[_word(values.get(name))] += 1
        elif kind is Kind.TASK and values.get(_IS_DONE) is not True:
            open_tasks += 1
            due_at = values.get(_DUE_AT)
            overdue += isinstance(due_at, str) and bool(due_at) and due_at < moment
    return Census(
        contacts=kinds[Kind.CONTACT],
        tasks=kinds[Kind.TASK],
        notes=kinds[Kind.NOTE],
        appointments=kinds[Kind.APPOINTMENT],
        open_tasks=open_tasks,
        overdue_tasks=overdue,
        by_stage=top_counts(shares[_STAGE], NAMES),
        by_source=top_counts(shares[_SOURCE], NAMES),
        by_owner=top_counts(_renamed(shares[_OWNER], owner_name), NAMES),
    )


def _word(value: object) -> str:
    return "" if value is None else str(value)


def _renamed(counts: Counter[str], name_of: Callable[[str], str]) -> Counter[str]:
    renamed: Counter[str] = Counter()
    for owner_id, count in counts.items():
        renamed[name_of(owner_id) if owner_id else ""] += count
    return renamed
