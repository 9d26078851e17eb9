"""The stored pair of one record on each side, and what was agreed last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.values import Value, Values


class LinkState(StrEnum):
    """How far a pair has come."""

    HALF = "half"
    """A create is under way or its answer was lost; nobody else may create it."""
    LIVE = "live"
    """Both ids are known and kept in step."""
    UNLINKED = "unlinked"
    """One side was deleted (or the twin undone); what is left is kept apart on purpose."""
    PARKED = "parked"
    """Not touched until a person says so; `reason` says why."""
    DELETED = "deleted"
    """Gone on both sides: a tombstone."""


@dataclass(frozen=True, slots=True)
class Link:
    """A pair, its identity and its agreed values.

    Attributes:
        base: Field -> value both sides agreed on last (mapped fields only).
        aliases: Side -> field -> value this side shows for an agreed `base` value: the
            server's own spelling of it, or a difference a person accepted (undo). A
            side whose value equals its alias has not changed.
        generation: Counts re-creations; part of the correlation key.
    """

    id: LinkId
    kind: Kind
    correlation: CorrelationKey
    highlevel_id: RecordId | None = None
    timetonic_id: RecordId | None = None
    state: LinkState = LinkState.LIVE
    parent: LinkId | None = None
    base: Values = field(default_factory=dict)
    aliases: Mapping[Side, Values] = field(default_factory=dict)
    generation: int = 0
    reason: str = ""
    fails: int = 0
    not_before: datetime | None = None

    def id_on(self, side: Side) -> RecordId | None:
        """The record's id on one side."""
        return self.highlevel_id if side is Side.HIGHLEVEL else self.timetonic_id

    def with_id(self, side: Side, record_id: RecordId | None) -> Link:
        """The same pair with one side's id set."""
        if side is Side.HIGHLEVEL:
            return replace(self, highlevel_id=record_id)
        return replace(self, timetonic_id=record_id)

    def shown_on(self, side: Side) -> dict[str, Value]:
        """What this side showed when the pair was last handled."""
        return {**self.base, **self.aliases.get(side, {})}


def deletion_reason(gone: Iterable[Side]) -> str:
    """Why a pair fell apart, where people deleted its records on these sides."""
    return f"deleted in {' and '.join(side.label for side in gone)}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """A person's stored choice for one conflicting field.

    It is void when either value has changed since (`fingerprint` names both).
    """

    link_id: LinkId
    field: str
    fingerprint: str
    value: Value
