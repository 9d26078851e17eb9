"""What a look at both systems reads, and what it takes for news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged
from tests.unit.store.samples import NOON, a_record
from toolkit.app.observe import is_news
from toolkit.model.ids import Kind
from toolkit.model.records import Record

LATER, EARLIER = NOON + timedelta(seconds=1), NOON - timedelta(seconds=1)
SEEN = a_record(values={"name": "Ann"}, updated_at=NOON)
UNSTAMPED = a_record(values={"name": "Ann"})


@pytest.mark.parametrize(
    ("record", "stored", "news"),
    [
        (SEEN, None, True),
        (SEEN, SEEN, False),
        (a_record(values={"name": "Ann"}, updated_at=LATER), SEEN, True),
        (a_record(values={"name": "Bob"}, updated_at=EARLIER), SEEN, False),
        (a_record(values={"name": "Bob"}, updated_at=NOON), SEEN, True),
        (a_record(values={"name": "Ann", "phone": None}, updated_at=NOON), SEEN, False),
        (UNSTAMPED, UNSTAMPED, False),
        (a_record(values={"name": "Bob"}), UNSTAMPED, True),
        (UNSTAMPED, SEEN, True),
    ],
)
def test_newer_stamp_or_other_content_is_news(
    record: Record, stored: Record | None, news: bool
) -> None:
    assert is_news(record, stored) is news


def _reads(world: World) -> int:
    return world.sandbox.recorder.count(operation="get-all-notes")


async def test_notes_are_read_of_touched_contacts_only(world: World) -> None:
    contact_id = world.contact_id(world.emails()[0])
    world.sandbox.recorder.clear()

    await world.sync()
    quiet = _reads(world)
    world.edit_contact(contact_id, source="edited")
    await world.sync()

    assert (quiet, _reads(world)) == (0, 1)


@pytest.mark.parametrize(("options", "share"), [({"notes": "all"}, 1.0), ({}, 0.0)])
async def test_all_notes_are_read_when_asked_for(
    world: World, options: dict[str, str], share: float
) -> None:
    world.sandbox.recorder.clear()

    await world.sync(**options)

    assert _reads(world) == share * len(world.high.contacts)


async def test_notes_are_read_again_after_a_day(world: World) -> None:
    email = world.emails()[0]
    note = world.add_note(world.contact_id(email), "first words")
    await world.settle()
    world.note(note).body = "rewritten in silence"

    await world.sync()
    unseen = world.by_identity(TIME, Kind.NOTE)
    world.clock.advance(25 * 3_600)
    await world.sync()

    assert (email, "first words") in unseen
    assert (email, "rewritten in silence") in world.by_identity(TIME, Kind.NOTE)


async def test_run_that_dies_before_the_notes_still_owes_them(world: World) -> None:
    from toolkit.errors import VendorError
    from toolkit.sandbox.faults import Fault, FaultKind

    email = world.emails()[0]
    world.add_note(world.contact_id(email), "said on the phone")
    world.fail(
        Fault(FaultKind.BROKEN_BEFORE, system="highlevel", match="^get-all-notes", times=0)
    )

    with pytest.raises(VendorError):
        await world.sync()
    world.fail()
    await world.sync()

    assert (email, "said on the phone") in world.by_identity(TIME, Kind.NOTE)


async def test_full_look_finds_what_no_stamp_tells(world: World) -> None:
    email = world.emails()[0]
    contact = world.high.contacts[world.contact_id(email)]
    world.clock.advance(3_600)
    before = contact.updated_at
    world.edit_contact(contact.id, source="edited")
    world.high.contacts[contact.id].updated_at = before + timedelta(milliseconds=1)
    world.high.index.put(world.high.contacts[contact.id])

    await world.sync(full=True)

    assert world.by_identity(TIME, Kind.CONTACT)[email]["source"] == "edited"
    assert_converged(world)


async def test_progress_names_what_is_read(world: World) -> None:
    told: list[tuple[str, int, int]] = []

    async with world.open() as connection:
        await connection.preview(progress=lambda *what: told.append(what))

    assert {"Reading HighLevel contacts", "Reading TimeTonic tasks"} <= {
        what for what, *_ in told
    }


async def test_quiet_run_costs_the_least_calls(world: World) -> None:
    report = await world.sync()

    assert report.api_calls == report.minimum_api_calls
    assert report.api_calls[HIGH] <= 6
