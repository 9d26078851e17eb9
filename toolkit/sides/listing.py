"""What one side is asked to list, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from toolkit.executor.port import SystemPort
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.records import Listing, Record

CONFIRM_AT_MOST = 200
"""Missing records read one by one before the listing itself is doubted."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What is known before listing.

    Attributes:
        known: Ids this side is believed to hold -> their contact's id.
        since: Only changes at or after this server stamp are needed; None: everything.
        parents: Contacts whose notes are read (HighLevel lists notes per contact).
        progress: Told (done, total) while listing; total 0 means unknown.
    """

    known: Mapping[RecordId, RecordId | None] = field(default_factory=dict)
    since: datetime | None = None
    parents: Sequence[RecordId] = ()
    progress: Callable[[int, int], None] = lambda _done, _total: None


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """A listing with what it cost at least.

    Attributes:
        high_water: Newest server stamp seen; where the next listing goes on.
        minimum_calls: The fewest calls that could have read the same.
    """

    listing: Listing
    minimum_calls: int
    high_water: datetime | None = None


class SidePort(SystemPort, Protocol):
    """A vendor that can also be listed."""

    async def list_records(self, kind: Kind, request: ListRequest) -> ListAnswer:
        """Everything of one kind, or what changed since; absences confirmed by reads."""
        ...

    async def find_matches(self, kind: Kind, record: Record) -> Sequence[Record]:
        """Records of this side that share a match key with one of the other side."""
        ...


def page_calls(count: int, page_size: int) -> int:
    """Calls needed to list `count` records; an empty list takes one."""
    return max(1, -(-count // page_size))


def suspicion(side: Side, kind: Kind, *, missing: int) -> str:
    """Why a listing that lacks too many known records is not believed."""
    return f"{side.label} did not show {missing} known {kind}s; none counts as deleted"
