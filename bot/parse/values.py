"""What words mean: dates in the reader's own time zone, spans, people, channels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.parse.dates import read_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from bot.parse.words import Word

_SPAN: Final = re.compile(r"(\d{1,4})\s*(w|sem|d|j|h|min|m)", re.IGNORECASE)
_SPAN_MINUTES: Final = {
    "w": 7 * 24 * 60,
    "sem": 7 * 24 * 60,
    "d": 24 * 60,
    "j": 24 * 60,
    "h": 60,
    "min": 1,
    "m": 1,
}
_LONGEST: Final = timedelta(days=366)
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:h](\d{2})?)?\s*(am|pm)?\Z", re.IGNORECASE)
_HALF_DAY: Final = 12
_LAST_HOUR: Final = 23
_LAST_MINUTE: Final = 59


@dataclass(frozen=True, slots=True)
class Due:
    """A day, and a time of that day where one was said; both in `zone`."""

    day: date
    time: time | None
    zone: str


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody: a Slack id, or the name that was typed, or `me`."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """A channel: a Slack id, or the name that was typed."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A limit: `due<7d` is everything due before that day."""

    operator: str
    value: Due


Argument: TypeAlias = (
    str | int | timedelta | time | Due | PersonRef | ChannelRef | Compared | tuple[str, ...]
)


def read_due(text: str, *, now: datetime, zone: ZoneInfo, day_first: bool) -> Due | None:
    """The day a person means, reckoned in their own zone; None where it is no day.

    Args:
        text: `tomorrow`, `fri`, `+3d`, `2026-12-24`, `24/12 15:00`, `demain`, ...
        now: Aware.
        zone: The person's.
        day_first: Whether 3/4 is the third of April.
    """
    found = read_date(text, now=now.astimezone(zone), day_first=day_first)
    if found is None:
        return None
    return Due(found.day, found.time, zone.key)


def read_span(text: str) -> timedelta | None:
    """`90m`, `1h30m`, `2d`, `1w`; at most a year; None where it is none."""
    bare = re.sub(r"\s+", "", text)
    parts = _SPAN.findall(bare)
    if not parts or "".join(number + unit for number, unit in parts) != bare:
        return None
    minutes = sum(int(number) * _SPAN_MINUTES[unit.lower()] for number, unit in parts)
    span = timedelta(minutes=minutes)
    return span if timedelta() < span <= _LONGEST else None


def read_clock(text: str) -> time | None:
    """`9`, `09:00`, `9h30`, `5pm`; None where it is no time of day."""
    match = _CLOCK.match(text.strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        if not 1 <= hour <= _HALF_DAY:
            return None
        hour = hour % _HALF_DAY + (_HALF_DAY if match[3].lower() == "pm" else 0)
    if hour > _LAST_HOUR or minute > _LAST_MINUTE:
        return None
    return time(hour, minute)


def read_person(word: Word) -> PersonRef | None:
    """A mention, `me`, or `@name`; None for another word."""
    if word.refers == "user":
        return PersonRef(word.id, word.text)
    lowered = word.text.lower()
    if lowered in {"me", "moi", "mine"}:
        return PersonRef(name="me")
    if word.text.startswith("@") and len(word.text) > 1:
        return PersonRef(name=word.text[1:])
    return PersonRef(name=word.text) if word.is_quoted or "@" in word.text else None


def read_channel(word: Word) -> ChannelRef | None:
    """A channel as Slack names it, `#name` or `here`; None for another word."""
    if word.refers == "channel":
        return ChannelRef(word.id, word.text)
    if word.text.startswith("#") and len(word.text) > 1:
        return ChannelRef(name=word.text[1:])
    return ChannelRef(name="here") if word.text.lower() in {"here", "ici"} else None


def read_choice(text: str, choices: Sequence[str]) -> str | None:
    """The choice that is meant: itself, or the only one that begins so."""
    lowered = text.lower()
    if lowered in choices:
        return lowered
    found = [each for each in choices if lowered and each.startswith(lowered)]
    return found[0] if len(found) == 1 else None
