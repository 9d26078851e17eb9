"""Tables of our own in the book: written whole where they stand, in part where columns lack."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.unit.sides.conftest import Sides
from toolkit.clients.timetonic import Table
from toolkit.executor.port import NewRecord, RecordEdit, RecordRef, Written
from toolkit.mapping.own_tables import own_tables
from toolkit.model.ids import CorrelationKey, Kind, Side
from toolkit.model.values import Values
from toolkit.sides.listing import ListRequest

ARCHIVED: Values = {
    "name": "Ada",
    "email": "ada@example.org",
    "archived_at": "2026-11-01T08:30:00Z",
    "reason": "stale",
    "record": '{"name":"Ada","tags":["a","b"]}',
    "highlevel_id": "h1",
}
DAY: Values = {
    "day": "2026-11-01",
    "connection": "main",
    "total_contacts": 12,
    "new_contacts": 0,
    "total_tasks": 8,
    "open_tasks": 3,
    "overdue_tasks": 1,
    "completed_tasks": 5,
    "notes": 4,
    "appointments": 2,
    "conflicts": 0,
    "api_calls": 41,
    "sync_duration_s": 1.25,
}
ROWS = {Kind.ARCHIVE: ARCHIVED, Kind.METRIC: DAY}


def a_new(values: Values, number: int = 1) -> NewRecord:
    return NewRecord(values, CorrelationKey(f"{number:032x}"))


def _tables(sides: Sides) -> tuple[Table, ...]:
    known = sides.timetonic._client.tables._known
    assert known is not None
    return known


def _without(sides: Sides, table: str, columns: Iterable[str] | None = None) -> None:
    """The book as if it had not this table, or not these columns of it."""
    left = []
    for each in _tables(sides):
        if each.name != table:
            left.append(each)
        elif columns is not None:
            fields = tuple(one for one in each.fields if one.name not in columns)
            left.append(replace(each, fields=fields))
    sides.timetonic._client.tables.remember(left)
    sides.timetonic._layouts.clear()


@pytest.mark.parametrize("kind", ROWS)
async def test_a_row_reads_back_as_it_was_written(sides: Sides, kind: Kind) -> None:
    (made,) = await sides.timetonic.create_records(kind, [a_new(ROWS[kind])])
    assert isinstance(made, Written)

    found = (await sides.timetonic.get_records(kind, [RecordRef(made.id)]))[made.id]

    assert found is not None
    assert found.values == ROWS[kind]
    assert found.problems == ()
    assert found.correlation == a_new({}).correlation
    (again,) = await sides.timetonic.find_created(kind, a_new(ROWS[kind]))
    assert again.id == made.id


async def test_a_row_is_changed_in_place_and_removed(sides: Sides) -> None:
    (made,) = await sides.timetonic.create_records(Kind.METRIC, [a_new(DAY)])
    assert isinstance(made, Written)
    edit = RecordEdit(RecordRef(made.id), {"notes": 5})

    await sides.timetonic.update_records(Kind.METRIC, [edit])

    (row,) = sides.world.rows("Metrics").values()
    assert (row["Notes"], row["API calls"]) == (5, 41)
    await sides.timetonic.delete_records(Kind.METRIC, [edit.ref], archive=False)
    assert sides.world.rows("Metrics") == {}


def test_every_column_of_the_seeded_book_is_mapped(sides: Sides) -> None:
    columns = {table.name: {each.name for each in table.fields} for table in _tables(sides)}

    for mapping in own_tables().values():
        named = {each.timetonic for each in mapping.fields} | {mapping.key_column}
        assert columns[mapping.table] <= named
        assert ROWS[mapping.kind].keys() <= {each.name for each in mapping.fields}


@pytest.mark.parametrize(
    ("table", "columns", "kinds"),
    [
        ("Contacts by stage", None, {Kind.ARCHIVE, Kind.METRIC}),
        ("Archive", None, {Kind.METRIC}),
        ("Archive", ["Record", "Reason"], {Kind.ARCHIVE, Kind.METRIC}),
        ("Metrics", ["Hightonic key"], {Kind.ARCHIVE}),
    ],
)
def test_a_table_counts_where_it_has_the_column_of_our_key(
    sides: Sides, table: str, columns: list[str] | None, kinds: set[Kind]
) -> None:
    _without(sides, table, columns)

    assert sides.timetonic.list_own_kinds() == kinds


def test_two_tables_of_one_name_are_none(sides: Sides) -> None:
    tables = _tables(sides)
    twin = [replace(each, id=1) for each in tables if each.name == "Archive"]  # type: ignore[arg-type]
    sides.timetonic._client.tables.remember([*tables, *twin])

    assert sides.timetonic.list_own_kinds() == {Kind.METRIC}


async def test_columns_that_lack_are_left_out(sides: Sides) -> None:
    _without(sides, "Archive", ["Record", "Reason"])

    (made,) = await sides.timetonic.create_records(Kind.ARCHIVE, [a_new(ARCHIVED)])

    assert isinstance(made, Written)
    (row,) = sides.world.rows("Archive").values()
    assert row["Name"] == "Ada"
    assert row["Record"] is None
    assert row["Archived at"] == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


async def test_highlevel_has_no_rows_of_ours_and_is_not_asked(sides: Sides) -> None:
    sides.world.sandbox.recorder.clear()

    answer = await sides.highlevel.list_records(Kind.ARCHIVE, ListRequest())

    assert answer.listing.records == {}
    assert answer.listing.is_complete
    assert answer.listing.side is Side.HIGHLEVEL
    assert answer.minimum_calls == sides.world.sandbox.recorder.count() == 0


def test_rows_of_ours_name_no_person_s_fields_in_highlevel() -> None:
    fields = [each for mapping in own_tables().values() for each in mapping.fields]

    assert all(each.highlevel == () for each in fields)
    assert all(re.fullmatch(r"[a-z_]+", each.name) for each in fields)
