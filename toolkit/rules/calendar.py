"""Which days are worked, where, and what the clocks show there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORK_WEEK = frozenset(WEEKDAYS[:5])
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one office.

    Attributes:
        country: ISO code whose public holidays are free; None means none are.
        subdivision: Region with holidays of its own.
        work_days: Days of the week that are worked; never empty.
        closed: Further free days, `YYYY-MM-DD`.
        zone: IANA zone the office lives in.
        day_ends: `HH:MM`; what is due on a day is due then.
    """

    country: str | None = None
    subdivision: str | None = None
    work_days: frozenset[str] = _WORK_WEEK
    closed: frozenset[str] = frozenset()
    zone: str = "UTC"
    day_ends: str = "17:00"

    def is_work_day(self, day: date) -> bool:
        """Whether the office works on that day."""
        if WEEKDAYS[day.weekday()] not in self.work_days or day.isoformat() in self.closed:
            return False
        return day not in _holidays(self.country, self.subdivision, day.year)

    def shift(self, day: date, work_days: int) -> date:
        """The day so many working days on, or back where negative.

        Zero gives the day itself where it is worked, else the next one that is.

        Raises:
            OverflowError: Past the year 9999, or before the year 1.
        """
        step = _ONE_DAY if work_days >= 0 else -_ONE_DAY
        while work_days == 0 and not self.is_work_day(day):
            day += step
        for _ in range(abs(work_days)):
            day += step
            while not self.is_work_day(day):
                day += step
        return day

    def local(self, moment: datetime) -> datetime:
        """What the office's clocks show at an instant, without a zone."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def instant(self, local: datetime) -> datetime:
        """The UTC instant at which the office's clocks show that.

        A time the clocks skip in spring is read as if they had not been moved yet; of a
        time they show twice in autumn the first one counts.
        """
        return local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The instant up to which something is due on that day."""
        return self.instant(datetime.combine(day, time.fromisoformat(self.day_ends)))


def has_holidays(country: str, subdivision: str | None) -> bool:
    """Whether public holidays are known for the country and its subdivision."""
    import holidays

    try:
        holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return False
    return True


def list_countries() -> Mapping[str, list[str]]:
    """Country code -> its subdivisions, as the holidays package knows them."""
    import holidays

    return holidays.list_supported_countries(include_aliases=True)


@lru_cache(maxsize=256)
def _holidays(country: str | None, subdivision: str | None, year: int) -> frozenset[date]:
    if country is None:
        return frozenset()
    import holidays

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
