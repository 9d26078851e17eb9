"""The list of runs as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.log import show_moment
from toolkit.cli.render.words import show_counts, table

if TYPE_CHECKING:
    from toolkit.model.ids import RunId
    from toolkit.store import RunEntry

COUNTED = ("created", "updated", "deleted", "linked", "unlinked", "failed", "unknown")


Counts: TypeAlias = "Mapping[RunId, Mapping[str, int]]"
"""Run -> word -> records, from the journal: of runs whose report cannot tell."""


def render_runs(runs: Sequence[RunEntry], counts: Counts) -> Iterator[RenderableType]:
    """One line a run, newest first."""
    if not runs:
        yield Text("There is no run yet. Start with: hightonic sync")
        return
    made = table("Run", "Began (UTC)", "What", "Ended", "Counts", whole=("Run", "Began (UTC)"))
    for run in runs:
        made.add_row(
            run.id,
            show_moment(run.started_at),
            run.verb,
            run.verdict or run.state.value,
            show_counts(_counted(run, counts), most=len(COUNTED)) or "-",
        )
    yield made


def runs_json(runs: Iterable[RunEntry], counts: Counts) -> list[dict[str, Any]]:
    """The same for machines; `report` is null for a run that did not end."""
    return [
        {
            "run_id": run.id,
            "verb": run.verb,
            "state": run.state.value,
            "verdict": run.verdict,
            "started_at": run.started_at.isoformat().replace("+00:00", "Z"),
            "plan_hash": run.plan_hash,
            "counts": _counted(run, counts),
            "report": json.loads(run.report) if run.report else None,
        }
        for run in runs
    ]


def _counted(run: RunEntry, counts: Counts) -> dict[str, int]:
    known = counts.get(run.id)
    sums = _reported(run) if known is None else known
    return {word: sums[word] for word in COUNTED if sums.get(word)}


def _reported(run: RunEntry) -> dict[str, int]:
    if not run.report:
        return {}
    kinds = json.loads(run.report).get("kinds", {}).values()
    sides = [tally for kind in kinds for tally in kind.values()]
    return {word: sum(tally.get(word, 0) for tally in sides) for word in COUNTED}
