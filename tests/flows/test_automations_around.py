"""Rules beside the rest: the first sync, undo, webhooks, previews, rehearsals, and no rules."""

from __future__ import annotations

import json

from tests.flows.office import open_office
from tests.flows.ruled import (
    NEW,
    a_rule,
    firings,
    letters,
    put_rules,
    ready,
    shown,
    tasks_of,
)
from tests.flows.world import World
from toolkit.app.wiring import Transports
from toolkit.cli.rehearsal.perform import open_rehearser
from toolkit.model.ids import Kind


async def test_the_first_sync_and_undo_wake_nothing(fresh: World) -> None:
    put_rules(fresh, a_rule("welcome", "contact_created", {"add_tags": ["welcomed"]}))
    first = await fresh.sync()
    second = await fresh.sync()
    async with fresh.open() as connection:
        back = await connection.undo(first.run_id)
        await connection.undo(back.run_id)
    await fresh.sync()

    assert (first.rules, second.rules) == ({}, {})
    assert await firings(fresh) == []


async def test_a_rule_starts_from_now_when_it_is_new_or_changed(world: World) -> None:
    world.add_contact("before.b@example.com")
    await world.sync()
    put_rules(world, a_rule("welcome", "contact_created", {"add_tags": ["one"]}))
    await world.sync()
    world.add_contact("first.f@example.com")
    await world.sync()
    put_rules(world, a_rule("welcome", "contact_created", {"add_tags": ["two"]}))
    await world.sync()
    world.add_contact("second.s@example.com")
    await world.sync()

    assert shown(world, "before.b@example.com", "tags") == [[], []]
    assert shown(world, "first.f@example.com", "tags") == [["one"], ["one"]]
    assert shown(world, "second.s@example.com", "tags") == [["two"], ["two"]]


async def test_what_a_run_did_for_rules_is_taken_back_with_it(world: World) -> None:
    email = await ready(
        world,
        a_rule(
            "welcome",
            "note_added",
            {"add_tags": ["welcomed"]},
            {"create_task": {"title": "Call", "due": "+1 day"}},
        ),
    )
    world.add_note(world.contact_id(email), "<p>Now.</p>")
    report = await world.sync()
    assert tasks_of(world, email) == [["Call"], ["Call"]]

    async with world.open() as connection:
        await connection.undo(report.run_id)

    assert tasks_of(world, email) == [[], []]
    assert shown(world, email, "tags") == [[], []]
    async with world.open() as connection:
        await connection.sync()
    assert tasks_of(world, email) == [[], []]


async def test_without_rules_nothing_is_asked_and_nothing_is_kept(world: World) -> None:
    world.add_contact(NEW)
    report = await world.sync()

    assert report.rules == {}
    assert await firings(world) == []
    async with world.open() as connection:
        assert connection._parts.store.get_readers() == {}


async def test_webhooks_wake_rules_within_the_drain(world: World) -> None:
    put_rules(
        world,
        a_rule(
            "welcome",
            "contact_created",
            {"add_tags": ["welcomed"]},
            {"create_task": {"title": "Call", "due": "+1 day"}},
        ),
    )
    await world.sync()
    async with open_office(world) as office:
        await office.tick()  # the period's own comparison
        world.add_contact(NEW)
        await office.settle()
        drains = [
            json.loads(run.report or "{}")
            for run in office.store.list_runs(None)
            if run.verb == "drain"
        ]

    assert shown(world, NEW, "tags") == [["welcomed"], ["welcomed"]]
    assert tasks_of(world, NEW) == [["Call"], ["Call"]]
    assert sum(each["rules"].get("welcome", {}).get("done", 0) for each in drains) == 1
    assert max(each["api_ratio"] for each in drains) <= 1.1
    assert max(each["write_amplification"] for each in drains) == 1.0
    await world.settle(runs=0)


async def test_a_changed_rule_costs_no_call(world: World) -> None:
    await ready(world, a_rule("one", "note_added", {"add_tags": ["a"]}))
    quiet = await world.sync()
    put_rules(world, a_rule("one", "note_added", {"add_tags": ["b"]}))

    changed = await world.sync()

    assert changed.api_calls == quiet.api_calls


async def test_a_rehearsal_plays_rules_too_and_tells_nobody(world: World) -> None:
    world.add_contact(NEW)
    await world.sync()
    put_rules(
        world,
        a_rule(
            "welcome",
            "contact_created",
            {"add_tags": ["welcomed"]},
            {"post": {"channel": "#sales", "text": "{{ name }}"}},
        ),
        a_rule("odd", "note_added", {"set": {"next_action_date": "{{ name }}"}}),
    )
    world.add_contact("kim.k@example.com")
    writes = world.writes()

    async with open_rehearser(
        world.name,
        home=world.home,
        transports=Transports(**world.sandbox.transports()),
        clock=world.clock,
    ) as rehearser:
        report = (await rehearser.rehearse(progress=lambda *_: None)).report

    assert world.writes() == writes
    assert await letters(world) == []
    assert report.is_quiet
    assert report.rules["welcome"].answered == 1
    assert report.rules["welcome"].would_act == 18
    assert report.rules["odd"].would_fail == 18
    assert "rule odd" in report.rule_problems[0]


async def test_a_preview_shows_what_time_will_bring_and_what_waits(world: World) -> None:
    daily = a_rule(
        "daily",
        {"trigger": "schedule", "every": "day"},
        {"add_tags": ["daily"]},
        condition={"field": "email", "is": NEW},
    )
    email = await ready(world, daily, a_rule("noted", "note_added", {"add_tags": ["noted"]}))
    world.clock.advance(86_400)
    world.add_note(world.contact_id(email), "<p>Now.</p>")

    async with world.open() as connection:
        plan = await connection.preview()
        preview = await connection.rules.preview_after(plan)
        report = await connection.sync()
        after = await connection.rules.preview_after(await connection.preview())

    asked = {each.rule for each in preview.firings}
    assert asked == {name for name, tally in report.rules.items() if tally.done}
    assert {op.kind for op in preview.plan.operations} == {Kind.CONTACT}
    assert after.firings == ()


async def test_before_the_first_sync_a_preview_of_rules_is_empty(fresh: World) -> None:
    put_rules(fresh, a_rule("welcome", "contact_created", {"add_tags": ["welcomed"]}))

    async with fresh.open() as connection:
        preview = await connection.rules.preview_after(await connection.preview())

    assert preview.firings == ()
