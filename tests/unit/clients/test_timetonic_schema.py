import pytest

from tests.unit.clients.timetonic_service import (
    COLUMNS,
    PIVOT_TABLE,
    SYSTEM_TABLE,
    TABLE,
    column,
)
from toolkit.clients.timetonic.schema import Field, FieldKind, Table, find_table, unknown_table
from toolkit.clients.timetonic.wire import FieldWire, TableWire, read_as
from toolkit.errors import MalformedAnswerError, UseError


def table_of(**changes) -> Table:
    return Table.from_wire(TableWire.model_validate(TABLE | changes))


def field_of(**extra) -> Field:
    return Field.from_wire(FieldWire.model_validate({"id": 1, "name": "F"} | extra))


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ({"type": "shorttext"}, FieldKind.TEXT),
        ({"type": "mediumtext"}, FieldKind.TEXT),
        ({"type": "mediumtext", "enumColors": {"values": []}}, FieldKind.CHOICE),
        ({"type": "mediumtext", "enumColors": {"multiple": 1}}, FieldKind.MULTI_CHOICE),
        ({"type": "mediumtext", "multiple": "1", "enumColors": {"values": [{}]}},
         FieldKind.MULTI_CHOICE),
        ({"type": "mediumtext", "ctype": "multiEnum", "enumColors": {"values": [{}]}},
         FieldKind.MULTI_CHOICE),
        ({"type": "mediumtext", "enumColors": []}, FieldKind.TEXT),
        ({"type": "double"}, FieldKind.NUMBER),
        ({"type": "int"}, FieldKind.INTEGER),
        ({"type": "date"}, FieldKind.DATE),
        ({"type": "date", "timeAndDate": "1"}, FieldKind.DATETIME),
        ({"type": "boolean"}, FieldKind.BOOLEAN),
        ({"type": "link"}, FieldKind.LINK),
        ({"type": "Email"}, FieldKind.EMAIL),
        ({"type": "files"}, FieldKind.FILES),
        ({"type": "formula-of-2031"}, FieldKind.OTHER),
    ],
)  # fmt: skip
def test_kind_follows_from_type_and_settings(extra, kind):
    assert field_of(**extra).kind is kind


@pytest.mark.parametrize(
    ("extra", "is_writable"),
    [
        ({}, True),
        ({"readOnly": 0}, True),
        ({"readOnly": "0"}, True),
        ({"readOnly": 1}, False),
        ({"readOnly": "1"}, False),
        ({"readOnly": True}, False),
        ({"sysFunc": "author"}, False),
        ({"type": "files"}, False),
        ({"type": "activity"}, False),
    ],
)
def test_read_only_is_honoured_in_every_spelling(extra, is_writable):
    assert field_of(**extra).is_writable is is_writable


def test_comments_and_activity_are_no_record_fields():
    table = table_of()

    assert [each.name for each in table.log_fields] == ["Comments", "Updates"]
    assert len(table.fields) == len(COLUMNS) - 2


def test_link_field_names_its_table():
    table = table_of()

    assert table.field("parent").linked_table_id == 12
    assert table.field("name").linked_table_id is None
    assert field_of(type="link", link={"category": []}).linked_table_id is None


@pytest.mark.parametrize("ref", [101, "101", "name", "Name"])
def test_field_is_found_by_id_then_codes_then_name(ref):
    assert table_of().field(ref).id == 101


def test_fixed_code_wins_over_code_and_code_over_name():
    fields = [
        column("word", "shorttext", id=1, fixed_code="a"),
        column("b", "shorttext", id=2, fixed_code="x", code="word"),
        column("c", "shorttext", id=3, fixed_code="word"),
    ]
    table = table_of(fields=fields)

    assert table.field("word").id == 3
    assert table_of(fields=fields[:2]).field("word").id == 2
    assert table_of(fields=fields[:1]).field("word").id == 1


def test_field_given_as_itself_is_taken():
    field = field_of()

    assert table_of().field(field) is field


def test_name_of_two_fields_is_refused():
    fields = [column("Same", "shorttext", id=each, fixed_code=f"c{each}") for each in (1, 2)]

    with pytest.raises(UseError, match="2 fields of Contacts are called Same"):
        table_of(fields=fields).field("Same")


@pytest.mark.parametrize(("ref", "remedy"), [("Emial", "Email"), ("zzz", "Name, Email")])
def test_unknown_field_is_told_with_the_nearest_name(ref, remedy):
    with pytest.raises(UseError) as caught:
        table_of().field(ref)

    assert remedy in caught.value.sentence


TABLES = (table_of(), table_of(id=21, name="People", code=None))


@pytest.mark.parametrize(
    ("ref", "table_id"),
    [(11, 11), ("11", 11), ("crm_contacts", 11), ("Contacts", 11), ("People", 21), ("x", None)],
)
def test_table_is_found_by_id_then_code_then_name(ref, table_id):
    found = find_table(ref, TABLES)

    assert (found and found.id) == table_id


def test_name_of_two_tables_is_refused():
    twins = (table_of(id=1, code=None), table_of(id=2, code=None))

    with pytest.raises(UseError, match="2 tables are called Contacts"):
        find_table("Contacts", twins)


def test_unknown_table_is_told_with_the_nearest_name():
    assert "Did you mean People?" in unknown_table("Poeple", TABLES).sentence


@pytest.mark.parametrize(
    ("raw", "is_user_table"), [(TABLE, True), (SYSTEM_TABLE, False), (PIVOT_TABLE, False)]
)
def test_system_and_pivot_tables_are_told_apart(raw, is_user_table):
    assert Table.from_wire(TableWire.model_validate(raw)).is_user_table is is_user_table


def test_loose_spellings_are_read():
    wire = TableWire.model_validate(
        {
            "id": " 7 ",
            "name": None,
            "code": 5,
            "pivot_id": "",
            "forbidAddRow": "1",
            "forbidDeleteRow": False,
            "rowInfos": [],
            "fields": {"a": {"id": "1"}},
            "views": [{"id": "3", "filterGroup": {"operator": "and"}}],
            "neverSeen": {"kept": True},
        }
    )
    table = Table.from_wire(wire)

    assert (table.id, table.name, table.code, table.is_user_table) == (7, "", "5", True)
    assert (table.may_add_rows, table.may_delete_rows) == (False, True)
    assert (table.views[0].id, table.views[0].has_filter) == (3, True)
    assert wire.row_places == {}
    assert wire.model_extra == {"neverSeen": {"kept": True}}


def test_unreadable_answer_names_the_place_and_never_the_value():
    with pytest.raises(MalformedAnswerError, match=r"fields\.0\.id") as caught:
        read_as(TableWire, {"id": 1, "fields": [{"id": "secret"}]}, operation="getBookTables")

    assert "secret" not in caught.value.sentence
