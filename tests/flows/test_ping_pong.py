"""Two automations that undo each other's work: each round succeeds, and none is the last."""

from __future__ import annotations

import pytest

from tests.flows.ruled import a_rule, put_rules, seen
from tests.flows.world import World
from toolkit.app.ping_pong import LOOPING, WrittenValue, looping_fields
from toolkit.model.events import EventKind
from toolkit.model.ids import Kind, Side
from toolkit.model.links import LinkState
from toolkit.store import Store

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC


@pytest.mark.parametrize(
    ("written", "loops"),
    [
        ("TA HB TA HB", True),
        ("TA HB TA", False),
        ("TA TB TA TB TA TB", False),  # one side only: people who change their minds
        ("TA HB TC HD TE", False),  # new values each time: people at work
        ("TA HB TA HC", False),
        ("HA TA HB TB", False),  # rules write both sides: two in a row are no way back
        ("HA TA HB TB HA TA", False),
        ("HA TA TB HA TA TB", True),  # a rule, and a workflow that takes it back
        ("HA TA HB TB HA TA HB TB", True),
        (" ".join(f"{'TH'[n % 2]}v{n}" for n in range(20)), True),  # something that counts up
        (" ".join(f"{'TH'[n % 2]}v{n}" for n in range(19)), False),
        ("", False),
    ],
)
def test_a_field_loops_when_both_sides_are_written_the_same_again(
    written: str, loops: bool
) -> None:
    sides = {"T": TIME, "H": HIGH}
    found = [WrittenValue("plan", sides[each[0]], each[1:]) for each in written.split()]

    assert looping_fields(found) == (("plan",) if loops else ())


def test_fields_are_judged_each_for_itself() -> None:
    found = [
        WrittenValue(name, side, value)
        for name, side, value in [
            ("plan", TIME, "A"),
            ("source", HIGH, "B"),
            ("plan", TIME, "A"),
            ("source", HIGH, "B"),
        ]
    ]

    assert looping_fields(found) == ()


async def _round(world: World, contact: str, row: int) -> None:
    """HighLevel's workflow wants one value, TimeTonic's automation another."""
    world.clock.advance(60)
    world.edit_contact(contact, plan="Pro")
    await world.sync()
    world.clock.advance(60)
    world.time.edit_row("Contacts", row, {"Plan": "Basic"})
    await world.sync()


async def test_pair_that_goes_back_and_forth_rests_and_is_told_and_woken(world: World) -> None:
    await world.settle()
    email = world.emails()[0]
    contact, row = world.contact_id(email), world.row_id(email)
    for _ in range(2):
        await _round(world, contact, row)
    world.edit_contact(contact, plan="Pro", phone="+33612345678")
    writes = world.writes()

    report = await world.sync()

    assert world.writes() == writes
    assert any(f"plan: {LOOPING}" in line for line in report.resting)
    (link,) = [each for each in await world.links() if each.highlevel_id == contact]
    assert (link.state, link.not_before) == (LinkState.PARKED, None)
    with Store.open(world.home) as store:
        events = [
            each for each in store.feed.list_events() if each.kind is EventKind.LOOP_PARKED
        ]
    assert [(each.fields, each.subjects[0].link_id) for each in events] == [
        (("plan",), link.id)
    ]

    async with world.open() as connection:
        await connection.retry()

    assert world.rows("Contacts")[row]["Plan"] == "Pro"
    assert world.rows("Contacts")[row]["Phone"]
    await world.settle()


async def test_rules_that_tag_one_contact_after_each_other_are_no_loop(world: World) -> None:
    email = "nora.new@example.com"
    world.add_contact(email)
    await world.sync()
    put_rules(
        world,
        a_rule("one", "note_added", {"add_tags": ["a"]}),
        a_rule("two", {"trigger": "contact_tagged", "tags": ["a"]}, {"add_tags": ["b"]}),
    )
    await world.sync()
    contact_id = world.contact_id(email)
    world.add_note(contact_id, "<p>Now.</p>")
    await world.sync()
    world.edit_contact(contact_id, phone="+33612345678")

    report = await world.sync()

    assert not report.resting
    found = seen(world, Kind.CONTACT, email)
    assert [each and (each["tags"], each["phone"]) for each in found] == [
        (["a", "b"], "+33612345678")
    ] * 2
