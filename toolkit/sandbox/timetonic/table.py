"""A smart table: rows kept by column, ready to be read a column at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from toolkit.sandbox.timetonic.schema import Field, View


@dataclass(frozen=True, slots=True)
class Media:
    """A stored file as a cell or a message shows it."""

    id: int
    uuid: str
    name: str
    extension: str
    size_bytes: int
    media_type: str


Value: TypeAlias = (
    str | int | float | bool | date | datetime
    | tuple[str, ...] | tuple[int, ...] | tuple[Media, ...] | None
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Activity:
    """The last change of a row's cells, and how many there were."""

    id: int
    field: Field
    old: str
    new: str
    user: str
    at_epoch_s: int
    sstamp: int
    total: int


@dataclass(slots=True)
class Comment:
    """A remark on one cell's `comments` field."""

    id: int
    user: str
    text: str
    created_epoch_s: int
    sstamp: int


def collate(text: str) -> str:
    """Fold as MySQL's usual `_ci` collations compare: no case, accents or trailing blanks."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).rstrip(" ")


class Table:
    """A smart table (category) of a book.

    Args:
        id: `catId`.
        name: As shown.
        fields: In display order; the first one is the label of a row.
        views: The first one is the default view.
        changed_at: Of the schema; row edits leave it alone (reference section 12).
        code: The sync code a person may give.
        pivot_id: Set for pivot tables.
        sys_func: Set for system tables.
        extra: Metadata keys that differ from the usual.
    """

    def __init__(  # noqa: PLR0913 — the description of a table, given once
        self,
        id: int,  # noqa: A002 — the vendor's word
        name: str,
        fields: Iterable[Field],
        *,
        views: Iterable[View],
        changed_at: datetime,
        code: str | None = None,
        pivot_id: int | None = None,
        sys_func: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.id = id
        self.name = name
        self.fields = {column.id: column for column in fields}
        self.views = {view.id: view for view in views}
        self.changed_at = changed_at
        self.code = code
        self.pivot_id = pivot_id
        self.sys_func = sys_func
        self.extra = dict(extra or {})
        self.row_ids: list[int] = []
        self.order_of: dict[int, int] = {}
        self.columns: dict[int, dict[int, Value]] = {field_id: {} for field_id in self.fields}
        self.activity: dict[int, Activity] = {}
        self.comments: dict[tuple[int, int], list[Comment]] = {}
        self.stamp_of: dict[int, int] = {}
        self._before: dict[int, dict[int, Value]] = {}
        self._indexes: dict[tuple[int, bool], dict[str, dict[int, None]]] = {}
        self._last_order = 0

    def __contains__(self, row_id: int) -> bool:
        return row_id in self.order_of

    def __len__(self) -> int:
        return len(self.row_ids)

    @property
    def is_plain(self) -> bool:
        """Whether it is a table of the user's own: neither pivot nor system table."""
        return self.pivot_id is None and self.sys_func is None

    @property
    def label_field(self) -> Field:
        """The field whose text stands for the row in links and listings."""
        return next(iter(self.fields.values()))

    def field_named(self, name: str) -> Field | None:
        """A field by its shown name."""
        return next((each for each in self.fields.values() if each.name == name), None)

    def label(self, row_id: int) -> str:
        """The text that stands for a row; empty where its first cell is."""
        value = self.columns[self.label_field.id].get(row_id)
        return "" if value is None else str(value)

    def insert(self, row_id: int, values: Mapping[int, Value], *, sstamp: int) -> None:
        """Append a row; `values` holds filled cells by field id."""
        self._last_order += 1
        self.row_ids.append(row_id)
        self.order_of[row_id] = self._last_order
        self.update(row_id, values, sstamp=sstamp)
        self._before.pop(row_id, None)

    def update(self, row_id: int, values: Mapping[int, Value], *, sstamp: int) -> list[int]:
        """Set cells; None empties one. Returns the ids of the fields that really changed."""
        before: dict[int, Value] = {}
        for field_id, value in values.items():
            column = self.columns[field_id]
            old = column.get(row_id)
            if old == value and type(old) is type(value):
                continue
            before[field_id] = old
            self._reindex(field_id, row_id, value)
            if value is None:
                column.pop(row_id, None)
            else:
                column[row_id] = value
        if before or row_id not in self.stamp_of:
            self.stamp_of[row_id] = sstamp
            self._before[row_id] = before
        return list(before)

    def delete(self, row_id: int) -> None:
        """Remove a row and all that hangs on it."""
        self.update(row_id, dict.fromkeys(self.fields), sstamp=0)
        self.row_ids.remove(row_id)
        del self.order_of[row_id]
        for held in (self.stamp_of, self.activity, self._before):
            held.pop(row_id, None)
        for key in [key for key in self.comments if key[0] == row_id]:
            del self.comments[key]

    def restore(self, row_id: int, *, sstamp: int) -> None:
        """Put back what the last change of a row replaced; a second call does it again."""
        self.update(row_id, self._before.get(row_id, {}), sstamp=sstamp)

    def find(self, field_id: int, text: str, *, is_exact: bool) -> list[int]:
        """Rows whose text in this field equals `text`, in table order; indexed on first use."""
        index = self._indexes.get((field_id, is_exact))
        if index is None:
            index = self._indexes[field_id, is_exact] = {}
            for row_id, value in self.columns[field_id].items():
                index.setdefault(_key(value, is_exact=is_exact), {})[row_id] = None
        hits = index.get(_key(text, is_exact=is_exact), {})
        return sorted(hits, key=self.order_of.__getitem__)

    def _reindex(self, field_id: int, row_id: int, value: Value) -> None:
        for is_exact in (False, True):
            index = self._indexes.get((field_id, is_exact))
            if index is None:
                continue
            old = self.columns[field_id].get(row_id)
            index.get(_key(old, is_exact=is_exact), {}).pop(row_id, None)
            if value is not None:
                index.setdefault(_key(value, is_exact=is_exact), {})[row_id] = None


def _key(value: Value, *, is_exact: bool) -> str:
    text = "" if value is None else str(value)
    return text if is_exact else collate(text)
