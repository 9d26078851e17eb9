"""What the executor needs from the two systems and from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from toolkit.errors import VendorError
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, RunId, Side
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome
from toolkit.model.plan import Conflict, Write
from toolkit.model.records import Record
from toolkit.model.values import Value


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Where a record stands: its id and, for tasks and notes, its contact's id."""

    id: RecordId
    parent_id: RecordId | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create; blank fields are left out."""

    values: Mapping[str, Value]
    correlation: CorrelationKey
    parent_id: RecordId | None = None
    origin_id: RecordId | None = None


@dataclass(frozen=True, slots=True)
class RecordEdit:
    """Changed fields of an existing record; None clears the field."""

    ref: RecordRef
    changes: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Written:
    """A write the vendor confirmed.

    Attributes:
        record: The record as the answer shows it; None when the answer shows none.
    """

    id: RecordId
    record: Record | None = None


WriteResult: TypeAlias = Written | VendorError


class SystemPort(Protocol):
    """One vendor as neutral records. Every method may raise `VendorError`.

    Write methods answer one result per item, in order; an item whose outcome is not
    sure holds `UnknownOutcomeError`. They never repeat a write that may have happened.
    """

    side: Side
    concurrency: int
    """How many write batches may be under way at once."""

    def batch_size(self, kind: Kind, verb: str) -> int:
        """Records one call can carry (`create`, `update`, `delete`, `read`)."""
        ...

    def must_read_first(self, kind: Kind, verb: str) -> bool:
        """Whether such a write needs a fresh read of its record, however young the listing."""
        ...

    async def create_records(
        self, kind: Kind, records: Sequence[NewRecord]
    ) -> Sequence[WriteResult]:
        """Create up to `batch_size` records."""
        ...

    async def update_records(
        self, kind: Kind, edits: Sequence[RecordEdit]
    ) -> Sequence[WriteResult]:
        """Write only the given fields of up to `batch_size` records."""
        ...

    async def delete_records(
        self, kind: Kind, refs: Sequence[RecordRef], *, archive: bool
    ) -> Sequence[WriteResult]:
        """Delete, or mark as archived; a record already gone counts as done."""
        ...

    async def get_records(
        self, kind: Kind, refs: Sequence[RecordRef]
    ) -> Mapping[RecordId, Record | None]:
        """Fresh reads by id; None for a record that is gone."""
        ...

    async def list_children(self, ref: RecordRef) -> Sequence[Record]:
        """Tasks and notes that would vanish together with this contact, as they stand."""
        ...

    async def find_created(self, kind: Kind, record: NewRecord) -> Sequence[Record]:
        """Records that may be the result of this create; used after a lost answer.

        By correlation key first, else by match key, else by equal content under the
        same parent.
        """
        ...

    def settle_s(self, kind: Kind, record: NewRecord) -> float:
        """Seconds after which "not found" can be believed (search indexes lag)."""
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """An outcome with what is true afterwards.

    Attributes:
        link: The pair as it stands now; None: the stored link, if any, is removed.
        observed: The written record as it stands now; replaces the stored observation.
        forgotten: The record is gone: its stored observation is removed.
    """

    outcome: Outcome
    link: Link | None
    observed: Record | None = None
    forgotten: tuple[Side, RecordId] | None = None


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """A write whose intent is stored and whose outcome is not."""

    run_id: RunId
    operation: Write
    sent_at: datetime
    tries: int = 1


class LedgerPort(Protocol):
    """The durable memory the executor writes through. Each method is one transaction."""

    def get_link(self, link_id: LinkId) -> Link | None:
        """The stored pair."""
        ...

    def find_link_by_id(self, kind: Kind, side: Side, record_id: RecordId) -> Link | None:
        """The pair that holds this record, if any."""
        ...

    def was_done(self, link_id: LinkId) -> bool:
        """Whether a create under this name was ever carried out, whatever came of it since."""
        ...

    def get_observed(self, side: Side, kind: Kind, record_id: RecordId) -> Record | None:
        """The record as it was seen last on that side."""
        ...

    def record_intent(
        self, run_id: RunId, writes: Sequence[Write], lost: Sequence[Conflict] = ()
    ) -> None:
        """W1: the writes are about to be sent. For creates a `half` link is stored.

        `lost` are values that the writes replace although a person typed them.
        """
        ...

    def record_settled(self, run_id: RunId, settled: Sequence[Settled]) -> None:
        """W2: outcomes, links, observations and journal rows, all or nothing."""
        ...

    def list_pending(self) -> Sequence[PendingWrite]:
        """Writes sent by a run that did not live to hear the answer, oldest first."""
        ...
