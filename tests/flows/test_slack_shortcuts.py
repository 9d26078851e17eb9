"""Shortcuts, whole: a new task, a message that becomes a note or a task; typed or on the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import HIGH, TIME, World
from toolkit.model.chat_people import Role
from toolkit.model.ids import Kind
from toolkit.sandbox.slack.values import Message
from toolkit.sandbox.slack_app import sandbox_slack

both = pytest.mark.parametrize("office", ["socket", "http"], indirect=True)


@pytest.fixture
async def office(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SlackOffice]:
    mode = getattr(request, "param", "socket")
    options = sandbox_slack(rate_limit=False)
    async with open_slack_office(world, mode=mode, options=options) as opened:
        opened.link("anna", Role.EDITOR)
        yield opened
        assert opened.check()


def name_of(office: SlackOffice, email: str) -> str:
    return office.world.high.contacts[office.world.contact_id(email)].name


async def form(office: SlackOffice, name: str = "anna") -> str:
    """The form once it is open."""
    space, user = office.workspace, office.user(name)
    await space.until(lambda: space.state.top_view(user) is not None)
    return space.reads_modal(name)


async def said(office: SlackOffice, text: str) -> Message:
    """Bruno writes in #ops."""
    message = await office.workspace.types("bruno", "#ops", text)
    assert isinstance(message, Message)
    return message


@both
async def test_new_task_from_anywhere_is_made_and_told_to_who_made_it(
    office: SlackOffice,
) -> None:
    space, world, email = office.workspace, office.world, office.world.emails()[0]
    await space.uses_shortcut("anna", "task_new")
    await form(office)

    fields = {"What is to be done": "Send the offer", "Due": "2026-12-03"}
    await space.submits("anna", {**fields, "Contact": name_of(office, email), "Time": "09:30"})
    await space.until(lambda: space.reads("anna", "bot"), timeout_s=15)

    assert "Send the offer" in space.reads("anna", "bot")[-1]
    for side in (HIGH, TIME):
        assert not world.by_identity(side, Kind.TASK)[email, "Send the offer"]["done"]
    due = world.high.tasks[world.task_id(email, "Send the offer")].due_at
    assert (due.hour, due.minute) != (17, 0), "the hour that was chosen counts"


@both
async def test_message_becomes_a_note_that_leads_back_to_it(office: SlackOffice) -> None:
    space, world, email = office.workspace, office.world, office.world.emails()[0]
    message = await said(office, "She & <Co> want *gold*,\nsays @anna in #general")
    await space.uses_shortcut("anna", "note_from_message", message=message)
    assert "She & <Co> want *gold*," in await form(office)
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Contact": name_of(office, email)})
    await office.hears("anna", "#ops", after=before)

    bodies = [body for who, body in world.by_identity(HIGH, Kind.NOTE) if who == email]
    (body,) = [each for each in bodies if "She & <Co>" in each]
    assert "says @Anna Member in #general" in body
    assert f"slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}" in body


@both
async def test_message_becomes_a_task_with_a_short_title(office: SlackOffice) -> None:
    space, world, email = office.workspace, office.world, office.world.emails()[0]
    message = await said(office, f"{'Call them back about the very long contract ' * 4}\nsoon")
    await space.uses_shortcut("anna", "task_from_message", message=message)
    await form(office)
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Contact": name_of(office, email), "Due": "2026-12-04"})
    await office.hears("anna", "#ops", after=before)

    (task,) = [
        each
        for each in world.high.tasks.values()
        if each.title.startswith("Call them back about the very")
    ]
    assert len(task.title) <= 81
    assert "soon" in task.body
    assert "/archives/" in task.body


async def test_message_is_saved_also_where_slack_gives_no_address(office: SlackOffice) -> None:
    space, email = office.workspace, office.world.emails()[0]
    space.refuse("chat.getPermalink", "channel_not_found")
    await space.uses_shortcut("anna", "note_from_message", message=await said(office, "Gold"))
    await form(office)
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Contact": name_of(office, email)})

    assert "saved" in await office.hears("anna", "#ops", after=before)


async def test_what_a_form_holds_is_written_letter_by_letter(office: SlackOffice) -> None:
    space, world, email = office.workspace, office.world, office.world.emails()[0]
    odd = 'He said "5 &lt; 6 &amp; 7" \\ <@U0000000003> --here key=value'
    await office.ask("anna", f"contact show {email}")
    await space.clicks("anna", "contact.more", option="Add note")
    await form(office)
    before = len(space.messages("anna", "#ops"))

    await space.submits("anna", {"Note": odd})
    await office.hears("anna", "#ops", after=before)

    notes = world.high.notes[world.contact_id(email)].values()
    assert odd in {each.body for each in notes}


async def test_shortcut_used_twice_by_one_delivery_opens_one_form(office: SlackOffice) -> None:
    space = office.workspace
    await space.uses_shortcut("anna", "task_new")
    await form(office)

    await space.repeat(space.teller.told[-1])
    await office.at_rest()

    assert len(space.calls("views.open")) == 1


class LocalPage:
    """The sandbox's page, as its script uses it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def act(self, act: str, **what: Any) -> dict[str, Any]:
        answer = await self._client.post("/page/act", json={"act": act, "user": "anna", **what})
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def state(self) -> dict[str, Any]:
        where = {"user": "anna", "channel": "#ops"}
        found: dict[str, Any] = (await self._client.get("/page/state", params=where)).json()
        return found

    async def shows(self, words: str) -> str:
        """The modal, once it says this."""
        for _ in range(200):
            modal = (await self.state())["modal"] or {"html": ""}
            if words in modal["html"]:
                return str(modal["html"])
            await asyncio.sleep(0.02)
        raise AssertionError(f"the page never showed {words}")


async def test_page_offers_the_shortcuts_and_leads_through_a_form(office: SlackOffice) -> None:
    space, email = office.workspace, office.world.emails()[0]
    message = await said(office, "Wants a call on Friday")
    async with httpx.AsyncClient(base_url=space.state.base_url) as client:
        page = LocalPage(client)
        names = {each["name"] for each in (await page.state())["shortcuts"]}
        assert names == {"New task", "Save as note", "Task from message"}
        place = f"message:{message.channel}:{message.ts}"
        await page.act("shortcut", callback_id="note_from_message", place=place)
        await page.shows("Wants a call on Friday")
        at = {"place": f"view:{space.modal('anna').id}", "block": "contact", "action": "v"}
        offered = (await page.act("suggest", typed=name_of(office, email), **at))["options"]
        await page.act("choose", value=offered[0]["value"], **at)
        before = len(space.messages("anna", "#ops"))
        await page.act("submit")
        await office.hears("anna", "#ops", after=before)

    notes = office.world.by_identity(HIGH, Kind.NOTE)
    assert any("Wants a call on Friday" in body for _, body in notes)


async def test_page_warns_of_a_duplicate_while_somebody_types(office: SlackOffice) -> None:
    space, email = office.workspace, office.world.emails()[0]
    await office.type("anna", "contact add")
    await form(office)
    async with httpx.AsyncClient(base_url=space.state.base_url) as client:
        page = LocalPage(client)
        shown = await page.shows("E-mail")
        assert shown.count('data-live="1"') == 2, "e-mail and phone are sent as they are typed"
        at = {"place": f"view:{space.modal('anna').id}", "block": "email", "action": "v"}
        await page.act("choose", value=email, **at)

        told = await page.shows("has this e-mail already")

    assert "Show card" in told
    assert email in told, "what was typed stays"
