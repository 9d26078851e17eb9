"""What a plan costs: calls, minutes, and its share of the daily allowance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Create, Delete, Plan, Update

if TYPE_CHECKING:
    from collections.abc import Iterable

    from toolkit.model.plan import Operation

# Of HighLevel's published limits (marketplace docs, read 2026-11): 100 calls in 10 s, of
# which the pacer uses 95, and 200,000 a day.
CALLS_PER_S: Final = 9.5
CALLS_PER_DAY: Final = 200_000
# TimeTonic publishes none; an answer over the internet takes this long at least.
ANSWER_S: Final = 0.1

Operations = dict[tuple[Side, Kind, str], int]


def count_writes(plan: Plan) -> Operations:
    """Writes of a plan, those that a brake holds included, with the twins of new records."""
    counts: Counter[tuple[Side, Kind, str]] = Counter()
    for op in (*plan.operations, *plan.held):
        if isinstance(op, Create | Update | Delete):
            counts[op.side, op.kind, op.op] += 1
            if _has_twin(op):
                counts[op.side.other, op.kind, op.op] += 1
    return dict(counts)


def count_calls(writes: Mapping[tuple[Side, Kind, str], int], *, rows: int) -> dict[Side, int]:
    """Fewest calls of these writes and of the reads before them.

    Args:
        writes: As `count_writes` gives them.
        rows: Rows that one call to TimeTonic writes.
    """
    calls = dict.fromkeys(Side, 0)
    for (side, _, verb), count in writes.items():
        size = 1 if side is Side.HIGHLEVEL else max(1, rows)
        # What exists is read again first: a person may have edited it meanwhile.
        times = 1 if verb == "create" else 2
        calls[side] += times * -(-count // size)
    return calls


def minutes_of(calls: Mapping[Side, int]) -> float:
    """About how long these calls take; both sides are written at the same time."""
    highlevel_s = calls.get(Side.HIGHLEVEL, 0) / CALLS_PER_S
    return max(highlevel_s, calls.get(Side.TIMETONIC, 0) * ANSWER_S) / 60


def contacts_in(plan: Plan) -> int:
    """Contacts that a plan is about, new ones included."""
    return len(set(_contacts((*plan.operations, *plan.held))))


def _contacts(operations: Iterable[Operation]) -> Iterable[str]:
    for op in operations:
        parent = op.parent if isinstance(op, Create) else None
        yield parent or op.link_id


def _has_twin(op: Operation) -> bool:
    return isinstance(op, Create) and op.is_birth and op.kind.is_paired
