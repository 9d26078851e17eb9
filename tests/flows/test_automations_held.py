"""Brakes and loops of rules: what is too much waits, what never ends is stopped."""

from __future__ import annotations

import pytest

from tests.flows.ruled import (
    a_rule,
    firings,
    letters,
    many,
    put_rules,
    ready,
    shown,
    tags_of,
)
from tests.flows.world import World
from toolkit.errors import PlanChangedError
from toolkit.model.events import EventKind
from toolkit.model.outcomes import RunReport
from toolkit.store.firings import FiringState


async def held_back(world: World) -> tuple[list[str], str, RunReport]:
    """A crowd that one rule sweeps, another rule's contact, and the run that met both."""
    crowd = many(world, 40)
    world.configure(sync={"brakes": {"create_floor": 1_000}})
    await world.sync()
    sweep = a_rule(
        "sweep",
        {"trigger": "schedule", "every": "day"},
        {"add_tags": ["swept"]},
        {"post": {"channel": "#ops", "text": "{{ name }}"}},
        condition={"field": "email", "contains": ".crowd@"},
    )
    put_rules(world, sweep, a_rule("other", "note_added", {"add_tags": ["noted"]}))
    await world.sync()
    world.clock.advance(86_400)
    other = world.emails()[0]
    world.add_note(world.contact_id(other), "<p>Now.</p>")
    return crowd, other, await world.sync()


async def test_a_rule_that_would_touch_too_many_is_held_and_others_are_not(
    world: World,
) -> None:
    crowd, other, report = await held_back(world)

    (held,) = report.held_rules
    assert held.rules == {"sweep": 40}
    assert tags_of(world, crowd) == {()}
    assert all("noted" in tags for tags in shown(world, other, "tags"))
    async with world.open() as connection:
        store = connection._parts.store
        (told,) = store.feed.list_events(kinds=[EventKind.BRAKE_TRIPPED], limit=1_000)[-1:]
        assert connection._parts.mailbox.take("slack") == []
    assert (told.facts["approval"], told.facts["rules"]) == (held.approval, "sweep")
    again = await world.sync()
    assert [each.approval for each in again.held_rules] == [held.approval]


async def test_an_approval_releases_what_is_held_of_rules_once(world: World) -> None:
    crowd, _, report = await held_back(world)
    (held,) = report.held_rules
    writes = world.writes()
    with pytest.raises(PlanChangedError):
        await world.sync(approve="wrong")
    assert world.writes() == writes

    done = await world.sync(approve=held.approval)

    assert (done.held_rules, done.rules["sweep"].done) == ((), 40)
    assert tags_of(world, crowd) == {("swept",)}
    assert len(await letters(world)) == 40
    with pytest.raises(PlanChangedError):
        await world.sync(approve=held.approval)
    await world.settle(runs=0)


async def test_the_next_turn_of_a_schedule_takes_the_place_of_one_that_is_held(
    world: World,
) -> None:
    _, _, first = await held_back(world)
    world.clock.advance(86_400)

    second = await world.sync()

    assert first.held_rules[0].approval != second.held_rules[0].approval
    assert len(second.held_rules) == 1
    assert len(await firings(world, states=[FiringState.HELD])) == 40


async def test_rules_that_are_too_many_only_together_are_held_together(world: World) -> None:
    crowd = many(world, 16)
    world.configure(sync={"brakes": {"create_floor": 1_000, "update_share": 0.1}})
    await world.sync()
    rules = [
        a_rule(
            f"half {number}",
            {"trigger": "schedule", "every": "day"},
            {"add_tags": ["swept"]},
            condition={"field": "email", "matches": f"p0[0-9]{odds}.*"},
        )
        for number, odds in enumerate(("[02468]", "[13579]"))
    ]
    put_rules(world, *rules)
    await world.sync()
    world.clock.advance(86_400)

    report = await world.sync()

    (held,) = report.held_rules
    assert held.rules == {"half 0": 8, "half 1": 8}
    assert tags_of(world, crowd) == {()}


async def test_a_rule_that_leads_back_to_itself_is_parked_and_the_loop_is_shown(
    world: World,
) -> None:
    flip = (
        "def flip(contact, happening):\n"
        "    return [{'set': {'source': contact['source'] + '+'}}]\n"
    )
    script = "@hightonic.action\n" + flip
    (world.home / "automations.py").write_text(script, encoding="utf-8")
    email = await ready(
        world,
        a_rule("flip", {"trigger": "contact_updated", "fields": ["source"]}, {"run": "flip"}),
        scripts="automations.py",
    )
    world.edit_contact(world.contact_id(email), source="web")

    report = await world.sync()

    assert report.parked_rules == ("flip: flip -> flip",)
    assert shown(world, email, "source") == ["web+", "web+"]
    async with world.open() as connection:
        (told,) = connection._parts.store.feed.list_events(
            kinds=[EventKind.LOOP_PARKED], limit=1_000
        )
    assert told.facts == {"rule": "flip", "loop": "flip -> flip"}
    world.edit_contact(world.contact_id(email), source="fair")
    await world.sync()
    assert shown(world, email, "source") == ["fair", "fair"], "a parked rule does nothing"
    states = {each.state for each in await firings(world)}
    assert states == {FiringState.DONE, FiringState.REFUSED, FiringState.WAITING}


async def test_a_rule_and_a_workflow_of_the_vendor_that_undo_each_other_are_stopped(
    world: World,
) -> None:
    """No chain leads from one to the other: what the workflow does looks like a person."""
    email = await ready(
        world,
        a_rule(
            "ours",
            {"trigger": "contact_updated", "fields": ["source"]},
            {"set": {"source": "ours"}},
        ),
    )
    contact_id = world.contact_id(email)
    for _ in range(8):
        world.edit_contact(contact_id, source="theirs")
        report = await world.sync()
        world.clock.advance(30)

    assert any("back and forth" in line for line in report.resting)
    writes = world.writes()
    await world.sync()
    assert world.writes() == writes
