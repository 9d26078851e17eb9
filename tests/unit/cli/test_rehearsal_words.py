"""What the clients read, in the emulators' words: nothing invented, nothing lost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from toolkit.cli.rehearsal.cells import Cells, field_of
from toolkit.cli.rehearsal.records import (
    appointment_of,
    contact_of,
    definition_of,
    note_of,
    task_of,
    team_of,
    zone_of,
)
from toolkit.clients.highlevel import (
    Appointment,
    Contact,
    CustomFieldDefinition,
    Location,
    Note,
    Task,
    User,
)
from toolkit.clients.timetonic import FieldKind
from toolkit.clients.timetonic.schema import Field, FieldId, TableId
from toolkit.clients.timetonic.values import LinkedRow, StoredFile, Unreadable
from toolkit.sandbox.timetonic import schema

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def read(model, **wire):
    return model.model_validate(wire)


@pytest.mark.parametrize(
    ("wire", "added_at", "updated_at"),
    [
        ({}, AT, AT),
        ({"dateUpdated": "2026-01-02T03:04:05Z"},) + (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),) * 2,
        (
            {"dateAdded": "2025-01-01T00:00:00Z"},
            datetime(2025, 1, 1, tzinfo=UTC),
            datetime(2025, 1, 1, tzinfo=UTC),
        ),
    ],
)  # fmt: skip
def test_contact_without_stamps_takes_the_nearest(wire, added_at, updated_at):
    made = contact_of(read(Contact, id="c", **wire), read_at=AT)

    assert (made.added_at, made.updated_at) == (added_at, updated_at)


def test_contact_keeps_what_is_set_and_nothing_else():
    made = contact_of(
        read(
            Contact,
            id="c",
            firstName="Ada",
            lastName="",
            phone=None,
            tags=["a"],
            customFields=[{"id": "f", "value": ["x"]}, {"id": "g", "value": None}],
            additionalEmails=[{"email": "b@example.com"}, {"email": None}, "odd"],
            businessId="b",
            dnd=True,
        ),
        read_at=AT,
    )

    assert made.values == {"firstName": "Ada", "lastName": ""}
    assert (made.tags, made.custom, made.is_dnd) == (["a"], {"f": ["x"]}, True)
    assert (made.additional_emails, made.business_id) == (["b@example.com"], "b")


def test_children_without_dates_take_the_moment_of_reading():
    task = task_of(read(Task, _id="t", title=None), read_at=AT)
    note = note_of(read(Note, id="n"), "c", read_at=AT)

    assert (task.title, task.due_at, task.updated_at, task.is_completed) == ("", AT, AT, False)
    assert (note.body, note.contact_id, note.added_at) == ("", "c", AT)


@pytest.mark.parametrize(
    ("start", "hour"),
    [("2026-11-23T09:00:00Z", 9), ("2026-11-23T09:00:00+01:00", 8), ("2026-11-23 09:00:00", 8)],
)
def test_appointment_starts_when_the_location_says(start, hour):
    made = appointment_of(read(Appointment, id="a", startTime=start), PARIS, read_at=AT)

    assert made is not None
    assert made.starts_at == made.ends_at == AT.replace(hour=hour)
    assert (made.contact_id, made.added_at) == ("", AT)


def test_appointment_without_a_readable_start_is_none():
    assert (
        appointment_of(read(Appointment, id="a", startTime="soon"), PARIS, read_at=AT) is None
    )


def test_option_lists_of_more_than_words_take_any_word():
    plain = definition_of(read(CustomFieldDefinition, id="f", picklistOptions=["a", "b"]))
    rich = definition_of(
        read(
            CustomFieldDefinition,
            id="g",
            picklistOptions=["a", {"key": "b"}],
            textBoxListOptions=[{"id": "box", "label": "First"}, {"label": "no id"}],
        )
    )

    assert (plain.options, plain.is_custom_option_allowed) == (["a", "b"], False)
    assert (rich.options, rich.is_custom_option_allowed) == (["a"], True)
    assert rich.text_boxes == {"box": "First"}


@pytest.mark.parametrize("zone", [None, "Mars/Base", "../etc/passwd", "UTC"])
def test_location_without_a_known_zone_lives_in_utc(zone):
    assert zone_of(read(Location, id="l", timezone=zone)).key == "UTC"


def test_team_is_what_stands_around_the_contacts():
    team = team_of(
        read(
            Location,
            id="l",
            timezone="Asia/Tokyo",
            settings={"allowDuplicateContact": True, "contactUniqueIdentifiers": ["phone"]},
        ),
        [read(User, id="u", firstName="Olga", lastName="Ode"), read(User, id="v", name="Vi")],
        [read(Contact, id="c", businessId="b", businessName="Ltd"), read(Contact, id="d")],
        calendars={"k": "Calls"},
    )

    assert (team.country, team.timezone) == ("US", "Asia/Tokyo")
    assert (team.allow_duplicate_contact, team.unique_identifiers) == (True, ("phone",))
    assert {i: user["name"] for i, user in team.users.items()} == {"u": "Olga Ode", "v": "Vi"}
    assert (team.businesses, team.calendars) == ({"b": "Ltd"}, {"k": "Calls"})


def column(kind: FieldKind, word: str = "", **more) -> Field:
    return Field(id=FieldId(1), name="F", type=word or kind.value, kind=kind, **more)


@pytest.mark.parametrize(
    ("kind", "vendor_type", "emulated"),
    [
        (FieldKind.TEXT, "longtext", "longtext"),
        (FieldKind.TEXT, "text", "shorttext"),
        (FieldKind.CHOICE, "mediumtext", "mediumtext"),
        (FieldKind.CHOICE, "list", "shorttext"),
        (FieldKind.MULTI_CHOICE, "tags", "mediumtext"),
        (FieldKind.NUMBER, "number", "double"),
        (FieldKind.INTEGER, "integer", "int"),
        (FieldKind.DATETIME, "datetime", "date"),
        (FieldKind.OTHER, "barcode", "barcode"),
        (FieldKind.OTHER, "", "other"),
    ],
)
def test_column_behaves_as_its_kind_and_is_spelt_as_the_vendor_does(
    kind, vendor_type, emulated
):
    made = field_of(column(kind, vendor_type), tables=())

    assert made.type == emulated
    assert made.extra["type"] == (vendor_type or kind.value)
    assert made.has_time is (kind is FieldKind.DATETIME)
    assert (made.choices is not None) is (kind in {FieldKind.CHOICE, FieldKind.MULTI_CHOICE})


def test_column_keeps_its_settings():
    made = field_of(
        column(
            FieldKind.LINK,
            code="friend",
            fixed_code="mate",
            date_format="DD/MM/YYYY",
            is_required=True,
            is_read_only=True,
            linked_table_id=TableId(7),
        ),
        tables={7},
    )

    assert (made.code, made.links_to, made.is_read_only) == ("friend", 7, True)
    assert made.extra == {
        "type": "link",
        "fixed_code": "mate",
        "dateFormat": "DD/MM/YYYY",
        "required": True,
    }
    assert (
        field_of(column(FieldKind.LINK, linked_table_id=TableId(7)), tables={8}).links_to
        is None
    )


TEXT = schema.Field(1, "T", "shorttext")
NUMBER = schema.Field(2, "N", "double")
FLAG = schema.Field(3, "B", "boolean")
LINK = schema.Field(4, "L", "link", links_to=9)
LOST = schema.Field(5, "M", "link")
FILES = schema.Field(6, "D", "files")


@pytest.mark.parametrize(
    ("value", "column", "cell", "unreadable"),
    [
        (None, TEXT, None, 0),
        ("", TEXT, "", 0),
        ("a", TEXT, "a", 0),
        (True, FLAG, True, 0),
        (7, NUMBER, 7, 0),
        (Decimal("7.00"), NUMBER, 7, 0),
        (Decimal("7.25"), NUMBER, 7.25, 0),
        (date(2026, 1, 2), TEXT, date(2026, 1, 2), 0),
        (AT, TEXT, AT, 0),
        ((), TEXT, None, 0),
        (("a", "b"), TEXT, ("a", "b"), 0),
        ((LinkedRow(3, "x"),), LINK, (3,), 0),
        ((LinkedRow(None, "known"), LinkedRow(3)), LINK, (33, 3), 0),
        ((LinkedRow(None, "twice"),), LINK, None, 1),
        ((LinkedRow(3, "x"),), LOST, None, 0),
        ((StoredFile("u", "n"),), FILES, None, 0),
        (Unreadable("seven"), NUMBER, "seven", 0),
        (Unreadable("maybe"), FLAG, None, 1),
        (Unreadable({"odd": 1}), TEXT, None, 1),
    ],
)
def test_cell_holds_what_was_read(value, column, cell, unreadable):
    cells = Cells()

    found = cells.cell_of(
        value, column, lambda table, label: 33 if (table, label) == (9, "known") else None
    )

    assert found == cell
    assert type(found) is type(cell)
    assert cells.unreadable == unreadable
