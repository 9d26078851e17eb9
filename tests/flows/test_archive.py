"""Contacts set aside and taken back; bulk edits by the same path."""

from __future__ import annotations

import pytest

from tests.flows.world import HIGH, TIME, World, assert_converged
from toolkit.errors import DecisionNeededError, PlanChangedError, UseError
from toolkit.model.automation import EditTags, NewRecord, Send, SetFields
from toolkit.model.ids import Kind

DUE = "2026-03-09T09:00:00Z"


def tags(world: World, email: str) -> list[list[str]]:
    """The contact's tags on both sides."""
    shown = [world.by_identity(side, Kind.CONTACT)[email]["tags"] for side in (HIGH, TIME)]
    return [list(each) for each in shown]


async def test_an_archived_contact_keeps_its_place_and_has_a_row_that_says_who_when_why(
    world: World,
) -> None:
    email = world.emails()[0]
    before = tags(world, email)[0]
    async with world.open() as connection:
        wish = connection.wish_archived(connection.find_contacts([email]), reason="moved away")
        report = await connection.carry_wish(wish)

        (entry,) = connection.archived()

    (row,) = world.rows("Archive").values()
    assert tags(world, email) == [sorted([*before, "archived"])] * 2
    assert (row["Email"], row["Reason"]) == (email, "moved away")
    assert world.contact_id(email) in row["Record"]
    assert "a person (archive)" in row["Record"]
    assert (entry.reason, entry.highlevel_id) == ("moved away", world.contact_id(email))
    assert (report.verb, report.api_ratio, report.write_amplification) == ("archive", 1.0, 1.0)
    await world.settle(0)
    assert_converged(world)


async def test_a_preview_writes_nothing_and_the_second_act_finds_nothing_to_do(
    world: World,
) -> None:
    email = world.emails()[0]
    async with world.open() as connection:
        wish = connection.wish_archived(connection.find_contacts([email]), reason="x")
        calls = world.sandbox.recorder.count()
        plan = await connection.preview_wish(wish)

        assert len(plan.writes) == 3
        assert world.sandbox.recorder.count() == calls
        await connection.carry_wish(wish)
        again = await connection.carry_wish(wish)

        assert again.writes_sent == 0
        assert (await connection.preview_wish(wish)).writes == ()


@pytest.mark.parametrize("rounds", [1, 3])
async def test_restored_contacts_lose_tag_and_row_and_undo_brings_them_back(
    world: World, rounds: int
) -> None:
    email = world.emails()[0]
    before = tags(world, email)
    async with world.open() as connection:
        (who,) = connection.find_contacts([world.contact_id(email)])
        for _ in range(rounds):
            await connection.carry_wish(connection.wish_archived([who], reason="x"))
            restored = await connection.carry_wish(connection.wish_restored([who]))

            assert tags(world, email) == before
            assert (world.rows("Archive"), connection.archived()) == ({}, [])

        await connection.undo(restored.run_id)

        assert len(world.rows("Archive")) == 1
        assert [each.contact for each in connection.archived()] == [who]
    await world.settle(0)
    assert_converged(world)


async def test_an_undone_archiving_leaves_no_trace(world: World) -> None:
    email = world.emails()[0]
    before = tags(world, email)
    async with world.open() as connection:
        wish = connection.wish_archived(connection.find_contacts([email]), reason="x")
        archived = await connection.carry_wish(wish)
        await connection.undo(archived.run_id)

    assert (tags(world, email), world.rows("Archive")) == (before, {})
    await world.settle(0)
    assert_converged(world)


async def test_stale_contacts_are_those_without_activity_for_so_long(world: World) -> None:
    lively = world.emails()[0]
    world.clock.advance(40 * 86_400)
    world.add_note(world.contact_id(lively), "Called today")
    await world.settle()

    async with world.open() as connection:
        stale = await connection.stale_contacts(30)
        assert await connection.stale_contacts(60) == []
        (keep,) = connection.find_contacts([lively])
        assert keep not in stale
        assert stale
        await connection.carry_wish(connection.wish_archived(stale[:2], reason="quiet"))

        assert await connection.stale_contacts(30) == [e for e in stale if e not in stale[:2]]


