"""The figures of a run: for people, and as the JSON object machines read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import Outcome, OutcomeState, RunReport, Tally
from toolkit.model.plan import Conflict, Create, Delete, Join, Plan, Rebase, Unlink, Update

Tallies = dict[Kind, dict[Side, Tally]]


def count_outcomes(outcomes: Iterable[Outcome], conflicts: Sequence[Conflict]) -> Tallies:
    """Counts per kind and written side; links and unlinks count on HighLevel's line."""
    tallies: Tallies = {kind: {side: Tally() for side in Side} for kind in Kind}
    for outcome in outcomes:
        _count_one(tallies, outcome)
    for conflict in conflicts:
        for side in Side:
            tallies[conflict.kind][side].conflicts += 1
    return tallies


def _count_one(tallies: Tallies, outcome: Outcome) -> None:
    placed = _place(outcome)
    if placed is None:
        return
    side, word = placed
    if outcome.state is not OutcomeState.DONE:
        word = outcome.state.value
    tally = tallies[outcome.operation.kind][side]
    setattr(tally, word, getattr(tally, word) + 1)


def _place(outcome: Outcome) -> tuple[Side, str] | None:
    """The side and the word under which an operation is counted."""
    operation = outcome.operation
    match operation:
        case Create() | Update() | Delete():
            return operation.side, f"{operation.op}d"
        case Join():
            return Side.HIGHLEVEL, "linked"
        case Unlink():
            return (operation.gone[0] if operation.gone else Side.HIGHLEVEL), "unlinked"
        case Rebase():
            return None


def writes_needed(outcomes: Iterable[Outcome]) -> int:
    """Records whose content on a side truly had to change and was sent.

    What rules ask for is known only once the sync's own writes are done, and what follows
    from it only once that is done, so each of these counts for itself.
    """
    return len(
        {
            (o.operation.link_id, o.operation.side, *_asked(o.operation))
            for o in outcomes
            if isinstance(o.operation, Create | Update | Delete)
            and o.state is not OutcomeState.SKIPPED
        }
    )


def _asked(operation: Create | Update | Delete) -> tuple[str, ...]:
    if not operation.causes:
        return ()
    fields = operation.after if isinstance(operation, Update) else ()
    return (*operation.causes, *sorted(fields))


def report_to_json(report: RunReport) -> dict[str, Any]:
    """The one object `hightonic sync --json` ends with; every count is a plain number."""
    return {
        "run_id": report.run_id,
        "connection": report.connection,
        "verb": report.verb,
        "started_at": report.started_at.isoformat().replace("+00:00", "Z"),
        "duration_s": round(report.duration_s, 3),
        "plan_hash": report.plan_hash,
        "kinds": {
            kind.value: {side.value: asdict(tally) for side, tally in sides.items()}
            for kind, sides in report.tallies.items()
        },
        "conflicts": report.conflicts,
        "ambiguous": report.ambiguous,
        "findings": report.findings,
        "held": report.held,
        "approval": report.approval,
        "brakes": list(report.brakes),
        "failures": list(report.failures),
        "resting": list(report.resting),
        "rules": {name: asdict(tally) for name, tally in report.rules.items()},
        "held_rules": [asdict(each) for each in report.held_rules],
        "parked_rules": list(report.parked_rules),
        "writes": report.writes_sent,
        "api_calls": _by_name(report.api_calls),
        "minimum_api_calls": _by_name(report.minimum_api_calls),
        "api_ratio": round(report.api_ratio, 4),
        "write_amplification": round(report.write_amplification, 4),
    }


def _by_name(counts: Mapping[Side, int]) -> dict[str, int]:
    return {side.value: counts.get(side, 0) for side in Side}


def failures_of(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """One line per failed or unknown write, grouped by reason, most frequent first."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.state in {OutcomeState.FAILED, OutcomeState.UNKNOWN}:
            operation = outcome.operation
            line = f"{operation.op} {operation.kind}: {outcome.reason}"
            counts[line] = counts.get(line, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{count} x {line}" for line, count in ranked)


def brakes_of(plan: Plan) -> tuple[str, ...]:
    """The tripped brakes in words."""
    return tuple(brake.reason for brake in plan.brakes)
