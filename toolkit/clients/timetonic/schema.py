"""Tables and fields as values, and how a caller's name for one is resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import NewType, TypeAlias, TypeVar

from toolkit.clients.timetonic.wire import FieldWire, TableWire, ViewWire
from toolkit.errors import UseError

RowId = NewType("RowId", int)
FieldId = NewType("FieldId", int)
TableId = NewType("TableId", int)
T = TypeVar("T")


class FieldKind(StrEnum):
    """What a field holds, as far as reading and writing differ."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    LINK = "link"
    FILES = "files"
    COMMENTS = "comments"
    ACTIVITY = "activity"
    OTHER = "other"


# Confirmed by fixtures or clients, then the spellings that French and older builds suggest.
_KINDS: Mapping[str, FieldKind] = {
    "shorttext": FieldKind.TEXT,
    "mediumtext": FieldKind.TEXT,
    "longtext": FieldKind.TEXT,
    "text": FieldKind.TEXT,
    "email": FieldKind.EMAIL,
    "phone": FieldKind.PHONE,
    "url": FieldKind.URL,
    "double": FieldKind.NUMBER,
    "number": FieldKind.NUMBER,
    "int": FieldKind.INTEGER,
    "integer": FieldKind.INTEGER,
    "date": FieldKind.DATE,
    "datetime": FieldKind.DATETIME,
    "boolean": FieldKind.BOOLEAN,
    "bool": FieldKind.BOOLEAN,
    "list": FieldKind.CHOICE,
    "multilist": FieldKind.MULTI_CHOICE,
    "multi_list": FieldKind.MULTI_CHOICE,
    "multiselect": FieldKind.MULTI_CHOICE,
    "tags": FieldKind.MULTI_CHOICE,
    "link": FieldKind.LINK,
    "files": FieldKind.FILES,
    "file": FieldKind.FILES,
    "comments": FieldKind.COMMENTS,
    "activity": FieldKind.ACTIVITY,
}
_NOT_RECORDS = frozenset({FieldKind.COMMENTS, FieldKind.ACTIVITY})
_NOT_WRITTEN_AS_VALUES = _NOT_RECORDS | {FieldKind.FILES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field's definition.

    Attributes:
        code: The sync code an administrator gave it, may be empty.
        fixed_code: A slug made from its first name; stays when the field is renamed.
        type: The vendor's own word, for kinds we do not know.
        date_format: Such as `YYYY-MM-DD`; empty where it does not apply.
        options: Labels of a list field.
        linked_table_id: Table a link field points to.
    """

    id: FieldId
    name: str
    code: str = ""
    fixed_code: str = ""
    type: str = ""
    kind: FieldKind = FieldKind.TEXT
    is_read_only: bool = False
    is_required: bool = False
    date_format: str = ""
    options: tuple[str, ...] = ()
    is_strict: bool = False
    linked_table_id: TableId | None = None

    @property
    def is_writable(self) -> bool:
        """Whether a row write may name this field."""
        return not self.is_read_only and self.kind not in _NOT_WRITTEN_AS_VALUES

    @classmethod
    def from_wire(cls, wire: FieldWire) -> Field:
        """The definition out of an answer."""
        return cls(
            id=FieldId(wire.id),
            name=wire.name,
            code=wire.code,
            fixed_code=wire.fixed_code,
            type=wire.type,
            kind=_kind_of(wire),
            is_read_only=wire.read_only or wire.sys_func != "",
            is_required=wire.required,
            date_format=wire.date_format,
            options=tuple(each.value for each in wire.enum.values) if wire.enum else (),
            is_strict=wire.enum is not None and wire.enum.is_strict,
            linked_table_id=_linked_table(wire),
        )


@dataclass(frozen=True, slots=True)
class View:
    """A saved view; pass its id to `filters.ByView`."""

    id: int
    name: str
    has_filter: bool

    @classmethod
    def from_wire(cls, wire: ViewWire) -> View:
        """The view out of an answer."""
        return cls(id=wire.id, name=wire.name, has_filter=bool(wire.filter_group))


FieldRef: TypeAlias = Field | int | str
"""A field, its id, or its fixed code, code or name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A smart table.

    Attributes:
        fields: What a record is made of; comments and activity are in `log_fields`.
        total_row_count: Rows in the whole table when this was read, where told.
        is_user_table: False for system and pivot tables, which are never synced.
    """

    id: TableId
    name: str
    code: str = ""
    description: str = ""
    fields: tuple[Field, ...] = ()
    log_fields: tuple[Field, ...] = ()
    views: tuple[View, ...] = ()
    total_row_count: int | None = None
    is_user_table: bool = True
    may_add_rows: bool = True
    may_delete_rows: bool = True

    @classmethod
    def from_wire(cls, wire: TableWire) -> Table:
        """The table out of an answer."""
        fields = [Field.from_wire(each) for each in wire.fields]
        return cls(
            id=TableId(wire.id),
            name=wire.name,
            code=wire.code,
            description=wire.description,
            fields=tuple(each for each in fields if each.kind not in _NOT_RECORDS),
            log_fields=tuple(each for each in fields if each.kind in _NOT_RECORDS),
            views=tuple(View.from_wire(each) for each in wire.views),
            total_row_count=wire.total_row_count,
            is_user_table=wire.sys_func == "" and wire.pivot_id is None,
            may_add_rows=not wire.forbid_add,
            may_delete_rows=not wire.forbid_delete,
        )

    def find_field(self, ref: FieldRef) -> Field | None:
        """The field `ref` means: by id, then fixed code, then code, then name.

        Raises:
            UseError: Several fields answer to that word.
        """
        if isinstance(ref, Field):
            return ref
        known = (*self.fields, *self.log_fields)
        by_id = {str(each.id): each for each in known}
        if found := by_id.get(str(ref)):
            return found
        for words in (
            [(each.fixed_code, each) for each in known],
            [(each.code, each) for each in known],
            [(each.name, each) for each in known],
        ):
            if found := _only_one(str(ref), words, f"fields of {self.name}"):
                return found
        return None

    def field(self, ref: FieldRef) -> Field:
        """As `find_field`, for a field that must be there.

        Raises:
            UseError: No such field, or several.
        """
        if found := self.find_field(ref):
            return found
        names = [each.name for each in self.fields]
        raise UseError(
            f"the TimeTonic table {self.name} has no field {ref}",
            unchanged="Nothing was sent",
            remedy=_nearest(str(ref), names),
        )


TableRef: TypeAlias = Table | int | str
"""A table, its id, its code or its name."""


def find_table(ref: TableRef, tables: Iterable[Table]) -> Table | None:
    """The table `ref` means: by id, then code, then name.

    Raises:
        UseError: Several tables answer to that word.
    """
    if isinstance(ref, Table):
        return ref
    known = tuple(tables)
    by_id = {str(each.id): each for each in known}
    if found := by_id.get(str(ref)):
        return found
    return _only_one(str(ref), [(each.code, each) for each in known], "tables") or _only_one(
        str(ref), [(each.name, each) for each in known], "tables"
    )


def unknown_table(ref: TableRef, tables: Iterable[Table]) -> UseError:
    """The error for a table that is not there, with the nearest right name."""
    return UseError(
        f"the TimeTonic book has no table {ref}",
        unchanged="Nothing was sent",
        remedy=_nearest(str(ref), [each.name for each in tables]),
    )


def _only_one(word: str, named: list[tuple[str, T]], what: str) -> T | None:
    hits = [each for name, each in named if name == word and word]
    if len(hits) > 1:
        raise UseError(
            f"{len(hits)} {what} are called {word}",
            unchanged="Nothing was sent",
            remedy="Name it by its id, or give each its own code in TimeTonic",
        )
    return hits[0] if hits else None


def _nearest(word: str, names: list[str]) -> str:
    close = get_close_matches(word, names, n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else "It has " + ", ".join(names[:20])


def _kind_of(wire: FieldWire) -> FieldKind:
    kind = _KINDS.get(wire.type.lower(), FieldKind.OTHER)
    if kind is FieldKind.DATE and wire.has_time:
        return FieldKind.DATETIME
    if kind in (FieldKind.TEXT, FieldKind.CHOICE) and wire.enum is not None:
        is_multiple = wire.is_multiple or wire.enum.is_multiple or "multi" in wire.ctype.lower()
        return FieldKind.MULTI_CHOICE if is_multiple else FieldKind.CHOICE
    return kind


def _linked_table(wire: FieldWire) -> TableId | None:
    if wire.link is None or wire.link.category.id is None:
        return None
    return TableId(wire.link.category.id)
