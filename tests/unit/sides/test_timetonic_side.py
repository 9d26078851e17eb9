"""TimeTonic's side against the emulator: listing, batches, keys, refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.sides.conftest import Sides
from toolkit.errors import NotReachedError, RejectedError, UnknownOutcomeError
from toolkit.executor.port import NewRecord, RecordEdit, RecordRef, Written
from toolkit.model.ids import CorrelationKey, Kind, RecordId
from toolkit.model.records import Record
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sides import timetonic as module
from toolkit.sides.listing import ListRequest


def a_new(number: int = 1, **values: Any) -> NewRecord:
    named = {"name": f"New {number}", "email": f"new{number}@example.com", **values}
    return NewRecord(named, CorrelationKey(f"{number:032x}"), origin_id=RecordId(f"h{number}"))


def _variant(sides: Sides, **switches: Any) -> None:
    state = sides.world.time
    state.variant = replace(state.variant, **switches)


async def _made(sides: Sides, *numbers: int) -> list[Written]:
    results = await sides.timetonic.create_records(Kind.CONTACT, [a_new(n) for n in numbers])
    return [each for each in results if isinstance(each, Written)]


@pytest.mark.parametrize("answer", ["ids_only", "rows_with_fields", "tmp_ids"])
@pytest.mark.parametrize("order", ["request", "reversed"])
async def test_each_new_row_is_told_from_the_others(
    sides: Sides, answer: str, order: str
) -> None:
    _variant(sides, create_answer=answer, answer_order=order)

    made = await _made(sides, 1, 2, 3)

    rows = sides.world.rows("Contacts")
    assert [rows[int(each.id)]["Email"] for each in made] == [
        f"new{number}@example.com" for number in (1, 2, 3)
    ]
    assert rows[int(made[0].id)]["HighLevel id"] == "h1"


async def test_read_back_that_fails_leaves_the_rows_unknown_not_undone(sides: Sides) -> None:
    _variant(sides, create_answer="ids_only")
    sides.world.fail(
        Fault(FaultKind.TOO_MANY, system="timetonic", match="^getTableValues ", times=0)
    )

    results = await sides.timetonic.create_records(Kind.CONTACT, [a_new(1), a_new(2)])

    assert [type(each) for each in results] == [UnknownOutcomeError] * 2
    sides.world.fail()
    (found,) = await sides.timetonic.find_created(Kind.CONTACT, a_new(1))
    assert found.values["email"] == "new1@example.com"


async def test_one_bad_row_fails_alone(sides: Sides) -> None:
    records = [a_new(1), a_new(2, lifecycle_stage="astronaut"), a_new(3)]

    results = await sides.timetonic.create_records(Kind.CONTACT, records)

    assert [type(each) for each in results] == [Written, RejectedError, Written]


async def test_one_bad_change_fails_alone(sides: Sides) -> None:
    made = await _made(sides, 1, 2)
    edits = [
        RecordEdit(RecordRef(made[0].id), {"lifecycle_stage": "astronaut"}),
        RecordEdit(RecordRef(made[1].id), {"lifecycle_stage": "lead"}),
    ]

    results = await sides.timetonic.update_records(Kind.CONTACT, edits)

    assert [type(each) for each in results] == [RejectedError, Written]


async def test_refused_batch_that_was_written_all_the_same_is_not_written_twice(
    sides: Sides,
) -> None:
    before = len(sides.world.rows("Contacts"))
    sides.world.fail(
        Fault(FaultKind.REFUSED_BUT_CREATED, system="timetonic", match="createOrUpdate")
    )

    made = await _made(sides, 1, 2)

    assert len(made) == 2
    assert len(sides.world.rows("Contacts")) == before + 2


async def test_silent_service_fails_the_whole_batch(sides: Sides) -> None:
    sides.world.fail(
        Fault(FaultKind.TOO_MANY, system="timetonic", match="createOrUpdate", times=0)
    )

    with pytest.raises(NotReachedError):
        await _made(sides, 1, 2)


async def test_rows_are_deleted_in_one_call_and_twice_is_once(sides: Sides) -> None:
    made = await _made(sides, 1, 2)
    refs = [RecordRef(each.id) for each in made]

    first = await sides.timetonic.delete_records(Kind.CONTACT, refs, archive=False)
    second = await sides.timetonic.delete_records(Kind.CONTACT, refs, archive=False)

    assert [type(each) for each in (*first, *second)] == [Written] * 4
    assert await sides.timetonic.get_records(Kind.CONTACT, refs) == dict.fromkeys(
        [each.id for each in made]
    )


async def test_archived_row_keeps_its_tags_and_gets_the_mark(sides: Sides) -> None:
    (made,) = await sides.timetonic.create_records(Kind.CONTACT, [a_new(tags=("vip",))])
    assert isinstance(made, Written)
    gone = RecordRef(RecordId("999"))

    results = await sides.timetonic.delete_records(
        Kind.CONTACT, [RecordRef(made.id), gone], archive=True
    )

    assert [type(each) for each in results] == [Written, Written]
    assert set(sides.world.rows("Contacts")[int(made.id)]["Tags"]) == {"archived", "vip"}


async def test_kind_without_tags_is_not_archived(sides: Sides) -> None:
    (contact,) = await _made(sides, 1)
    note = NewRecord({"body": "x"}, CorrelationKey("9" * 32), parent_id=contact.id)
    (made,) = await sides.timetonic.create_records(Kind.NOTE, [note])
    assert isinstance(made, Written)

    (refused,) = await sides.timetonic.delete_records(
        Kind.NOTE, [RecordRef(made.id)], archive=True
    )

    assert isinstance(refused, RejectedError)


async def test_row_missing_from_the_listing_is_gone_when_a_read_says_so(sides: Sides) -> None:
    made = await _made(sides, 1)
    known = {made[0].id: None, RecordId("999"): None}

    answer = await sides.timetonic.list_records(Kind.CONTACT, ListRequest(known=known))

    assert answer.listing.gone == {"999"}
    assert answer.listing.is_complete


async def test_listing_that_lacks_too_many_is_doubted(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONFIRM_AT_MOST", 0)

    answer = await sides.timetonic.list_records(
        Kind.CONTACT, ListRequest(known={RecordId("999"): None})
    )

    assert answer.listing.gone == frozenset()
    assert not answer.listing.is_complete


async def test_child_row_points_to_its_contact(sides: Sides) -> None:
    (contact,) = await _made(sides, 1)
    task = NewRecord({"title": "call"}, CorrelationKey("8" * 32), parent_id=contact.id)
    await sides.timetonic.create_records(Kind.TASK, [task])
    sides.world.time.add_row("Tasks", {"Title": "loose"})

    answer = await sides.timetonic.list_records(Kind.TASK, ListRequest())

    parents = {each.values["title"]: each.parent_id for each in answer.listing.records.values()}
    assert parents == {"call": contact.id, "loose": None}


async def test_matches_are_rows_with_the_same_email_or_phone(sides: Sides) -> None:
    (row,) = await sides.timetonic.create_records(Kind.CONTACT, [a_new(phone="+14155550109")])
    assert isinstance(row, Written)
    record = Record(
        sides.timetonic.side,
        Kind.CONTACT,
        RecordId("x"),
        {"email": None, "phone": "+14155550109"},
    )

    found = await sides.timetonic.find_matches(Kind.CONTACT, record)

    assert [each.id for each in found] == [row.id]


async def test_sizes_come_from_the_profile(sides: Sides) -> None:
    assert sides.timetonic.batch_size(Kind.CONTACT, "read") == 100
    assert sides.timetonic.batch_size(Kind.CONTACT, "create") == 10
    assert sides.timetonic.settle_s(Kind.CONTACT, a_new()) == 0.0
    assert await sides.timetonic.list_children(RecordRef(RecordId("1"))) == ()


async def test_cell_that_cannot_be_read_is_a_problem_of_its_field_alone(sides: Sides) -> None:
    (made,) = await _made(sides, 1)
    sides.world.time.edit_row("Contacts", int(made.id), {"Email": "not an address"})

    found = await sides.timetonic.get_records(Kind.CONTACT, [RecordRef(made.id)])

    record = found[made.id]
    assert record is not None
    assert {each.field for each in record.problems} >= {"email"}
    assert record.values["name"] == "New 1"
    assert "email" not in record.values
