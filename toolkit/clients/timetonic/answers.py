"""Rows out of answers: columns joined by row id, rows by field name, receipts of writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from toolkit.clients.timetonic.dates import read_stamp
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.protocol import Payload
from toolkit.clients.timetonic.schema import Field, FieldId, FieldKind, RowId, Table
from toolkit.clients.timetonic.values import Unreadable, Value, read_value
from toolkit.clients.timetonic.wire import TableWire, read_as
from toolkit.errors import MalformedAnswerError

RowKey: TypeAlias = int | str
"""A row's id, or a text beginning with `tmp` for a row to be created."""

UNEXPECTED_SHAPE = (AttributeError, KeyError, TypeError, ValueError)
_CELL_KEYS = frozenset({"id", "value", "text"})
_CELL_MAPS = ("fields", "fieldValues", "values")


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        values: Field id -> value; a field that was not sent is absent.
        texts: Field id -> the server's rendering, where it sent one.
        active_at: Last entry of the activity column, where it was read and is not empty.
            May not count changes made through the API.
    """

    id: RowId
    values: Mapping[FieldId, Value]
    texts: Mapping[FieldId, str] = field(default_factory=dict)
    active_at: datetime | None = None

    def by_name(self, fields: Iterable[Field]) -> dict[str, Value]:
        """The values under the names of `fields`; of fields that share a name, the last."""
        return {each.name: self.values[each.id] for each in fields if each.id in self.values}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """One page of a listing.

    Attributes:
        rows: Rows not seen on an earlier page.
        total_row_count: Rows of the whole table, filter or not; None where not told.
        fields: The record fields that were sent.
        offset: Place of the first row in the listing.
        is_last: The listing ends here.
        shifted: Rows moved while reading; the listing must not count as complete.
    """

    rows: tuple[Row, ...]
    total_row_count: int | None
    fields: tuple[Field, ...]
    offset: int = 0
    is_last: bool = True
    shifted: bool = False


@dataclass(frozen=True, slots=True)
class RowWritten:
    """Receipt of one row; `values` is None where the answer tells only the id."""

    id: RowId
    values: Mapping[FieldId, Value] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWritten:
    """Receipt of a batch.

    Attributes:
        ids: Key as it was given -> row id, as far as the answer tells; a key that is
            missing was not confirmed.
        all_ids: Every id the answer names, in its order, which need not be the request's.
        rows_by_id: The rows the answer shows, for matching on a key field.
    """

    ids: Mapping[RowKey, RowId] = field(default_factory=dict)
    all_ids: tuple[RowId, ...] = ()
    rows_by_id: Mapping[RowId, Row] = field(default_factory=dict)

    def ids_by_value(self, key_field: Field | FieldId) -> dict[Value, RowId]:
        """Value of a field -> id of the only row in the receipt that shows it.

        Values shown twice and blank ones are left out: they tell nothing apart.
        """
        field_id = key_field.id if isinstance(key_field, Field) else key_field
        found: dict[Value, list[RowId]] = {}
        for row in self.rows_by_id.values():
            value = row.values.get(field_id)
            if value is not None and value != "" and not isinstance(value, Unreadable):
                found.setdefault(value, []).append(row.id)
        return {value: ids[0] for value, ids in found.items() if len(ids) == 1}


@dataclass(frozen=True, slots=True)
class Content:
    """A table answer, read: its schema as sent, its rows, and the table's row count."""

    table: Table
    rows: tuple[Row, ...]
    total_row_count: int | None


def read_columns(payload: Payload, *, operation: str, profile: CapabilityProfile) -> Content:
    """Rows out of the column format, joined by row id and never by place.

    Raises:
        MalformedAnswerError: The answer is not a table.
    """
    raw = _table_object(payload, operation)
    wire = read_as(TableWire, raw, operation=operation)
    table = Table.from_wire(wire)
    fields = {each.id: each for each in (*table.fields, *table.log_fields)}
    assembly: dict[int, _Draft] = {int(row_id): _Draft() for row_id in wire.row_places}
    try:
        for column in _sequence(raw.get("fields")):
            _read_column(column, fields[FieldId(int(str(column["id"])))], assembly, profile)
    except UNEXPECTED_SHAPE:
        raise _not_a_table(operation) from None
    rows = tuple(draft.as_row(row_id) for row_id, draft in assembly.items())
    return Content(table, rows, wire.total_row_count)


@dataclass(slots=True)
class _Draft:
    """A row while its cells are being collected."""

    values: dict[FieldId, Value] = field(default_factory=dict)
    texts: dict[FieldId, str] = field(default_factory=dict)
    active_at: datetime | None = None

    def as_row(self, row_id: int) -> Row:
        return Row(RowId(row_id), self.values, self.texts, self.active_at)


def _read_column(
    column: Mapping[str, object],
    definition: Field,
    assembly: dict[int, _Draft],
    profile: CapabilityProfile,
) -> None:
    for cell in _sequence(column.get("values")):
        row_id = int(str(cell["id"]))
        draft = assembly.get(row_id)
        if draft is None:
            draft = assembly[row_id] = _Draft()
        _add_cell(draft, definition, cell, profile)


