import json
from datetime import UTC, date, datetime

import httpx
import pytest

from tests.unit.clients.timetonic_service import (
    CONTACTS,
    FIELDS,
    TABLE,
    Service,
    client,
    nok,
    ok,
    router,
    table_values,
)
from toolkit.clients.timetonic import ByView, CapabilityProfile, FieldId, LinkedRow
from toolkit.errors import MalformedAnswerError, NotFoundError, UseError


@pytest.fixture
def service():
    with router() as mocked:
        yield Service(mocked)


def pages(count, *, size):
    """Answers of a table of `count` rows served in pages of at most `size`."""

    def answer(form):
        offset, asked = int(form["offset"]), int(form["maxRows"])
        ids = range(1 + offset, 1 + min(count, offset + min(asked, size)))
        return table_values({each: {"name": f"n{each}"} for each in ids}, total=count)

    return answer


async def read_all(tonic, **options):
    found = [page async for page in tonic.rows.iter_pages("Contacts", **options)]
    return [row.id for page in found for row in page.rows], found


@pytest.mark.parametrize(
    ("count", "size", "calls"), [(0, 3, 1), (2, 3, 1), (3, 3, 1), (4, 3, 2), (9, 3, 3)]
)
async def test_listing_costs_the_fewest_calls(service, count, size, calls):
    service.on("getTableValues", pages(count, size=100))

    async with client(profile=CapabilityProfile(page_size=size)) as tonic:
        ids, found = await read_all(tonic)

    assert ids == list(range(1, count + 1))
    assert [page.offset for page in found] == [size * place for place in range(calls)]
    assert [page.is_last for page in found] == [False] * (calls - 1) + [True]
    assert not found[-1].shifted


async def test_every_page_names_size_offset_table_and_book(service):
    service.on("getTableValues", pages(3, size=2))

    async with client() as tonic:
        await read_all(tonic, page_size=2, fields=["Name", 102], filter=ByView(7))

    first, second = service.sent("getTableValues")
    assert {name: first[name] for name in ("catId", "maxRows", "offset", "b_o", "b_c")} == {
        "catId": str(CONTACTS),
        "maxRows": "2",
        "offset": "0",
        "b_o": "acme",
        "b_c": "crm",
    }
    assert json.loads(first["fieldIds"]) == [101, 102]
    assert json.loads(first["filterRowIds"]) == {"applyViewFilters": 7}
    assert second["offset"] == "2"


async def test_server_with_smaller_pages_is_read_whole_and_remembered(service):
    service.on("getTableValues", pages(5, size=2))

    async with client(profile=CapabilityProfile(page_size=4)) as tonic:
        first, _ = await read_all(tonic)
        second, _ = await read_all(tonic)

    assert first == second == [1, 2, 3, 4, 5]
    assert [each["maxRows"] for each in service.sent("getTableValues")] == ["4"] * 3 + ["2"] * 3


async def test_listing_that_repeats_rows_is_not_complete(service):
    service.on("getTableValues", table_values({1: {}, 2: {}}, total=6))

    async with client(profile=CapabilityProfile(page_size=2)) as tonic:
        ids, found = await read_all(tonic)

    assert (ids, found[-1].shifted) == ([1, 2], True)


async def test_server_that_ignores_the_offset_is_stopped(service):
    service.on("getTableValues", table_values({1: {}, 2: {}}, total=6))

    async with client(profile=CapabilityProfile(page_size=2)) as tonic:
        with pytest.raises(MalformedAnswerError, match="does not end"):
            await read_all(tonic, filter=ByView(7))

    assert len(service.sent("getTableValues")) == 5


async def test_page_size_below_one_is_refused(service):
    async with client() as tonic:
        with pytest.raises(UseError):
            await read_all(tonic, page_size=0)

    assert service.sent("getTableValues") == []


