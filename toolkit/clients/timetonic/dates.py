"""Dates and instants as TimeTonic cells hold them: seconds, ISO text, or the field's format.

Whether the live service sends seconds or text is not published, so reading takes all of
them. Text without an offset is local to the profile's zone, as every real stamp is.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from toolkit.clients.timetonic.profile import CapabilityProfile

DEFAULT_FORMAT = "YYYY-MM-DD"
_DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKENS = (("YYYY", "%Y"), ("YY", "%y"), ("MM", "%m"), ("DD", "%d"))
_SECONDS = re.compile(r"-?\d+(\.\d+)?\Z")
# Day first: the product is French, and its own samples never show the month first.
_GUESSES = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")
_CLOCKS = ("", " %H:%M:%S", " %H:%M")


def read_instant(raw: object, *, pattern: str, profile: CapabilityProfile) -> datetime:
    """The instant a cell holds, aware UTC.

    Raises:
        ValueError: The cell holds neither seconds nor a readable text.
    """
    seconds = _seconds_of(raw)
    if seconds is not None:
        return _at(seconds)
    if not isinstance(raw, str):
        raise TypeError("neither a number nor a text")
    moment = _read_text(raw.strip(), pattern)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(profile.tz))
    return moment.astimezone(UTC)


def read_day(raw: object, *, pattern: str, profile: CapabilityProfile) -> date:
    """The calendar day a cell holds.

    Seconds at exactly midnight UTC are that UTC day; other seconds are a moment of the
    day in the profile's zone, so both ways of writing a day as seconds come out right.

    Raises:
        ValueError: The cell holds neither seconds nor a readable text.
    """
    seconds = _seconds_of(raw)
    if seconds is not None:
        zone = UTC if seconds % _DAY_S == 0 else ZoneInfo(profile.tz)
        return _at(seconds).astimezone(zone).date()
    if not isinstance(raw, str):
        raise TypeError("neither a number nor a text")
    return _read_text(raw.strip(), pattern).date()


def write_day(day: date, *, pattern: str, profile: CapabilityProfile) -> int | str:
    """A calendar day in the profile's date codec."""
    match profile.date_codec:
        case "epoch_s":
            midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(profile.tz))
            return _seconds_at(midnight)
        case "iso_date":
            return day.isoformat()
        case "formatted":
            return _render(day, pattern)


def write_instant(moment: datetime, *, pattern: str, profile: CapabilityProfile) -> int | str:
    """An aware instant in the profile's datetime codec, cut to whole seconds."""
    match profile.datetime_codec:
        case "epoch_s":
            return _seconds_at(moment)
        case "iso_datetime":
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "formatted":
            local = moment.astimezone(ZoneInfo(profile.tz))
            return f"{_render(local.date(), pattern)} {local:%H:%M:%S}"


def read_stamp(stamp: int) -> datetime:
    """A server stamp as an instant: Unix seconds times 10,000 (four real values agree)."""
    return _EPOCH + timedelta(microseconds=stamp * 100)


def _at(seconds: float) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValueError("too far from now") from error


def _seconds_at(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def _seconds_of(raw: object) -> float | None:
    if isinstance(raw, bool):
        raise TypeError("a boolean is no time")
    if isinstance(raw, int | float):
        return raw
    if isinstance(raw, str) and _SECONDS.match(text := raw.strip()):
        return float(text)
    return None


def _read_text(text: str, pattern: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for day in dict.fromkeys((_strptime_form(pattern), *_GUESSES)):
        for clock in _CLOCKS:
            try:
                return datetime.strptime(text, day + clock)  # noqa: DTZ007 — zone set by caller
            except ValueError:
                continue
    raise ValueError("not a date in any known form")


def _strptime_form(pattern: str) -> str:
    form = (pattern or DEFAULT_FORMAT).replace("%", "%%")
    for token, directive in _TOKENS:
        form = form.replace(token, directive)
    return form


def _render(day: date, pattern: str) -> str:
    text = pattern or DEFAULT_FORMAT
    shown = {
        "YYYY": f"{day.year:04}",
        "YY": f"{day.year % 100:02}",
        "MM": f"{day.month:02}",
        "DD": f"{day.day:02}",
    }
    for token, digits in shown.items():
        text = text.replace(token, digits)
    return text
