"""What the user decided about fields, deletions and brakes, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from toolkit.model.ids import Kind, Side


class Direction(StrEnum):
    """Where changes of a field or kind may flow."""

    BOTH = "both"
    TO_TIMETONIC = "to_timetonic"
    TO_HIGHLEVEL = "to_highlevel"

    def writes(self, side: Side) -> bool:
        """Whether values may be written to `side`."""
        if self is Direction.BOTH:
            return True
        return (self is Direction.TO_TIMETONIC) == (side is Side.TIMETONIC)


class ConflictPolicy(StrEnum):
    """Who wins when both sides changed one field differently."""

    ASK = "ask"
    HIGHLEVEL = "highlevel"
    TIMETONIC = "timetonic"
    NEWEST = "newest"
    LONGEST = "longest"
    UNION = "union"
    MAX = "max"
    MIN = "min"


class DeleteMode(StrEnum):
    """What a deletion on one side does on the other."""

    UNLINK = "unlink"
    ARCHIVE = "archive"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """One mapped field as the planner needs it.

    Attributes:
        is_set: Values are tuples merged element by element (tags, multi-choice).
        rides: Never compared (server-computed); written along with other changes only.
        create_only_on: Sides that take the field only while creating (HighLevel's
            companyName, marketplace docs, read 2026-11).
        rollup: Counted from the contact's tasks, never read from a side.
    """

    name: str
    direction: Direction = Direction.BOTH
    on_conflict: ConflictPolicy = ConflictPolicy.ASK
    is_set: bool = False
    rides: bool = False
    create_only_on: frozenset[Side] = field(default_factory=frozenset)
    rollup: Literal["total_tasks", "open_tasks"] | None = None


@dataclass(frozen=True, slots=True)
class Brakes:
    """Limits on one plan, per side, kind and class of operation."""

    delete_floor: int = 10
    delete_share: float = 0.02
    delete_cap: int = 50
    update_floor: int = 10
    update_share: float = 0.25
    create_floor: int = 10
    create_share: float = 0.25
    blank_floor: int = 5
    blank_share: float = 0.05
    shrink_share: float = 0.20


@dataclass(frozen=True, slots=True)
class KindPolicy:
    """One kind's fields and habits.

    Attributes:
        match_keys: Fields used once to find a partner, strongest first.
        on_delete: What a deletion seen on the key side does across.
        required_on_highlevel: At least one must be non-blank to create there; empty
            means no such rule.
        needed_on_highlevel: Each must be non-blank to create there.
    """

    kind: Kind
    fields: Mapping[str, FieldPolicy]
    match_keys: tuple[str, ...] = ()
    direction: Direction = Direction.BOTH
    on_delete: Mapping[Side, DeleteMode] = field(
        default_factory=lambda: {
            Side.HIGHLEVEL: DeleteMode.UNLINK,
            Side.TIMETONIC: DeleteMode.UNLINK,
        }
    )
    required_on_highlevel: frozenset[str] = field(default_factory=frozenset)
    needed_on_highlevel: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """Everything the planner must know of the user's wishes.

    Attributes:
        scope: Names location and book in correlation keys.
        first_sync_winner: Side whose value stands where two matched records differ
            and the field's own policy does not decide.
        clock_skew_s: Stamps closer than this do not decide `newest`.
    """

    scope: str
    kinds: Mapping[Kind, KindPolicy]
    brakes: Brakes = field(default_factory=Brakes)
    first_sync_winner: Side = Side.HIGHLEVEL
    clock_skew_s: float = 5.0
