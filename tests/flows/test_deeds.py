"""What rules ask for, over both emulators: written once, on both sides, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.deeds import a_task, act, carry_out, contact_link, everything, firing
from tests.flows.world import (
    HIGH,
    TIME,
    World,
    assert_converged,
    assert_linked,
    build_world,
)
from toolkit.model.automation import ArchiveContact, EditTags
from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import RunReport
from toolkit.sandbox.faults import Fault, FaultKind

KINDS = (Kind.CONTACT, Kind.TASK, Kind.NOTE)


@pytest.fixture
async def world(tmp_path: Path) -> World:
    made = await build_world(tmp_path / "home")
    made.configure(metrics={"enabled": False})
    await made.settle()
    return made


def counts(world: World, email: str) -> tuple[int, int]:
    row = world.rows("Contacts")[world.row_id(email)]
    return row["Total tasks"], row["Open tasks"]


def snapshot(world: World) -> object:
    held = {(side, kind): world.by_identity(side, kind) for side in Side for kind in KINDS}
    rows = [tuple(row.values())[:4] for row in world.rows("Archive").values()]
    return held, rows, {email: counts(world, email) for email in world.emails()}


async def undo(world: World, run_id: str) -> RunReport:
    world.clock.advance(60)
    async with world.open() as connection:
        return await connection.undo(run_id)


async def assert_at_rest(world: World) -> None:
    """The next sync writes nothing; both sides hold the same."""
    await world.settle(runs=0)
    assert_converged(world)
    assert_linked(world)


async def test_a_new_task_stands_on_both_sides_is_counted_and_is_made_once(world):
    email = world.emails()[0]
    contact = await contact_link(world, email)
    before = counts(world, email)

    report = await act(world, firing(a_task(contact)))
    writes = world.writes()
    again = await act(world, firing(a_task(contact)))

    assert (email, "Welcome call") in world.by_identity(HIGH, Kind.TASK)
    assert (email, "Welcome call") in world.by_identity(TIME, Kind.TASK)
    assert counts(world, email) == (before[0] + 1, before[1] + 1)
    assert report.writes_sent == 3
    assert world.writes() == writes
    assert again.writes_sent == 0
    await assert_at_rest(world)


async def test_every_effect_is_seen_on_both_sides_and_the_second_time_writes_nothing(world):
    email = world.emails()[0]
    contact = await contact_link(world, email)

    report = await act(world, firing(*everything(contact)))
    writes = world.writes()
    await act(world, firing(*everything(contact)))

    assert report.failures == ()
    assert world.writes() == writes
    for side in Side:
        shown = world.by_identity(side, Kind.CONTACT)[email]
        assert (shown["stage"], shown["source"]) == ("customer", "rule")
        assert {"welcomed", "archived"} <= set(shown["tags"])
        assert {(email, "Welcome call"), (email, "Second call")} <= set(
            world.by_identity(side, Kind.TASK)
        )
        assert (email, "Written by a rule") in world.by_identity(side, Kind.NOTE)
    (row,) = world.rows("Archive").values()
    assert (row["Email"], row["Reason"]) == (email, "stale")
    assert row["HighLevel id"] == world.contact_id(email)
    assert world.contact_id(email) in row["Record"]
    await assert_at_rest(world)


async def test_undo_takes_back_all_that_rules_wrote_and_undo_of_undo_writes_it_again(world):
    email = world.emails()[0]
    contact = await contact_link(world, email)
    before = snapshot(world)
    report = await act(world, firing(*everything(contact)))
    after = snapshot(world)
    assert before != after

    undone = await undo(world, report.run_id)

    assert undone.failures == ()
    assert snapshot(world) == before
    await assert_at_rest(world)
    again = await undo(world, undone.run_id)
    assert again.failures == ()
    assert snapshot(world) == after
    await assert_at_rest(world)


async def test_undone_tags_stay_away_when_a_person_tags_afterwards(world):
    email = world.emails()[0]
    contact = await contact_link(world, email)
    report = await act(world, firing(EditTags(contact, add=("welcomed",))))
    await undo(world, report.run_id)

    shown = world.by_identity(HIGH, Kind.CONTACT)[email]["tags"]
    world.edit_contact(world.contact_id(email), tags=[*shown, "by hand"])
    await world.settle()

    for side in Side:
        tags = world.by_identity(side, Kind.CONTACT)[email]["tags"]
        assert "by hand" in tags
        assert "welcomed" not in tags


async def test_undo_keeps_a_new_task_that_somebody_works_on(world):
    email = world.emails()[0]
    contact = await contact_link(world, email)
    report = await act(world, firing(a_task(contact)))
    (task,) = [each for each in world.high.tasks.values() if each.title == "Welcome call"]
    world.edit_task(task.id, body="They asked for Tuesday")

    undone = await undo(world, report.run_id)

    assert world.high.tasks[task.id].body == "They asked for Tuesday"
    assert undone.tallies[Kind.TASK][HIGH].skipped == 1


@pytest.mark.parametrize("is_first_lost", [True, False])
@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.TIMEOUT_BEFORE])
async def test_a_birth_without_an_answer_is_looked_up_and_made_once(world, kind, is_first_lost):
    email = world.emails()[0]
    contact = await contact_link(world, email)
    system = "timetonic" if is_first_lost else "highlevel"
    world.fail(Fault(kind, system=system, writes_only=True))

    await act(world, firing(a_task(contact)))
    assert world.hits == 1
    world.sandbox.faults.set([])
    await act(world, firing(a_task(contact)))

    await world.settle()
    assert (email, "Welcome call") in world.by_identity(TIME, Kind.TASK)
    assert_converged(world)
    assert_linked(world)


async def test_a_refused_birth_leaves_nothing_and_may_be_asked_for_again(world):
    email = world.emails()[0]
    contact = await contact_link(world, email)
    links = len(await world.links())
    world.fail(Fault(FaultKind.DEADLOCK, system="timetonic", writes_only=True, times=0))

    failed = await act(world, firing(a_task(contact)))
    world.sandbox.faults.set([])

    assert failed.tallies[Kind.TASK][TIME].created == 0
    assert len(await world.links()) <= links + 1
    await act(world, firing(a_task(contact)))
    await world.settle()
    assert (email, "Welcome call") in world.by_identity(HIGH, Kind.TASK)
    assert_converged(world)
    assert_linked(world)


async def test_a_book_without_an_archive_gets_the_tag_and_a_finding(world):
    email = world.emails()[0]
    contact = await contact_link(world, email)
    world.configure(mapping={})
    book = world.sandbox.timetonic.state
    assert book is not None
    async with world.open() as connection:
        store = connection._parts.store
        tables = store.get_memo("surroundings.timetonic")
        store.put_memo(
            "surroundings.timetonic", [each for each in tables if each["name"] != "Archive"]
        )
        report = await carry_out(connection, [firing(ArchiveContact(contact, "stale"))])

    assert report.findings == 1
    assert report.failures == ()
    assert "archived" in world.by_identity(HIGH, Kind.CONTACT)[email]["tags"]
    assert world.rows("Archive") == {}
