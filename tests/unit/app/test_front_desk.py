"""What a front end reads of a connection, and has done, inside the service."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.flows.office import open_office
from tests.flows.world import World
from toolkit.app.contact_index import fold
from toolkit.app.decisions import Decision
from toolkit.app.front_desk import FrontDesk
from toolkit.errors import DecisionNeededError, UseError
from toolkit.model.automation import EditTags, NewRecord
from toolkit.model.ids import Kind, Side


@pytest_asyncio.fixture
async def front(world: World) -> AsyncIterator[FrontDesk]:
    async with open_office(world) as office:
        (desk,) = office.service.desks.values()
        yield FrontDesk(desk, office.service.turns)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("  Ada   LOVELACE ", "ada lovelace"), ("Élodie", "elodie"), ("STRASSE", "strasse")],
)
def test_search_forgives_case_accents_and_blanks(typed: str, folded: str) -> None:
    assert fold(typed) == folded


async def test_contact_is_found_by_any_word_and_shown_with_both_sides(
    world: World, front: FrontDesk
) -> None:
    email = world.emails()[0]
    found = await front.read(lambda it: it.search(email.upper()))
    contact = await front.read(lambda it: it.find(email))
    card = await front.read(lambda it: it.card(contact))

    assert (found.total, found.hits[0].email) == (1, email)
    assert card.id == contact
    (line,) = [each for each in card.lines if each.name == "email"]
    assert set(line.shown.values()) == {email}
    assert line.is_agreed
    assert world.contact_id(email) in card.urls[Side.HIGHLEVEL]


@pytest.mark.parametrize("typed", ["nobody@example.org", ""])
async def test_nobody_and_several_are_one_sentence(front: FrontDesk, typed: str) -> None:
    with pytest.raises(UseError):
        await front.read(lambda it: it.find(typed))


async def test_tags_and_tasks_are_written_on_both_sides_once(
    world: World, front: FrontDesk
) -> None:
    email = world.emails()[0]
    contact = await front.read(lambda it: it.find(email))
    due = "2026-03-09T09:00:00Z"
    effects = [
        EditTags(contact, add=("vip",)),
        NewRecord(Kind.TASK, contact, {"title": "Ring", "due_at": due, "is_completed": False}),
    ]

    await front.edit(effects, once="trigger-1")
    writes = world.writes()
    await front.edit(effects, once="trigger-1")

    assert world.writes() == writes
    assert "vip" in world.high.contacts[world.contact_id(email)].tags
    assert world.task_id(email, "Ring")
    (task,) = [
        t for t in await front.read(lambda it: it.tasks_of(contact)) if t.title == "Ring"
    ]
    assert (task.contact != "", task.is_overdue) == (True, False)
    assert (await front.read(lambda it: it.find_task(task.id[:12]))).id == task.id
    assert "vip" in await front.read(lambda it: it.tags())


async def test_conflict_is_shown_and_resolved(world: World, front: FrontDesk) -> None:
    email = world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33612345678")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33687654321"})
    await front.sync()
    contact = await front.read(lambda it: it.find(email))
    card = await front.read(lambda it: it.conflict_card(contact))
    (line,) = card.lines

    await front.resolve([Decision(line.id, "timetonic")])

    assert world.high.contacts[world.contact_id(email)].values["phone"] == "+33687654321"
    assert (line.field, line.highlevel) == ("phone", "+33612345678")
    with pytest.raises(UseError):
        await front.read(lambda it: it.conflict_card(contact))


async def test_paused_connection_writes_nothing_and_says_why(
    world: World, front: FrontDesk
) -> None:
    contact = await front.read(lambda it: it.find(world.emails()[0]))
    await front.pause()
    writes = world.writes()

    with pytest.raises(DecisionNeededError):
        await front.edit([EditTags(contact, add=("vip",))])

    assert world.writes() == writes
    assert (await front.read(lambda it: it.state())).is_paused
    assert await front.read(lambda it: it.obstacle())
    await front.resume()
    assert not await front.read(lambda it: it.obstacle())


async def test_state_counts_what_was_written_by_the_hour(
    world: World, front: FrontDesk
) -> None:
    contact = await front.read(lambda it: it.find(world.emails()[0]))
    await front.edit([EditTags(contact, add=("hourly",))])

    state = await front.read(lambda it: it.state())

    assert state.hourly[-1] >= 2
    assert (state.queued, state.conflicts, state.is_paused) == (0, 0, False)


async def test_new_contact_stands_on_both_sides_once(world: World, front: FrontDesk) -> None:
    values = {"name": "Nia Okafor", "email": "nia.okafor@example.org", "tags": ("web lead",)}

    report = await front.add_contact(values, once="modal-7")
    writes = world.writes()
    await front.add_contact(values, once="modal-7")

    assert world.writes() == writes
    assert not report.failures
    contact = await front.read(lambda it: it.find("nia okafor"))
    assert world.high.contacts[world.contact_id("nia.okafor@example.org")].tags == ["web lead"]
    assert (
        world.rows("Contacts")[world.row_id("nia.okafor@example.org")]["Name"] == "Nia Okafor"
    )
    await front.undo(report.run_id)
    assert "nia.okafor@example.org" not in world.emails()
    assert contact


async def test_contact_that_is_there_already_is_paired_not_doubled(
    world: World, front: FrontDesk
) -> None:
    world.add_contact("already.there@example.org")

    await front.add_contact(
        {"name": "A. There", "email": "already.there@example.org"}, once="m"
    )
    await front.sync()

    assert world.contact_id("already.there@example.org")
    assert world.row_id("already.there@example.org")


async def test_deleted_task_is_gone_on_both_sides_and_comes_back_by_undo(
    world: World, front: FrontDesk
) -> None:
    task = (await front.read(lambda it: it.tasks(is_open=False)))[0]
    link = await front.read(lambda it: it.find_task(task.id))
    before = len(world.rows("Tasks"))

    report = await front.delete(Kind.TASK, link.id, once="x1")

    assert link.highlevel_id not in world.high.tasks
    assert len(world.rows("Tasks")) == before - 1
    await front.sync()
    assert len(world.rows("Tasks")) == before - 1
    await front.undo(report.run_id)
    assert len(world.rows("Tasks")) == before
    assert task.title in {each.title for each in world.high.tasks.values()}


async def test_contact_whose_notes_stand_nowhere_else_is_not_deleted(
    world: World, front: FrontDesk
) -> None:
    email = world.emails()[0]
    contact = await front.read(lambda it: it.find(email))
    world.add_note(world.contact_id(email), "Seen by nobody else")

    report = await front.delete(Kind.CONTACT, contact, once="d1")

    assert report.writes_sent == 0
    assert report.findings
    assert world.contact_id(email)
    assert world.row_id(email)
    assert world.note_id(email, "Seen by nobody else")


async def test_deleted_contact_is_gone_on_both_sides(world: World, front: FrontDesk) -> None:
    made = {"name": "Short Stay", "email": "short.stay@example.org"}
    await front.add_contact(made, once="a")
    contact = await front.read(lambda it: it.find("short.stay@example.org"))

    await front.delete(Kind.CONTACT, contact, once="d2")
    await front.sync()

    assert "short.stay@example.org" not in {
        each.values.get("email") for each in world.high.contacts.values()
    }
    assert "short.stay@example.org" not in {
        row["Email"] for row in world.rows("Contacts").values()
    }
