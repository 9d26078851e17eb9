"""Sentences in a person's language and time zone."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bot.words.catalogue import CATALOGUE, LANGUAGES
from bot.words.escape import Markup, clean, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_SOON: Final = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks one language.

    Attributes:
        language: `en` or `fr`; others are answered in English.
        zone: IANA name of the reader's time zone.
    """

    language: str = "en"
    zone: str = "UTC"

    def say(self, key: str, *, count: int | None = None, **values: object) -> Markup:
        """A sentence for `mrkdwn`: values are made harmless, `Markup` values stay."""
        return Markup(self._fill(key, count, values, escaped))

    def tell(self, key: str, *, count: int | None = None, **values: object) -> str:
        """A sentence for `plain_text`, titles and labels."""
        return self._fill(key, count, values, clean)

    def knows(self, key: str) -> bool:
        """Whether there is a sentence of this name."""
        return key in CATALOGUE

    def moment(self, at: datetime) -> Markup:
        """A time that Slack shows in each reader's own zone."""
        shown = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        unix = int(at.timestamp())
        return Markup(f"<!date^{unix}^{{date_short_pretty}} {{time}}|{shown}>")

    def clock(self, at: datetime) -> str:
        """Day and time in this reader's zone, for places where Slack shows plain text."""
        local = at.astimezone(ZoneInfo(self.zone))
        return f"{self.day(local.date())} {local:%H:%M}"

    def day(self, day: date) -> str:
        """A day written out: `Fri 27 Nov 2026`; due dates are days, not moments."""
        weekday = self.tell(f"weekday.{day.weekday()}")
        month = self.tell(f"month.{day.month}")
        return f"{weekday} {day.day} {month} {day.year}"

    def span(self, span: timedelta) -> str:
        """About how long: `2 min`, `3 h`, `4 days`."""
        if span < _SOON:
            return self.tell("span.seconds", count=max(0, round(span.total_seconds())))
        if span < _HOUR:
            return self.tell("span.minutes", count=round(span / _MINUTE))
        if span < _DAY:
            return self.tell("span.hours", count=round(span / _HOUR))
        return self.tell("span.days", count=round(span / _DAY))

    def number(self, number: int) -> str:
        """`12,345` or `12 345`."""
        return f"{number:,}".replace(",", "\u202f" if self.language == "fr" else ",")

    def _fill(
        self,
        key: str,
        count: int | None,
        values: Mapping[str, object],
        harmless: Callable[[str], str],
    ) -> str:
        phrase = CATALOGUE[key][1 if self.language == LANGUAGES[1] else 0]
        if isinstance(phrase, tuple):
            phrase = phrase[0 if self._is_one(count) else 1]
        ready = {name: harmless(_text(value)) for name, value in values.items()}
        if count is not None:
            ready["count"] = self.number(count)
        return string.Formatter().vformat(phrase, (), ready)

    def _is_one(self, count: int | None) -> bool:
        """French counts nothing as one thing, English as several."""
        if count is None:
            return True
        return count in {0, 1} if self.language == "fr" else count == 1


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)
