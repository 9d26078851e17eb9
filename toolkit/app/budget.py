"""A month's calls to TimeTonic: how far they will go, and how much slower lets them last.

TimeTonic counts calls per month and plan and tells nobody how many are left, so we count.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from toolkit.app.happenings import Telling
from toolkit.model.events import Event, EventKind, Fact
from toolkit.model.ids import Side

LEVELS: Final = (80, 95)
"""Per cent of the budget at which a person is told, once a month each."""

_SLOWEST_MINUTES: Final = 1440
# Left to events and to people who press a button; comparisons share the rest.
_RESERVE: Final = 0.2
# Before a day has gone, a few first calls say nothing about a month.
_LEAST_GONE: Final = 1 / 31


@dataclass(frozen=True, slots=True)
class Budget:
    """A month's allowance as it stands.

    Attributes:
        limit: Calls in the month, above 0.
        used: Calls counted so far.
        at: Now, UTC.
    """

    limit: int
    used: int
    at: datetime

    @property
    def month(self) -> str:
        """`2026-11`."""
        return f"{self.at:%Y-%m}"

    @property
    def left(self) -> int:
        """Calls left; never below 0."""
        return max(0, self.limit - self.used)

    @property
    def left_minutes(self) -> float:
        """Minutes until the month ends."""
        return self._days() * 1440 - self._gone_minutes()

    @property
    def forecast(self) -> int:
        """Calls at the month's end if it goes on as it did."""
        gone = max(_LEAST_GONE, self._gone_minutes() / (self._days() * 1440))
        return max(self.used, round(self.used / gone))

    @property
    def level(self) -> int:
        """The highest of `LEVELS` that is reached; 0 for none."""
        share = 100 * self.used / self.limit
        return max((each for each in LEVELS if share >= each), default=0)

    def _days(self) -> int:
        return monthrange(self.at.year, self.at.month)[1]

    def _gone_minutes(self) -> float:
        begun = self.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return (self.at - begun).total_seconds() / 60


def stretched_minutes(
    every_minutes: int, budget: Budget | None, *, calls_each: float | None
) -> int:
    """The period at which what is left lasts until the month ends.

    The period is doubled until it does, at most up to one comparison a day; a budget that
    recovers (a new month) brings the period of the settings back.

    Args:
        every_minutes: As the settings have it, 1 to 1440.
        budget: None where there is no limit.
        calls_each: What a comparison costs; None where nobody knows yet.
    """
    if budget is None or not calls_each:
        return every_minutes
    spendable = (1 - _RESERVE) * budget.left
    minutes = every_minutes
    while minutes < _SLOWEST_MINUTES and budget.left_minutes / minutes * calls_each > spendable:
        minutes = min(minutes * 2, _SLOWEST_MINUTES)
    return minutes


def tell_budget(telling: Telling, budget: Budget, *, minutes: int) -> Iterator[Event]:
    """One event for each level and month.

    Args:
        telling: Who, and when.
        budget: As it stands.
        minutes: The period that follows from it.
    """
    if not budget.level:
        return
    facts: dict[str, Fact] = {
        "system": Side.TIMETONIC.value,
        "window": "month",
        "level": budget.level,
        "left": budget.left,
        "limit": budget.limit,
        "forecast": budget.forecast,
        "every_minutes": minutes,
    }
    yield telling.event(
        EventKind.QUOTA_LOW,
        Side.TIMETONIC.value,
        "month",
        facts=facts,
        once=f"budget:{budget.month}:{budget.level}",
    )
