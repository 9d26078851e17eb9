"""A plan as a file: exactly it is applied, once, and only where nothing moved on."""

from __future__ import annotations

import json

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.errors import PlanChangedError, UseError
from toolkit.model.ids import Kind
from toolkit.model.plan import Plan, plan_from_json, plan_to_json


async def _planned(world: World) -> Plan:
    one, two, *_ = world.emails()
    world.edit_contact(world.contact_id(one), source="edited")
    world.time.edit_row("Contacts", world.row_id(two), {"Source": "edited"})
    made = world.add_contact("new.here@example.com")
    world.add_task(made, "first task")
    async with world.open() as connection:
        plan = await connection.preview()
    return plan_from_json(plan_to_json(plan))


async def test_exactly_the_plan_is_applied(world: World) -> None:
    plan = await _planned(world)
    late = world.add_contact("too.late@example.com")

    async with world.open() as connection:
        report = await connection.apply(plan)

    assert report.plan_hash == plan.hash
    assert report.writes_sent == len(plan.writes)
    assert report.failures == ()
    assert "too.late@example.com" not in world.by_identity(TIME, Kind.CONTACT)
    world.remove_contact(late)
    await world.settle(0)
    assert_converged(world)


async def test_plan_applied_twice_writes_nothing(world: World) -> None:
    plan = await _planned(world)
    async with world.open() as connection:
        await connection.apply(plan)
        writes = world.writes()

        again = await connection.apply(plan)

    assert world.writes() == writes
    assert again.writes_sent == 0
    await world.settle(0)


async def test_record_changed_since_is_skipped_and_listed(world: World) -> None:
    one, two, *_ = world.emails()
    plan = await _planned(world)
    world.time.edit_row("Contacts", world.row_id(one), {"Source": "newer"})

    async with world.open() as connection:
        report = await connection.apply(plan)
        skipped = connection.log(run=report.run_id, failed_only=True)

    assert [entry.record_id for entry in skipped] == [str(world.row_id(one))]
    assert world.rows("Contacts")[world.row_id(one)]["Source"] == "newer"
    assert world.by_identity(HIGH, Kind.CONTACT)[two]["source"] == "edited"


async def test_altered_file_is_refused(world: World) -> None:
    plan = await _planned(world)
    document = json.loads(plan_to_json(plan))
    document["plan"]["operations"].pop()

    with pytest.raises(UseError, match="altered"):
        plan_from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"plan": {}}', "not json"])
def test_file_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(UseError, match="not a plan"):
        plan_from_json(text)


async def test_plan_of_another_mapping_is_refused(world: World) -> None:
    plan = await _planned(world)
    world.configure(mapping={"contact": {"without": ["plan"]}})
    writes = world.writes()

    with pytest.raises(PlanChangedError):
        async with world.open() as connection:
            await connection.apply(plan)

    assert world.writes() == writes
