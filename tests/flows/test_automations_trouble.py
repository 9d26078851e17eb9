"""Rules in trouble: functions and services that fail, and what a person does about it."""

from __future__ import annotations

import pytest

from tests.flows.ruled import (
    a_rule,
    firings,
    letters,
    put_rules,
    ready,
    shown,
)
from tests.flows.world import World
from toolkit.errors import QuotaExhaustedError
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.store.firings import FiringState


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