async def test_cells_are_joined_by_row_id_and_typed(service):
    answer = table_values(
        {
            7: {
                "name": "Zoë",
                "count": "3",
                "day": "2026-07-01",
                "moment": 1782900000,
                "flag": "1",
                "plan": "Pro",
                "tags": ["a"],
                "parent": [{"row_id": 5, "value": "L"}],
                "updates": {"last": {"s": 15583609109172}},
            },
            8: {"name": None},
        }
    )
    columns = answer["tableValues"]["fields"]
    columns[0]["values"].reverse()
    columns[1]["values"].pop()
    columns[2]["values"][0]["text"] = "three"
    service.on("getTableValues", answer)

    async with client() as tonic:
        (first, second) = [row async for row in tonic.rows.list_rows("Contacts")]

    table_fields = [FieldId(FIELDS[each]) for each in ("name", "count", "day", "moment")]
    assert [first.values[each] for each in table_fields] == [
        "Zoë",
        3,
        date(2026, 7, 1),
        datetime(2026, 7, 1, 10, tzinfo=UTC),
    ]
    assert first.values[FieldId(FIELDS["parent"])] == (LinkedRow(5, "L"),)
    assert first.texts == {FIELDS["count"]: "three"}
    assert first.active_at == datetime(2019, 5, 20, 14, 1, 50, 917200, tzinfo=UTC)
    # Absent is not blank: the second row has no e-mail cell at all.
    assert FIELDS["email"] in first.values
    assert FIELDS["email"] not in second.values
    assert second.values[FieldId(FIELDS["name"])] is None
    assert second.active_at is None
    assert FIELDS["comments"] not in first.values


async def test_row_shows_its_values_by_name(service):
    service.on("getTableValues", table_values({7: {"name": "Zoë"}}))

    async with client() as tonic:
        (page,) = [page async for page in tonic.rows.iter_pages("Contacts")]

    assert page.rows[0].by_name(page.fields)["Name"] == "Zoë"


@pytest.mark.parametrize(
    "answer",
    [
        ok(),
        ok(tableValues=[]),
        ok(tableValues=TABLE | {"fields": [{"id": 101, "values": [{"value": 1}]}]}),
        ok(tableValues=TABLE | {"fields": [{"id": 101, "values": [{"id": "x"}]}]}),
        ok(tableValues={"fields": []}),
    ],
)
async def test_answer_that_is_no_table_is_malformed(service, answer):
    service.on("getTableValues", answer)

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError):
            await read_all(tonic)


async def test_rows_without_columns_are_known_by_their_places(service):
    empty = TABLE | {"fields": [], "rowInfos": {"7": {"order": 1}}, "totalRowCount": 1}
    service.on("getTableValues", ok(tableValues=empty))

    async with client() as tonic:
        ids, _ = await read_all(tonic)

    assert ids == [7]


async def test_chosen_rows_are_read_by_id_in_pages(service):
    def chosen(form):
        ids = json.loads(form["filterRowIds"])
        return table_values({each: {} for each in ids if each != 3}, total=99)

    service.on("getTableValues", chosen)

    async with client(profile=CapabilityProfile(page_size=2)) as tonic:
        found = await tonic.rows.get_rows("Contacts", [1, 2, 2, 3])

    assert set(found) == {1, 2}
    assert [each["filterRowIds"] for each in service.sent("getTableValues")] == ["[1,2]", "[3]"]


async def test_no_chosen_rows_cost_no_call(service):
    async with client() as tonic:
        assert await tonic.rows.get_rows("Contacts", []) == {}

    assert service.sent("getTableValues") == []


async def test_server_that_does_not_filter_by_id_is_found_out(service):
    service.on("getTableValues", table_values({1: {}, 2: {}}))

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError, match="not asked for"):
            await tonic.rows.get_rows("Contacts", [1])


async def test_rows_are_found_by_an_ad_hoc_filter(service):
    service.on("getTableValues", table_values({1: {"key": "k"}}, total=99))

    async with client() as tonic:
        (row,) = await tonic.rows.find_rows("Contacts", "Key", "k")

    assert row.values[FieldId(FIELDS["key"])] == "k"
    group = json.loads(service.only("getTableValues")["filterRowIds"])["applyViewFilters"]
    assert group["filterGroup"]["filters"][0]["json"] == {"predicate": "is", "operand": "k"}


async def test_row_format_is_read_by_name_or_id(service):
    twice = [*TABLE["fields"], TABLE["fields"][0] | {"id": 500, "fixed_code": "name_2"}]
    tables = {"bookTables": {"categories": [TABLE | {"fields": twice}]}}
    rows = [
        {"id": 1, "fields": {"Email": {"value": "a@x"}, "103": {"value": "4"}, "Name": "lost"}},
        {"id": "2", "fields": [], "Unknown": 1},
    ]
    service.on("getBookTables", ok(**tables))
    service.on("getTableValues", ok(tableValues={"rows": rows, "totalRowCount": 9}))

    async with client() as tonic:
        page = await tonic.rows.read_rows_format("Contacts", page_size=2, offset=4)

    assert page.rows[0].values == {102: "a@x", 103: 4}
    assert page.rows[1].values == {}
    assert (page.total_row_count, page.is_last, page.offset) == (9, False, 4)
    assert service.only("getTableValues")["format"] == "rows"


