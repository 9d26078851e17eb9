"""Slack's date tokens in a reader's language.

English as Slack's page on message formatting shows it (docs.slack.dev, read 2026-11). It shows
no other language, though its clients speak the reader's: French here is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_MONTHS: Final = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}
_DAYS: Final = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
}
_NEAR: Final = {
    "en": {0: "Today", -1: "Yesterday", 1: "Tomorrow"},
    "fr": {0: "aujourd’hui", -1: "hier", 1: "demain"},  # noqa: RUF001 — as French writes it
}
_SHORT_FRENCH: Final = [
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
]


def date_tokens(moment: datetime, days: int, language: str) -> dict[str, str]:
    """Token -> what a reader sees.

    Args:
        moment: On the reader's clock.
        days: From the reader's today to that moment.
        language: `en` or `fr`; any other reads English.
    """
    spoken = language if language in _MONTHS else "en"
    relative = _NEAR[spoken].get(days)
    date, short, long, slash = (_french if spoken == "fr" else _english)(moment)
    return {
        "date_num": f"{moment:%Y-%m-%d}",
        "date": date,
        "date_short": short,
        "date_long": long,
        "date_pretty": relative or date,
        "date_short_pretty": relative or short,
        "date_long_pretty": relative or long,
        "date_slash": slash,
        "date_long_full": long,
        "time": f"{moment:%H:%M}",
        "time_secs": f"{moment:%H:%M:%S}",
        "ago": _ago(days, spoken),
        "day_divider_pretty": relative or date,
    }


def _english(moment: datetime) -> tuple[str, str, str, str]:
    month = _MONTHS["en"][moment.month - 1]
    date = f"{month} {_ordinal(moment.day)}, {moment.year}"
    short = f"{month[:3]} {moment.day}, {moment.year}"
    return date, short, f"{_DAYS['en'][moment.weekday()]}, {date}", f"{moment:%m/%d/%Y}"


def _french(moment: datetime) -> tuple[str, str, str, str]:
    date = f"{moment.day} {_MONTHS['fr'][moment.month - 1]} {moment.year}"
    short = f"{moment.day} {_SHORT_FRENCH[moment.month - 1]} {moment.year}"
    return date, short, f"{_DAYS['fr'][moment.weekday()]} {date}", f"{moment:%d/%m/%Y}"


def _ordinal(day: int) -> str:
    teens = range(11, 14)
    ending = "th" if day in teens else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _ago(days: int, spoken: str) -> str:
    if days == 0:
        return _NEAR[spoken][0].lower()
    count = abs(days)
    plural = "" if count == 1 else "s"
    if spoken == "fr":
        return f"il y a {count} jour{plural}" if days < 0 else f"dans {count} jour{plural}"
    return f"{count} day{plural} ago" if days < 0 else f"in {count} day{plural}"
