from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tests.unit.clients.highlevel_table import Vendor, client_of, collected
from toolkit.clients.highlevel import (
    Appointment,
    AppointmentWrite,
    BusinessWrite,
    Channel,
    Contact,
    ContactWrite,
    CustomFieldDefinition,
    CustomFieldValue,
    CustomFieldWrite,
    DndSetting,
    NoteWrite,
    Opportunity,
    RecurringTaskWrite,
    Task,
    TaskWrite,
)
from toolkit.clients.highlevel.wire.base import iso_z
from toolkit.clients.highlevel.wire.surroundings import OpportunityPage
from toolkit.clients.highlevel.writing import contact_body
from toolkit.errors import UseError

UPSERT = ContactWrite(email="a@b.c")
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 — the mistake under test


@pytest.mark.parametrize(
    ("write", "body"),
    [
        (ContactWrite(), {}),
        (ContactWrite(city=None), {"city": None}),
        (ContactWrite(city=""), {"city": ""}),
        (ContactWrite(owner_id=None), {"assignedTo": None}),
        (ContactWrite(phone=""), {"phone": ""}),
        (ContactWrite(custom_fields=None), {"customFields": None}),
        (ContactWrite(custom_fields=[]), {"customFields": []}),
        (ContactWrite(custom_fields={}), {"customFields": []}),
        (ContactWrite(dnd=False), {"dnd": False}),
        (ContactWrite(dnd_settings=None), {"dndSettings": None}),
        (ContactWrite(date_of_birth=date(2000, 2, 29)), {"dateOfBirth": "2000-02-29"}),
    ],
)
def test_absent_null_and_empty_are_three_bodies(write, body):
    assert contact_body(write, act="update") == body


@pytest.mark.parametrize(
    ("is_v3", "keys"),
    [
        (False, ["Call", "Email", "SMS", "WhatsApp", "GMB", "FB", "RCS"]),
        (True, ["call", "email", "sms", "whatsApp", "gmb", "fb", "rcs"]),
    ],
)
def test_channels_are_spelt_as_the_version_asks(is_v3, keys):
    write = ContactWrite(
        dnd_settings={channel: DndSetting(status="active") for channel in Channel}
    )

    assert list(contact_body(write, act="update", is_v3=is_v3)["dndSettings"]) == keys


@pytest.mark.parametrize(
    ("act", "write", "words"),
    [
        ("update", ContactWrite(company_name="Acme"), "company_name"),
        ("update", ContactWrite(company_name=None, gender="x"), "company_name and gender"),
        ("update", ContactWrite(tags=()), "whole set"),
        ("upsert", ContactWrite(tags=("a",)), "whole set"),
        ("create", ContactWrite(phone="0612345678"), "international form"),
        ("update", ContactWrite(phone="+33 6 12"), "international form"),
    ],
)
def test_a_write_that_would_surprise_is_refused_before_it_is_sent(act, write, words):
    with pytest.raises(UseError, match=words) as caught:
        contact_body(write, act=act)

    assert "0612345678" not in caught.value.sentence


@pytest.mark.parametrize("act", ["create", "update", "upsert"])
def test_tags_are_written_when_replacing_them_is_said(act):
    body = contact_body(ContactWrite(tags=("a",)), act=act, replace_tags=True)

    assert body == {"tags": ["a"]}


@pytest.mark.parametrize("model", [ContactWrite, TaskWrite, NoteWrite, BusinessWrite])
def test_an_undeclared_key_cannot_be_written(model):
    with pytest.raises(ValidationError) as caught:
        model(additional_emails=["ada@example.com"])

    assert "ada@example.com" not in str(caught.value)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda h: h.contacts.upsert(ContactWrite(first_name="A")), "match on"),
        (lambda h: h.contacts.find_duplicate(), "to look for"),
        (
            lambda h: h.tasks.create("c", TaskWrite(title="x", due_at=None)),
            "due_at, is_completed",
        ),
        (lambda h: h.notes.create("c", NoteWrite(title="x")), "body"),
        (lambda h: h.businesses.create(BusinessWrite(city="x")), "name"),
        (lambda h: h.custom_fields.create(CustomFieldWrite(name="x")), "data_type"),
        (lambda h: h.custom_fields.update("f", CustomFieldWrite()), "name"),
        (lambda h: h.recurring_tasks.create(RecurringTaskWrite(title="x")), "rule"),
        (lambda h: h.appointments.create(AppointmentWrite(contact_id="c")), "calendar_id"),
        (lambda h: h.appointments.update("e", AppointmentWrite(contact_id="c")), "contact"),
        (lambda h: h.appointments.create_note("e", NoteWrite(body="x", color="#fff")), "color"),
        (lambda h: h.workflows.add("c", "w", start_at=NAIVE), "zone"),
        (lambda h: h.calendars.list_events(NAIVE, NAIVE, user_id="u"), "zone"),
        (lambda h: h.calendars.list_events(NAIVE, NAIVE), "one user"),
        (
            lambda h: h.calendars.list_events(NAIVE, NAIVE, user_id="u", group_id="g"),
            "one user",
        ),
    ],
)
async def test_what_the_vendor_would_refuse_is_refused_unsent(act, words):
    vendor = Vendor({})

    async with client_of(vendor) as highlevel:
        with pytest.raises(UseError, match=words):
            await act(highlevel)

    assert vendor.requests == []


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (
            datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-02T01:00:00.000Z",
        ),
    ],
)
def test_times_are_sent_as_utc_with_milliseconds(moment, text):
    assert iso_z(moment) == text


