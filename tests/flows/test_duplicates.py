"""Duplicates found, completed and marked, over both emulators."""

from __future__ import annotations

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.app.effects_run import Wish
from toolkit.app.merging import mark_of
from toolkit.errors import UseError
from toolkit.model.ids import Kind


@pytest.fixture
async def doubled(world: World) -> World:
    """One person twice: the second time with another spelling and a few more facts."""
    world.add_contact("jane.doe@example.com", companyName="Acme", tags=["one"])
    await world.sync()
    world.add_contact(
        "jane.doe+news@example.com", companyName="Acme Inc", source="fair", tags=["two"]
    )
    await world.settle()
    return world


async def test_a_group_is_found_completed_marked_and_never_found_again(doubled: World) -> None:
    async with doubled.open() as connection:
        (plan,) = connection.merge_plans().plans
        assert plan.group.score >= 85
        wish = Wish(plan.effects, "merge", plan.group.id)
        report = await connection.carry_wish(wish)

        assert report.failures == ()
        assert connection.merge_plans().plans == ()
        assert len(doubled.high.contacts) == len(doubled.rows("Contacts"))
    await doubled.settle(0)
    assert_converged(doubled)
    for side in (HIGH, TIME):
        kept = doubled.by_identity(side, Kind.CONTACT)["jane.doe@example.com"]
        other = doubled.by_identity(side, Kind.CONTACT)["jane.doe+news@example.com"]
        assert kept["source"] == "fair"
        assert kept["tags"] == ["one", "two"]
        assert mark_of(plan.keep) in other["tags"]


async def test_undo_makes_two_of_one_again(doubled: World) -> None:
    before = {side: doubled.by_identity(side, Kind.CONTACT) for side in (HIGH, TIME)}
    async with doubled.open() as connection:
        (plan,) = connection.merge_plans().plans
        report = await connection.carry_wish(Wish(plan.effects, "merge"))
        await connection.undo(report.run_id)

        assert [each.group.id for each in connection.merge_plans().plans] == [plan.group.id]
    assert {side: doubled.by_identity(side, Kind.CONTACT) for side in (HIGH, TIME)} == before


async def test_a_group_is_asked_for_by_the_beginning_of_its_name(doubled: World) -> None:
    async with doubled.open() as connection:
        found = connection.merge_plans()
        (plan,) = found.plans

        assert found.get(plan.group.id[:4]) is plan
        for name in ("zzz", ""):
            with pytest.raises(UseError, match="no group"):
                found.get(name)
        assert connection.contact_names()[plan.keep] == "Jane Doe"
