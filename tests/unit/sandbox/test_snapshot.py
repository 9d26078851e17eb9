"""Emulators on a snapshot: the accounts' own ids, types and values, and new ids above them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from toolkit.clients.highlevel import ContactWrite, HighLevel
from toolkit.clients.pacing import ManualClock
from toolkit.clients.timetonic import TimeTonic
from toolkit.errors import NotFoundError, RejectedError, UseError
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.highlevel.records import Appointment, Contact, FieldDefinition, Note, Task
from toolkit.sandbox.snapshot import (
    HighLevelSnapshot,
    Snapshot,
    Stage,
    TableSnapshot,
    Team,
    TimeTonicSnapshot,
)
from toolkit.sandbox.timetonic.schema import Choices, Field

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PLAN = FieldDefinition("cf1", "Plan", "contact.plan", "SINGLE_OPTIONS", ["basic", "pro"])
ODD = FieldDefinition("cf2", "Odd", "contact.odd", "SIGNATURE")
ADA = Contact(
    "ada",
    AT - timedelta(days=9),
    AT - timedelta(days=2, milliseconds=7),
    values={"firstName": "Ada", "email": "ada@example.com", "phone": "+33199000001"},
    tags=["vip"],
    custom={"cf1": "pro", "cf2": "signed"},
    is_dnd=True,
    business_id="biz",
    additional_emails=["a@example.com"],
)
TEAM = Team(
    location_id="loc-of-theirs",
    name="Theirs",
    country="FR",
    timezone="Asia/Tokyo",
    users={"u1": {"name": "Olga", "email": "olga@example.org"}},
    calendars={"cal": "Reviews"},
    businesses={"biz": "Engines Ltd"},
)
HIGH = HighLevelSnapshot(
    team=TEAM,
    fields=(PLAN, ODD),
    contacts=(ADA,),
    tasks=(Task("t1", "ada", "Call", None, AT, True, "u1", AT, AT),),
    notes=(Note("n1", "ada", "<p>Hello</p>", "u1", AT),),
    appointments=(
        Appointment("a1", "cal", "ada", "Tea", "confirmed", AT, AT, AT, AT, assigned_to="u1"),
    ),
)
COLUMNS = (
    Field(11, "Name", "shorttext", extra={"fixed_code": "old_name"}),
    Field(12, "Stage", "shorttext", choices=Choices(("lead",), is_strict=True)),
    Field(13, "Tags", "mediumtext", choices=Choices((), is_multiple=True)),
    Field(14, "Day", "date"),
    Field(15, "Moment", "date", has_time=True),
    Field(16, "Count", "int"),
    Field(17, "Done", "boolean"),
    Field(18, "Friend", "link", links_to=1),
    Field(19, "Locked", "shorttext", is_read_only=True),
)
ROW = {
    11: "Ada",
    12: "lead",
    13: ("a", "b"),
    14: date(2026, 2, 3),
    15: AT,
    16: 7,
    17: True,
    18: (90_000_001,),
}
TIME = TimeTonicSnapshot(
    user="me",
    book_owner="boss",
    book_code="theirs",
    tables=(
        TableSnapshot(1, "People", "people", COLUMNS, {90_000_001: ROW, 7: {11: "Bob"}}),
        TableSnapshot(2, "Elsewhere", "", (Field(21, "Name", "shorttext"),)),
    ),
)
SNAPSHOT = Snapshot(AT, HIGH, TIME)


def build() -> Stage:
    clock = ManualClock(AT)
    return Stage.build(SNAPSHOT, clock=EmulatorClock(clock.now, clock.monotonic))


@asynccontextmanager
async def clients(stage: Stage) -> AsyncIterator[tuple[HighLevel, TimeTonic]]:
    wires = stage.transports()
    async with (
        HighLevel(
            stage.highlevel.credentials.token,
            location_id="loc-of-theirs",
            base_url="http://highlevel.invalid",
            transport=wires["highlevel"],
        ) as high,
        TimeTonic(
            str(stage.timetonic.credentials["sesskey"]),
            user="me",
            url="http://timetonic.invalid/live/api.php",
            book_owner="boss",
            book_code="theirs",
            transport=wires["timetonic"],
        ) as time,
    ):
        yield high, time


async def test_location_is_listed_as_it_was_read():
    async with clients(build()) as (high, _):
        (ada,) = [each async for each in high.contacts.list_contacts()]
        (task,) = (await high.tasks.search()).tasks
        (note,) = await high.notes.list_for_contact("ada")
        (event,) = await high.calendars.list_events(
            AT - timedelta(1), AT + timedelta(1), calendar_id="cal"
        )
        location = await high.locations.get()
        (user,) = await high.users.list_users()
        fields = await high.custom_fields.list_fields()

    assert (ada.id, ada.first_name, ada.email) == ("ada", "Ada", "ada@example.com")
    assert (ada.tags, ada.dnd, ada.business_name) == (("vip",), True, "Engines Ltd")
    assert {each.id: each.value for each in ada.custom_fields} == ADA.custom
    assert (ada.added_at, ada.updated_at) == (ADA.added_at, ADA.updated_at)
    assert (task.id, task.contact_id, task.is_completed, task.due_at) == ("t1", "ada", True, AT)
    assert (note.body, note.user_id) == ("<p>Hello</p>", "u1")
    assert (event.title, event.start_time) == ("Tea", "2026-11-23T18:00:00+09:00")
    assert (location.id, location.country) == ("loc-of-theirs", "FR")
    assert location.timezone == "Asia/Tokyo"
    assert user.name == "Olga"
    assert {each.key: each.data_type for each in fields} == {
        "contact.plan": "SINGLE_OPTIONS",
        "contact.odd": "TEXT",
    }


async def test_book_is_listed_as_it_was_read():
    async with clients(build()) as (_, time):
        tables = await time.tables.list_tables()
        pages = [page async for page in time.rows.iter_pages("People")]

    people, elsewhere = tables
    assert (people.id, people.code, elsewhere.code) == (1, "people", "")
    assert people.field("old_name").id == 11
    assert [each.is_writable for each in people.fields] == [True] * 8 + [False]
    assert people.field("Friend").linked_table_id == 1
    first, second = pages[0].rows
    assert (first.id, second.id) == (90_000_001, 7)
    shown = {**first.values, 18: tuple(each.row_id for each in first.values[18])}
    assert {i: v for i, v in shown.items() if v is not None} == ROW
    assert second.values[11] == "Bob"
    assert second.values[16] is None


async def test_new_records_take_ids_that_nobody_has():
    async with clients(build()) as (high, time):
        made = await high.contacts.create(ContactWrite(first_name="New", email="n@example.com"))
        row = await time.rows.create("People", {"Name": "New"})

    assert made.id != "ada"
    assert row.id > 90_000_001


async def test_records_behave_as_they_would_in_the_account():
    async with clients(build()) as (high, time):
        with pytest.raises(RejectedError):
            await high.contacts.create(ContactWrite(first_name="Twin", email="ADA@example.com"))
        with pytest.raises(RejectedError):
            await high.contacts.create(ContactWrite(first_name="Twin", email="a@example.com"))
        with pytest.raises(UseError):
            await high.contacts.update("ada", ContactWrite(custom_fields={"plan": "gold"}))
        with pytest.raises(RejectedError):
            await time.rows.update(7, {"Stage": "king"}, table="People")
        with pytest.raises(NotFoundError):
            await high.contacts.get("bob")


async def test_two_stages_of_one_snapshot_share_nothing():
    first, second = build(), build()
    async with clients(first) as (high, time):
        await high.contacts.update("ada", ContactWrite(first_name="Changed"))
        await time.rows.update(7, {"Name": "Changed"}, table="People")

    assert second.highlevel.state.contacts["ada"].values["firstName"] == "Ada"
    assert ADA.values["firstName"] == "Ada"
    assert second.timetonic.state.rows("People")[7]["Name"] == "Bob"
    assert first.recorder.count(is_write=True) == 2
    assert second.recorder.count() == 0


def test_tables_are_found_and_replaced_by_name():
    people = TIME.find_table("people")

    fewer = TIME.with_table(people.without_rows({7}))

    assert TIME.find_table("1") is TIME.find_table("People") is people
    assert list(fewer.find_table("People").rows or ()) == [90_000_001]
    assert fewer.find_table("Elsewhere").without_rows({1}) == replace(
        TIME.find_table("Elsewhere"), rows={}
    )
    with pytest.raises(UseError, match="no table Nowhere"):
        TIME.find_table("Nowhere")
