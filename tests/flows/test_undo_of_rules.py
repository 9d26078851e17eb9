"""A run that made records and then let rules write to them is taken back whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.ruled import a_rule, put_rules
from tests.flows.world import World, assert_converged
from toolkit.model.ids import Kind, Side

NEW = "nora.new@example.com"
KINDS = (Kind.CONTACT, Kind.TASK, Kind.NOTE)
CALL = {"create_task": {"title": "Call", "due": "+2 days"}}

CHAINS: dict[str, list[dict[str, Any]]] = {
    "a new contact is tagged": [a_rule("tag", "contact_created", {"add_tags": ["hello"]})],
    "a new contact is tagged and called": [
        a_rule("tag", "contact_created", {"add_tags": ["hello"]}, CALL)
    ],
    "a new contact is put down in the archive": [
        a_rule("archive", "contact_created", {"archive": {"reason": "test"}})
    ],
    "a rule finishes what another one began": [
        a_rule("call", "contact_created", CALL),
        a_rule("done", "task_created", {"complete_task": {"title": "Call"}}),
    ],
    "a rule tags for what another one began": [
        a_rule("call", "contact_created", CALL),
        a_rule("busy", "task_created", {"add_tags": ["busy"]}, {"add_note": {"body": "b"}}),
    ],
}


def snapshot(world: World) -> object:
    held = {(side, kind): world.by_identity(side, kind) for side in Side for kind in KINDS}
    rows = world.rows("Contacts").values()
    counts = {row["Email"]: (row["Total tasks"], row["Open tasks"]) for row in rows}
    return held, counts, len(world.rows("Archive"))


STORIES = [
    *((Side.HIGHLEVEL, name) for name in CHAINS),
    (Side.TIMETONIC, "a new contact is tagged and called"),
]


@pytest.mark.parametrize(("side", "name"), STORIES)
async def test_what_began_in_the_run_and_was_written_to_by_rules_is_taken_back(
    world: World, side: Side, name: str
) -> None:
    put_rules(world, *CHAINS[name])
    await world.settle()
    if side is Side.HIGHLEVEL:
        world.add_contact(NEW)
    else:
        world.time.add_row("Contacts", {"Name": "Nora New", "Email": NEW})
    before = snapshot(world)
    run = await world.sync()
    after = snapshot(world)
    assert before != after

    world.clock.advance(60)
    async with world.open() as connection:
        undone = await connection.undo(run.run_id)
        skipped = [each.reason for each in connection.log(run=undone.run_id, failed_only=True)]

    assert (skipped, undone.failures) == ([], ())
    assert snapshot(world) == before
    async with world.open() as connection:
        again = await connection.undo(undone.run_id)
    assert again.failures == ()
    await world.settle()
    assert_converged(world)
    assert snapshot(world) == after


@pytest.mark.parametrize("values", [{"body": "They asked for Tuesday"}, {"title": "Ring"}])
async def test_a_task_that_people_have_worked_on_stays_and_stays_in_step(
    world: World, values: dict[str, str]
) -> None:
    put_rules(world, a_rule("call", "contact_created", CALL))
    await world.settle()
    world.add_contact(NEW)
    run = await world.sync()
    (task,) = [each for each in world.high.tasks.values() if each.title == "Call"]
    world.edit_task(task.id, **values)
    await world.sync()
    link = next(each for each in await world.links() if each.highlevel_id == task.id)

    world.clock.advance(60)
    async with world.open() as connection:
        undone = await connection.undo(run.run_id)

    assert undone.findings == 1
    assert task.id in world.high.tasks
    assert link in await world.links()
