"""The day's row of TimeTonic's Metrics table: pure."""

from __future__ import annotations

from typing import Final

from toolkit.app.day_figures import DayFigures
from toolkit.model.ids import Kind
from toolkit.model.links import Link
from toolkit.model.plan import Create, Update
from toolkit.model.values import Value
from toolkit.planner.births import OwnRow, plan_own_row

RIDERS: Final = frozenset({"api_calls", "overdue_tasks", "sync_duration_s"})
"""What time and looking alone move; written along with other figures, never by itself."""


def metric_row(connection: str, figures: DayFigures) -> OwnRow:
    """The row of a connection's day; named by both, so a day has one row for ever."""
    census = figures.census
    day = figures.day.isoformat()
    values: dict[str, Value] = {
        "day": day,
        "connection": connection,
        "total_contacts": census.contacts,
        "new_contacts": figures.new_contacts,
        "won_contacts": figures.won_contacts,
        "total_tasks": census.tasks,
        "open_tasks": census.open_tasks,
        "overdue_tasks": census.overdue_tasks,
        "completed_tasks": census.completed_tasks,
        "notes": census.notes,
        "appointments": census.appointments,
        "conflicts": figures.health.conflicts,
        "failures": figures.health.failures,
        "api_calls": sum(figures.api.today.values()),
        "sync_duration_s": figures.health.duration_s,
    }
    return OwnRow(Kind.METRIC, f"{connection}/{day}", values)


def plan_metric_row(scope: str, row: OwnRow, link: Link | None) -> Create | Update | None:
    """What makes the row show the day; None where it shows every figure that matters.

    Args:
        scope: As in the sync policy.
        row: From `metric_row`.
        link: What is stored of the row; None where it was never made.
    """
    wanted = plan_own_row(scope, row, link)
    if isinstance(wanted, Update) and wanted.after.keys() <= RIDERS:
        return None
    return wanted
