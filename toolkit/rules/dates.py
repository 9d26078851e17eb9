"""Dates in words: `+2 business days`, `next monday 09:00`, `in 4 hours`.

    moment = [start] {step} [clock]            at least one of them
    start  = now | today | tomorrow | YYYY-MM-DD | YYYY-MM-DDTHH:MM[:SS][Z|+HH:MM]
    step   = (+ | - | in) NUMBER unit | next (WEEKDAY | business day)
    unit   = minutes | hours | days | business days | weeks | months | years
    clock  = [at] HH:MM                        as the office's clocks show it

Days are counted on the office's clocks, so that a day in which they are moved is still one
day; hours and minutes pass by themselves. A moment that names days only is the end of the
office's day; a clock alone is the next time the clocks show it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from toolkit.rules.calendar import Calendar
from toolkit.rules.problems import RuleProblemError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_START = re.compile(
    r"(?:(?P<word>now|today|tomorrow)|(?P<iso>\d{4}-\d\d-\d\d"
    r"(?:t\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:\d\d)?)?))(?=\s|\Z)\s*"
)
_STEP = re.compile(
    r"(?P<sign>\+|-|in\s)\s*(?P<count>\d{1,4})\s+"
    r"(?P<unit>minute|hour|day|week|month|year|(?:business|work|working)\s+day)s?"
    r"(?=\s|\Z)\s*"
)
_NEXT = re.compile(rf"next\s+(?P<day>{'|'.join(_DAYS)}|business\s+day)(?=\s|\Z)\s*")
_CLOCK = re.compile(r"(?:at\s+)?(?P<clock>(?:[01]\d|2[0-3]):[0-5]\d)\Z")
EARLIEST, LATEST = 1, 9999
"""Years on whose edge a change of zone leaves the calendar; dates keep away from both."""
HOW = "For example `+2 business days`, `next monday 09:00`, `in 4 hours` or `2026-12-31`"


@dataclass(frozen=True, slots=True)
class _Step:
    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A date in words, read.

    Attributes:
        start: `now`, `today`, an ISO day or instant; empty where none was said.
        steps: From there on, in order; a weekday's name as the unit means the next one.
        clock: `HH:MM` at the end, where it was said.
    """

    start: str
    steps: tuple[_Step, ...]
    clock: str | None

    @property
    def is_day(self) -> bool:
        """Whether it names a day and no time of day."""
        is_timed = self.start == "now" or _is_instant(self.start)
        steps_by_time = any(step.unit in {"hour", "minute"} for step in self.steps)
        return self.clock is None and not is_timed and not steps_by_time

    def resolve(self, at: datetime, calendar: Calendar) -> datetime:
        """The UTC instant it means when said at `at`.

        Raises:
            RuleProblemError: It leaves the years 2 to 9998.
        """
        try:
            moment = self._resolve(at, calendar)
        except (OverflowError, ValueError) as error:
            raise RuleProblemError("the date is out of range") from error
        if not EARLIEST < moment.year < LATEST:
            raise RuleProblemError("the date is out of range")
        return moment

    def resolve_day(self, at: datetime, calendar: Calendar) -> date:
        """The day it falls on, by the office's clocks.

        Raises:
            RuleProblemError: It leaves the years 2 to 9998.
        """
        return calendar.local(self.resolve(at, calendar)).date()

    def _resolve(self, at: datetime, calendar: Calendar) -> datetime:
        local, is_exact = self._begin(at, calendar)
        for step in self.steps:
            if step.unit in {"hour", "minute"}:
                is_exact = True
                passed = timedelta(**{f"{step.unit}s": step.count})
                local = calendar.local(calendar.instant(local) + passed)
            else:
                local = _stepped(local, step, calendar)
        if self.clock is not None:
            local = datetime.combine(local.date(), time.fromisoformat(self.clock))
            is_alone = not self.start and not self.steps
            if is_alone and calendar.instant(local) <= at:
                local += timedelta(days=1)
        elif not is_exact:
            return calendar.end_of(local.date())
        return calendar.instant(local).replace(microsecond=0)

    def _begin(self, at: datetime, calendar: Calendar) -> tuple[datetime, bool]:
        if self.start in {"", "now", "today"}:
            return calendar.local(at), self.start == "now"
        given = datetime.fromisoformat(self.start.upper())
        local = given if given.tzinfo is None else calendar.local(given)
        return local, _is_instant(self.start)


@lru_cache(maxsize=1024)
def read_moment(text: str) -> Moment:
    """A date in words.

    Raises:
        RuleProblemError: It cannot be read.
    """
    rest = " ".join(text.lower().split())
    found = _START.match(rest)
    start, steps = "", list[_Step]()
    if found is not None:
        rest = rest[found.end() :]
        start = found["word"] or found["iso"]
    if start == "tomorrow":
        start, steps = "today", [_Step(1, "day")]
    _check_start(start)
    more, rest = _read_steps(rest)
    steps += more
    clock = _CLOCK.match(rest)
    if (rest and clock is None) or not text.strip():
        raise RuleProblemError("this date cannot be read", remedy=HOW)
    return Moment(start, tuple(steps), clock["clock"] if clock else None)


def instant_text(moment: datetime) -> str:
    """An aware instant as neutral values have it."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def _is_instant(start: str) -> bool:
    return start[:1].isdigit() and "t" in start


def _check_start(start: str) -> None:
    if start in {"", "now", "today"}:
        return
    try:
        datetime.fromisoformat(start.upper())
    except ValueError as error:
        raise RuleProblemError("there is no such day", remedy=HOW) from error


def _read_steps(rest: str) -> tuple[list[_Step], str]:
    steps: list[_Step] = []
    while True:
        if found := _STEP.match(rest):
            count = int(found["count"]) * (-1 if found["sign"] == "-" else 1)
            unit = "work day" if " " in found["unit"] else found["unit"]
            steps.append(_Step(count, unit))
        elif found := _NEXT.match(rest):
            unit = "work day" if " " in found["day"] else found["day"]
            steps.append(_Step(1, unit))
        else:
            return steps, rest
        rest = rest[found.end() :]


def _stepped(local: datetime, step: _Step, calendar: Calendar) -> datetime:
    from dateutil.relativedelta import relativedelta

    if step.unit == "work day":
        return datetime.combine(calendar.shift(local.date(), step.count), local.time())
    if step.unit in _DAYS:
        ahead = (_DAYS.index(step.unit) - local.weekday() - 1) % 7 + 1
        return local + timedelta(days=ahead)
    match step.unit:
        case "day":
            return local + relativedelta(days=step.count)
        case "week":
            return local + relativedelta(weeks=step.count)
        case "month":
            return local + relativedelta(months=step.count)
        case _:
            return local + relativedelta(years=step.count)