def test_a_time_without_a_zone_is_not_sent():
    with pytest.raises(UseError):
        iso_z(NAIVE)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("2021-07-02T05:18:26.704Z", datetime(2021, 7, 2, 5, 18, 26, 704000, tzinfo=UTC)),
        ("2023-09-25T16:00:00+05:30", datetime(2023, 9, 25, 10, 30, tzinfo=UTC)),
        ("2021-07-16 11:00:00", datetime(2021, 7, 16, 11, tzinfo=UTC)),
        (1625203106704, datetime(2021, 7, 2, 5, 18, 26, 704000, tzinfo=UTC)),
        (datetime(2021, 7, 2, tzinfo=UTC), datetime(2021, 7, 2, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (True, None),
        ({}, None),
    ],
)
def test_a_timestamp_is_read_as_utc_or_not_at_all(raw, read):
    assert Contact.model_validate({"id": "c", "dateUpdated": raw}).updated_at == read


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("1990-09-25", "1990-09-25"),
        ("1990-09-25T00:00:00.000Z", "1990-09-25"),
        ("1990-09-25T23:59:59-11:00", "1990-09-25"),
        ("1990/09/25", "1990-09-25"),
        ("1990.09.25", "1990-09-25"),
        ("1990_09_25", "1990-09-25"),
        ("09/25/1990", "1990-09-25"),
        ("09-25-1990", "1990-09-25"),
        ("09.25.1990", "1990-09-25"),
        ("09_25_1990", "1990-09-25"),
        ("25th of September", "25th of September"),
        ("", ""),
        (None, None),
    ],
)
def test_a_birthday_is_a_day_in_every_spelling(raw, read):
    assert Contact.model_validate({"id": "c", "dateOfBirth": raw}).date_of_birth == read


@pytest.mark.parametrize(
    ("row", "attribute", "value"),
    [
        ({"address": "1 Rue"}, "address1", "1 Rue"),
        ({"address1": "1 Rue"}, "address1", "1 Rue"),
        ({"contactName": "Ada K"}, "name", "Ada K"),
        ({"assignedTo": "u1"}, "owner_id", "u1"),
        ({"tags": None}, "tags", ()),
        ({"tags": ["a"]}, "tags", ("a",)),
        ({"customFields": None}, "custom_fields", ()),
        ({"customFields": [{"id": "f", "value": [1]}]}, "custom_fields", [1]),
        ({"customFields": [{"id": "f", "fieldValue": "x"}]}, "custom_fields", "x"),
        ({"customFields": [{"id": "f", "field_value": "x"}]}, "custom_fields", "x"),
        ({"dndSettings": {"SMS": {"status": "active"}}}, "dnd_settings", "sms"),
        ({"dndSettings": {"WhatsApp": {"status": "active"}}}, "dnd_settings", "whatsApp"),
        ({"dndSettings": {"Pigeon": {"status": "active"}}}, "dnd_settings", "Pigeon"),
        ({"dndSettings": None}, "dnd_settings", None),
        ({"inboundDndSettings": {"all": {"status": "active"}}}, "inbound_dnd_settings", "all"),
        ({"phone": 33612345678}, "phone", "33612345678"),
        (
            {"lastActivity": 1625203106704},
            "last_activity_at",
            datetime.fromtimestamp(1625203106.704, UTC),
        ),
    ],
)
def test_every_spelling_of_a_contact_reads_the_same(row, attribute, value):
    contact = Contact.model_validate({"id": "c", **row})

    read = getattr(contact, attribute)
    if attribute == "custom_fields" and read:
        read = read[0].value
    if attribute.endswith("settings"):
        read = next(iter(read), None)
    assert read == value


def test_what_was_absent_and_what_is_unknown_stay_visible():
    contact = Contact.model_validate({"id": "c", "email": None, "shoeSize": 41})

    assert contact.model_fields_set == {"id", "email", "shoeSize"}
    assert contact.model_extra == {"shoeSize": 41}


