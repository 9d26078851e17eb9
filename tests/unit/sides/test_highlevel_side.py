"""HighLevel's side against the emulator: listing, writing, finding, refusing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.sides.conftest import Sides
from toolkit.errors import NotReachedError, RejectedError
from toolkit.executor.port import NewRecord, RecordEdit, RecordRef, Written
from toolkit.model.ids import CorrelationKey, Kind, RecordId
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.highlevel.records import Appointment
from toolkit.sides import highlevel_listing
from toolkit.sides.highlevel import INDEX_LAG_S
from toolkit.sides.listing import ListRequest

KEY = CorrelationKey("0" * 32)
NOBODY = RecordId("nobody")


def a_new(email: str | None = "ann.new@example.com", **values: Any) -> NewRecord:
    return NewRecord({"name": "Ann New", "email": email, **values}, KEY)


async def test_created_contact_shows_its_key_and_is_found_by_it(sides: Sides) -> None:
    (made,) = await sides.highlevel.create_records(Kind.CONTACT, [a_new()])

    found = await sides.highlevel.find_created(Kind.CONTACT, a_new())

    assert isinstance(made, Written)
    assert [each.id for each in found] == [made.id]
    assert found[0].correlation == KEY


async def test_contact_without_email_and_phone_is_found_through_the_index(
    sides: Sides,
) -> None:
    record = a_new(email=None)
    (made,) = await sides.highlevel.create_records(Kind.CONTACT, [record])

    found = await sides.highlevel.find_created(Kind.CONTACT, record)

    assert isinstance(made, Written)
    assert [each.id for each in found] == [made.id]


async def test_somebody_elses_contact_is_not_ours(sides: Sides) -> None:
    sides.world.add_contact("ann.new@example.com")

    assert await sides.highlevel.find_created(Kind.CONTACT, a_new()) == []


@pytest.mark.parametrize("settings", [{"mapping": {"contact": {"key_field": "custom.none"}}}])
async def test_without_a_key_field_equal_values_tell(sides: Sides) -> None:
    sides.world.add_contact("ann.new@example.com")
    twin = sides.world.add_contact("bob.new@example.com")
    bob = NewRecord({"name": "Bob New", "email": "bob.new@example.com"}, KEY)
    other = NewRecord({"name": "Robert", "email": "bob.new@example.com"}, KEY)

    assert [r.id for r in await sides.highlevel.find_created(Kind.CONTACT, bob)] == [twin]
    assert await sides.highlevel.find_created(Kind.CONTACT, other) == []


@pytest.mark.parametrize(
    ("kind", "record", "settle_s"),
    [
        (Kind.CONTACT, a_new(), 0.0),
        (Kind.CONTACT, a_new(email=None, phone="+14155550100"), 0.0),
        (Kind.CONTACT, a_new(email=None), INDEX_LAG_S),
        (Kind.TASK, NewRecord({"title": "x"}, KEY), 0.0),
    ],
)
async def test_only_what_the_index_alone_can_find_needs_time(
    sides: Sides, kind: Kind, record: NewRecord, settle_s: float
) -> None:
    assert sides.highlevel.settle_s(kind, record) == settle_s


@pytest.mark.parametrize(
    ("kind", "values", "changes"),
    [
        (
            Kind.TASK,
            {"title": "call", "due_at": "2026-03-05T10:00:00Z"},
            {"title": "call again", "is_completed": True},
        ),
        (Kind.NOTE, {"body": "said hello"}, {"body": "said goodbye"}),
    ],
)
async def test_child_is_created_found_changed_and_deleted(
    sides: Sides, kind: Kind, values: dict[str, Any], changes: dict[str, Any]
) -> None:
    parent = RecordId(sides.world.contact_id(sides.world.emails()[0]))
    record = NewRecord(values, KEY, parent_id=parent)
    (made,) = await sides.highlevel.create_records(kind, [record])
    assert isinstance(made, Written)
    ref = RecordRef(made.id, parent)

    found = await sides.highlevel.find_created(kind, record)
    children = await sides.highlevel.list_children(RecordRef(parent))
    (changed,) = await sides.highlevel.update_records(kind, [RecordEdit(ref, changes)])
    fresh = await sides.highlevel.get_records(kind, [ref])
    deleted = await sides.highlevel.delete_records(kind, [ref], archive=False)
    again = await sides.highlevel.delete_records(kind, [ref], archive=False)

    assert [each.id for each in found] == [made.id]
    assert made.id in {each.id for each in children}
    assert isinstance(changed, Written)
    stored = fresh[made.id]
    assert stored is not None
    assert changes.items() <= stored.values.items()
    assert [type(each) for each in (*deleted, *again)] == [Written, Written]
    assert (await sides.highlevel.get_records(kind, [ref]))[made.id] is None


@pytest.mark.parametrize("kind", [Kind.TASK, Kind.NOTE])
async def test_child_of_an_unknown_contact_is_not_sent(sides: Sides, kind: Kind) -> None:
    task = {"title": "x", "due_at": "2026-03-05T10:00:00Z"}
    record = NewRecord(task if kind is Kind.TASK else {"body": "y"}, KEY)

    (made,) = await sides.highlevel.create_records(kind, [record])

    assert isinstance(made, NotReachedError)
    assert await sides.highlevel.find_created(kind, record) == []
    assert await sides.highlevel.get_records(kind, [RecordRef(NOBODY)]) == {NOBODY: None}
    assert sides.world.writes() == 0


@pytest.mark.parametrize("kind", [Kind.TASK, Kind.NOTE])
async def test_only_contacts_carry_the_archive_mark(sides: Sides, kind: Kind) -> None:
    ref = RecordRef(NOBODY, NOBODY)

    (refused,) = await sides.highlevel.delete_records(kind, [ref], archive=True)

    assert isinstance(refused, RejectedError)


async def test_value_the_account_does_not_take_is_refused_before_it_is_sent(
    sides: Sides,
) -> None:
    ref = RecordRef(RecordId(sides.world.contact_id(sides.world.emails()[0])))

    (refused,) = await sides.highlevel.update_records(
        Kind.CONTACT, [RecordEdit(ref, {"plan": "Gold"})]
    )

    assert isinstance(refused, RejectedError)
    assert sides.world.writes() == 0


@pytest.mark.parametrize("kind", [Kind.CONTACT, Kind.NOTE])
async def test_field_the_mapping_has_lost_is_refused_not_raised(
    sides: Sides, kind: Kind
) -> None:
    edit = RecordEdit(RecordRef(NOBODY, NOBODY), {"shoe_size": "43"})

    for side in (sides.highlevel, sides.timetonic):
        numbered = RecordEdit(RecordRef(RecordId("1")), edit.changes)
        (refused,) = await side.update_records(
            kind, [edit if side is sides.highlevel else numbered]
        )
        assert isinstance(refused, RejectedError)
    assert sides.world.writes() == 0


async def test_matches_are_whoever_has_the_email_or_the_phone(sides: Sides) -> None:
    one = sides.world.add_contact("one@example.com", phone="+14155550101")
    two = sides.world.add_contact("two@example.com", phone="+14155550102")
    (record,) = (
        await sides.highlevel.get_records(Kind.CONTACT, [RecordRef(RecordId(one))])
    ).values()
    assert record is not None
    from dataclasses import replace

    mixed = replace(record, values={"email": "one@example.com", "phone": "+14155550102"})

    found = await sides.highlevel.find_matches(Kind.CONTACT, mixed)

    assert {each.id for each in found} == {one, two}
    assert await sides.highlevel.find_matches(Kind.TASK, mixed) == []


# -- listing --------------------------------------------------------------------------------


async def test_missing_contact_is_gone_only_when_a_read_says_so(sides: Sides) -> None:
    gone = RecordId(sides.world.contact_id(sides.world.emails()[0]))
    whole = await sides.highlevel.list_records(Kind.CONTACT, ListRequest())
    known = dict.fromkeys(whole.listing.records)
    sides.world.remove_contact(gone)

    answer = await sides.highlevel.list_records(Kind.CONTACT, ListRequest(known=known))

    assert answer.listing.gone == {gone}
    assert answer.listing.is_complete


async def test_listing_that_lacks_too_many_is_doubted(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(highlevel_listing, "CONFIRM_AT_MOST", 1)
    known = {RecordId(f"gone{number}"): None for number in range(2)}

    answer = await sides.highlevel.list_records(Kind.CONTACT, ListRequest(known=known))

    assert answer.listing.gone == frozenset()
    assert not answer.listing.is_complete
    assert "did not show 2" in answer.listing.unverified


async def test_contact_the_index_forgot_is_still_there(sides: Sides) -> None:
    whole = await sides.highlevel.list_records(Kind.CONTACT, ListRequest())
    fresh = RecordId(sides.world.add_contact("fresh@example.com"))
    sides.world.fail(
        Fault(FaultKind.STALE_SEARCH, system="highlevel", times=0, seconds=3_600.0)
    )
    known = dict.fromkeys([*whole.listing.records, fresh])

    answer = await sides.highlevel.list_records(Kind.CONTACT, ListRequest(known=known))

    assert answer.listing.gone == frozenset()
    assert fresh in answer.listing.records


async def test_second_look_reads_only_what_changed(sides: Sides) -> None:
    whole = await sides.highlevel.list_records(Kind.CONTACT, ListRequest())
    known = dict.fromkeys(whole.listing.records)
    assert whole.high_water is not None

    answer = await sides.highlevel.list_records(
        Kind.CONTACT, ListRequest(known=known, since=whole.high_water - timedelta(minutes=5))
    )

    assert answer.minimum_calls == 1
    assert answer.listing.gone == frozenset()


async def test_notes_of_a_contact_that_is_gone_are_gone(sides: Sides) -> None:
    known = {RecordId("note1"): NOBODY}

    answer = await sides.highlevel.list_records(
        Kind.NOTE, ListRequest(known=known, parents=[NOBODY])
    )

    assert answer.listing.gone == {"note1"}


async def test_task_moved_out_of_sight_is_read_by_id(sides: Sides) -> None:
    parent = RecordId(sides.world.contact_id(sides.world.emails()[0]))
    known = {RecordId("task1"): parent, RecordId("task2"): None}

    answer = await sides.highlevel.list_records(Kind.TASK, ListRequest(known=known))

    assert answer.listing.gone == {"task1"}, "without its contact nothing can be proven"


async def test_appointments_of_the_window_are_listed_and_read(sides: Sides) -> None:
    state = sides.world.high
    contact_id = sides.world.contact_id(sides.world.emails()[0])
    for number, days in enumerate((1, 400)):
        starts_at = state.now() + timedelta(days=days)
        meeting = Appointment(
            id=f"meeting{number}",
            calendar_id=next(iter(state.calendars)),
            contact_id=contact_id,
            title="Introduction",
            status="confirmed",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            added_at=state.now(),
            updated_at=state.now(),
        )
        state.appointments[meeting.id] = meeting

    answer = await sides.highlevel.list_records(Kind.APPOINTMENT, ListRequest())

    assert set(answer.listing.records) == {"meeting0"}
    for record in answer.listing.records.values():
        ref = RecordRef(record.id, record.parent_id)
        found = await sides.highlevel.get_records(Kind.APPOINTMENT, [ref])
        assert found[record.id] is not None
    assert answer.listing.records[RecordId("meeting0")].parent_id == contact_id
