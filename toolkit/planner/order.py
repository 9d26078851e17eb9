"""The order of a plan: what others stand on first, what others hang on last."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Create, Delete, Join, Operation, Rebase, Unlink, Update

_KINDS = {kind: position for position, kind in enumerate(Kind)}
_LOCAL = 0
_STAGES = {  # (verb, is a contact) -> place
    ("create", True): 1,
    ("update", True): 2,
    ("create", False): 3,
    ("update", False): 4,
    ("delete", False): 5,
    ("delete", True): 6,
}


def ordered(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Local decisions, contacts, what hangs on them, then deletions from the leaves up."""
    return tuple(sorted(operations, key=_rank))


def side_of(operation: Operation) -> Side | None:
    """The side an operation writes to; for an unlink, the first on which it is gone."""
    match operation:
        case Create() | Update() | Delete():
            return operation.side
        case Unlink():
            return operation.gone[0] if operation.gone else None
        case Join() | Rebase():
            return None


def _rank(operation: Operation) -> tuple[int, int, str, str, str]:
    stage = _STAGES.get((operation.op, operation.kind is Kind.CONTACT), _LOCAL)
    side = side_of(operation) or ""
    return stage, _KINDS[operation.kind], side, operation.link_id, operation.op
