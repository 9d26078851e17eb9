"""What the TimeTonic client read, in the words of the emulated TimeTonic. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from toolkit.clients.timetonic import FieldKind
from toolkit.clients.timetonic.schema import Field
from toolkit.clients.timetonic.values import LinkedRow, Unreadable, Value
from toolkit.sandbox.timetonic import schema
from toolkit.sandbox.timetonic.table import Value as Cell

Linking = Callable[[int, str], int | None]
"""Table id and label -> the only row that shows it."""

_TYPES: Final[Mapping[FieldKind, str]] = {
    FieldKind.EMAIL: "email",
    FieldKind.PHONE: "phone",
    FieldKind.URL: "url",
    FieldKind.MULTI_CHOICE: "mediumtext",
    FieldKind.NUMBER: "double",
    FieldKind.INTEGER: "int",
    FieldKind.DATE: "date",
    FieldKind.DATETIME: "date",
    FieldKind.BOOLEAN: "boolean",
    FieldKind.LINK: "link",
    FieldKind.FILES: "files",
    FieldKind.COMMENTS: "comments",
    FieldKind.ACTIVITY: "activity",
}
_SHOWN_AS_STORED: Final = frozenset({"int", "double"}) | schema.TEXT_TYPES


def field_of(read: Field, *, tables: Collection[int]) -> schema.Field:
    """A column that behaves as the real one and is described in its very words.

    A link to a table outside `tables`, such as a system table, points nowhere.
    """
    spelt: dict[str, object] = {"type": read.type, "fixed_code": read.fixed_code}
    if read.date_format:
        spelt["dateFormat"] = read.date_format
    if read.is_required:
        spelt["required"] = True
    is_multiple = read.kind is FieldKind.MULTI_CHOICE
    has_choices = is_multiple or read.kind is FieldKind.CHOICE
    return schema.Field(
        id=read.id,
        name=read.name,
        type=_type_of(read),
        code=read.code or None,
        choices=schema.Choices(read.options, read.is_strict, is_multiple)
        if has_choices
        else None,
        links_to=read.linked_table_id if read.linked_table_id in tables else None,
        has_time=read.kind is FieldKind.DATETIME,
        is_read_only=read.is_read_only,
        extra=spelt,
    )


def _type_of(read: Field) -> str:
    if read.type in schema.TEXT_TYPES and read.kind in {FieldKind.TEXT, FieldKind.CHOICE}:
        return read.type
    if read.kind is FieldKind.OTHER:
        return read.type or "shorttext"
    return _TYPES.get(read.kind, "shorttext")


class Cells:
    """Turns values into cells and counts those that could not be read."""

    def __init__(self) -> None:
        self.unreadable = 0

    def cell_of(self, value: Value, column: schema.Field, find_row: Linking) -> Cell:
        """One cell; None for an empty one and for what the emulator cannot hold."""
        match value:
            case Unreadable(raw):
                return self._broken(raw, column)
            case Decimal():
                return int(value) if value == value.to_integral_value() else float(value)
            case tuple():
                return self._several(value, column, find_row)
            case str() | bool() | int() | date() | datetime() | None:
                return value

    def _broken(self, raw: object, column: schema.Field) -> Cell:
        # Numbers and texts go out as they are stored, so the next reader fails alike.
        if isinstance(raw, str | int | float) and column.type in _SHOWN_AS_STORED:
            return raw
        self.unreadable += 1
        return None

    def _several(
        self, items: Iterable[object], column: schema.Field, find_row: Linking
    ) -> Cell:
        labels, row_ids = [], []
        for item in items:
            match item:
                case str():
                    labels.append(item)
                case LinkedRow(row_id, label) if column.links_to is not None:
                    row_ids.append(row_id or find_row(column.links_to, label))
                case _:
                    # Files stay where they are, and nothing maps them.
                    return None
        self.unreadable += row_ids.count(None)
        return tuple(labels) or tuple(each for each in row_ids if each is not None) or None
