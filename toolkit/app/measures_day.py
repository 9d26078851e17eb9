"""The newest day's figures as Prometheus gauges: few names, whatever the accounts hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from toolkit.app.day_figures import Counts, DayFigures, top_counts

NAMES: Final = 10
"""Stages and sources shown by name; each is a time series of its own for ever."""
_BLANK: Final = "none"

Gauges = dict[str, dict[tuple[str, ...], int]]
"""Field of `Measures` -> labels -> value."""


def gauges_of(days: Iterable[tuple[str, DayFigures]]) -> dict[str, Any]:
    """The fields of `Measures` that the figures fill.

    Args:
        days: Connection and its newest day; one that never ran is left out.
    """
    gauges: Gauges = {
        name: {} for name in ("records", "tasks", "steps", "stages", "sources", "conflicts")
    }
    for connection, figures in days:
        for field, counts in _by_field(figures).items():
            gauges[field] |= {(connection, name): count for name, count in counts.items()}
        gauges["conflicts"][(connection,)] = figures.health.conflicts
    return gauges


def _by_field(figures: DayFigures) -> Mapping[str, Counts]:
    census = figures.census
    return {
        "records": {
            "contact": census.contacts,
            "task": census.tasks,
            "note": census.notes,
            "appointment": census.appointments,
        },
        "tasks": {
            "open": census.open_tasks,
            "overdue": census.overdue_tasks,
            "completed": census.completed_tasks,
        },
        "steps": {"new": figures.new_contacts, "won": figures.won_contacts},
        "stages": _few(census.by_stage),
        "sources": _few(census.by_source),
    }


def _few(counts: Counts) -> dict[str, int]:
    named: Counter[str] = Counter()
    for name, count in counts.items():
        named[name or _BLANK] += count
    return top_counts(named, NAMES)
