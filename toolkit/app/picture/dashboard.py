"""The dashboard of a connection as a picture: the notebook's and the mailed page's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from toolkit.app.day_figures import top_counts
from toolkit.app.picture.charts import (
    Bar,
    Beat,
    Point,
    Tone,
    bars,
    beats,
    card,
    columns,
    meter,
    nothing,
    tile,
    trend,
)
from toolkit.app.picture.node import Node, node
from toolkit.app.picture.sides import both_sides
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from toolkit.app.day_figures import Counts, Dashboard, DayFigures
    from toolkit.app.overview import Overview
    from toolkit.app.status import ConnectionStatus
    from toolkit.store import RunEntry

_NAMES: Final = 8
_WEEKS: Final = 12
_OTHER: Final = "other"
_LATE_S: Final = 3_600
_HIGHLEVEL_DAY: Final = 200_000
"""Calls a day and location (HighLevel's rate limits, marketplace docs, read 2026-11)."""


def draw_dashboard(view: Overview) -> Node:
    """All of it, top to bottom as people look for it."""
    latest = view.history.latest
    if latest is None:
        sentence = "There are no figures yet: they are taken by every sync. Run one first."
        return node("div", _head(view), nothing(sentence), class_="pic")
    census = latest.census
    cards = [
        card("Both systems", both_sides(view), is_wide=True),
        card("Contacts by lifecycle stage", _shares(census.by_stage, "lifecycle_stage")),
        card("Contacts by source", _shares(census.by_source, "source")),
        card("Contacts by owner", _shares(census.by_owner, "owner_id")),
        card(
            "New leads per week", _weeks(view.history), note="ISO weeks; won ones beside them"
        ),
        card("Contacts and open tasks", _growth(view.history)),
        card("API use", *_use(view, latest)),
        card(
            "Runs", draw_runs(view.runs), note="Taller took longer; ▲ left something, ✕ failed"
        ),
    ]
    return node(
        "div",
        _head(view),
        node("div", *_tiles(view, latest), class_="pic-tiles"),
        node("div", *cards, class_="pic-cards"),
        class_="pic",
    )


def span(seconds: float | None) -> str:
    """A time span as people say it: `4 min`; `never` for None."""
    if seconds is None:
        return "never"
    steps = ((86_400, "d"), (3_600, "h"), (60, "min"))
    for length, unit in steps:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _head(view: Overview) -> Node:
    status = view.status
    state = _state(status)
    return node(
        "header",
        node("h2", status.name),
        node("p", f"{state} · as of {view.at:%Y-%m-%d %H:%M} UTC", class_="pic-note"),
    )


def _state(status: ConnectionStatus) -> str:
    if status.is_paused:
        return "Paused: nothing is written until somebody resumes"
    if not status.leave.is_granted:
        return f"Plan only: {status.leave.happened}"
    return f"In step every {status.every_minutes} minutes, writing is on"


def _tiles(view: Overview, latest: DayFigures) -> list[Node]:
    census, status = latest.census, view.status
    late = status.lag_s is None or status.lag_s > _LATE_S
    gap = sum(latest.health.webhook_gap.values())
    return [
        tile("Contacts", f"{census.contacts:,}", note=f"{latest.new_contacts:,} new today"),
        tile(
            "Open tasks",
            f"{census.open_tasks:,}",
            note=f"{census.overdue_tasks:,} overdue",
            tone="warn" if census.overdue_tasks else "plain",
        ),
        tile(
            "Conflicts",
            f"{status.conflicts:,}",
            note="wait for a decision" if status.conflicts else "nothing to decide",
            tone="warn" if status.conflicts else "good",
        ),
        tile(
            "Last known equal",
            span(status.lag_s) + (" ago" if status.lag_s is not None else ""),
            note=f"{status.waiting:,} events wait",
            tone="warn" if late else "good",
        ),
        tile(
            "Failed writes",
            f"{latest.health.failures:,}",
            note="in the last run",
            tone="bad" if latest.health.failures else "good",
        ),
        tile(
            "Webhook gap",
            f"{gap:,}",
            note="changes no webhook told of",
            tone="warn" if gap else "good",
        ),
    ]


def _shares(counts: Counts, field: str) -> Node:
    few = top_counts(counts, _NAMES, rest=_OTHER)
    # `other` is many values: a click on it would show nobody.
    is_folded = len(counts) > _NAMES
    return bars(
        [
            Bar(
                name or "(blank)",
                count,
                picks={} if is_folded and name == _OTHER else {field: name or None},
            )
            for name, count in few.items()
        ],
        label=f"Contacts by {field.replace('_', ' ')}",
    )


def _weeks(history: Dashboard) -> Node:
    weeks = history.weeks[-_WEEKS:]
    points = [Point(each.week[5:], (each.new, each.won)) for each in weeks]
    return columns(points, names=("new", "won"), label="New and won contacts per week")


def _growth(history: Dashboard) -> Node:
    points = [
        Point(f"{each.day:%d %b}", (each.census.contacts, each.census.open_tasks))
        for each in history.days
    ]
    return trend(points, names=("contacts", "open tasks"), label="Contacts and open tasks")


def _use(view: Overview, latest: DayFigures) -> list[Node]:
    status, found = view.status, []
    left = status.left_today
    if left is not None and left <= _HIGHLEVEL_DAY:  # an emulator may have lifted its limit
        found.append(meter("HighLevel, today", _HIGHLEVEL_DAY - left, _HIGHLEVEL_DAY))
    if status.budget is not None:
        found.append(meter("TimeTonic, this month", status.budget.used, status.budget.limit))
    calls = [
        Bar(f"{side.label}, {word}", counts.get(side.value, 0))
        for side in Side
        for word, counts in (("today", latest.api.today), ("month", latest.api.month))
    ]
    return [*found, bars(calls, label="Calls sent")]


def draw_runs(runs: Sequence[RunEntry]) -> Node:
    """Runs over time; given the newest first, drawn the oldest first."""
    found = [
        Beat(f"{each.started_at:%d %b %H:%M} {each.verb}: {each.verdict}", took, tone_of(each))
        for each in reversed(runs)
        if (took := _took_s(each)) is not None
    ]
    return beats(found, label="The newest runs, oldest first")


def tone_of(run: RunEntry) -> Tone:
    """How a run ended: bad where it broke off, warn where it left something undone."""
    if run.verdict != "done":
        return "bad"
    report = json.loads(run.report or "{}")
    return "warn" if report.get("failures") or report.get("held") else "good"


def _took_s(run: RunEntry) -> float | None:
    ended: datetime | None = run.ended_at
    if ended is None:
        return None if run.report is None else float(json.loads(run.report)["duration_s"])
    return (ended - run.started_at).total_seconds()
