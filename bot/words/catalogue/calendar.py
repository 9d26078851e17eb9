"""Days, months and spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.words.catalogue.entries import Entry

_WEEKDAYS: Final = (
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
)
_MONTHS: Final = (
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    [
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
    ],
)

CALENDAR: Final[dict[str, Entry]] = {
    **{f"weekday.{i}": pair for i, pair in enumerate(zip(*_WEEKDAYS, strict=True))},
    **{f"month.{i}": pair for i, pair in enumerate(zip(*_MONTHS, strict=True), 1)},
    "span.seconds": ("{count} s", "{count} s"),
    "span.minutes": ("{count} min", "{count} min"),
    "span.hours": ("{count} h", "{count} h"),
    "span.days": (("{count} day", "{count} days"), ("{count} jour", "{count} jours")),
}
