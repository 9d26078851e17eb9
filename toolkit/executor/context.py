"""What one run needs and remembers, and where its records stand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.executor.port import LedgerPort, NewRecord, RecordRef, SystemPort
from toolkit.model.ids import LinkId, RecordId, RunId, Side
from toolkit.model.plan import Conflict, Create, Delete, Update
from toolkit.model.values import Value

Progress = Callable[[str, int, int], None]
"""Told (what, done, total) after every batch."""

GIVE_UP_AFTER = 20
"""Consecutive calls without an answer after which a side is left alone for this run."""


@dataclass(slots=True)
class RunContext:
    """What one run needs and remembers.

    Attributes:
        observed_at: When the plan's picture of the systems was taken.
        max_age_s: Older pictures are checked against a fresh read before a write.
        stop: Set to end early: running writes finish, nothing new starts.
        lost: Link and field -> the conflict that a policy decided, for the journal.
        closed: Side -> why nothing more is sent there in this run.
    """

    run_id: RunId
    ports: Mapping[Side, SystemPort]
    ledger: LedgerPort
    now: Callable[[], datetime]
    observed_at: datetime
    max_age_s: float = 60.0
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    progress: Progress = lambda _what, _done, _total: None
    lost: Mapping[tuple[LinkId, str], Conflict] = field(default_factory=dict)
    closed: dict[Side, str] = field(default_factory=dict)
    writes_sent: int = 0
    silent: dict[Side, int] = field(default_factory=dict)
    shown: dict[tuple[LinkId, Side], dict[str, Value]] = field(default_factory=dict)
    stored: dict[tuple[LinkId, Side], dict[str, Value]] = field(default_factory=dict)


def ref_of(write: Update | Delete, context: RunContext) -> RecordRef:
    """Where the record stands; the contact comes from the pair if the plan is silent."""
    if write.parent_id is not None or not write.kind.has_parent:
        return RecordRef(write.id, write.parent_id)
    link = context.ledger.get_link(write.link_id)
    parent = context.ledger.get_link(link.parent) if link and link.parent else None
    return RecordRef(write.id, parent.id_on(write.side) if parent else None)


def parent_id_of(write: Create, context: RunContext) -> RecordId | None:
    """Id, on the written side, of the contact a new record hangs on."""
    if write.parent is None:
        return None
    parent = context.ledger.get_link(write.parent)
    return parent.id_on(write.side) if parent is not None else None


def new_record(write: Create, context: RunContext) -> NewRecord:
    """The create as the port takes it."""
    return NewRecord(
        values={f: v for f, v in write.values.items() if v is not None},
        correlation=write.correlation,
        parent_id=parent_id_of(write, context),
        origin_id=write.origin_id or None,
    )
