"""When a call may start: clocks, pacers and the count of calls."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from toolkit.clients.window import CallWindow
from toolkit.errors import QuotaExhaustedError

if TYPE_CHECKING:
    from collections.abc import Mapping

# With the daily allowance gone and no reset announced, ask again after this long.
_UNKNOWN_RESET_S = 3600.0


class Clock(Protocol):
    """Time as an argument, so that no test ever waits."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 — this is the clock that others take

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run for `seconds`."""
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that jumps: `sleep` returns at once and the time has moved on.

    Args:
        start_at: What `now()` says first; aware, UTC.

    Attributes:
        sleeps: Every wait asked for, in seconds, in order.
    """

    def __init__(self, start_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start_at = start_at
        self._elapsed_s = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        """Seconds since this clock was made."""
        return self._elapsed_s

    def now(self) -> datetime:
        """The start plus everything slept or advanced."""
        return self._start_at + timedelta(seconds=self._elapsed_s)

    async def sleep(self, seconds: float) -> None:
        """Record the wait, move the time, and give other tasks one turn."""
        self.sleeps.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Move the time without a sleeper."""
        self._elapsed_s += max(0.0, seconds)


class Pacer(Protocol):
    """Decides when the next call may start, and learns from each answer."""

    async def acquire(self) -> None:
        """Return when one call may start.

        Raises:
            QuotaExhaustedError: Waiting would not help before the allowance is renewed.
        """
        ...

    def release(self) -> None:
        """The call has ended, with or without an answer; once for every `acquire`."""
        ...

    def learn(self, headers: Mapping[str, str]) -> None:
        """Read the vendor's limits from the headers (any case) of an answer."""
        ...

    def pause(self, seconds: float | None = None) -> None:
        """Start nothing for `seconds`; None means one whole window."""
        ...


class NoPacer:
    """Starts every call at once."""

    async def acquire(self) -> None:
        """Return at once."""

    def release(self) -> None:
        """Count nothing."""

    def learn(self, headers: Mapping[str, str]) -> None:
        """Learn nothing."""

    def pause(self, seconds: float | None = None) -> None:
        """Go on regardless."""


class WindowPacer:
    """At most `limit * share` calls in any window of `window_s` seconds, first come first served.

    A generic cell rate algorithm with a full burst would let two bursts touch, hence twice
    the limit in one window; one without bursts would waste an idle window. The calls
    themselves are remembered instead: an idle pacer lets its whole share go at once, and the
    call after that waits until one of them cannot be in the vendor's window any more.

    The limits follow HighLevel's `x-ratelimit-*` headers (marketplace docs, read 2026-11;
    `-daily-reset` is a duration in milliseconds, seen live by others). Calls that the vendor
    has counted and we have not, from another worker or an earlier process, take room too.

    Args:
        system: Named in errors.
        clock: Its `monotonic` and `sleep` are used.
        limit: Calls per window until the vendor says otherwise.
        share: Part of the limit we use, above 0 and up to 1; the rest is for others.
        window_s: Window length in seconds until the vendor says otherwise.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        system: str = "highlevel",
        limit: int = 100,
        share: float = 0.98,
        window_s: float = 10.0,
    ) -> None:
        self._clock = clock
        self._system = system
        self._share = share
        self._limit = limit
        self._capacity = _capacity(limit, share)
        self._window = CallWindow(window_s)
        self.daily_remaining: int | None = None
        self._daily_reset_at_s = 0.0
        self._not_before_s = 0.0
        self._gate = asyncio.Lock()
        self._ended = asyncio.Event()
        self._waiting = 0

    @property
    def limit(self) -> int:
        """Calls the vendor allows per window, as it said last."""
        return self._limit

    @property
    def capacity(self) -> int:
        """Calls allowed per window now."""
        return self._capacity

    @property
    def window_s(self) -> float:
        """Window length in seconds now."""
        return self._window.length_s

    async def acquire(self) -> None:
        """Return when one call may start; it counts until `release` and a window more.

        Raises:
            QuotaExhaustedError: The daily allowance is used up and not yet renewed.
        """
        if self._waiting == 0 and self._claim():
            return
        self._waiting += 1
        try:
            async with self._gate:
                while not self._claim():
                    await self._until_something_changes()
        finally:
            self._waiting -= 1

    def release(self) -> None:
        """The call has ended; once for every `acquire`."""
        self._window.end(self._clock.monotonic())
        self._ended.set()

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over the limits an answer announces; headers that are absent change nothing."""
        numbers = {name.lower(): value for name, value in headers.items()}
        if (limit := _count(numbers.get("x-ratelimit-max"))) is not None and limit > 0:
            self._limit = limit
            self._capacity = _capacity(limit, self._share)
        if interval_ms := _count(numbers.get("x-ratelimit-interval-milliseconds")):
            self._window.length_s = interval_ms / 1000
        self._learn_daily(numbers)
        if (remaining := _count(numbers.get("x-ratelimit-remaining"))) is not None:
            self._learn_foreign_calls(remaining)

    def pause(self, seconds: float | None = None) -> None:
        """Start nothing for `seconds` (None: one window); the longest pause asked for holds."""
        wait_s = self.window_s if seconds is None else seconds
        self._not_before_s = max(self._not_before_s, self._clock.monotonic() + wait_s)

    def _claim(self) -> bool:
        now_s = self._clock.monotonic()
        self._refuse_without_allowance(now_s)
        if now_s < self._not_before_s or self._window.used(now_s) >= self._capacity:
            return False
        self._window.begin()
        if self.daily_remaining is not None:
            self.daily_remaining -= 1
        return True

    async def _until_something_changes(self) -> None:
        now_s = self._clock.monotonic()
        if now_s < self._not_before_s:
            await self._clock.sleep(self._not_before_s - now_s)
        elif (free_at_s := self._window.free_at_s(self._capacity)) is not None:
            await self._clock.sleep(free_at_s - now_s)
        else:
            self._ended.clear()
            await self._ended.wait()

    def _refuse_without_allowance(self, now_s: float) -> None:
        if self.daily_remaining is None or self.daily_remaining > 0:
            return
        wait_s = self._daily_reset_at_s - now_s
        if wait_s <= 0:
            self.daily_remaining = None
            return
        raise QuotaExhaustedError(
            f"The daily allowance of {self._system} calls is used up",
            system=self._system,
            unchanged="Nothing was sent",
            remedy=f"It is renewed in about {max(1, round(wait_s / 60))} minutes",
        )

    def _learn_daily(self, numbers: Mapping[str, str]) -> None:
        remaining = _count(numbers.get("x-ratelimit-daily-remaining"))
        if remaining is None:
            return
        reset_ms = _count(numbers.get("x-ratelimit-daily-reset"))
        reset_s = _UNKNOWN_RESET_S if reset_ms is None else reset_ms / 1000
        self.daily_remaining = remaining
        self._daily_reset_at_s = self._clock.monotonic() + reset_s

    def _learn_foreign_calls(self, remaining: int) -> None:
        now_s = self._clock.monotonic()
        foreign = self._window.foreign(self._limit - remaining, now_s)
        # A difference within the unused part of the limit is what that part is for.
        if foreign > self._limit - self._capacity:
            self._window.add_foreign(min(foreign, self._capacity), now_s)


class CallCounter:
    """Counts calls per system and per operation; every try that was sent counts."""

    def __init__(self) -> None:
        self.by_operation: Counter[tuple[str, str]] = Counter()

    @property
    def total(self) -> int:
        """Calls of all systems."""
        return self.by_operation.total()

    @property
    def by_system(self) -> dict[str, int]:
        """Calls per system."""
        totals: Counter[str] = Counter()
        for (system, _), calls in self.by_operation.items():
            totals[system] += calls
        return dict(totals)

    def count(self, system: str, operation: str) -> None:
        """Add one call of `operation`, a template such as `GET /contacts/{id}`."""
        self.by_operation[system, operation] += 1


def _capacity(limit: int, share: float) -> int:
    return max(1, int(limit * share))


def _count(text: str | None) -> int | None:
    if text is None or not text.strip().isdecimal():
        return None
    return int(text)
