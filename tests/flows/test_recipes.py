"""Each recipe switched on by one line: what a person sees of it on both sides, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.flows.ruled import NEW as EMAIL
from tests.flows.ruled import notes_of, put_rules, shown, tasks_of
from tests.flows.world import World

DAY_S = 86_400


async def switch_on(world: World, *, known: bool = True, **recipes: Any) -> None:
    """Recipes in force, Nora known to both sides where wanted, nothing left to do."""
    if known:
        world.add_contact(EMAIL)
        await world.sync()
    put_rules(world, recipes=recipes)
    await world.sync()


async def approved(world: World) -> None:
    """A sync, and one more that lets pass what a brake of this small world holds back."""
    report = await world.sync()
    for held in report.held_rules:
        await world.sync(approve=held.approval)


async def again(world: World) -> None:
    """Two more syncs, which find nothing to write."""
    writes = world.writes()
    for _ in range(2):
        await world.sync()
    assert world.writes() == writes


async def test_welcome_tasks_a_new_contact_has_its_first_two_tasks(world: World) -> None:
    await switch_on(world, known=False, welcome_tasks=True)
    world.add_contact(EMAIL)

    await world.sync()

    titles = ["Call Nora New", "Send Nora New the welcome pack"]
    assert tasks_of(world, EMAIL) == [titles, titles]
    await again(world)


async def test_new_lead_a_row_becomes_a_contact_with_stage_tag_owner_and_follow_up(
    world: World,
) -> None:
    owner = next(iter(world.high.users.values()))["name"]
    await switch_on(world, known=False, new_lead={"owner": [owner]})
    world.time.add_row("Contacts", {"Name": "Nora New", "Email": EMAIL})

    await world.sync()

    assert shown(world, EMAIL, "stage") == ["lead", "lead"]
    assert shown(world, EMAIL, "tags") == [["lead"], ["lead"]]
    assert shown(world, EMAIL, "owner") == [owner, owner]
    assert tasks_of(world, EMAIL) == [["Follow up with Nora New"]] * 2
    await again(world)


async def test_tag_by_a_source_becomes_a_tag_and_follows_its_changes(world: World) -> None:
    await switch_on(world, tag_by={"fields": ["source"], "active_days": None})
    for source in ("web", "fair"):
        world.edit_contact(world.contact_id(EMAIL), source=source)

        await world.sync()

        assert shown(world, EMAIL, "tags") == [[f"source: {source}"]] * 2
        await again(world)


async def test_tag_by_who_did_something_lately_is_active_and_later_inactive(
    world: World,
) -> None:
    await switch_on(world, tag_by={"fields": [], "active_days": 30})
    world.add_note(world.contact_id(EMAIL), "<p>Met.</p>")
    await world.sync()
    world.clock.advance(DAY_S)
    await approved(world)
    assert shown(world, EMAIL, "tags") == [["active"], ["active"]]

    world.clock.advance(40 * DAY_S)
    await approved(world)

    assert shown(world, EMAIL, "tags") == [["inactive"], ["inactive"]]
    await again(world)


async def test_overdue_escalation_tags_the_contact_until_its_task_is_done(
    world: World,
) -> None:
    await switch_on(world, overdue_escalation={"channel": "#sales"})
    task_id = world.add_task(world.contact_id(EMAIL), "Call")
    await world.sync()
    world.clock.advance(6 * DAY_S)
    await world.sync()
    assert shown(world, EMAIL, "tags") == [["overdue"], ["overdue"]]
    async with world.open() as connection:
        texts = [
            each.body["text"] for each in connection._parts.mailbox.take("slack", limit=99)
        ]
    assert "Overdue: Call (Nora New)" in texts
    await again(world)

    world.edit_task(task_id, is_completed=True)
    await world.sync()

    assert shown(world, EMAIL, "tags") == [[], []]
    await again(world)


async def test_keep_dates_a_note_moves_last_contacted_and_a_task_the_next_action(
    world: World,
) -> None:
    await switch_on(world, keep_dates=True)
    contact_id = world.contact_id(EMAIL)
    world.add_note(contact_id, "<p>Met.</p>")
    task_id = world.add_task(contact_id, "Call")

    await world.sync()

    today = world.clock.now().date()
    due_on = (today + timedelta(days=2)).isoformat()
    assert shown(world, EMAIL, "last") == [today.isoformat()] * 2
    assert shown(world, EMAIL, "next") == [due_on, due_on]
    await again(world)

    world.edit_task(task_id, is_completed=True)
    await world.sync()

    assert shown(world, EMAIL, "next") == [None, None]
    assert notes_of(world, EMAIL) == [["Met."], ["Met."]]
    await again(world)


@pytest.mark.parametrize("tag", ["", "keep"])
async def test_stale_archive_who_is_forgotten_is_tagged_and_listed_never_deleted(
    world: World, tag: str
) -> None:
    world.add_contact(EMAIL, tags=[tag] if tag else [])
    await switch_on(
        world, known=False, stale_archive={"after_days": 30, "except_tags": ["keep"]}
    )
    world.add_note(world.contact_id(EMAIL), "<p>Met.</p>")
    await world.sync()
    world.clock.advance(40 * DAY_S)

    await approved(world)

    listed = [row["Email"] for row in world.rows("Archive").values()]
    assert (EMAIL in listed) == (not tag)
    assert shown(world, EMAIL, "tags") == ([["keep"]] * 2 if tag else [["archived"]] * 2)
    assert EMAIL in world.emails(), "it is still there"
    await again(world)
