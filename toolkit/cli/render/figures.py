"""A connection's figures: today's, and leads by week."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.app.day_figures import figures_to_json, top_counts
from toolkit.cli.render.words import count, table

if TYPE_CHECKING:
    from toolkit.app.day_figures import Counts, Dashboard, DayFigures, Week

MOST_NAMES = 8
_BLANK = "(none)"


def render_dashboard(dashboard: Dashboard) -> Iterator[RenderableType]:
    """The newest day in figures, then the weeks."""
    latest = dashboard.latest
    if latest is None:
        yield Text("There are no figures yet: they are taken by every sync.")
        return
    yield Text(f"Figures of {latest.day.isoformat()}", style="bold")
    yield _day_table(latest)
    made = table("Week", "New", "Won", "Conversion", "Days seen")
    for week in dashboard.weeks:
        made.add_row(week.week, f"{week.new:,}", f"{week.won:,}", _share(week), str(week.days))
    yield made


def _day_table(day: DayFigures) -> RenderableType:
    census, health = day.census, day.health
    made = table("", "")
    rows = {
        "Contacts": f"{census.contacts:,} ({day.new_contacts:,} new, {day.won_contacts:,} won)",
        "By stage": _shown(census.by_stage),
        "By source": _shown(census.by_source),
        "By owner": _shown(census.by_owner),
        "Tasks": f"{census.tasks:,} ({census.open_tasks:,} open, "
        f"{census.overdue_tasks:,} overdue)",
        "Notes": f"{census.notes:,}",
        "Appointments": f"{census.appointments:,}",
        "Last run": f"{health.last_run_at[:19].replace('T', ' ')}, {health.duration_s:g} s, "
        f"{count(health.failures, 'failure')}, {count(health.conflicts, 'conflict')} open",
        "Calls today": _shown(day.api.today),
        "Calls left": _shown(day.api.left) or "nobody told",
    }
    for name, text in rows.items():
        made.add_row(name, text)
    return made


def _shown(counts: Counts) -> str:
    few = top_counts(counts, MOST_NAMES)
    return ", ".join(f"{name or _BLANK} {number:,}" for name, number in few.items())


def _share(week: Week) -> str:
    return "-" if week.conversion is None else f"{100 * week.conversion:.0f} %"


def dashboard_json(dashboard: Dashboard) -> dict[str, Any]:
    """The same for machines, the whole history asked for."""
    return {
        "days": [figures_to_json(each) for each in dashboard.days],
        "weeks": [
            {
                "week": each.week,
                "new": each.new,
                "won": each.won,
                "conversion": each.conversion,
                "days": each.days,
            }
            for each in dashboard.weeks
        ],
    }
