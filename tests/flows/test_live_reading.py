"""Reading two accounts for a rehearsal while people and services have their ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.flows.world import START_AT, TIME, World
from toolkit.app.home import Home
from toolkit.app.live import look_at_switch
from toolkit.app.wiring import Transports
from toolkit.cli.rehearsal.cells import Cells
from toolkit.cli.rehearsal.perform import Rehearsed, open_rehearser
from toolkit.cli.rehearsal.timetonic import _snapshot
from toolkit.cli.rehearsal.workshop import copied_store, workshop
from toolkit.clients.timetonic import FieldKind
from toolkit.clients.timetonic.answers import Row
from toolkit.clients.timetonic.schema import Field, FieldId, RowId, Table, TableId
from toolkit.clients.timetonic.values import LinkedRow
from toolkit.errors import NotReachedError, StateError, UseError
from toolkit.model.ids import Kind
from toolkit.sandbox.highlevel import calendars
from toolkit.sandbox.highlevel.records import Appointment

Hand = Callable[[], object]


async def rehearse(world: World, *, during: str = "", hand: Hand = lambda: None) -> Rehearsed:
    """A rehearsal with a hand that meddles whenever something is read."""

    def meddle(what: str, _done: int, _total: int) -> None:
        if during and what == during:
            hand()

    async with open_rehearser(
        home=world.home,
        transports=Transports(**world.sandbox.transports()),
        clock=world.clock,
    ) as rehearser:
        return await rehearser.rehearse(progress=meddle)


async def test_only_what_is_mapped_is_read(fresh):
    off = {"enabled": False}
    fresh.configure(mapping={"task": off, "note": off, "appointment": off})

    report = (await rehearse(fresh)).report

    assert report.records.keys() == {Kind.CONTACT}
    assert report.notes_unread == 0
    asked = {each.operation for each in fresh.sandbox.recorder.select(system="highlevel")}
    assert asked == {
        "get-location",
        "get-custom-fields",
        "get-user-by-location",
        "search-contacts-advanced",
    }
    assert fresh.sandbox.recorder.count(operation="getTableValues") == 1


async def test_owners_keep_their_ids_without_the_scope_to_list_users(fresh):
    emulator = fresh.sandbox.highlevel
    grants = emulator.state.keyring.grants
    for token, grant in grants.items():
        object.__setattr__(grant, "scopes", grant.scopes - {"users.readonly"})
        grants[token] = grant

    report = (await rehearse(fresh)).report

    assert report.is_quiet
    assert report.did[Kind.CONTACT][TIME].created == 10


async def test_contact_deleted_while_notes_are_read_is_passed_over(fresh):
    victim = list(fresh.high.contacts)[-1]

    def remove() -> None:
        if victim in fresh.high.contacts:
            fresh.remove_contact(victim)

    report = (await rehearse(fresh, during="Reading HighLevel tasks", hand=remove)).report

    assert report.is_quiet
    assert report.records[Kind.CONTACT] == {"highlevel": 12, "timetonic": 6}


async def test_event_without_a_readable_start_is_counted(fresh, monkeypatch):
    contact_id, calendar_id = next(iter(fresh.high.contacts)), next(iter(fresh.high.calendars))
    now = fresh.high.now()
    fresh.high.save_appointment(
        Appointment("a1", calendar_id, contact_id, "Tea", "confirmed", now, now, now, now)
    )
    monkeypatch.setattr(calendars, "offset_stamp", lambda *_: "soon")

    report = (await rehearse(fresh)).report

    assert report.unreadable == 1
    assert report.records[Kind.APPOINTMENT]["highlevel"] == 0


@pytest.mark.parametrize("times", [1, 99])
async def test_book_that_moves_while_it_is_read_is_read_again(fresh, times):
    fresh.configure(timetonic={"profile": {"page_size": 3}})
    left = [times]

    def add_one() -> None:
        if left[0] and fresh.rows("Contacts"):
            left[0] -= 1
            fresh.sandbox.timetonic.state.add_row("Contacts", {"Name": "Somebody more"})

    meddling = rehearse(fresh, during="Reading TimeTonic Contacts", hand=add_one)

    if times == 1:
        assert (await meddling).report.records[Kind.CONTACT]["timetonic"] == 7
    else:
        with pytest.raises(NotReachedError, match="changed while it was read"):
            await meddling
        assert look_at_switch(Home(fresh.home)).rehearsed_at is None


async def test_missing_column_is_named_before_anything_is_played(fresh):
    fresh.configure(mapping={"task": {"table": "Jobs"}})

    with pytest.raises(UseError, match="no table Jobs"):
        await rehearse(fresh)


def test_state_that_cannot_be_copied_is_said(tmp_path):
    (tmp_path / "hightonic.db").write_text("no database " * 99, "utf-8")

    with (
        pytest.raises(StateError, match="could not be copied"),
        workshop(tmp_path, now=START_AT) as folder,
        copied_store(tmp_path, folder, clock=lambda: START_AT),
    ):
        raise AssertionError

    assert list(tmp_path.glob("rehearsal-*")) == []


PEOPLE = Table(
    id=TableId(1),
    name="People",
    fields=(Field(id=FieldId(11), name="Name", type="shorttext"),),
)
JOBS = Table(
    id=TableId(2),
    name="Jobs",
    fields=(
        Field(
            id=FieldId(21),
            name="For",
            type="link",
            kind=FieldKind.LINK,
            linked_table_id=TableId(1),
        ),
    ),
)


@pytest.mark.parametrize(
    ("label", "row_ids", "unreadable"), [("Ada", (101,), 0), ("Bob", None, 1), ("Eve", None, 1)]
)
def test_link_told_by_its_label_finds_the_only_row_that_shows_it(label, row_ids, unreadable):
    people = {
        number: Row(RowId(number), {FieldId(11): name})
        for number, name in ((101, "Ada"), (102, "Bob"), (103, "Bob"))
    }
    jobs = {201: Row(RowId(201), {FieldId(21): (LinkedRow(None, label),)})}
    cells = Cells()

    made = _snapshot(JOBS, {1: people, 2: jobs}, (PEOPLE, JOBS), cells)

    assert (made.rows or {})[201].get(21) == row_ids
    assert cells.unreadable == unreadable
