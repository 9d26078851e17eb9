"""The last step of a comparison: the day's figures are taken, and shown where wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from toolkit.app.costs import write_calls
from toolkit.app.day_figures import DayFigures, SyncHealth
from toolkit.app.metrics_day import MetricsBook
from toolkit.app.metrics_row import metric_row, plan_metric_row
from toolkit.app.report import failures_of
from toolkit.app.run_book import RunRecord
from toolkit.app.wiring import Parts
from toolkit.errors import NotFoundError
from toolkit.executor.context import RunContext
from toolkit.executor.run import apply_plan
from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Plan
from toolkit.planner.births import own_row_id
from toolkit.sides.listing import SidePort
from toolkit.sides.timetonic import TimeTonicSide

_TRIES: Final = 2
_WHOLE: Final = frozenset({"sync", "retry"})
"""Runs that look at everything."""


def take_figures(parts: Parts, run: RunRecord) -> DayFigures:
    """Count the day anew as this run leaves it; a second call counts nothing twice."""
    failures = failures_of(run.outcomes)
    began_at = run.started_at.isoformat()
    health = SyncHealth(
        last_run_at=began_at,
        equal_at=began_at if run.verb in _WHOLE and not failures else "",
        failures=len(failures),
        duration_s=round((parts.now() - run.started_at).total_seconds(), 3),
    )
    book = MetricsBook(parts.config, parts.store, now=parts.now)
    return book.take(health, sent=parts.meter.since(run.calls_before))


async def show_figures(
    parts: Parts,
    run: RunRecord,
    *,
    sides: Mapping[Side, SidePort],
    context: Callable[[], RunContext],
) -> None:
    """Take the day's figures, and bring the day's row of the book up to date.

    A quiet run leaves the row as it is. A row that somebody deleted is made again.

    Args:
        parts: Of the connection.
        run: About to end; told what was written.
        sides: Ready.
        context: A fresh one for each try.
    """
    figures = take_figures(parts, run)
    for _ in range(_TRIES):
        plan = plan_figures(parts, sides, figures)
        if plan is None:
            return
        trying = context()
        outcomes = await apply_plan(plan, trying)
        run.add_minimum(write_calls(sides, plan.writes))
        if all(each.error != NotFoundError.__name__ for each in outcomes):
            run.outcomes += outcomes
            run.writes_sent += trying.writes_sent
            return


def plan_figures(
    parts: Parts, sides: Mapping[Side, SidePort], figures: DayFigures
) -> Plan | None:
    """What brings the day's row up to date; None where nothing that matters has changed.

    A book without the table gets no row, and nobody is told: `metrics: {enabled: false}`
    would say no more.
    """
    config = parts.config
    if not config.metrics.is_shown or Kind.METRIC not in own_kinds(sides):
        return None
    row = metric_row(config.name, figures)
    link = parts.store.get_link(own_row_id(config.scope, row))
    wanted = plan_metric_row(config.scope, row, link)
    if wanted is None:
        return None
    return Plan(config.name, config.digest, operations=(wanted,))


def own_kinds(sides: Mapping[Side, SidePort]) -> frozenset[Kind]:
    """Kinds of our own rows that the book has a table for."""
    timetonic = sides.get(Side.TIMETONIC)
    if not isinstance(timetonic, TimeTonicSide):
        return frozenset()
    return timetonic.list_own_kinds()
