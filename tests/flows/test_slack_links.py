"""Links to contact pages: what stands below them, and for whom."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import World
from toolkit.model.chat_people import Role
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.sandbox.slack.values import Message
from toolkit.sandbox.slack_app import sandbox_slack

both = pytest.mark.parametrize("office", ["socket", "http"], indirect=True)


@pytest.fixture
async def office(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SlackOffice]:
    mode = getattr(request, "param", "socket")
    options = sandbox_slack(rate_limit=False)
    async with open_slack_office(world, mode=mode, options=options) as opened:
        opened.link("anna", Role.VIEWER)
        yield opened
        opened.check()


def page_of(office: SlackOffice, email: str) -> str:
    """Where HighLevel shows a contact."""
    id_ = office.world.contact_id(email)
    return f"https://app.gohighlevel.com/v2/location/anything/contacts/detail/{id_}"


async def posted(office: SlackOffice, name: str, text: str, channel: str = "#ops") -> Message:
    """A message once the bot has dealt with it."""
    message = await office.workspace.types(name, channel, text)
    assert isinstance(message, Message)
    await office.at_rest()
    return message


def below(message: Message) -> str:
    return str(message.content.get("unfurls", ""))


@both
async def test_link_says_nothing_of_a_person_and_leads_to_the_card(office: SlackOffice) -> None:
    space, (email, *_) = office.workspace, office.world.emails()
    name = office.world.high.contacts[office.world.contact_id(email)].name

    message = await posted(office, "anna", f"look: {page_of(office, email)}?tab=notes")

    assert "Show card" in below(message)
    assert name not in below(message)
    assert email not in below(message)
    before = len(space.messages("anna", "#ops"))
    await space.clicks("anna", "Show card")
    assert name in await office.hears("anna", "#ops", after=before)
    before = len(space.messages("bruno", "#ops"))
    await space.clicks("bruno", "Show card")
    refused = await office.hears("bruno", "#ops", after=before)
    assert name not in refused


async def test_card_itself_stands_where_nobody_else_reads(office: SlackOffice) -> None:
    email = office.world.emails()[0]

    message = await posted(office, "anna", page_of(office, email), "bot")

    assert email in below(message)


@pytest.mark.parametrize(
    ("name", "role", "is_linked", "channel"),
    [
        ("bruno", Role.ADMIN, False, "#ops"),
        ("bruno", Role.NOBODY, True, "#ops"),
        ("gina", Role.ADMIN, True, "#ops"),
        ("ezra", Role.ADMIN, True, "#shared"),
    ],
)
async def test_link_of_who_may_not_look_stays_a_link(
    office: SlackOffice, name: str, role: Role, is_linked: bool, channel: str
) -> None:
    email = office.world.emails()[0]
    office.link(name, role, owner_id="own_1" if is_linked else "")

    message = await posted(office, name, page_of(office, email), channel)

    assert below(message) == ""
    assert not office.workspace.calls("chat.unfurl")


async def test_link_in_a_channel_that_allows_nothing_stays_a_link(office: SlackOffice) -> None:
    office.limit("ops", Role.NOBODY)

    message = await posted(office, "anna", page_of(office, office.world.emails()[0]))

    assert below(message) == ""


@pytest.mark.parametrize(
    "tail", ["unknown", "", "abcd/settings", "{link}", "{phone}", "%00", "../../detail"]
)
async def test_other_pages_stay_links(office: SlackOffice, tail: str) -> None:
    email = office.world.emails()[0]
    contact = office.world.contact_id(email)
    memory = office.store.connection("main")
    known = memory.find_link_by_id(Kind.CONTACT, Side.HIGHLEVEL, RecordId(contact))
    phone = office.world.high.contacts[contact].values["phone"]
    words = {"link": known.id if known else "", "phone": phone}

    message = await posted(
        office, "anna", f"https://app.gohighlevel.com/v2/{tail.format(**words)}"
    )

    assert below(message) == ""


async def test_lost_scope_is_no_trouble_for_anybody(office: SlackOffice) -> None:
    office.workspace.refuse("chat.unfurl", "missing_scope")

    message = await posted(office, "anna", page_of(office, office.world.emails()[0]))

    assert below(message) == ""
    assert office.workspace.notices("anna") == []
