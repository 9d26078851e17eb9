"""A plan in counts: what goes where and what stands against it; no personal values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Create, Delete, Join, Operation, Plan, Unlink, Update

VERBS: Final = ("create", "update", "delete")


def count_writes(operations: Iterable[Operation]) -> Counter[tuple[Kind, str, Side]]:
    """Writes by kind, verb and side."""
    return Counter(
        (op.kind, op.op, op.side)
        for op in operations
        if isinstance(op, Create | Update | Delete)
    )


def plan_summary(plan: Plan) -> dict[str, Any]:
    """The counts of a plan as JSON; no personal values."""
    counts = count_writes(plan.operations)
    return {
        "connection": plan.connection,
        "hash": plan.hash,
        "approval": plan.approval,
        "writes": {
            kind.value: {
                side.value: {verb: counts[kind, verb, side] for verb in VERBS} for side in Side
            }
            for kind in Kind
        },
        "links": sum(isinstance(op, Join) for op in plan.operations),
        "unlinks": sum(isinstance(op, Unlink) for op in plan.operations),
        "held": len(plan.held),
        "brakes": [brake.reason for brake in plan.brakes],
        "conflicts": len(plan.conflicts),
        "ambiguities": len(plan.ambiguities),
        "findings": len(plan.findings),
        "estimated_calls": {side.value: plan.estimated_calls.get(side, 0) for side in Side},
    }
