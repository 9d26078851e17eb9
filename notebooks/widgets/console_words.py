"""What the console shows, as JSON: plans, reports, conflicts, journal lines, runs. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.plan_counts import VERBS, count_writes
from toolkit.app.report import report_to_json
from toolkit.model.ids import Kind, LinkId, Side

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.model.outcomes import RunReport
    from toolkit.model.plan import Ambiguity, Finding, Plan
    from toolkit.store import ConflictEntry, JournalEntry, RunEntry

_GROUPS: Final = 100
_FINDINGS: Final = 50


def plan_shown(plan: Plan) -> dict[str, Any]:
    """A plan in counts; `held` in the same way."""
    return {
        "hash": plan.hash,
        "writes": _rows(plan, is_held=False),
        "held": _rows(plan, is_held=True),
        "approval": plan.approval,
        "brakes": [each.reason for each in plan.brakes],
        "conflicts": len(plan.conflicts),
        "findings": [
            *map(_finding, plan.findings[:_FINDINGS]),
            *map(_finding, plan.ambiguities[:_FINDINGS]),
        ],
        "found": len(plan.findings) + len(plan.ambiguities),
        "calls": {side.label: plan.estimated_calls.get(side, 0) for side in Side},
    }


def report_shown(report: RunReport) -> dict[str, Any]:
    """What a run did."""
    told = report_to_json(report)
    rows = [
        {
            "kind": kind.value,
            "side": side.label,
            **{name: count for name, count in _tally(counts).items() if count},
        }
        for kind, sides in report.tallies.items()
        for side, counts in sides.items()
        if any(_tally(counts).values())
    ]
    return {
        "run": report.run_id,
        "verb": report.verb,
        "took_s": round(report.duration_s, 1),
        "writes": report.writes_sent,
        "rows": rows,
        "conflicts": report.conflicts,
        "held": report.held,
        "approval": report.approval,
        "brakes": list(report.brakes),
        "failures": list(report.failures),
        "resting": list(report.resting),
        "rules": told.get("rules", {}),
        "calls": {side.label: count for side, count in report.api_calls.items()},
    }


def conflict_groups(connection: Connection) -> tuple[list[dict[str, Any]], int]:
    """Open conflicts, one group a record, the oldest first; and how many fields there are."""
    entries = connection.conflicts()
    names = connection.contact_names()
    alike: dict[tuple[Kind, str], int] = {}
    for each in entries:
        key = each.conflict.kind, each.conflict.field
        alike[key] = alike.get(key, 0) + 1
    groups: dict[str, dict[str, Any]] = {}
    for each in entries:
        found = each.conflict
        group = groups.setdefault(
            found.link_id,
            {
                "id": found.link_id,
                "name": names.get(found.link_id, ""),
                "kind": found.kind.value,
                "since": _moment(each),
                "fields": [],
            },
        )
        group["fields"].append(_conflict(each, alike[found.kind, found.field] - 1))
    return [*groups.values()][:_GROUPS], len(entries)


def log_line(entry: JournalEntry, names: Mapping[LinkId, str]) -> dict[str, Any]:
    """One line of the activity log.

    Args:
        entry: Of the journal.
        names: What people call each contact.
    """
    fields = sorted({*entry.before, *entry.after})
    shown = {**entry.before, **entry.after}
    return {
        "at": f"{entry.at:%Y-%m-%d %H:%M:%S}",
        "who": names.get(entry.link_id) or str(shown.get("title") or shown.get("name") or ""),
        "run": entry.run_id,
        "what": f"{entry.verb} {entry.kind}",
        "side": entry.side.label if entry.side else "",
        "record": entry.record_id or "",
        "state": entry.state.value,
        "reason": entry.reason,
        "reference": entry.reference,
        "fields": [
            {"field": name, "before": entry.before.get(name), "after": entry.after.get(name)}
            for name in fields
        ],
    }


def run_line(run: RunEntry, counts: Mapping[str, int]) -> dict[str, Any]:
    """One run in the list."""
    report = json.loads(run.report) if run.report else {}
    return {
        "id": run.id,
        "verb": run.verb,
        "began": f"{run.started_at:%Y-%m-%d %H:%M:%S}",
        "ended": run.verdict or run.state.value,
        "took_s": report.get("duration_s"),
        "counts": {name: count for name, count in counts.items() if count},
        "failures": len(report.get("failures", ())),
    }


def _rows(plan: Plan, *, is_held: bool) -> list[dict[str, Any]]:
    counts = count_writes(plan.held if is_held else plan.operations)
    found = []
    for kind in Kind:
        for side in Side:
            row = {verb: counts[kind, verb, side] for verb in VERBS}
            if any(row.values()):
                found.append({"kind": kind.value, "side": side.label, **row})
    return found


def _finding(found: Finding | Ambiguity) -> str:
    field = getattr(found, "field", "")
    return f"{found.kind}{f', {field}' if field else ''}: {found.reason}"


def _tally(counts: Any) -> dict[str, int]:  # noqa: ANN401 — a Tally
    names = (name for name in counts.__slots__ if name != "conflicts")
    return {name: getattr(counts, name) for name in names}


def _conflict(entry: ConflictEntry, similar: int) -> dict[str, Any]:
    found = entry.conflict
    return {
        "id": entry.id,
        "field": found.field,
        "highlevel": found.highlevel,
        "timetonic": found.timetonic,
        "base": found.base,
        "similar": similar,
        "is_chosen": entry.resolution is not None,
    }


def _moment(entry: ConflictEntry) -> str:
    return f"{entry.opened_at:%Y-%m-%d %H:%M}"
