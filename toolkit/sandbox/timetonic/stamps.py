"""TimeTonic's three ways to say when (reference section 12, checked there on real answers)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
_TOKENS = (("YYYY", "%Y"), ("MM", "%m"), ("DD", "%d"))


class Clock(Protocol):
    """What the emulator needs of a clock."""

    def now(self) -> datetime:
        """The current moment, aware, UTC."""
        ...


class Stamps:
    """Server stamps: Unix seconds times 10,000, never the same one twice."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def tick(self) -> int:
        """The next stamp; greater than every stamp before, even when the clock stands still."""
        self._last = max(self._last + 1, int(self._clock.now().timestamp() * 10_000))
        return self._last

    def now(self) -> datetime:
        """The current moment, aware, UTC."""
        return self._clock.now()

    def epoch_s(self) -> int:
        """The current moment in whole Unix seconds."""
        return int(self._clock.now().timestamp())


def paris_text(moment: datetime) -> str:
    """`2019-05-27 13:55:06`: local time in Paris without offset, as `lastModified` is written."""
    return moment.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S")


def day_pattern(date_format: str) -> str:
    """A schema's `dateFormat` (`DD/MM/YYYY`) as strftime and strptime take it."""
    for token, directive in _TOKENS:
        date_format = date_format.replace(token, directive)
    return date_format
