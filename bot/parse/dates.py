"""Days as people write them, in English and French.

Words are ours; written dates go to dateutil, with both languages' month names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from dateutil import parser
from dateutil.relativedelta import relativedelta

_DAYS: Final = {
    "today": 0,
    "tod": 0,
    "aujourd'hui": 0,
    "aujourd\u2019hui": 0,
    "auj": 0,
    "tomorrow": 1,
    "tmr": 1,
    "tom": 1,
    "demain": 1,
    "apr\u00e8s-demain": 2,
    "apres-demain": 2,
    "yesterday": -1,
    "hier": -1,
}
_WEEKDAYS: Final = (
    ("mon", "monday", "lun", "lundi"),
    ("tue", "tues", "tuesday", "mar", "mardi"),
    ("wed", "weds", "wednesday", "mer", "mercredi"),
    ("thu", "thur", "thurs", "thursday", "jeu", "jeudi"),
    ("fri", "friday", "ven", "vendredi"),
    ("sat", "saturday", "sam", "samedi"),
    ("sun", "sunday", "dim", "dimanche"),
)
_WEEKDAY_OF: Final = {name: i for i, names in enumerate(_WEEKDAYS) for name in names}
_NEXT: Final = re.compile(r"(?:next|this|on|ce|le)\s+(\w+)|(\w+)\s+prochain", re.IGNORECASE)
_AHEAD: Final = re.compile(
    r"(?P<sign>\+|-|in\s+|dans\s+)?(?P<n>\d{1,3})\s*"
    r"(?P<unit>d|days?|j|jours?|w|weeks?|sem|semaines?|mo|months?|mois|y|years?|ans?)"
    r"(?P<ago>\s+ago)?",
    re.IGNORECASE,
)
_TIME_AFTER: Final = re.compile(
    r"(?P<day>.*?\S)\s+(?:at\s+|\u00e0\s+|a\s+)?"
    r"(?P<hour>\d{1,2})(?:(?P<mark>[:h])(?P<minute>\d{2})?)?\s*(?P<half>am|pm)?",
    re.IGNORECASE,
)
_LOOKS_WRITTEN: Final = re.compile(r"\d")
_HAS_YEAR: Final = re.compile(r"\d{4}|\d+\D+\d+\D+\d+|[^\W\d]\D*\d+\D+\d+|\d+\s*[^\W\d]+\D*\d")
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2200
_HALF_DAY: Final = 12
_LONGEST: Final = 40


class _Names(parser.parserinfo):
    """Month names of both languages; weekday words stay dateutil's."""

    # dateutil matches whole words, so a French name never eats an English one.
    MONTHS: Any = [  # noqa: RUF012 — dateutil's own shape
        ("Jan", "January", "janvier", "janv"),
        ("Feb", "February", "f\u00e9vrier", "fevrier", "f\u00e9v", "fev"),
        ("Mar", "March", "mars"),
        ("Apr", "April", "avril", "avr"),
        ("May", "mai"),
        ("Jun", "June", "juin"),
        ("Jul", "July", "juillet", "juil"),
        ("Aug", "August", "ao\u00fbt", "aout"),
        ("Sep", "Sept", "September", "septembre"),
        ("Oct", "October", "octobre"),
        ("Nov", "November", "novembre"),
        ("Dec", "December", "d\u00e9cembre", "decembre", "d\u00e9c"),
    ]


_NAMES: Final = _Names()


@dataclass(frozen=True, slots=True)
class Written:
    """A day, with a time where one was written."""

    day: date
    time: time | None = None


def read_date(text: str, *, now: datetime, day_first: bool) -> Written | None:
    """The day a person means; None where the text is none.

    Args:
        text: Words or a written date, with or without a time of day.
        now: In the person's own zone.
        day_first: Whether 3/4 is the third of April.
    """
    bare = " ".join(text.lower().split()).rstrip(".")
    if not bare or len(bare) > _LONGEST:
        return None
    if (day := _by_words(bare, now.date())) is not None:
        return _sane(Written(day))
    match = _TIME_AFTER.fullmatch(bare)
    if match and (match["mark"] or match["half"]) and (clock := _clock(match)) is not None:
        inner = _by_words(match["day"], now.date()) or _by_writing(
            match["day"], now, day_first=day_first
        )
        return None if inner is None else _sane(Written(inner, clock))
    day = _by_writing(bare, now, day_first=day_first)
    return None if day is None else _sane(Written(day))


def _by_words(text: str, today: date) -> date | None:
    if text in _DAYS:
        return today + timedelta(days=_DAYS[text])
    named = _NEXT.fullmatch(text)
    word = (named[1] or named[2]) if named else text
    if word in _WEEKDAY_OF:
        # "Friday" said on a Friday is the next one: today has a word of its own.
        return today + timedelta(days=(_WEEKDAY_OF[word] - today.weekday() - 1) % 7 + 1)
    ahead = _AHEAD.fullmatch(text)
    return None if ahead is None else _ahead(ahead, today)


def _ahead(match: re.Match[str], today: date) -> date | None:
    is_back = match["sign"] == "-" or bool(match["ago"])
    number = -int(match["n"]) if is_back else int(match["n"])
    unit = match["unit"]
    if unit[0] in "dj":
        step = relativedelta(days=number)
    elif unit[0] in "ws":
        step = relativedelta(weeks=number)
    elif unit.startswith("mo"):
        step = relativedelta(months=number)
    else:
        step = relativedelta(years=number)
    try:
        return today + step
    except (ValueError, OverflowError):
        return None


def _clock(match: re.Match[str]) -> time | None:
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % _HALF_DAY + (_HALF_DAY if match["half"] == "pm" else 0)
    try:
        return time(hour, int(match["minute"] or 0))
    except ValueError:
        return None


def _by_writing(text: str, now: datetime, *, day_first: bool) -> date | None:
    # A bare number would be a day of this month to dateutil, which nobody means by it.
    if not _LOOKS_WRITTEN.search(text) or text.isdigit():
        return None
    is_year_first = bool(re.match(r"\d{4}", text))
    start = datetime(now.year, now.month, now.day)  # noqa: DTZ001 — a day has no zone
    try:
        found = parser.parse(
            text,
            parserinfo=_NAMES,
            default=start,
            dayfirst=day_first and not is_year_first,
            tzinfos=lambda _name, _offset: None,
        )
    except (ValueError, OverflowError, TypeError, ArithmeticError):
        return None
    if found.time() != time():
        return None
    day = found.date()
    # "3 Jan" said in November is the coming one.
    if day < now.date() and not _HAS_YEAR.search(text):
        day += relativedelta(years=1)
    return day


def _sane(written: Written) -> Written | None:
    return written if _FIRST_YEAR <= written.day.year <= _LAST_YEAR else None
