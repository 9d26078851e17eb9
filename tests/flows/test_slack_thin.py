"""The thin way through: people type and click, the real service answers, both vendors stand behind it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import HIGH, TIME, World, assert_converged
from tests.sampling import IS_EXHAUSTIVE
from toolkit.model.chat_people import Role
from toolkit.model.ids import Kind

MODES = ("socket", "http")


both = pytest.mark.parametrize("office", MODES, indirect=True)
"""Over HTTP as well; everything is when all is asked for."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    is_said = any(each.name == "parametrize" for each in metafunc.definition.iter_markers())
    if "office" in metafunc.fixturenames and not is_said:
        metafunc.parametrize("office", MODES if IS_EXHAUSTIVE else MODES[:1], indirect=True)


@pytest.fixture
async def office(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SlackOffice]:
    async with open_slack_office(world, mode=request.param) as opened:
        opened.link("anna", Role.OPERATOR)
        opened.link("olivia", Role.ADMIN)
        opened.link("adam", Role.APPROVER)
        yield opened
        assert opened.check()


@both
async def test_a_contact_is_found_and_both_sides_are_shown(office: SlackOffice) -> None:
    email = office.world.emails()[0]
    name = office.world.high.contacts[office.world.contact_id(email)].name

    found = await office.ask("anna", f"contact find {email}")
    shown = await office.ask("anna", f"contact show {email}")

    for card in (found, shown):
        assert name in card
        assert email in card
        assert "HighLevel" in card
        assert "TimeTonic" in card
    assert office.workspace.reads("bruno", "#ops") == []
    assert office.world.writes() == 0


@both
async def test_a_tag_stands_on_both_sides_and_undo_takes_it_back(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    before = world.by_identity(HIGH, Kind.CONTACT)[email]["tags"]

    said = await office.ask("anna", f"contact tag {email} +shown-in-slack")

    assert "[Undo]" in said
    for side in (HIGH, TIME):
        assert "shown-in-slack" in world.by_identity(side, Kind.CONTACT)[email]["tags"]
    assert world.writes() == 2

    await office.click("anna", "Undo")
    for side in (HIGH, TIME):
        assert world.by_identity(side, Kind.CONTACT)[email]["tags"] == before
    assert_converged(world)


async def test_undo_belongs_to_who_did_it(office: SlackOffice) -> None:
    email = office.world.emails()[0]
    office.link("bruno", Role.EDITOR)
    await office.ask("anna", f"contact tag {email} +mine --here")
    writes = office.world.writes()
    run = office.store.connection("main").list_runs(None)[0].id

    said = await office.ask("bruno", f"write undo {run}")

    assert "Undone" not in said
    assert office.world.writes() == writes


async def test_a_task_is_made_and_done(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]

    await office.ask("anna", f'task add "Call from Slack" due=+2d contact={email}')
    for side in (HIGH, TIME):
        assert not world.by_identity(side, Kind.TASK)[email, "Call from Slack"]["done"]
    listed = await office.ask("anna", "task list all")
    assert "Call from Slack" in listed

    task = world.task_id(email, "Call from Slack")
    await office.ask("anna", f"task done {task}")
    for side in (HIGH, TIME):
        assert world.by_identity(side, Kind.TASK)[email, "Call from Slack"]["done"]


async def test_a_note_is_added(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]

    await office.ask("anna", f'note add {email} "Asked for gold, from Slack"')

    for side in (HIGH, TIME):
        assert (email, "Asked for gold, from Slack") in world.by_identity(side, Kind.NOTE)
    assert "Asked for gold, from Slack" in await office.ask("anna", f"note list {email}")


async def test_a_sync_is_planned_then_run(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33612345678")

    planned = await office.ask("anna", "sync plan")
    assert "1" in planned
    assert world.writes() == 0
    await office.ask("anna", "sync run")

    assert world.by_identity(TIME, Kind.CONTACT)[email]["phone"] == "+33612345678"
    assert_converged(world)
    assert "main" in await office.ask("anna", "sync status")


async def test_a_paused_connection_writes_nothing_until_it_is_resumed(
    office: SlackOffice,
) -> None:
    world, email = office.world, office.world.emails()[0]

    await office.ask("anna", "sync pause")
    said = await office.ask("anna", f"contact tag {email} +paused")
    assert world.writes() == 0, said

    await office.ask("anna", "sync resume")
    await office.ask("anna", f"contact tag {email} +resumed")
    assert world.writes() == 2


@both
async def test_a_conflict_is_settled_inside_the_message(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33611111111")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33622222222"})
    await office.ask("anna", "sync run")

    shown = await office.ask("anna", "sync conflicts")
    assert "+33611111111" in shown
    assert "+33622222222" in shown
    labels = re.findall(r"\[([^\]]*TimeTonic[^\]]*)\]", shown)
    await office.click("anna", labels[0])

    for side in (HIGH, TIME):
        assert world.by_identity(side, Kind.CONTACT)[email]["phone"] == "+33622222222"


@both
async def test_a_risky_plan_waits_for_somebody_else(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]

    await office.ask("olivia", f"contact delete {email}")
    await _seen(office, "olivia", "[Approve]")
    await office.workspace.clicks("olivia", "Approve")
    await office.at_rest()
    assert world.writes() == 0

    await office.workspace.clicks("adam", "Approve")
    await office.at_rest()
    for side in (HIGH, TIME):
        assert email not in world.by_identity(side, Kind.CONTACT)


async def test_what_changed_since_is_not_carried_out(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]

    await office.ask("olivia", f"contact delete {email}")
    await _seen(office, "olivia", "[Approve]")
    world.edit_contact(world.contact_id(email), phone="+33699999999")
    await world.sync()
    writes = world.writes()

    await office.workspace.clicks("adam", "Approve")
    await office.at_rest()
    assert world.writes() == writes
    for side in (HIGH, TIME):
        assert email in world.by_identity(side, Kind.CONTACT)


async def test_undo_ends_after_ten_minutes(
    office: SlackOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = office.world.emails()[0]
    await office.ask("anna", f"contact tag {email} +late")
    writes = office.world.writes()
    monkeypatch.setattr("bot.commands.promises.UNDO_WITHIN", timedelta(0))

    await office.click("anna", "Undo")
    assert office.world.writes() == writes


async def _seen(office: SlackOffice, name: str, text: str) -> None:
    await office.workspace.until(
        lambda: any(text in each for each in office.workspace.reads(name, "#ops")),
        timeout_s=15,
    )
