"""Rules over both emulated systems: what happened wakes them, and both sides show the result."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.flows.office import open_office
from tests.flows.ruled import a_rule, notes_of, put_rules, seen, tasks_of
from tests.flows.world import World, assert_converged
from toolkit.app.wiring import Transports
from toolkit.cli.rehearsal.perform import open_rehearser
from toolkit.errors import PlanChangedError, QuotaExhaustedError
from toolkit.model.events import EventKind
from toolkit.model.ids import Kind
from toolkit.model.outcomes import RunReport
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.highlevel.records import Appointment
from toolkit.store.firings import FiringState

NEW = "nora.new@example.com"
Act = Callable[[World, str], object]


def shown(world: World, email: str, name: str) -> list[Any]:
    """One field of a contact on both sides."""
    return [each and each[name] for each in seen(world, Kind.CONTACT, email)]


async def ready(world: World, *rules: dict[str, Any], **sections: Any) -> str:
    """Rules in force, a contact whom everybody knows, nothing left to do; its address."""
    world.add_contact(NEW)
    await world.sync()
    put_rules(world, *rules, **sections)
    await world.sync()
    return NEW


async def firings(world: World, **wanted: Any) -> list[Any]:
    async with world.open() as connection:
        return connection._parts.store.list_firings(**wanted)


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


def edit_in_timetonic(world: World, email: str, **values: Any) -> None:
    world.time.edit_row(
        "Contacts",
        world.row_id(email),
        {name.replace("_", " "): v for name, v in values.items()},
    )


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


def many(world: World, count: int) -> list[str]:
    emails = [f"p{number:03}.crowd@example.com" for number in range(count)]
    for email in emails:
        world.add_contact(email)
    return emails


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


def tags_of(world: World, emails: list[str]) -> set[tuple[str, ...]]:
    return {tuple(tags) for email in emails for tags in shown(world, email, "tags")}


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


async def test_a_function_that_fails_costs_its_firing_and_names_its_line(world: World) -> None:
    script = "@hightonic.condition\ndef odd(contact, happening):\n    return 1 / 0\n"
    (world.home / "automations.py").write_text(script, encoding="utf-8")
    email = await ready(
        world,
        a_rule("bad", "note_added", {"add_tags": ["a"]}, condition={"function": "odd"}),
        a_rule("good", "note_added", {"add_tags": ["b"]}),
        scripts="automations.py",
    )
    world.add_note(world.contact_id(email), "<p>Now.</p>")

    report = await world.sync()

    assert shown(world, email, "tags") == [["b"], ["b"]]
    assert report.rules["bad"].failed == 1
    (line,) = report.failures
    assert "rule bad" in line
    assert "ZeroDivisionError" in line
    assert "automations.py" in line


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


async def test_a_run_that_fails_is_told_at_once_and_its_recovery_too(world: World) -> None:
    post = {"post": {"channel": "#ops", "text": "{{ happening.trigger }}"}}
    email = await ready(
        world, a_rule("alarm", "run_failed", post), a_rule("calm", "run_recovered", post)
    )
    world.fail(Fault(FaultKind.TOO_MANY_TODAY, system="highlevel", times=0))

    with pytest.raises(QuotaExhaustedError):
        await world.sync()
    failed = await letters(world)
    world.fail()
    await world.sync()
    recovered = await letters(world)

    assert (len(failed), len(recovered)) == (1, 1)
    assert "run_failed" in failed[0]
    assert "run_recovered" in recovered[0]
    assert email


async def letters(world: World) -> list[str]:
    """Texts for Slack that wait, taken out for good."""
    async with world.open() as connection:
        mailbox = connection._parts.mailbox
        found = mailbox.take("slack", limit=100)
        mailbox.mark_delivered(each.id for each in found)
    return [each.body["text"] for each in found]


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


async def test_what_failed_is_tried_again_by_retry(world: World) -> None:
    email = await ready(world, a_rule("noted", "note_added", {"add_tags": ["noted"]}))
    world.add_note(world.contact_id(email), "<p>Now.</p>")
    update = "PUT /contacts/"
    world.fail(Fault(FaultKind.UNAVAILABLE_BEFORE, match=update, times=0))
    first = await world.sync()
    world.fail()
    still = await world.sync()

    async with world.open() as connection:
        await connection.retry()

    assert first.rules["noted"].waiting == 1
    assert still.rules == {}, "it waits a while"
    assert shown(world, email, "tags") == [["noted"], ["noted"]]
    (entry,) = await firings(world)
    assert entry.state is FiringState.DONE


async def test_what_could_not_be_worked_out_is_worked_out_anew_by_retry(world: World) -> None:
    script = world.home / "automations.py"
    head = "@hightonic.action\ndef more(contact, happening):\n    "
    script.write_text(f"{head}return 1 / 0\n", encoding="utf-8")
    email = await ready(
        world, a_rule("more", "note_added", {"run": "more"}), scripts="automations.py"
    )
    world.add_note(world.contact_id(email), "<p>Now.</p>")
    first = await world.sync()
    async with world.open() as connection:
        still = await connection.retry()
    script.write_text(f"{head}return {{'add_tags': ['more']}}\n", encoding="utf-8")

    async with world.open() as connection:
        await connection.retry()

    assert [each.rules["more"].failed for each in (first, still)] == [1, 1]
    assert shown(world, email, "tags") == [["more"], ["more"]]


async def test_a_mended_rule_answers_what_its_earlier_wording_failed_at(world: World) -> None:
    waits = {"trigger": "note_added"}
    email = await ready(world, a_rule("own", waits, {"assign_owner": "Nobody Known"}))
    world.add_note(world.contact_id(email), "<p>Now.</p>")
    first = await world.sync()
    put_rules(world, a_rule("own", waits, {"add_tags": ["mended"]}))

    async with world.open() as connection:
        await connection.retry()

    assert first.rules["own"].failed == 1
    assert shown(world, email, "tags") == [["mended"], ["mended"]]


async def test_what_a_rule_failed_at_is_let_go_with_the_rule(world: World) -> None:
    email = await ready(world, a_rule("own", "note_added", {"assign_owner": "Nobody Known"}))
    world.add_note(world.contact_id(email), "<p>Now.</p>")
    await world.sync()
    async with world.open() as connection:
        connection.rules.retry()
    put_rules(world, a_rule("other", "note_added", {"add_tags": ["x"]}))

    await world.sync()

    assert {each.state for each in await firings(world)} == {FiringState.SKIPPED}


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
