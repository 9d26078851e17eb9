"""Batches over both emulated systems: planned, applied once, left alone where people edited."""

from __future__ import annotations

import pytest

from tests.flows.bulk_office import Bulk
from tests.flows.world import HIGH, TIME, assert_converged
from toolkit.app.bulk import BatchState, ItemState
from toolkit.errors import UseError
from toolkit.model.ids import Kind, Side


async def test_selection_is_set_tagged_and_given_a_task_and_a_note_in_one_batch(
    bulk: Bulk,
) -> None:
    people = bulk.people(5)
    links = bulk.links(people)
    steps = [
        await bulk.step("set_field", "lifecycle_stage", "customer", links),
        await bulk.step("tags", links, add=["Bulk"]),
        await bulk.step(
            "hang", "task", {"title": "Ring", "due_at": "2026-03-09 09:00"}, links[:2]
        ),
        await bulk.step("hang", "note", {"body": "Imported"}, links[:1]),
    ]
    batch = await bulk.desk.stage(steps, name="Spring")
    assert (batch.state, batch.items) == (BatchState.STAGED, 13)
    assert bulk.world.writes() == 0

    plan = await bulk.desk.plan(batch.id)
    assert bulk.world.writes() == 0
    assert plan.to_do + plan.done == 13
    assert not plan.left
    seen: list[tuple[str, int, int]] = []
    report = await bulk.desk.apply(batch.id, progress=lambda *each: seen.append(each))

    assert (report.batch.state, report.batch.said, report.left) == (BatchState.DONE, "", ())
    assert seen
    for email in people:
        assert bulk.shown(email, "stage") == ["customer"] * 2
        assert all("bulk" in each for each in bulk.shown(email, "tags"))
    writes = bulk.world.writes()
    again = await bulk.desk.apply(batch.id)
    assert (bulk.world.writes(), again.batch.state) == (writes, BatchState.DONE)
    await bulk.world.settle(0)
    assert_converged(bulk.world)
    for side in (HIGH, TIME):
        assert {(e, "Ring") for e in people[:2]} <= set(bulk.world.by_identity(side, Kind.TASK))


async def test_value_changed_since_it_was_staged_is_listed_and_left_alone(bulk: Bulk) -> None:
    people = bulk.people(4)
    step = await bulk.step("set_field", "source", "fair", bulk.links(people))
    batch = await bulk.desk.stage([step])
    known, unseen = people[0], people[1]
    bulk.world.edit_contact(bulk.world.contact_id(known), source="by hand")
    async with bulk.world.open() as connection:
        await connection.sync()
    bulk.world.edit_contact(bulk.world.contact_id(unseen), source="just now")

    plan = await bulk.desk.plan(batch.id)
    assert [(e.state, e.now) for e in plan.left] == [(ItemState.CHANGED, "by hand")]
    report = await bulk.desk.apply(batch.id)

    assert report.batch.state is BatchState.PARTLY
    assert {e.item.contact for e in report.left} == set(bulk.links([known, unseen]))
    assert {e.state for e in report.left} == {ItemState.CHANGED}
    assert bulk.shown(known, "source") == ["by hand"] * 2
    assert bulk.shown(unseen, "source")[0] == "just now"
    assert bulk.shown(people[2], "source") == ["fair"] * 2


async def test_revert_takes_back_what_nobody_touched_and_lists_the_rest(bulk: Bulk) -> None:
    people = bulk.people(4)
    before = {e: (bulk.shown(e, "source"), bulk.shown(e, "tags")) for e in people}
    links = bulk.links(people)
    steps = [
        await bulk.step("set_field", "source", "fair", links),
        await bulk.step("tags", links, add=["bulk"]),
        await bulk.step("hang", "note", {"body": "Imported"}, links[:1]),
    ]
    batch = await bulk.desk.stage(steps)
    await bulk.desk.apply(batch.id)
    touched = people[3]
    bulk.world.edit_contact(bulk.world.contact_id(touched), source="mine")

    report = await bulk.desk.revert(batch.id)

    assert report.batch.state is BatchState.REVERTED
    assert {each.contact for each in report.kept} == {bulk.ids[touched]}
    assert all("source" in each.fields for each in report.kept)
    assert bulk.shown(touched, "source")[0] == "mine"
    for email in people[:3]:
        assert (bulk.shown(email, "source"), bulk.shown(email, "tags")) == before[email]
    with pytest.raises(UseError):
        await bulk.desk.apply(batch.id)
    await bulk.world.settle()
    assert bulk.shown(touched, "source") == ["mine"] * 2
    for email in people[:3]:
        assert (bulk.shown(email, "source"), bulk.shown(email, "tags")) == before[email]
    assert bulk.shown(touched, "tags") == before[touched][1]
    assert_converged(bulk.world)


@pytest.mark.parametrize("side", [HIGH, TIME])
async def test_field_edited_on_one_side_a_moment_ago_is_left_alone_on_both_and_the_rest_is_done(
    bulk: Bulk, side: Side
) -> None:
    people = bulk.people(3)
    edited, links, world = people[0], bulk.links(people), bulk.world
    before = bulk.shown(edited, "source")[0]
    steps = [
        await bulk.step("set_field", "source", "fair", links),
        await bulk.step("tags", links, add=["bulk"]),
    ]
    batch = await bulk.desk.stage(steps)
    if side is HIGH:
        world.edit_contact(world.contact_id(edited), source="mine")
    else:
        world.time.edit_row("Contacts", world.row_id(edited), {"Source": "mine"})

    report = await bulk.desk.apply(batch.id)

    (line,) = report.left
    assert (line.state, getattr(line.item, "field", "")) == (ItemState.CHANGED, "source")
    assert sorted(map(str, bulk.shown(edited, "source"))) == sorted([str(before), "mine"])
    assert all("bulk" in each for each in bulk.shown(edited, "tags"))
    await world.settle()
    assert bulk.shown(edited, "source") == ["mine"] * 2
    assert bulk.shown(people[1], "source") == ["fair"] * 2
    assert_converged(world)