def _add_cell(
    draft: _Draft, definition: Field, cell: Mapping[str, object], profile: CapabilityProfile
) -> None:
    raw = cell.get("value")
    if definition.kind is FieldKind.ACTIVITY:
        draft.active_at = _active_at(raw)
        return
    if definition.kind is FieldKind.COMMENTS:
        return
    draft.values[definition.id] = read_value(raw, definition, profile)
    if isinstance(text := cell.get("text"), str):
        draft.texts[definition.id] = text


def _active_at(raw: object) -> datetime | None:
    last = raw.get("last") if isinstance(raw, dict) else None
    stamp = last.get("s") if isinstance(last, dict) else None
    return read_stamp(stamp) if isinstance(stamp, int) else None


def read_rows(
    payload: Payload, *, table: Table, operation: str, profile: CapabilityProfile
) -> Content:
    """Rows out of `format=rows`, whose cells are keyed by field name, or id in some builds.

    Raises:
        MalformedAnswerError: The answer is not a list of rows.
    """
    raw = _table_object(payload, operation)
    total = raw.get("totalRowCount")
    names = _by_cell_name(table)
    try:
        rows = tuple(_read_row(each, names, profile) for each in _sequence(raw["rows"]))
    except UNEXPECTED_SHAPE:
        raise _not_a_table(operation) from None
    return Content(table, rows, total if isinstance(total, int) else None)


def _by_cell_name(table: Table) -> dict[str, Field]:
    known = (*table.fields, *table.log_fields)
    counts = Counter(each.name for each in known)
    # Cells of columns that share a name overwrite each other, so such a name tells nothing.
    names = {each.name: each for each in known if counts[each.name] == 1}
    return names | {str(each.id): each for each in known}


def _read_row(
    raw: Mapping[str, object], names: Mapping[str, Field], profile: CapabilityProfile
) -> Row:
    draft = _Draft()
    cells = next((raw[key] for key in _CELL_MAPS if isinstance(raw.get(key), dict)), None)
    for name, cell in cells.items() if isinstance(cells, dict) else ():
        if definition := names.get(str(name)):
            _add_cell(draft, definition, _as_cell(cell), profile)
    return draft.as_row(int(str(raw["id"])))


def _as_cell(cell: object) -> Mapping[str, object]:
    if isinstance(cell, dict) and "value" in cell and cell.keys() <= _CELL_KEYS:
        return cell
    return {"value": cell}


def read_receipt(
    payload: Payload, *, table: Table, keys: Sequence[RowKey], profile: CapabilityProfile
) -> BatchWritten:
    """What the answer to a write tells about the rows written.

    No published client reads which created row is which, so every hint is taken that
    cannot be wrong: an echoed tmp id, or one new row for one tmp id.
    """
    rows: dict[RowId, Row] = {}
    ids: dict[RowKey, RowId] = {}
    names = _by_cell_name(table)
    created = {str(key): key for key in keys if _is_new(key)}
    for hint, raw in _entries(payload.get("rows"), payload.get("newRows")):
        row = _read_row(raw, names, profile)
        if row.id not in rows or row.values:
            rows[row.id] = row
        echoed = {hint, *(each for each in raw.values() if isinstance(each, str))}
        ids.update({created[key]: row.id for key in echoed & created.keys()})
    known = {key: RowId(int(key)) for key in keys if not _is_new(key)}
    # An answer that names rows and leaves one out has not confirmed that one.
    ids.update({key: row_id for key, row_id in known.items() if row_id in rows or not rows})
    ids.update(_only_pair(keys, ids, set(rows) - set(known.values())))
    return BatchWritten(ids=ids, all_ids=tuple(rows), rows_by_id=rows)


def _only_pair(
    keys: Sequence[RowKey], ids: Mapping[RowKey, RowId], new_ids: set[RowId]
) -> dict[RowKey, RowId]:
    waiting = [key for key in keys if key not in ids and _is_new(key)]
    unclaimed = new_ids - set(ids.values())
    return {waiting[0]: unclaimed.pop()} if len(waiting) == len(unclaimed) == 1 else {}


def _is_new(key: RowKey) -> bool:
    return isinstance(key, str) and key.startswith("tmp")


def _entries(*parts: object) -> Iterator[tuple[str, dict[str, object]]]:
    for part in parts:
        named: Iterable[tuple[object, object]] = ()
        if isinstance(part, dict):
            named = part.items()
        elif isinstance(part, list):
            named = (("", each) for each in part)
        for name, each in named:
            if isinstance(each, dict) and "id" not in each:
                yield "", {**each, "id": name}
            elif isinstance(each, dict):
                yield str(name), each
            else:
                yield str(name), {"id": each}


def _sequence(raw: object) -> Sequence[dict[str, object]]:
    if isinstance(raw, dict):
        return list(raw.values())
    return raw if isinstance(raw, list) else []


def _table_object(payload: Payload, operation: str) -> dict[str, object]:
    raw = payload.get("tableValues")
    if not isinstance(raw, dict):
        raise _not_a_table(operation)
    return raw


def _not_a_table(operation: str) -> MalformedAnswerError:
    return MalformedAnswerError(
        f"TimeTonic's answer to {operation} is not a table of rows",
        system="timetonic",
        operation=operation,
        unchanged="A read changes nothing",
    )
