"""The fewest calls that could have done what a run did: what it is measured against."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import Outcome
from toolkit.model.plan import Create, Delete, Operation, Update
from toolkit.sides.listing import SidePort


def write_calls(sides: Mapping[Side, SidePort], writes: Iterable[object]) -> dict[Side, int]:
    """Fewest calls that carry these writes, with the batch sizes in force."""
    counts: dict[tuple[Side, Kind, bool], int] = {}
    for write in writes:
        if isinstance(write, Create | Update | Delete):
            key = (write.side, write.kind, isinstance(write, Delete))
            counts[key] = counts.get(key, 0) + 1
    calls = dict.fromkeys(Side, 0)
    for (side, kind, is_delete), count in counts.items():
        size = sides[side].batch_size(kind, "delete" if is_delete else "update")
        calls[side] += -(-count // size)
    return calls


def check_calls(
    sides: Mapping[Side, SidePort],
    outcomes: Sequence[Outcome],
    *,
    kinds: Collection[Kind],
    is_checked: bool,
) -> dict[Side, int]:
    """Fewest calls that prove nobody edited the records since they were seen."""
    calls = dict.fromkeys(Side, 0)
    counts: dict[tuple[Side, Kind], int] = {}
    for outcome in outcomes:
        operation = outcome.operation
        if isinstance(operation, Update | Delete):
            port, key = sides[operation.side], (operation.side, operation.kind)
            if is_checked or port.must_read_first(operation.kind, operation.op):
                counts[key] = counts.get(key, 0) + 1
    below = sum(kind in kinds for kind in (Kind.TASK, Kind.NOTE))
    calls[Side.HIGHLEVEL] += below * sum(
        takes_children_along(each.operation) for each in outcomes
    )
    for (side, kind), count in counts.items():
        calls[side] += -(-count // sides[side].batch_size(kind, "update"))
    return calls


def takes_children_along(operation: Operation) -> bool:
    """Whether HighLevel deletes tasks and notes together with the record."""
    return (
        isinstance(operation, Delete)
        and operation.kind is Kind.CONTACT
        and operation.side is Side.HIGHLEVEL
        and operation.mode == "delete"
    )
