"""Python values as cells, in the encodings of the profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from toolkit.clients.timetonic.dates import write_day, write_instant
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.schema import Field, FieldKind
from toolkit.clients.timetonic.values import LinkedRow, plain_number, to_decimal
from toolkit.errors import UseError

Written: TypeAlias = str | bool | int | float | list[object] | None
Writer: TypeAlias = Callable[[object, CapabilityProfile], Written]

_FLOAT_DIGITS = 15


def write_value(value: object, field: Field, profile: CapabilityProfile) -> Written:
    """What to send for `value`; None and the empty tuple clear the cell.

    Dates and instants are also taken as ISO text, numbers as int, float or plain text.

    Raises:
        UseError: The field is read-only, or the value is not of its kind. The value itself
            is never quoted.
    """
    if not field.is_writable:
        raise UseError(
            f"the TimeTonic field {field.name} cannot be written",
            unchanged="Nothing was sent",
            remedy="Leave it out of the mapping, or map it for reading only",
        )
    if value is None or value == ():
        return None if profile.clear_with == "null" else ""
    try:
        if field.kind is FieldKind.DATE:
            return write_day(_to_day(value), pattern=field.date_format, profile=profile)
        if field.kind is FieldKind.DATETIME:
            return write_instant(_to_instant(value), pattern=field.date_format, profile=profile)
        return _WRITERS.get(field.kind, _write_text)(value, profile)
    except (ValueError, TypeError, InvalidOperation):
        raise UseError(
            f"the TimeTonic field {field.name} takes a {field.kind.value.replace('_', ' ')}",
            unchanged="Nothing was sent",
        ) from None


def write_values(
    values: Mapping[Field, object], profile: CapabilityProfile
) -> dict[str, Written]:
    """`fieldValues` of a row write: field ids as text -> what to send."""
    return {
        str(field.id): write_value(value, field, profile) for field, value in values.items()
    }


def _write_text(value: object, _: CapabilityProfile) -> Written:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _write_number(value: object, profile: CapabilityProfile) -> Written:
    number = to_decimal(value)
    match profile.number_codec:
        case "json":
            return _json_number(number)
        case "string":
            return plain_number(number)
        case "decimal_comma":
            return plain_number(number).replace(".", ",")


def _write_integer(value: object, profile: CapabilityProfile) -> Written:
    number = to_decimal(value)
    if number != number.to_integral_value():
        raise ValueError("not whole")
    return _write_number(number, profile)


def _json_number(number: Decimal) -> int | float | str:
    if number == number.to_integral_value():
        return int(number)
    # Beyond a float's digits only text keeps the number; the service takes both.
    return (
        float(number)
        if len(number.as_tuple().digits) <= _FLOAT_DIGITS
        else plain_number(number)
    )


def _write_boolean(value: object, profile: CapabilityProfile) -> Written:
    if not isinstance(value, bool):
        raise TypeError("not a boolean")
    match profile.boolean_codec:
        case "words":
            return "true" if value else "false"
        case "int":
            return int(value)
        case "bool":
            return value


def _to_day(value: object) -> date:
    day = date.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(day, date) or isinstance(day, datetime):
        raise TypeError("not a day")
    return day


def _to_instant(value: object) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise TypeError("not an aware instant")
    return moment


def _write_labels(value: object, profile: CapabilityProfile) -> Written:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError("not a series of labels")
    labels = [str(_write_text(each, profile)) for each in value]
    return ",".join(labels) if profile.multi_codec == "comma" else [*labels]


def _write_links(value: object, _: CapabilityProfile) -> Written:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError("not a series of rows")
    return [_link_out(each) for each in value]


def _link_out(value: object) -> dict[str, object]:
    linked = LinkedRow(value) if isinstance(value, int) else value
    if not isinstance(linked, LinkedRow) or linked.row_id is None:
        raise TypeError("not a row")
    return {"row_id": linked.row_id, "value": linked.label}


_WRITERS: Mapping[FieldKind, Writer] = {
    FieldKind.NUMBER: _write_number,
    FieldKind.INTEGER: _write_integer,
    FieldKind.BOOLEAN: _write_boolean,
    FieldKind.MULTI_CHOICE: _write_labels,
    FieldKind.LINK: _write_links,
}
