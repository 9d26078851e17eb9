"""Rate limits: a sliding window and a day, told in headers on every answer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from toolkit.sandbox.common import EmulatorClock

_DAY_MS = 86_400_000


@dataclass(slots=True)
class _Meter:
    starts: deque[float] = field(default_factory=deque)
    day: str = ""
    used_today: int = 0


@dataclass(slots=True)
class Limits:
    """Counts calls per bearer.

    Only calls that were let through count: whether HighLevel counts refused ones is not known, and
    counting them would keep a caller out that polls.

    Args:
        clock: Its monotonic time slides the window, its UTC day turns the daily count.
        burst: Calls a window.
        window_ms: Length of the window.
        daily: Calls a day.
    """

    clock: EmulatorClock
    burst: int
    window_ms: int
    daily: int
    _meters: dict[str, _Meter] = field(default_factory=dict)

    def admit(self, bearer: str) -> bool:
        """Count one call; False when it is one too many."""
        meter = self._meter(bearer)
        if meter.used_today >= self.daily or len(meter.starts) >= self.burst:
            return False
        meter.starts.append(self.clock.monotonic())
        meter.used_today += 1
        return True

    def headers(
        self, bearer: str, *, is_spent: bool = False, is_spent_today: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """The six headers; `x-ratelimit-daily-reset` is a duration, not a moment (seen live).

        Args:
            bearer: Whose calls are told.
            is_spent: Claim that nothing is left in the window, as a fault plan may.
            is_spent_today: Claim that nothing is left today.
        """
        meter = self._meter(bearer)
        left = 0 if is_spent else max(self.burst - len(meter.starts), 0)
        left_today = 0 if is_spent_today else max(self.daily - meter.used_today, 0)
        return (
            ("x-ratelimit-max", str(self.burst)),
            ("x-ratelimit-remaining", str(left)),
            ("x-ratelimit-interval-milliseconds", str(self.window_ms)),
            ("x-ratelimit-limit-daily", str(self.daily)),
            ("x-ratelimit-daily-remaining", str(left_today)),
            ("x-ratelimit-daily-reset", str(self._ms_to_midnight())),
        )

    def _meter(self, bearer: str) -> _Meter:
        meter = self._meters.get(bearer)
        if meter is None:
            meter = self._meters[bearer] = _Meter()
        oldest = self.clock.monotonic() - self.window_ms / 1000
        while meter.starts and meter.starts[0] <= oldest:
            meter.starts.popleft()
        today = self.clock.now().date().isoformat()
        if meter.day != today:
            meter.day, meter.used_today = today, 0
        return meter

    def _ms_to_midnight(self) -> int:
        now = self.clock.now()
        midnight: datetime = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return _DAY_MS - (now - midnight) // timedelta(milliseconds=1)
