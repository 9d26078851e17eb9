"""Taking a run back, record by record, and taking that back again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.app.connection import Choice
from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import RunReport

Snapshot = dict[tuple[Side, Kind], object]


def _snapshot(world: World) -> Snapshot:
    kinds = (Kind.CONTACT, Kind.TASK, Kind.NOTE)
    return {(side, kind): world.by_identity(side, kind) for side in Side for kind in kinds}


async def _undo(world: World, run_id: str) -> RunReport:
    world.clock.advance(60)
    async with world.open() as connection:
        return await connection.undo(run_id)


def _contact_in_highlevel(world: World, email: str) -> None:
    made = world.add_contact("new.here@example.com")
    world.add_task(made, "first task")
    world.add_note(made, "first note")


def _contact_in_timetonic(world: World, email: str) -> None:
    row = {"Name": "New There", "Email": "new.there@example.com"}
    world.time.add_row("Contacts", row)


def _edits(world: World, email: str) -> None:
    world.edit_contact(world.contact_id(email), source="edited", tags=["vip"])
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+14155550300"})


def _deletion_in_highlevel(world: World, email: str) -> None:
    world.remove_contact(world.contact_id("spare.person@example.com"))


def _deletion_in_timetonic(world: World, email: str) -> None:
    world.time.remove_row("Contacts", world.row_id("spare.person@example.com"))


DEEDS = [
    _contact_in_highlevel,
    _contact_in_timetonic,
    _edits,
    _deletion_in_highlevel,
    _deletion_in_timetonic,
]


@pytest.mark.parametrize("deed", DEEDS)
async def test_undo_takes_back_what_the_run_wrote_and_undo_of_undo_writes_it_again(
    world: World, deed: Callable[[World, str], None]
) -> None:
    world.configure(sync={"deletes": {"from_highlevel": "delete", "from_timetonic": "delete"}})
    world.add_contact("spare.person@example.com", phone="+14155550999")
    await world.settle()
    deed(world, world.emails()[0])
    before = _snapshot(world)
    run = await world.sync()
    after = _snapshot(world)
    assert run.writes_sent

    undone = await _undo(world, run.run_id)

    assert undone.failures == ()
    assert _snapshot(world) == before
    quiet = await world.sync()
    assert quiet.writes_sent == 0, "an undone run is not done again by the next sync"
    again = await _undo(world, undone.run_id)
    assert again.failures == ()
    assert _snapshot(world) == after
    await world.settle(0)


async def test_record_edited_since_is_left_and_listed(world: World) -> None:
    one, two, *_ = world.emails()
    for email in (one, two):
        world.edit_contact(world.contact_id(email), source="edited")
    run = await world.sync()
    world.time.edit_row("Contacts", world.row_id(one), {"Source": "newer"})

    report = await _undo(world, run.run_id)

    assert report.tallies[Kind.CONTACT][TIME].updated == 1
    assert report.tallies[Kind.CONTACT][TIME].skipped == 1
    assert world.rows("Contacts")[world.row_id(one)]["Source"] == "newer"
    assert world.rows("Contacts")[world.row_id(two)]["Source"] != "edited"


async def test_first_sync_can_be_undone_wholly(fresh: World) -> None:
    before = _snapshot(fresh)
    run = await fresh.sync()

    report = await _undo(fresh, run.run_id)

    assert report.failures == ()
    assert _snapshot(fresh) == before
    quiet = await fresh.sync()
    assert quiet.writes_sent == 0


async def test_undone_field_follows_the_next_edit_again(world: World) -> None:
    email = world.emails()[0]
    world.edit_contact(world.contact_id(email), source="edited")
    run = await world.sync()
    await _undo(world, run.run_id)
    world.edit_contact(world.contact_id(email), source="edited again")

    await world.settle()

    assert world.by_identity(HIGH, Kind.CONTACT)[email]["source"] == "edited again"
    assert_converged(world)


@pytest.mark.parametrize(
    ("choice", "value"),
    [("highlevel", None), ("timetonic", None), ("value", "+14155550303")],
)
async def test_undone_decision_opens_its_conflict_again(
    world: World, choice: Choice, value: str | None
) -> None:
    email = world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+14155550301")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+14155550302"})
    await world.sync()
    before = _snapshot(world)
    async with world.open() as connection:
        (entry,) = connection.conflicts()
        decided = await connection.resolve(entry.id, choice, value=value)
    after = _snapshot(world)
    assert after != before

    undone = await _undo(world, decided.run_id)

    assert _snapshot(world) == before
    assert undone.conflicts == 1
    quiet = await world.sync()
    assert (quiet.writes_sent, quiet.conflicts) == (0, 1)
    async with world.open() as connection:
        (again,) = connection.conflicts()
    assert again.id == entry.id
    await _undo(world, undone.run_id)
    assert _snapshot(world) == after
    assert (await world.settle())[-1].conflicts == 0
