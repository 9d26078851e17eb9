"""Deliveries that come again, Slack that is slow, and people with impossible names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.dispatcher import Pace
from bot.service import SlackService
from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import HIGH, TIME, World
from toolkit.app.home import Home
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_people import Role
from toolkit.model.ids import Kind
from toolkit.sandbox.faults import Fault, FaultKind
from toolkit.sandbox.slack.outgoing import Kind as Told

TIMES = 20
NASTY = {
    "ten thousand letters": "n" * 10_000,
    "ten thousand emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 2_000,
    "right to left": "\u202e\u05d0\u05d1\u05d2 \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "pings": "<!channel> <!here|all> @everyone <@U0000000003>",
    "links": "<https://evil.example|Pay here> <mailto:a@b.example|you>",
    "markup": "*bold* _it_ ~gone~ `code` ```pre``` > quote &lt;!channel&gt;",
    "template": "{name} {0} %s",
}


@pytest.fixture
async def office(world: World) -> AsyncIterator[SlackOffice]:
    async with open_slack_office(world) as opened:
        opened.link("anna", Role.ADMIN)
        yield opened
        assert opened.check()


async def test_a_storm_of_the_same_delivery_writes_and_answers_once(
    office: SlackOffice,
) -> None:
    world, email = office.world, office.world.emails()[0]
    await office.ask("anna", f'note add {email} "Said once"')
    told = office.workspace.teller.told[-1]
    assert told.outgoing.kind is Told.COMMAND

    replies = await asyncio.gather(*(office.workspace.repeat(told) for _ in range(TIMES)))
    await office.at_rest()

    assert all(each.is_accepted for each in replies)
    assert len(world.by_identity(HIGH, Kind.NOTE)) == len(world.by_identity(TIME, Kind.NOTE))
    assert (email, "Said once") in world.by_identity(HIGH, Kind.NOTE)
    assert len(office.workspace.messages("anna", "#ops")) == 1


async def test_two_services_on_one_home_write_once(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    other = SlackService(Home(world.home), pace=Pace(channel_s=0))
    await other.start()
    try:
        await office.workspace.sockets.wait_connected()
        for number in range(6):
            # The one without hands only looks: what it is told is not its to do.
            await office.type("anna", f"contact find {email} {number}")
            told = office.workspace.teller.told[-1]
            await asyncio.gather(*(office.workspace.repeat(told) for _ in range(4)))
        await office.at_rest()
        assert other._listeners is not None
        await other._listeners.drain()
    finally:
        await other.stop(5)

    assert len(office.workspace.messages("anna", "#ops")) == 6


async def test_a_slow_look_at_a_person_does_not_delay_the_acknowledgement(
    office: SlackOffice,
) -> None:
    slow = Fault(FaultKind.SLOW, match="^users.info", times=0, seconds=2.0)
    office.workspace.faults.set([slow])

    reply = await office.type("anna", "contact find ada")
    await office.at_rest()

    assert reply.elapsed_s < 1.0


@pytest.mark.parametrize("name", NASTY)
async def test_whatever_somebody_is_called_the_answer_stands(
    office: SlackOffice, name: str
) -> None:
    world, email = office.world, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), firstName=NASTY[name], lastName="")
    await world.sync()

    for line in (
        f"contact find {email}",
        f"contact show {email}",
        f'task add "{NASTY[name][:200]}" due=+2d contact={email}',
        f"contact tag {email} +{name.replace(' ', '-')}",
        "task list all",
        f"note add {email} {NASTY[name][:300]}",
        f"note list {email}",
        f"contact delete {email}",
    ):
        assert await office.ask("anna", line)
    await office.at_rest()


@pytest.mark.parametrize("name", NASTY)
async def test_whatever_somebody_is_called_forms_and_the_home_tab_stand(
    office: SlackOffice, name: str
) -> None:
    world, space, email = office.world, office.workspace, office.world.emails()[0]
    contact, row = world.contact_id(email), world.row_id(email)
    world.edit_contact(contact, firstName=NASTY[name], lastName="", source=NASTY[name])
    await world.sync()
    office.settings.put_route(Route("all", office.team, office.channel("ops")))
    world.edit_contact(contact, phone="+33612345678")
    world.time.edit_row("Contacts", row, {"Phone": "+33687654321"})

    assert await office.ask("anna", "sync run")
    assert await office.ask("anna", "sync conflicts")
    await space.clicks("anna", "Choose per field")
    await space.until(lambda: space.state.top_view(office.user("anna")) is not None)
    await space.opens_home("anna")
    await space.until(lambda: space.reads_home("anna"))
    await office.type("anna", f"contact edit {email}")
    await space.until(lambda: "Save" in space.reads_modal("anna"))
    await office.at_rest()