async def test_a_brake_holds_it_all_until_a_person_approves_exactly_this(world: World) -> None:
    world.configure(sync={"brakes": {"update_floor": 1, "update_share": 0}})
    async with world.open() as connection:
        people = connection.find_contacts(world.emails()[:3])
        wish = connection.wish_archived(people, reason="x")
        plan = await connection.preview_wish(wish)
        world.clock.advance(60)
        held = await connection.carry_wish(wish)

        assert (held.writes_sent, held.held) == (0, 9)
        assert held.approval == plan.approval
        assert world.rows("Archive") == {}
        with pytest.raises(PlanChangedError):
            await connection.carry_wish(
                connection.wish_archived(people[:2], reason="x"), approve=plan.approval
            )
        done = await connection.carry_wish(wish, approve=plan.approval)

        assert (done.writes_sent, len(world.rows("Archive"))) == (9, 3)


async def test_a_record_edited_since_is_left_alone_and_listed(world: World) -> None:
    email = world.emails()[0]
    async with world.open() as connection:
        wish = connection.wish_archived(connection.find_contacts([email]), reason="x")
        world.edit_contact(world.contact_id(email), tags=["typed just now"])
        report = await connection.carry_wish(wish)

        assert report.tallies[Kind.CONTACT][HIGH].skipped == 1
    assert world.by_identity(HIGH, Kind.CONTACT)[email]["tags"] == ["typed just now"]


async def test_nothing_is_written_while_the_connection_is_paused(world: World) -> None:
    async with world.open() as connection:
        connection._parts.store.set_paused(is_paused=True)
        wish = connection.wish_archived(connection.find_contacts(world.emails()[:1]), reason="")
        with pytest.raises(DecisionNeededError):
            await connection.carry_wish(wish)


@pytest.mark.parametrize(
    ("typed", "word"),
    [("nobody@example.com", "No contact"), ("", "No contact"), ("  ", "No contact")],
)
async def test_nobody_is_guessed(world: World, typed: str, word: str) -> None:
    async with world.open() as connection:
        with pytest.raises(UseError, match=word):
            connection.find_contacts([world.emails()[0], typed])


# -- any effects ----------------------------------------------------------------------------


async def test_effects_write_fields_tags_and_new_records_to_both_sides_once(
    world: World,
) -> None:
    email = world.emails()[0]
    async with world.open() as connection:
        (who,) = connection.find_contacts([email])
        effects = [
            SetFields(who, Kind.CONTACT, {"lifecycle_stage": "customer"}),
            EditTags(who, add=("vip",)),
            NewRecord(Kind.TASK, who, {"title": "Call back", "due_at": DUE}),
        ]
        plan = await connection.preview_effects(effects, reason="asked", once="modal-1")
        report = await connection.apply_effects(effects, reason="asked", once="modal-1")
        again = await connection.apply_effects(effects, reason="asked", once="modal-1")

    # The new task's twin and the contact's counts follow from it.
    assert (len(plan.writes), report.failures) == (3, ())
    assert again.writes_sent == 0
    for side in (HIGH, TIME):
        facts = world.by_identity(side, Kind.CONTACT)[email]
        assert (facts["stage"], "vip" in facts["tags"]) == ("customer", True)
        assert (email, "Call back") in world.by_identity(side, Kind.TASK)
    await world.settle(0)
    assert_converged(world)


async def test_the_same_note_asked_for_twice_on_purpose_is_two_notes(world: World) -> None:
    email = world.emails()[0]
    before = len(world.children_of(email, Kind.NOTE))
    async with world.open() as connection:
        (who,) = connection.find_contacts([email])
        note = NewRecord(Kind.NOTE, who, {"body": "Called"})
        await connection.apply_effects([note])
        await connection.apply_effects([note, note])

    assert len(world.children_of(email, Kind.NOTE)) == before + 3


async def test_what_cannot_be_asked_for_is_refused_before_anything_is_done(
    world: World,
) -> None:
    async with world.open() as connection:
        for effects in ([], [Send("url", "crm", {})]):
            with pytest.raises(UseError):
                await connection.preview_effects(effects)
            with pytest.raises(UseError):
                await connection.apply_effects(effects)
        assert connection.runs(1)[0].verb == "sync"


async def test_a_finding_names_no_rule_where_a_person_asked(world: World) -> None:
    async with world.open() as connection:
        (who,) = connection.find_contacts(world.emails()[:1])
        plan = await connection.preview_effects(
            [SetFields(who, Kind.CONTACT, {"total_tasks": 3})]
        )

    (finding,) = plan.findings
    assert finding.reason.startswith("Left it alone: ")
