"""What people typed into the grid, and what a recipe says by hand, as batches."""

from __future__ import annotations

import json

import pytest

from tests.flows.bulk_office import Bulk
from toolkit.app.bulk import BatchState, Cell, ItemState, read_recipe
from toolkit.app.grid import Staging, Typed, open_grid
from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId


def by_hand(bulk: Bulk, *steps: object) -> str:
    return json.dumps(
        {
            "hightonic_recipe": 1,
            "id": "b-hand",
            "connection": bulk.world.name,
            "made_at": bulk.world.clock.now().isoformat(),
            "steps": list(steps),
        }
    )


async def test_staged_cells_keep_owners_by_id_and_leave_problems_behind(bulk: Bulk) -> None:
    email = next(e for e in bulk.people(9) if bulk.shown(e, "owner")[0])
    other = next(e for e in bulk.people(9) if e != email)
    (who, them), world = bulk.links([email, other]), bulk.world
    held = bulk.shown(email, "owner")[0]
    user = next(each for each in world.high.users.values() if each["name"] != held)
    with open_grid(home=world.home) as grid:
        staging = Staging(grid)
        staging.type(
            [
                Typed(who, "owner_id", user["name"]),
                Typed(who, "tags", "one, two"),
                Typed(them, "email", "nope"),
                Typed(them, "source", "fair"),
            ]
        )
        step = await bulk.step("cells", staging.cells())

    cells = {(each.contact, each.field): each for each in step.cells}
    owner = cells[who, "owner_id"]
    assert (them, "email") not in cells
    assert owner.new == user["id"]
    assert world.high.users[owner.old]["name"] == held
    batch = await bulk.desk.stage([step])
    report = await bulk.desk.apply(batch.id)
    assert report.batch.state is BatchState.DONE, report
    assert bulk.shown(email, "owner") == [user["name"]] * 2
    assert bulk.shown(email, "tags") == [["one", "two"]] * 2


async def test_find_and_replace_touches_only_who_has_the_text(bulk: Bulk) -> None:
    people = bulk.people(3)
    links = bulk.links(people)
    step = await bulk.step("set_field", "source", "Trade fair", links[:2])
    await bulk.desk.apply((await bulk.desk.stage([step])).id)

    step = await bulk.step(
        "replace", "source", "FAIR", "show", contacts=links, ignores_case=True
    )
    batch = await bulk.desk.stage([step])

    assert batch.items == 2
    await bulk.desk.apply(batch.id)
    assert bulk.shown(people[0], "source") == ["Trade show"] * 2


@pytest.mark.parametrize(
    ("name", "given", "options"),
    [
        ("set_field", ("email", "nope", []), {}),
        ("set_field", ("nonsense", "x", []), {}),
        ("replace", ("source", "", "x"), {"contacts": []}),
        ("tags", ([],), {"add": [" "]}),
        ("hang", ("note", {"body": ""}, []), {}),
        ("hang", ("task", {"title": "x", "due_at": "soon"}, []), {}),
    ],
)
async def test_step_that_makes_no_sense_is_refused_at_once(
    bulk: Bulk, name: str, given: tuple[object, ...], options: dict[str, object]
) -> None:
    with pytest.raises(UseError):
        await bulk.step(name, *given, **options)


async def test_every_value_a_contact_holds_is_taken_back_as_it_is(bulk: Bulk) -> None:
    links = await bulk.desk.build(lambda book: book._store.links(Kind.CONTACT))
    columns = await bulk.desk.build(lambda book: book.importer.columns())
    cells = [
        {"contact": link.id, "field": each.field, "old": None, "new": link.base[each.field]}
        for link in links
        for each in columns
        if each.field in link.base
    ]
    recipe = read_recipe(by_hand(bulk, {"do": "cells", "cells": cells}))

    checked = await bulk.desk.build(lambda book: book.stager.checked(recipe))

    assert checked == recipe


async def test_recipe_by_hand_is_read_as_people_type(bulk: Bulk) -> None:
    (email,) = bulk.people(1)
    (who,) = bulk.links([email])
    user = next(iter(bulk.world.high.users.values()))
    old = await bulk.step("set_field", "owner_id", user["name"], [who])
    text = by_hand(
        bulk,
        {"do": "set", "field": "owner_id", "value": user["name"], "contacts": old.contacts},
        {"do": "task", "contacts": [who], "values": {"title": "Ring", "due_at": "2026-03-09"}},
        {"do": "create", "contacts": [{"name": "Ada O", "email": "ADA@example.org"}]},
        {"do": "tags", "contacts": [who], "add": ["hand"]},
    )
    recipe = await bulk.desk.build(lambda book: book.stager.checked(read_recipe(text)))
    batch = await bulk.desk.stage_recipe(recipe)
    assert (await bulk.desk.stage_recipe(recipe)).id == batch.id

    report = await bulk.desk.apply(batch.id)

    assert report.batch.state is BatchState.DONE, report
    assert bulk.shown(email, "owner")[0] == user["name"]
    assert bulk.shown("ada@example.org", "stage")
    assert (await bulk.desk.recipe(batch.id)) == recipe


async def test_what_cannot_be_written_is_refused_with_the_reason_and_the_rest_is_done(
    bulk: Bulk,
) -> None:
    first, second = bulk.people(2)
    one, two = bulk.links([first, second])
    gone = LinkId("c-gone")
    text = by_hand(
        bulk,
        {"do": "set", "field": "total_tasks", "value": 9, "contacts": {one: 0}},
        {"do": "set", "field": "source", "value": "fair", "contacts": {gone: None}},
        {"do": "note", "contacts": [gone], "values": {"body": "x"}},
        {"do": "note", "contacts": [two], "values": {"title": "x"}},
        {"do": "create", "contacts": [{"source": "fair"}]},
        {"do": "tags", "contacts": [two], "add": ["kept"]},
        {"do": "tags", "contacts": [gone], "add": ["kept"]},
    )
    batch = await bulk.desk.stage_recipe(read_recipe(text))

    plan = await bulk.desk.plan(batch.id)
    report = await bulk.desk.apply(batch.id)

    assert plan.to_do == 1
    assert report.batch.state is BatchState.PARTLY, report
    states = {
        (each.item.field if isinstance(each.item, Cell) else type(each.item).__name__): each
        for each in report.left
    }
    assert {name: each.state for name, each in states.items()} == {
        "total_tasks": ItemState.REFUSED,
        "source": ItemState.GONE,
        "Birth": ItemState.REFUSED,
        "Tags": ItemState.GONE,
    }
    assert sum(each.state is ItemState.REFUSED for each in report.left) == 4
    assert all(each.reason for each in report.left), report.left
    assert all("kept" in each for each in bulk.shown(second, "tags"))
    assert not report.batch.can_apply


async def test_field_whose_two_sides_wait_for_a_decision_is_left_alone(bulk: Bulk) -> None:
    (email,) = bulk.people(1)
    (who,) = bulk.links([email])
    step = await bulk.step("set_field", "phone", "+12125550100", [who])
    world = bulk.world
    world.edit_contact(world.contact_id(email), phone="+12125550111")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+12125550122"})
    async with world.open() as connection:
        await connection.sync()
        assert connection.conflicts()

    batch = await bulk.desk.stage([step])
    report = await bulk.desk.apply(batch.id)

    (line,) = report.left
    assert line.state is ItemState.CHANGED
    assert bulk.shown(email, "phone") == ["+12125550111", "+12125550122"]
