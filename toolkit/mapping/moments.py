"""Calendar days and instants."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from toolkit.mapping.problems import ConversionProblemError
from toolkit.model.ids import Side
from toolkit.model.values import Value

_DAY = re.compile(r"(\d{4})[-/._](\d{2})[-/._](\d{2})(?:\Z|[T ])")
_NOT_A_DAY = "this is not a calendar day"
_NOT_A_MOMENT = "this is not a date with a time"


def instant_text(moment: datetime) -> str:
    """An aware instant as `YYYY-MM-DDTHH:MM:SSZ`, cut to whole seconds."""
    utc = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return f"{utc.isoformat()}Z"


class DateConverter:
    """Calendar days. A day is never shifted by a time zone.

    HighLevel answers its DATE custom fields as an instant at midnight UTC (third-party
    code, read 2026-11); only the part before the `T` means something.
    """

    blank: Value = None

    def canon(self, _side: Side, raw: object) -> Value:
        """The day as `YYYY-MM-DD`.

        Raises:
            ConversionProblemError: Not a day.
        """
        match raw:
            case datetime():
                return raw.date().isoformat()
            case date():
                return raw.isoformat()
            case str() if found := _DAY.match(raw.strip()):
                return _checked_day("-".join(found.groups()))
            case _:
                raise ConversionProblemError(_NOT_A_DAY)

    def render(self, side: Side, value: Value) -> object:
        """Text for HighLevel, a `date` for TimeTonic."""
        return value if side is Side.HIGHLEVEL else date.fromisoformat(str(value))


def _checked_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ConversionProblemError(_NOT_A_DAY) from error


class DatetimeConverter:
    """Instants, aware UTC, whole seconds.

    Args:
        tz: IANA zone of raw values that carry none.
    """

    blank: Value = None

    def __init__(self, tz: str) -> None:
        self._zone = ZoneInfo(tz)

    def canon(self, _side: Side, raw: object) -> Value:
        """The instant as `YYYY-MM-DDTHH:MM:SSZ`.

        Raises:
            ConversionProblemError: Not an instant, or one outside the years 1 to 9999.
        """
        moment = _read_moment(raw)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        try:
            return instant_text(moment)
        except OverflowError as error:
            raise ConversionProblemError(_NOT_A_MOMENT) from error

    def render(self, side: Side, value: Value) -> object:
        """Text for HighLevel, an aware `datetime` for TimeTonic."""
        return value if side is Side.HIGHLEVEL else datetime.fromisoformat(str(value))


def _read_moment(raw: object) -> datetime:
    match raw:
        case datetime():
            return raw
        case date():
            return datetime(raw.year, raw.month, raw.day)  # noqa: DTZ001 — the caller sets it
        case str():
            try:
                return datetime.fromisoformat(raw.strip())
            except ValueError as error:
                raise ConversionProblemError(_NOT_A_MOMENT) from error
        case _:
            raise ConversionProblemError(_NOT_A_MOMENT)
