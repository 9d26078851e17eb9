"""What people write from Slack: the whole service, its durable jobs, both vendors behind it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio

from tests.flows.slack_office import SlackOffice
from tests.flows.world import World
from tests.slack_tokens import put_tokens
from toolkit.app.home import Home
from toolkit.app.wiring import Transports
from toolkit.model.chat_people import Role
from toolkit.sandbox.slack import SlackApp, SlackOptions, SlackSandbox
from toolkit.server.process import ServeOptions, serving
from toolkit.store import Store


@pytest_asyncio.fixture
async def office(world: World) -> AsyncIterator[SlackOffice]:
    """`hightonic serve` with the bot in it, by Socket Mode."""
    world.configure(schedule={"every_minutes": 1440})
    options = SlackOptions(rate_limit=False, app=SlackApp(is_socket_mode=True))
    wires = Transports(**world.sandbox.transports())
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(SlackSandbox.running(options))
        put_tokens(world.home, sandbox.workspace)
        await stack.enter_async_context(
            serving(Home(world.home), ServeOptions(port=0, transports=wires))
        )
        await sandbox.workspace.sockets.wait_connected()
        store = stack.enter_context(Store.open(world.home))
        opened = SlackOffice(world, sandbox.workspace, store, None, None, None)
        for name in ("anna", "bruno"):
            opened.link(name, Role.ADMIN)
        yield opened
        assert opened.check()


async def test_contact_is_tagged_on_both_sides_and_taken_back_by_a_click(
    office: SlackOffice,
) -> None:
    world, email = office.world, office.world.emails()[0]
    contact, row = world.contact_id(email), world.row_id(email)

    said = await office.ask("anna", f"contact tag {email} +slackers")

    assert "tags" in said
    assert "slackers" in world.high.contacts[contact].tags
    assert "slackers" in world.rows("Contacts")[row]["Tags"]
    await office.click("anna", "Undo")
    assert "slackers" not in world.high.contacts[contact].tags


async def test_task_is_made_done_and_told_in_its_line(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]

    await office.ask("anna", f'task add "Ring the bell" due=2026-12-01 contact={email}')
    task = world.task_id(email, "Ring the bell")
    shown = await office.ask("anna", f"task list contact={email}")
    await office.ask("anna", f"task done {task}")

    assert "Ring the bell" in shown
    assert world.high.tasks[task].is_completed
    assert world.row_like("Tasks", Title="Ring the bell", Done=True)


async def test_note_and_fields_are_written_on_both_sides(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]

    await office.ask("anna", f'note add {email} "Asked for the big one"')
    await office.ask("anna", f"contact edit {email} plan=Pro")

    assert world.note_id(email, "Asked for the big one")
    assert world.rows("Contacts")[world.row_id(email)]["Plan"] == "Pro"


async def test_new_contact_stands_on_both_sides(office: SlackOffice) -> None:
    world = office.world

    said = await office.ask("anna", 'contact add name="Zoe Slack" email=zoe.slack@example.org')

    assert "Zoe Slack" in said
    assert world.contact_id("zoe.slack@example.org")
    assert world.row_id("zoe.slack@example.org")


async def test_deletion_waits_for_somebody_else(office: SlackOffice) -> None:
    world = office.world
    await office.ask("anna", 'contact add name="Short Stay" email=short.stay@example.org')
    before = len(office.workspace.messages("bruno", "#ops"))

    said = await office.ask("anna", "contact delete short.stay@example.org")
    await office.hears("bruno", "#ops", after=before)
    assert world.contact_id("short.stay@example.org")
    await office.click("anna", "Approve")
    assert world.contact_id("short.stay@example.org"), "nobody approves their own request"
    await office.click("bruno", "Approve")

    assert "approve" in said.lower()
    assert "short.stay@example.org" not in world.emails()


async def test_merge_completes_one_and_marks_the_other_once_somebody_agrees(
    office: SlackOffice,
) -> None:
    world = office.world
    keep, other = world.emails()[:2]
    world.edit_contact(world.contact_id(other), tags=["from the other"])
    await office.ask("anna", "sync run")
    before = len(office.workspace.messages("bruno", "#ops"))

    await office.ask("anna", f"contact merge {keep} {other}")
    await office.hears("bruno", "#ops", after=before)
    await office.click("bruno", "Approve")

    assert "from the other" in world.high.contacts[world.contact_id(keep)].tags
    marks = world.high.contacts[world.contact_id(other)].tags
    assert any(tag.startswith("duplicate-of") for tag in marks)


async def test_conflict_is_resolved_inside_the_message(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33612345678")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33687654321"})

    card = await office.ask("anna", "sync run")
    shown = await office.ask("anna", "sync conflicts")
    await office.click("anna", "Keep TimeTonic")

    assert "conflict" in card.lower()
    assert "+33687654321" in shown
    assert world.high.contacts[world.contact_id(email)].values["phone"] == "+33687654321"


async def test_what_is_left_alone_is_not_said_to_stand_already(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    contact, row = world.contact_id(email), world.row_id(email)
    world.edit_contact(contact, phone="+33612345678")
    world.time.edit_row("Contacts", row, {"Phone": "+33687654321"})
    await office.ask("anna", "sync run")

    said = await office.ask("anna", f"contact edit {email} phone=+33600000000")

    assert world.high.contacts[contact].values["phone"] == "+33612345678"
    assert world.rows("Contacts")[row]["Phone"] == "+33687654321"
    assert "Nothing was changed" in said
    assert "not settled yet" in said
    assert "stands so already" not in said


async def test_nobody_is_asked_to_approve_what_would_do_nothing(office: SlackOffice) -> None:
    world = office.world
    world.remove_contact(world.contact_id(email := world.emails()[0]))
    await office.ask("anna", "sync run")

    said = await office.ask("anna", f"contact delete {email}")

    assert "Nothing was changed" in said
    assert "approve" not in said.lower()
    assert office.store.slack.people.waiting_approvals(office.team) == []


async def test_task_of_somebody_unknown_is_refused_not_made_without_owner(
    office: SlackOffice,
) -> None:
    world, email = office.world, office.world.emails()[0]
    before = len(world.high.tasks)

    made = await office.ask("anna", f'task add "Ring" contact={email} owner="Luc Petit"')

    assert "Nobody is named" in made
    assert len(world.high.tasks) == before


async def test_paused_connection_refuses_in_one_sentence(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    await office.ask("anna", "sync pause")

    said = await office.ask("anna", f"contact tag {email} +late")

    assert "late" not in world.high.contacts[world.contact_id(email)].tags
    assert "paused" in said.lower()
    await office.ask("anna", "sync resume")
    await office.ask("anna", f"contact tag {email} +late")
    assert "late" in world.high.contacts[world.contact_id(email)].tags


async def test_viewer_writes_nothing_and_hears_why(office: SlackOffice) -> None:
    office.link("bruno", Role.VIEWER)
    email = office.world.emails()[0]
    writes = office.world.writes()

    said = await office.ask("bruno", f"contact tag {email} +nope")

    assert "editor" in said.lower()
    assert office.world.writes() == writes


async def test_task_is_made_by_a_form_and_a_shortcut_saves_a_message_as_note(
    office: SlackOffice,
) -> None:
    world, space, email = office.world, office.workspace, office.world.emails()[0]
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "Add task")
    await space.until(lambda: space.state.top_view(office.user("anna")) is not None)
    await space.fills("anna", {"What is to be done": "Bring cake", "Due": "2026-12-02"})
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna")
    await office.hears("anna", "#ops", after=before)

    task = world.high.tasks[world.task_id(email, "Bring cake")]
    assert f"{task.due_at:%Y-%m-%d}" == "2026-12-02"


async def test_contact_is_edited_by_a_form_that_sends_only_what_was_typed_over(
    office: SlackOffice,
) -> None:
    world, space, email = office.world, office.workspace, office.world.emails()[0]
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "Edit")
    await space.until(lambda: space.state.top_view(office.user("anna")) is not None)
    await space.fills("anna", {"Source": "from the form"})
    world.edit_contact(world.contact_id(email), phone="+33612345678")
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna")
    said = await office.hears("anna", "#ops", after=before)

    assert "source" in said.lower()
    assert world.rows("Contacts")[world.row_id(email)]["Source"] == "from the form"
    assert world.high.contacts[world.contact_id(email)].values["phone"] == "+33612345678"


async def test_line_without_its_title_opens_the_form(office: SlackOffice) -> None:
    space = office.workspace

    await office.type("anna", "task add")

    await space.until(lambda: space.state.top_view(office.user("anna")) is not None)
    assert "What is to be done" in space.reads_modal("anna")


async def test_fields_of_a_conflict_are_chosen_one_by_one(office: SlackOffice) -> None:
    world, space, email = office.world, office.workspace, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33612345678")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33687654321"})
    await office.ask("anna", "sync run")
    await office.ask("anna", "sync conflicts")
    await space.clicks("anna", "Choose per field")
    await space.until(lambda: space.state.top_view(office.user("anna")) is not None)
    await space.fills("anna", {"Phone": "Another value", "The other value": "+33655555555"})
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna")
    await office.hears("anna", "#ops", after=before)

    assert world.high.contacts[world.contact_id(email)].values["phone"] == "+33655555555"


async def test_status_has_the_day_s_chart_and_a_card_the_way_to_highlevel(
    office: SlackOffice,
) -> None:
    world, email = office.world, office.world.emails()[0]
    await office.ask("anna", f"contact tag {email} +charted")

    await office.ask("anna", "sync status")
    status = office.workspace.messages("anna", "#ops")[-1].content
    await office.ask("anna", f"contact show {email}")
    card = office.workspace.messages("anna", "#ops")[-1].content

    charts = [each for each in status["blocks"] if each["type"] == "data_visualization"]
    assert [each["chart"]["series"][0]["data"][-1]["value"] > 0 for each in charts] == [True]
    assert f"/contacts/detail/{world.contact_id(email)}" in json.dumps(card)
