"""Deletions, edits that beat them, and the brakes."""

from __future__ import annotations

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.errors import PlanChangedError
from toolkit.model.ids import Kind, Side
from toolkit.model.links import LinkState


def _set_deletes(world: World, mode: str, **sync: object) -> None:
    deletes = {"from_highlevel": mode, "from_timetonic": mode}
    world.configure(sync={"deletes": deletes, **sync})


def _remove(world: World, side: Side, kind: Kind, email: str) -> None:
    """Delete by hand the contact, or the one task or note prepared below it."""
    match side, kind:
        case Side.HIGHLEVEL, Kind.CONTACT:
            world.remove_contact(world.contact_id(email))
        case Side.HIGHLEVEL, Kind.TASK:
            world.remove_task(world.task_id(email, "spare task"))
        case Side.HIGHLEVEL, _:
            world.remove_note(world.note_id(email, "spare note"))
        case _, Kind.CONTACT:
            world.time.remove_row("Contacts", world.row_id(email))
        case _, Kind.TASK:
            world.time.remove_row("Tasks", world.row_like("Tasks", Title="spare task"))
        case _:
            world.time.remove_row("Notes", world.row_like("Notes", Body="spare note"))


def _edit(world: World, side: Side, kind: Kind, email: str) -> None:
    """Edit the same record by hand on one side."""
    match side, kind:
        case Side.HIGHLEVEL, Kind.CONTACT:
            world.edit_contact(world.contact_id(email), source="edited")
        case Side.HIGHLEVEL, Kind.TASK:
            world.edit_task(world.task_id(email, "spare task"), body="edited")
        case Side.HIGHLEVEL, _:
            world.edit_note(world.note_id(email, "spare note"), "edited note")
        case _, Kind.CONTACT:
            world.time.edit_row("Contacts", world.row_id(email), {"Source": "edited"})
        case _, Kind.TASK:
            row_id = world.row_like("Tasks", Title="spare task")
            world.time.edit_row("Tasks", row_id, {"Description": "edited"})
        case _:
            row_id = world.row_like("Notes", Body="spare note")
            world.time.edit_row("Notes", row_id, {"Body": "edited note"})


def _count(world: World, side: Side, kind: Kind) -> int:
    return len(world.facts(side, kind))


async def _prepare(world: World) -> str:
    contact_id = world.add_contact("spare.person@example.com", source="a fair")
    world.add_task(contact_id, "spare task")
    world.add_note(contact_id, "spare note")
    await world.settle()
    return "spare.person@example.com"


CASES = [(side, kind) for side in Side for kind in (Kind.CONTACT, Kind.TASK, Kind.NOTE)]


@pytest.mark.parametrize(("side", "kind"), CASES)
async def test_deletion_unlinks_by_default(world: World, side: Side, kind: Kind) -> None:
    email = await _prepare(world)
    before = _count(world, side.other, kind)
    _remove(world, side, kind, email)

    report = await world.sync()

    assert _count(world, side.other, kind) == before
    assert report.tallies[kind][side].unlinked == 1
    await world.settle()
    assert _count(world, side.other, kind) == before, "what is kept apart is not created again"
    assert _count(world, side, kind) == before - 1


@pytest.mark.parametrize(("side", "kind"), CASES)
async def test_deletion_is_followed_when_asked_for(
    world: World, side: Side, kind: Kind
) -> None:
    _set_deletes(world, "delete")
    email = await _prepare(world)
    before = _count(world, side.other, kind)
    _remove(world, side, kind, email)

    report = await world.sync()

    assert report.tallies[kind][side.other].deleted == 1
    assert _count(world, side.other, kind) == before - 1
    await world.settle()
    assert_converged(world)


@pytest.mark.parametrize("side", Side)
async def test_deleted_contact_is_archived_when_asked_for(world: World, side: Side) -> None:
    _set_deletes(world, "archive")
    email = await _prepare(world)
    before = _count(world, side.other, Kind.CONTACT)
    _remove(world, side, Kind.CONTACT, email)

    await world.sync()

    assert _count(world, side.other, Kind.CONTACT) == before
    kept = world.by_identity(side.other, Kind.CONTACT)[email]
    assert "archived" in kept["tags"]
    await world.settle()
    assert email not in world.by_identity(side, Kind.CONTACT)


@pytest.mark.parametrize(("side", "kind"), CASES)
async def test_edit_beats_deletion(world: World, side: Side, kind: Kind) -> None:
    _set_deletes(world, "delete")
    email = await _prepare(world)
    before = _count(world, side.other, kind)
    _remove(world, side, kind, email)
    _edit(world, side.other, kind, email)

    report = await world.sync()

    assert report.tallies[kind][side].created == 1
    await world.settle()
    assert _count(world, side, kind) == _count(world, side.other, kind) == before


async def test_deletion_on_both_sides_leaves_a_tombstone(world: World) -> None:
    _set_deletes(world, "delete")
    email = await _prepare(world)
    contact_id = world.contact_id(email)
    _remove(world, HIGH, Kind.CONTACT, email)
    _remove(world, TIME, Kind.CONTACT, email)

    await world.settle()

    (link,) = [each for each in world.pairs if each.highlevel_id == contact_id]
    assert link.state is LinkState.DELETED


async def test_brake_holds_only_its_own_class_and_approval_works_once(world: World) -> None:
    _set_deletes(world, "delete", brakes={"delete_floor": 2, "delete_share": 0.0})
    await world.settle()
    doomed = world.emails()[:3]
    spared = world.emails()[3]
    for email in doomed:
        world.time.remove_row("Contacts", world.row_id(email))
    world.edit_contact(world.contact_id(spared), source="edited")

    held = await world.sync()

    assert held.held == 3
    assert held.tallies[Kind.CONTACT][TIME].updated == 1
    assert {world.contact_id(email) for email in doomed}, "nobody was deleted"

    async with world.open() as connection:
        plan = await connection.preview()
        with pytest.raises(PlanChangedError):
            await connection.sync(approve="0" * 32)
        approved = await connection.sync(approve=getattr(plan, "approval", plan.hash))

    assert approved.tallies[Kind.CONTACT][HIGH].deleted == 3
    await world.settle()
    assert_converged(world)


async def test_emptied_table_is_doubted_and_nobody_is_deleted(world: World) -> None:
    _set_deletes(world, "delete")
    await world.settle()
    before = _count(world, HIGH, Kind.CONTACT)
    for row_id in list(world.rows("Contacts")):
        world.time.remove_row("Contacts", row_id)

    report = await world.sync()

    assert report.brakes
    assert _count(world, HIGH, Kind.CONTACT) == before


@pytest.mark.parametrize("side", Side)
async def test_contact_added_again_after_its_deletion_is_linked_to_its_twin(
    world: World, side: Side
) -> None:
    email = await _prepare(world)
    _remove(world, side, Kind.CONTACT, email)
    await world.settle()
    if side is HIGH:
        world.add_contact(email, source="a fair")
    else:
        world.time.add_row("Contacts", {"Name": "Spare Person", "Email": email})

    report = (await world.settle())[0]

    assert report.tallies[Kind.CONTACT][HIGH].linked == 1
    assert report.tallies[Kind.CONTACT][side].created == 0
    _edit(world, side, Kind.CONTACT, email)
    await world.settle()
    assert world.by_identity(side.other, Kind.CONTACT)[email]["source"] == "edited"
