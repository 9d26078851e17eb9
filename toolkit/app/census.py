"""Counting what a connection holds: pure, from stored pairs, without a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from toolkit.app.day_figures import Census
from toolkit.model.ids import Kind
from toolkit.model.links import Link, LinkState
from toolkit.model.values import Value

_STAGE, _SOURCE, _OWNER = "lifecycle_stage", "source", "owner_id"
_IS_DONE, _DUE_AT = "is_completed", "due_at"


def take_census(
    links: Iterable[Link],
    *,
    now: datetime,
    owner_name: Callable[[str], str] = lambda owner_id: owner_id,
) -> Census:
    """Counts over the live pairs: what both sides agreed on last.

    Args:
        links: Of any kind and state; only live pairs count.
        now: Aware; tasks due before it are overdue.
        owner_name: What people call an owner.
    """
    kinds: Counter[Kind] = Counter()
    shares = {name: Counter[str]() for name in (_STAGE, _SOURCE, _OWNER)}
    open_tasks = overdue = 0
    # Canonical instants are UTC text of one width, so they compare as they stand.
    moment = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for link in links:
        if link.state is not LinkState.LIVE:
            continue
        kinds[link.kind] += 1
        if link.kind is Kind.CONTACT:
            for name, counts in shares.items():
                counts[_word(link.base.get(name))] += 1
        elif link.kind is Kind.TASK and link.base.get(_IS_DONE) is not True:
            open_tasks += 1
            due_at = link.base.get(_DUE_AT)
            overdue += isinstance(due_at, str) and bool(due_at) and due_at < moment
    return Census(
        contacts=kinds[Kind.CONTACT],
        tasks=kinds[Kind.TASK],
        notes=kinds[Kind.NOTE],
        appointments=kinds[Kind.APPOINTMENT],
        open_tasks=open_tasks,
        overdue_tasks=overdue,
        by_stage=dict(shares[_STAGE]),
        by_source=dict(shares[_SOURCE]),
        by_owner=_renamed(shares[_OWNER], owner_name),
    )


def _word(value: Value) -> str:
    return "" if value is None else str(value)


def _renamed(counts: Counter[str], name_of: Callable[[str], str]) -> dict[str, int]:
    renamed: Counter[str] = Counter()
    for owner_id, count in counts.items():
        renamed[name_of(owner_id) if owner_id else ""] += count
    return dict(renamed)