@pytest.mark.parametrize("values", [{}, {"rows": [{"fields": {}}]}, {"rows": [1]}])
async def test_row_format_without_rows_is_malformed(service, values):
    service.on("getTableValues", ok(tableValues=values))

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError):
            await tonic.rows.read_rows_format("Contacts")


async def test_subset_is_labelled_from_the_request(service):
    service.on("getTableValueSubset", ok(catId=11, tableValues=[["a", "b"], ["c", "d"]]))

    async with client() as tonic:
        found = await tonic.rows.subset("Contacts", fields=["Name", "Email"], row_ids=[7, 8])

    assert found == {7: {101: "a", 102: "b"}, 8: {101: "c", 102: "d"}}
    form = service.only("getTableValueSubset")
    assert (form["fieldIds"], form["rowIds"]) == ("101,102", "7,8")


@pytest.mark.parametrize("matrix", [None, [], [["a"]], [["a", "b"]], [["a"], "b"]])
async def test_subset_of_another_shape_is_refused(service, matrix):
    service.on("getTableValueSubset", ok(tableValues=matrix))

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError):
            await tonic.rows.subset("Contacts", fields=["Name"], row_ids=[7, 8])


@pytest.mark.parametrize(
    ("listed", "labels"),
    [([{"id": "7", "name": "a"}, {"id": 8}], {7: "a", 8: ""}), ([], {}), (None, {})],
)
async def test_labels_are_listed_by_row_id(service, listed, labels):
    service.on("listTableRowsById", ok(tableRows=listed))

    async with client() as tonic:
        assert await tonic.rows.list_rows_by_id("Contacts") == labels


async def test_labels_without_ids_are_malformed(service):
    service.on("listTableRowsById", ok(tableRows=[{"name": "a"}]))

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError):
            await tonic.rows.list_rows_by_id("Contacts")


async def test_schema_is_asked_for_once(service):
    service.on("getTableValues", pages(1, size=10))

    async with client() as tonic:
        await read_all(tonic)
        table = await tonic.tables.get_table("crm_contacts")
        assert await tonic.tables.get_table(table) is table
        await read_all(tonic)
        assert len(service.sent("getBookTables")) == 1
        tonic.tables.forget()
        await read_all(tonic)

    assert len(service.sent("getBookTables")) == 2


async def test_unknown_table_is_asked_for_again_then_refused(service):
    async with client() as tonic:
        await tonic.tables.list_tables()
        with pytest.raises(UseError, match="no table Contact"):
            await tonic.tables.get_table("Contact")

    assert len(service.sent("getBookTables")) == 2


async def test_system_tables_are_listed_only_when_asked_for(service):
    async with client() as tonic:
        own = await tonic.tables.list_tables()
        every = await tonic.tables.list_tables(include_system=True, include_fields=False)

    assert [each.name for each in own] == ["Contacts"]
    assert [each.name for each in every] == ["Contacts", "Users", "Pivot"]
    assert [each["includeFields"] for each in service.sent("getBookTables")] == [
        "true",
        "false",
    ]


async def test_tables_need_a_book(service):
    async with client(book_owner=None, book_code=None) as tonic:
        with pytest.raises(UseError, match="about a book"):
            await tonic.tables.list_tables()

    assert service.requests == []


async def test_answer_without_tables_is_malformed(service):
    service.on("getBookTables", ok(bookTables=[]))

    async with client() as tonic:
        with pytest.raises(MalformedAnswerError):
            await tonic.tables.list_tables()


async def test_field_is_found_over_all_tables(service):
    async with client() as tonic:
        table, field = await tonic.tables.get_field(112)
        again, _ = await tonic.tables.get_field(table.fields[0])
        with pytest.raises(UseError, match="has a field 424242"):
            await tonic.tables.get_field(424242)

    assert (table.id, field.name, again.id) == (CONTACTS, "Comments", CONTACTS)


@pytest.mark.parametrize(
    "failure", [httpx.ReadError("cut"), httpx.ConnectError("no"), httpx.Response(503)]
)
async def test_reads_are_repeated(service, failure):
    service.on("getTableValues", failure, pages(1, size=10))

    async with client() as tonic:
        ids, _ = await read_all(tonic)

    assert ids == [1]


async def test_refused_read_is_not_repeated(service):
    service.on("getTableValues", nok("table not found"))

    async with client() as tonic:
        with pytest.raises(NotFoundError):
            await read_all(tonic)

    assert len(service.sent("getTableValues")) == 1
