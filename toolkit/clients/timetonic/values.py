"""Cells as Python values, read from every encoding the service might use.

A cell nobody can read becomes `Unreadable`, never None: blank and broken differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from toolkit.clients.timetonic.dates import read_day, read_instant
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.schema import Field, FieldKind


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """A row a link field points to.

    Attributes:
        row_id: None where only the label was told, or is known when writing.
        label: The row's first column, as the server shows it.
    """

    row_id: int | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in a cell; `uuid` and `name` make its address."""

    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell whose content does not fit its field; `repr` keeps it out of logs."""

    raw: object

    def __repr__(self) -> str:
        return "Unreadable(...)"


Value: TypeAlias = (
    str
    | bool
    | int
    | Decimal
    | date
    | datetime
    | tuple[str, ...]
    | tuple[LinkedRow, ...]
    | tuple[StoredFile, ...]
    | Unreadable
    | None
)
"""Absent is a missing key, blank is None, and the empty text is a text.

Link, file and multi-choice cells have no blank apart from empty: always a tuple. Dates are
`date`; instants aware UTC `datetime` of whole seconds; numbers `Decimal`, or `int` in fields of
that type.
"""

Reader: TypeAlias = Callable[[object], Value]

_TRUE = frozenset({"1", "true", "yes", "oui", "on"})
_FALSE = frozenset({"0", "false", "no", "non", "off"})
# French thousands are split by (narrow) no-break blanks.
_BLANKS = re.compile(r"[\s\u00a0\u202f']")
_LABEL_KEYS = ("value", "label", "name", "text")


def read_value(raw: object, field: Field, profile: CapabilityProfile) -> Value:
    """The value of one cell; never raises."""
    try:
        if field.kind in (FieldKind.DATE, FieldKind.DATETIME):
            return _read_time(raw, field, profile)
        return _READERS.get(field.kind, _read_other)(raw)
    except (ValueError, TypeError, InvalidOperation):
        return Unreadable(raw)


def _is_blank(raw: object) -> bool:
    return raw is None or raw == [] or (isinstance(raw, str) and not raw.strip())


def _read_text(raw: object) -> Value:
    if raw is None or isinstance(raw, str):
        return raw
    if isinstance(raw, int | float):
        return plain_number(Decimal(str(raw)))
    return _one_label(raw)


def _read_other(raw: object) -> Value:
    if raw is None or raw == []:
        return None
    if isinstance(raw, bool):
        return raw
    return _read_text(raw)


def _read_number(raw: object) -> Value:
    return None if _is_blank(raw) else to_decimal(raw)


def _read_integer(raw: object) -> Value:
    if _is_blank(raw):
        return None
    number = to_decimal(raw)
    return int(number) if number == number.to_integral_value() else number


def to_decimal(raw: object) -> Decimal:
    """The number in a JSON number or a text with either decimal sign.

    Raises:
        TypeError: It is neither.
        ArithmeticError: The text is not a number.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise TypeError("not a number")
    text = _BLANKS.sub("", str(raw))
    if "," in text and "." in text:
        thousands = "," if text.rindex(",") < text.rindex(".") else "."
        text = text.replace(thousands, "")
    # A lone comma is a decimal comma: the product speaks French.
    number = Decimal(text.replace(",", "."))
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _read_boolean(raw: object) -> Value:
    if _is_blank(raw):
        return None
    word = str(raw).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("neither yes nor no")


def _read_time(raw: object, field: Field, profile: CapabilityProfile) -> Value:
    if _is_blank(raw):
        return None
    if field.kind is FieldKind.DATE:
        return read_day(raw, pattern=field.date_format, profile=profile)
    return read_instant(raw, pattern=field.date_format, profile=profile).replace(microsecond=0)


def _read_choice(raw: object) -> Value:
    if _is_blank(raw):
        return None
    labels = _labels(raw)
    # Some builds may send a list for a list field of either sort.
    return labels[0] if len(labels) == 1 else labels


def _labels(raw: object) -> tuple[str, ...]:
    if isinstance(raw, list):
        return tuple(_one_label(each) for each in raw)
    return (_one_label(raw),)


def _one_label(raw: object) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, dict):
        label = next((raw[key] for key in _LABEL_KEYS if key in raw), None)
        if isinstance(label, str | int):
            return str(label)
    if isinstance(raw, int | float):
        return plain_number(Decimal(str(raw)))
    raise ValueError("not a label")


def _read_labels(raw: object) -> Value:
    if _is_blank(raw):
        return ()
    if isinstance(raw, str):
        return tuple(each.strip() for each in re.split(r"[,\n]", raw) if each.strip())
    return _labels(raw)


def _read_links(raw: object) -> Value:
    if _is_blank(raw):
        return ()
    return tuple(_one_link(each) for each in (raw if isinstance(raw, list) else [raw]))


def _one_link(raw: object) -> LinkedRow:
    if isinstance(raw, dict):
        row_id = raw["row_id"] if "row_id" in raw else raw.get("id")
        label = next((raw[key] for key in _LABEL_KEYS if raw.get(key) is not None), "")
        return LinkedRow(None if row_id is None else int(row_id), str(label))
    if isinstance(raw, int) and not isinstance(raw, bool):
        return LinkedRow(raw)
    if isinstance(raw, str):
        return LinkedRow(None, raw)
    raise ValueError("not a link")


def _read_files(raw: object) -> Value:
    if _is_blank(raw):
        return ()
    return tuple(_one_file(each) for each in (raw if isinstance(raw, list) else [raw]))


def _one_file(raw: object) -> StoredFile:
    if not isinstance(raw, dict) or "uuid" not in raw:
        raise ValueError("not a file")
    return StoredFile(str(raw["uuid"]), str(raw.get("originName") or raw.get("name") or ""))


_READERS: Mapping[FieldKind, Reader] = {
    FieldKind.TEXT: _read_text,
    FieldKind.EMAIL: _read_text,
    FieldKind.PHONE: _read_text,
    FieldKind.URL: _read_text,
    FieldKind.NUMBER: _read_number,
    FieldKind.INTEGER: _read_integer,
    FieldKind.BOOLEAN: _read_boolean,
    FieldKind.CHOICE: _read_choice,
    FieldKind.MULTI_CHOICE: _read_labels,
    FieldKind.LINK: _read_links,
    FieldKind.FILES: _read_files,
}


def plain_number(number: Decimal) -> str:
    """The number with a dot, without an exponent."""
    return str(int(number)) if number == number.to_integral_value() else format(number, "f")
