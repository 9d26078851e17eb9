"""Rules over both emulated systems: what happened wakes them, and both sides show the result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.flows.ruled import (
    NEW,
    a_rule,
    edit_in_timetonic,
    firings,
    notes_of,
    put_rules,
    ready,
    seen,
    shown,
    tasks_of,
)
from tests.flows.world import World, assert_converged
from toolkit.model.ids import Kind
from toolkit.sandbox.highlevel.records import Appointment
from toolkit.store.firings import FiringState

Act = Callable[[World, str], object]


async def test_a_new_contact_gets_its_tag_and_task_on_both_sides_once(world: World) -> None:
    put_rules(
        world,
        a_rule(
            "welcome",
            "contact_created",
            {"add_tags": ["welcomed"]},
            {"create_task": {"title": "Call {{ contact.name }}", "due": "+2 days"}},
        ),
    )
    await world.sync()
    world.add_contact(NEW)

    report = await world.sync()

    assert tasks_of(world, NEW) == [["Call Nora New"], ["Call Nora New"]]
    assert shown(world, NEW, "tags") == [["welcomed"], ["welcomed"]]
    assert report.rules["welcome"].done == 1
    assert report.write_amplification == 1.0
    await world.settle(runs=0)
    assert_converged(world)


def add_row(world: World, email: str) -> None:
    world.time.add_row("Contacts", {"Name": "Lea Row", "Email": email})


def book(world: World, email: str) -> None:
    now = world.high.now()
    calendar_id = next(iter(world.high.calendars))
    starts_at = (now + timedelta(days=1)).replace(microsecond=0)
    world.high.save_appointment(
        Appointment(
            world.high.ids.short(),
            calendar_id,
            world.contact_id(email),
            "Meet",
            "confirmed",
            starts_at,
            starts_at + timedelta(hours=1),
            now,
            now,
        )
    )


TRIGGERS: dict[str, tuple[Any, Act]] = {
    "told high": (
        {"trigger": "contact_updated", "side": "highlevel", "fields": ["phone"]},
        lambda world, email: world.edit_contact(world.contact_id(email), phone="+33612345678"),
    ),
    "told time": (
        {"trigger": "contact_updated", "side": "timetonic"},
        lambda world, email: edit_in_timetonic(world, email, Phone="+33612345679"),
    ),
    "tagged": (
        {"trigger": "contact_tagged", "tags": ["vip"]},
        lambda world, email: world.edit_contact(world.contact_id(email), tags=["vip"]),
    ),
    "tasked": (
        "task_created",
        lambda world, email: world.add_task(world.contact_id(email), "Say hello"),
    ),
    "noted": (
        "note_added",
        lambda world, email: world.add_note(world.contact_id(email), "<p>Met.</p>"),
    ),
    "booked": ("appointment_booked", book),
    "added": ("contact_created", lambda world, email: world.add_contact(email)),
    "lead": ("lead_created", add_row),
}


NEWCOMERS = {"added", "lead"}


async def test_what_people_do_wakes_the_rules_that_wait_for_it_and_no_others(
    world: World,
) -> None:
    emails = {name: f"{name.replace(' ', '.')}.x@example.com" for name in TRIGGERS}
    for name in TRIGGERS.keys() - NEWCOMERS:
        world.add_contact(emails[name])
    await world.sync()
    rules = [a_rule(name, when, {"add_tags": [name]}) for name, (when, _) in TRIGGERS.items()]
    put_rules(world, *rules)
    await world.sync()
    for name, (_, act) in TRIGGERS.items():
        act(world, emails[name])

    await world.sync()

    expected = {name: {name} for name in TRIGGERS}
    expected["tagged"] |= {"vip"}
    expected["lead"] |= {"added"}
    for side in range(2):
        found = {name: set(shown(world, emails[name], "tags")[side]) for name in TRIGGERS}
        assert found == expected
    await world.settle(runs=0)
    entries = await firings(world)
    assert {each.state for each in entries} == {FiringState.DONE}
    assert len(entries) == len(TRIGGERS) + 1


async def test_a_finished_task_wakes_the_rule_that_waits_for_it(world: World) -> None:
    follow_up = {"create_task": {"title": "After {{ task.title }}", "due": "+1 day"}}
    email = await ready(world, a_rule("next", "task_completed", follow_up))
    task_id = world.add_task(world.contact_id(email), "Call")
    await world.sync()
    world.edit_task(task_id, is_completed=True)

    await world.sync()

    assert tasks_of(world, email) == [["After Call", "Call"]] * 2
    await world.settle(runs=0)


async def test_a_deleted_contact_is_told_of_once(world: World) -> None:
    post = {"post": {"channel": "#sales", "text": "{{ name }} is gone"}}
    email = await ready(world, a_rule("gone", "contact_deleted", post))
    world.remove_contact(world.contact_id(email))

    for _ in range(2):
        await world.sync()

    async with world.open() as connection:
        (letter,) = connection._parts.mailbox.take("slack")
    assert letter.body == {"text": "Nora New is gone"}
    assert letter.entry.target == "#sales"


async def test_a_conflict_wakes_the_rule_in_the_next_run(world: World) -> None:
    email = await ready(world, a_rule("torn", "conflict", {"add_tags": ["unclear"]}))
    world.edit_contact(world.contact_id(email), firstName="Nora A.")
    edit_in_timetonic(world, email, Name="Nora B. New")
    await world.sync()

    await world.sync()

    assert shown(world, email, "tags") == [["unclear"], ["unclear"]]


async def test_an_overdue_task_wakes_the_rule_once_for_each_due_date(world: World) -> None:
    email = await ready(world, a_rule("late", "task_overdue", {"add_note": {"body": "Late!"}}))
    world.add_task(world.contact_id(email), "Call")
    await world.sync()
    assert notes_of(world, email) == [[], []]

    world.clock.advance(3 * 86_400)
    for _ in range(3):
        await world.sync()

    assert notes_of(world, email) == [["Late!"], ["Late!"]]
    await world.settle(runs=0)


async def test_a_schedule_wakes_the_rule_once_a_slot_and_not_for_today(world: World) -> None:
    rule = a_rule(
        "daily",
        {"trigger": "schedule", "every": "day"},
        {"create_task": {"title": "Look again on {{ today }}", "due": "+1 day"}},
        condition={"field": "email", "is": NEW},
    )
    email = await ready(world, rule)
    counts = []
    for _ in range(3):
        await world.sync()
        await world.sync()
        counts.append(len(tasks_of(world, email)[0]))
        world.clock.advance(86_400)

    assert counts == [0, 1, 2]


ACTIONS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "set": ({"set": {"source": "{{ plan or 'unknown' }} mail"}}, "source", "unknown mail"),
    "stage": ({"lifecycle_stage": "lead"}, "stage", "lead"),
    "add": ({"add_tags": ["hot", "vip"]}, "tags", ["act-add", "hot", "vip"]),
    "remove": ({"remove_tags": ["act-remove"]}, "tags", []),
    "archive": ({"archive": {"reason": "test"}}, "tags", ["act-archive", "archived"]),
}


def owners(world: World) -> list[str]:
    return [user["name"] for user in world.high.users.values()]


async def test_actions_show_on_both_sides_and_are_done_once(world: World) -> None:
    owner = owners(world)[0]
    actions = {**ACTIONS, "owner": ({"assign_owner": {"to": owner}}, "owner", owner)}
    emails = {name: f"{name}.x@example.com" for name in actions}
    for name in actions:
        world.add_contact(emails[name], tags=[f"act-{name}"])
    await world.sync()
    rules = [
        a_rule(name, "note_added", action, condition={"tag": f"act-{name}"})
        for name, (action, _, _) in actions.items()
    ]
    put_rules(world, *rules)
    await world.sync()
    for email in emails.values():
        world.add_note(world.contact_id(email), "<p>Now.</p>")

    report = await world.sync()

    found = {name: shown(world, emails[name], field) for name, (_, field, _) in actions.items()}
    assert found == {name: [expected] * 2 for name, (_, _, expected) in actions.items()}
    assert report.write_amplification == 1.0
    writes = world.writes()
    for email in emails.values():
        world.add_note(world.contact_id(email), "<p>Again.</p>")
    await world.sync()
    assert world.writes() == writes + 1, "the notes in one batch, and nothing for the rules"


async def test_archiving_puts_a_row_into_the_books_archive(world: World) -> None:
    email = await ready(world, a_rule("old", "note_added", {"archive": {"reason": "test"}}))
    before = len(world.rows("Archive"))
    world.add_note(world.contact_id(email), "<p>Now.</p>")

    await world.sync()

    assert len(world.rows("Archive")) == before + 1
    await world.settle(runs=0)


async def test_owners_take_turns_also_in_another_process(world: World) -> None:
    people = owners(world)[:2]
    put_rules(
        world, a_rule("fair", "contact_created", {"assign_owner": {"round_robin": people}})
    )
    await world.sync()
    given = []
    for number in range(4):
        world.add_contact(f"p{number}.new@example.com")
        await world.sync()
        given.append(shown(world, f"p{number}.new@example.com", "owner")[0])

    assert given == [*people, *people]


async def test_one_note_added_by_a_rule_stands_on_both_sides_once(world: World) -> None:
    email = await ready(
        world, a_rule("log", "task_created", {"add_note": {"body": "Task: {{ task.title }}"}})
    )
    world.add_task(world.contact_id(email), "Call")

    for _ in range(3):
        await world.sync()

    assert notes_of(world, email) == [["Task: Call"], ["Task: Call"]]


async def test_a_task_is_completed_on_both_sides(world: World) -> None:
    email = await ready(
        world, a_rule("over", "note_added", {"complete_task": {"title": "Call"}})
    )
    world.add_task(world.contact_id(email), "Call")
    await world.sync()
    world.add_note(world.contact_id(email), "<p>Done.</p>")

    await world.sync()

    assert [each["done"] for each in seen(world, Kind.TASK, (email, "Call"))] == [True, True]
    await world.settle(runs=0)
