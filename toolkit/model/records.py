"""The neutral form of a contact, task, note or appointment as one side shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.model.ids import CorrelationKey, Digest, Kind, RecordId, Side
from toolkit.model.values import Values, digest


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field whose value could not be read or written. Never holds the value."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record as observed on one side.

    Attributes:
        values: Neutral field -> canonical value; absent means not observed, None blank.
        parent_id: Id of the contact it hangs on, on the same side.
        correlation: Our key, where the record carries one.
        updated_at: The server's own stamp, aware UTC; None where the vendor has none.
        problems: Fields left out of `values` because they could not be read.
    """

    side: Side
    kind: Kind
    id: RecordId
    values: Values
    parent_id: RecordId | None = None
    correlation: CorrelationKey | None = None
    updated_at: datetime | None = None
    problems: tuple[FieldProblem, ...] = ()

    @property
    def digest(self) -> Digest:
        """Digest of the mapped values: server-computed fields never count."""
        return digest(dict(self.values))


@dataclass(frozen=True, slots=True)
class Listing:
    """What one side was seen to hold of one kind.

    Attributes:
        is_complete: The listing was whole and verified, so absence can mean deleted.
        gone: Ids whose absence a second, direct read confirmed; only these are deleted.
        unverified: Why the listing is not complete, for people; empty when it is.
        expected_count: What the server itself says it holds, where it says so.
    """

    side: Side
    kind: Kind
    records: Mapping[RecordId, Record]
    is_complete: bool = False
    gone: frozenset[RecordId] = field(default_factory=frozenset)
    unverified: str = ""
    expected_count: int | None = None
