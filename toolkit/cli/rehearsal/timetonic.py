"""Reading a TimeTonic book for a rehearsal: every schema, the rows of mapped tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from toolkit.app.observe import Progress
from toolkit.app.wiring import Parts
from toolkit.cli.rehearsal.cells import Cells, field_of
from toolkit.clients.timetonic.answers import Row
from toolkit.clients.timetonic.schema import Field, FieldId, Table
from toolkit.errors import NotReachedError
from toolkit.mapping.spec import KindMapping
from toolkit.model.ids import Side
from toolkit.sandbox.snapshot import TableSnapshot, TimeTonicSnapshot

_TRIES: Final = 3
_ANSWERS: Final = {
    "read_back": "ids_only",
    "answer_fields": "rows_with_fields",
    "tmp_ids": "tmp_ids",
}
_NO_FIELD: Final = FieldId(0)
Rows = Mapping[int, Row]


@dataclass(frozen=True, slots=True)
class TimeTonicRead:
    """What was read; `unreadable` counts cells that are taken for blank."""

    snapshot: TimeTonicSnapshot
    unreadable: int = 0


async def read_timetonic(parts: Parts, *, progress: Progress) -> TimeTonicRead:
    """The columns of every table of the book, and the rows of those that are mapped.

    Of a row only what the mapping names is read, and the column that names it.

    Raises:
        UseError: A mapped table or column is not there.
        VendorError: Something could not be read.
    """
    client, config = parts.timetonic, parts.config
    tables = await client.tables.list_tables()
    wanted: dict[int, tuple[Table, dict[int, Field]]] = {}
    for mapping in config.mapping.kinds.values():
        table = await client.tables.get_table(mapping.table)
        known = wanted.setdefault(table.id, (table, {}))[1]
        known |= {each.id: each for each in _columns(table, mapping)}
    rows = {
        table_id: await _read_rows(parts, table, tuple(columns.values()), progress=progress)
        for table_id, (table, columns) in wanted.items()
    }
    cells = Cells()
    snapshot = TimeTonicSnapshot(
        user=config.timetonic.user,
        book_owner=config.timetonic.book_owner,
        book_code=config.timetonic.book_code,
        tables=tuple(_snapshot(table, rows, tables, cells) for table in tables),
        page_size=client.profile.page_size,
        write_batch_size=client.profile.write_batch_size,
        create_answer=_ANSWERS[client.profile.tmp_id_mapping],
    )
    return TimeTonicRead(snapshot, cells.unreadable)


def _columns(table: Table, mapping: KindMapping) -> Iterable[Field]:
    own = (mapping.key_column, mapping.parent_column, mapping.id_column, mapping.stamp_column)
    names = [*(each.timetonic for each in mapping.fields), *own]
    yield from table.fields[:1]
    for name in names:
        if name is not None:
            yield table.field(name)


async def _read_rows(
    parts: Parts, table: Table, columns: tuple[Field, ...], *, progress: Progress
) -> Rows:
    what = f"Reading TimeTonic {table.name}"
    for _ in range(_TRIES):
        rows: dict[int, Row] = {}
        is_shifted = False
        async for page in parts.timetonic.rows.iter_pages(table, fields=columns):
            is_shifted |= page.shifted
            rows |= {each.id: each for each in page.rows}
            progress(what, len(rows), page.total_row_count or 0)
        if not is_shifted:
            return rows
    raise NotReachedError(
        "TimeTonic changed while it was read",
        system=Side.TIMETONIC,
        unchanged="Nothing was written",
        remedy="Rehearse again when fewer people are at work there",
    )


def _snapshot(
    table: Table, rows: Mapping[int, Rows], tables: Collection[Table], cells: Cells
) -> TableSnapshot:
    own = {each.id for each in tables}
    fields = {
        each.id: field_of(each, tables=own) for each in (*table.fields, *table.log_fields)
    }
    labels = {int(each.id): each.fields[0].id for each in tables if each.fields}

    def find_row(table_id: int, label: str) -> int | None:
        shown = labels.get(table_id, _NO_FIELD)
        listed = rows.get(table_id, {})
        found = [i for i, row in listed.items() if row.values.get(shown) == label]
        return found[0] if len(found) == 1 else None

    if table.id not in rows:
        return TableSnapshot(table.id, table.name, table.code, tuple(fields.values()))
    made = {}
    for row in rows[table.id].values():
        read = {i: cells.cell_of(v, fields[i], find_row) for i, v in row.values.items()}
        made[int(row.id)] = {int(i): cell for i, cell in read.items() if cell is not None}
    return TableSnapshot(table.id, table.name, table.code, tuple(fields.values()), made)
