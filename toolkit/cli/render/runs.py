"""The list of runs as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.log import show_moment
from toolkit.cli.render.words import show_counts, table

if TYPE_CHECKING:
    from toolkit.store import RunEntry

COUNTED = ("created", "updated", "deleted", "linked", "unlinked", "failed", "unknown")


def render_runs(runs: Sequence[RunEntry]) -> Iterator[RenderableType]:
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
            show_counts(_counts(run), most=len(COUNTED)) or "-",
        )
    yield made


def runs_json(runs: Iterable[RunEntry]) -> list[dict[str, Any]]:
    """The same for machines; `report` is null for a run that did not end."""
    return [
        {
            "run_id": run.id,
            "verb": run.verb,
            "state": run.state.value,
            "verdict": run.verdict,
            "started_at": run.started_at.isoformat().replace("+00:00", "Z"),
            "plan_hash": run.plan_hash,
            "report": json.loads(run.report) if run.report else None,
        }
        for run in runs
    ]


def _counts(run: RunEntry) -> dict[str, int]:
    if not run.report:
        return {}
    sides = [
        tally
        for kind in json.loads(run.report).get("kinds", {}).values()
        for tally in kind.values()
    ]
    sums = {word: sum(tally.get(word, 0) for tally in sides) for word in COUNTED}
    return {word: number for word, number in sums.items() if number}
