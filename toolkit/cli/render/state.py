"""How a home stands, and what moved to another database, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.log import show_moment
from toolkit.cli.render.runs import runs_json
from toolkit.cli.render.words import count, show_calls, table
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from toolkit.app.status import ConnectionStatus, Status

Rows = Mapping[str, tuple[int, int]]


def render_status(status: Status) -> Iterator[RenderableType]:
    """The service in one line, then each connection under its name."""
    if status.service.is_running:
        yield Text("The service is running.", style="green")
    else:
        yield Text("The service is not running. Start it with: hightonic serve", style="bold")
    for process in status.service.processes:
        yield Text(f"  {process}", style="dim")
    for each in status.connections:
        made = table(each.name, "")
        for label, text in _lines(each, status.at):
            made.add_row(label, text)
        yield made


def _lines(each: ConnectionStatus, now: datetime) -> Iterator[tuple[str, str]]:
    yield (
        "Writes",
        f"yes: {each.leave.sentence}" if each.leave.is_granted else each.leave.sentence,
    )
    yield "Equal", _ago(each.lag_s)
    yield "Next sync", _next(each, now)
    for run in each.runs:
        ending = run.verdict or run.state.value
        yield "Run", f"{show_moment(run.started_at)} {run.verb}: {ending}"
    yield "Inbox", f"{each.waiting:,} waiting, {each.failed:,} given up"
    if each.conflicts:
        yield "Conflicts", f"{count(each.conflicts, 'field')} to decide: hightonic conflicts"
    yield "Calls this month", show_calls(each.calls)
    if each.left_today is not None:
        yield "HighLevel today", f"{each.left_today:,} calls left"
    if each.budget is not None:
        spent = f"{each.budget.left:,} of {each.budget.limit:,} calls left"
        yield "TimeTonic month", f"{spent}, {each.budget.forecast:,} expected"


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return "never yet"
    if seconds < 120:  # noqa: PLR2004 — two minutes read better as seconds
        return f"{seconds:.0f} s ago"
    minutes = seconds / 60
    return f"{minutes:.0f} min ago" if minutes < 120 else f"{minutes / 60:.0f} h ago"  # noqa: PLR2004


def _next(each: ConnectionStatus, now: datetime) -> str:
    rhythm = f"every {each.every_minutes} min while the service runs"
    if each.next_sync_at is None:
        return "paused" if each.is_paused else rhythm
    wait_s = (each.next_sync_at - now).total_seconds()
    return f"in {max(0.0, wait_s) / 60:.0f} min ({show_moment(each.next_sync_at)} UTC)"


def status_json(status: Status) -> dict[str, Any]:
    """The same for machines; times are ISO in UTC, unknown values null."""
    return {
        "at": _iso(status.at),
        "service": {
            "is_running": status.service.is_running,
            "processes": list(status.service.processes),
        },
        "connections": [_connection_json(each) for each in status.connections],
    }


def _connection_json(each: ConnectionStatus) -> dict[str, Any]:
    budget = each.budget
    return {
        "name": each.name,
        "writes": each.leave.is_granted,
        "obstacle": each.leave.obstacle.value if each.leave.obstacle else None,
        "is_paused": each.is_paused,
        "lag_s": each.lag_s,
        "next_sync_at": _iso(each.next_sync_at),
        "every_minutes": each.every_minutes,
        "runs": runs_json(each.runs, {}),
        "inbox": {
            "waiting": each.waiting,
            "failed": each.failed,
            "oldest_waiting_at": _iso(each.oldest_waiting_at),
        },
        "conflicts": each.conflicts,
        "calls_this_month": {side.value: each.calls[side] for side in Side},
        "quota_left": {
            "highlevel_today": each.left_today,
            "timetonic_month": budget.left if budget else None,
        },
        "timetonic_forecast": budget.forecast if budget else None,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def render_moved(rows: Rows) -> Iterator[RenderableType]:
    """Tables with rows, source and target side by side."""
    made = table("Table", "Rows read", "Rows written", whole=("Table",))
    for name, (read, written) in rows.items():
        if read or written:
            made.add_row(name, f"{read:,}", f"{written:,}")
    yield made
    yield Text("Both hold the same. The source was left as it is.")
    yield Text(
        "From now on set HIGHTONIC_DATABASE_URL to the target, and HIGHTONIC_KEY to the key "
        "that sealed the secrets."
    )


def moved_json(rows: Rows) -> dict[str, Any]:
    """The same for machines, every table named."""
    return {
        "tables": {
            name: {"read": read, "written": written} for name, (read, written) in rows.items()
        }
    }