@pytest.mark.parametrize("key", ["id", "_id"])
def test_a_task_is_known_by_either_key(key):
    assert Task.model_validate({key: "t1", "updatedAt": "2026-01-01T00:00:00Z"}).id == "t1"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("2021-07-16 11:00:00", datetime(2021, 7, 16, 9, tzinfo=UTC)),
        ("2021-07-16T11:00:00+05:30", datetime(2021, 7, 16, 5, 30, tzinfo=UTC)),
        (1626433200000, datetime(2021, 7, 16, 11, tzinfo=UTC)),
        ("whenever", None),
        (None, None),
    ],
)
def test_an_appointment_without_zone_is_in_the_locations(raw, read):
    paris = ZoneInfo("Europe/Paris")
    event = Appointment.model_validate({"id": "e", "startTime": raw, "endTime": raw})

    assert event.starts_at(paris) == event.ends_at(paris) == read


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ({"total": 3}, 3),
        ({"meta": {"total": 4}}, 4),
        ({}, None),
        ({"meta": {"total": "x"}}, None),
    ],
)
def test_opportunities_say_their_count_in_either_place(answer, count):
    assert OpportunityPage.model_validate({"opportunities": [], **answer}).count == count


def test_inline_notes_and_tasks_are_typed_where_they_can_be():
    row = {"id": "o", "notes": [{"id": "n", "body": "x"}], "tasks": ["t1"]}
    opportunity = Opportunity.model_validate(row)

    assert opportunity.notes[0].body == "x"
    assert opportunity.tasks == ("t1",)


DEFINITIONS = {
    "customFields": [
        {"id": "f1", "name": "Plan", "fieldKey": "contact.plan", "dataType": "TEXT"},
        {"id": "f2", "name": "Size", "fieldKey": "contact.size", "dataType": "NUMERICAL"},
    ]
}


async def test_custom_fields_go_by_key_and_definitions_are_read_once():
    vendor = Vendor(DEFINITIONS, {"contact": {"id": "c1"}})

    async with client_of(vendor) as highlevel:
        write = ContactWrite(
            email="a@b.c", custom_fields={"plan": "gold", "contact.size": "12"}
        )
        await highlevel.contacts.create(write)
        await highlevel.contacts.update("c1", ContactWrite(custom_fields={"Plan": None}))

    assert len(vendor.requests) == 3
    assert vendor.bodies[0]["customFields"] == [
        {"id": "f1", "field_value": "gold"},
        {"id": "f2", "field_value": 12},
    ]
    assert vendor.bodies[1]["customFields"] == [{"id": "f1", "field_value": ""}]


async def test_values_given_by_id_need_no_definitions():
    vendor = Vendor({"contact": {"id": "c1"}})
    values = (CustomFieldValue(id="f1", value="x"),)

    async with client_of(vendor) as highlevel:
        await highlevel.contacts.update("c1", ContactWrite(custom_fields=values))

    assert vendor.bodies == [{"customFields": [{"id": "f1", "field_value": "x"}]}]


async def test_definitions_are_read_again_after_a_change_or_when_asked():
    vendor = Vendor(DEFINITIONS)

    async with client_of(vendor) as highlevel:
        await highlevel.custom_fields.catalog()
        await highlevel.custom_fields.catalog()
        await highlevel.custom_fields.catalog(is_fresh=True)
        assert len(vendor.requests) == 2
        await highlevel.custom_fields.delete("f1")
        values = await highlevel.custom_fields.encode({"size": 1})
        assert await highlevel.custom_fields.decode(values) == {"size": 1}

    assert len(vendor.requests) == 4


async def test_definitions_read_elsewhere_are_not_asked_for():
    vendor = Vendor({"contact": {"id": "c1"}})
    definition = CustomFieldDefinition.model_validate(DEFINITIONS["customFields"][0])

    async with client_of(vendor) as highlevel:
        highlevel.custom_fields.remember([definition])
        await highlevel.contacts.update("c1", ContactWrite(custom_fields={"plan": "x"}))

    assert len(vendor.requests) == 1


async def test_an_upload_needs_no_limit():
    vendor = Vendor({"uploadedFiles": {}})

    async with client_of(vendor) as highlevel:
        await highlevel.custom_fields.upload("c1", {"p": ("a.txt", b"x", "text/plain")})

    assert b"maxFiles" not in vendor.requests[0].content


async def test_collected_pages_of_nothing_are_empty():
    async with client_of(Vendor({"contacts": [], "total": 0})) as highlevel:
        assert await collected(highlevel.contacts.list_contacts()) == []
