"""The monthly allowance of TimeTonic calls, counted here because the service does not tell.

Plans name a number of API calls a month (19,000 on the trial's screen); no answer carries the
rest (vendor's billing page, read 2026-11). What happens beyond it is unknown, so we stop first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from toolkit.clients.pacing import Clock
from toolkit.errors import QuotaExhaustedError


@dataclass(frozen=True, slots=True)
class MonthlyUse:
    """Calls of one calendar month (UTC), `month` as `YYYY-MM`."""

    month: str
    calls: int


class MonthlyCounter:
    """Counts every try and refuses the one beyond the limit.

    Args:
        clock: Says which month it is; the vendor's own reset day is not known.
        limit: Calls a month, 0 or more; None counts without refusing.
        use: What was counted before, by this or another process.
        save: Called with the new count after each try; must be quick and not raise.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        limit: int | None = None,
        use: MonthlyUse | None = None,
        save: Callable[[MonthlyUse], None] | None = None,
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._use = use or MonthlyUse(self._month(), 0)
        self._save = save

    @property
    def use(self) -> MonthlyUse:
        """This month's count so far."""
        month = self._month()
        return self._use if self._use.month == month else MonthlyUse(month, 0)

    @property
    def remaining(self) -> int | None:
        """Calls left this month; None without a limit."""
        return None if self._limit is None else max(0, self._limit - self.use.calls)

    def count(self) -> None:
        """Count one try that is about to be sent.

        Raises:
            QuotaExhaustedError: It would go beyond the limit; it is not counted.
        """
        if self.remaining == 0:
            raise QuotaExhaustedError(
                "The monthly budget of TimeTonic calls is used up",
                system="timetonic",
                unchanged="Nothing was sent",
                remedy="Raise the budget in the settings, or wait for the new month",
            )
        self._use = MonthlyUse(self.use.month, self.use.calls + 1)
        if self._save is not None:
            self._save(self._use)

    def _month(self) -> str:
        return f"{self._clock.now():%Y-%m}"
