"""The thin way through: people type and click, the real service answers, both vendors stand behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import World
from toolkit.model.chat_people import Role

MODES = ("socket", "http")


@pytest.fixture(params=MODES)
async def office(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SlackOffice]:
    async with open_slack_office(world, mode=request.param) as opened:
        opened.link("anna", Role.ADMIN)
        yield opened
        assert opened.check()


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


async def test_health_is_told(office: SlackOffice) -> None:
    assert "main" in await office.ask("anna", "sync status")


# What has no hands yet says so and changes nothing; each line moves to a flow of its own when
# it is wired. The answer is checked, so that a wired command shows up here.
NOT_YET = (
    "contact add name=Zoe email=zoe@example.org",
    "contact edit {email} phone=+33612345678",
    "contact tag {email} +vip",
    "contact merge {email} {other}",
    "contact delete {email}",
    'task add "Call back" due=fri contact={email}',
    "task done {task}",
    'note add {email} "Asked for gold"',
    "sync run",
    "sync plan",
    "sync pause",
    "sync resume",
    "sync undo r_1",
    "sync retry",
    "audit export",
    "me link",
)


async def test_what_has_no_hands_yet_says_so_and_changes_nothing(office: SlackOffice) -> None:
    email, other = office.world.emails()[:2]
    task = next(iter(office.world.high.tasks))
    for line in NOT_YET:
        said = await office.ask("anna", line.format(email=email, other=other, task=task))
        assert "cannot be done from Slack yet" in said, (line, said)
    assert office.world.writes() == 0
