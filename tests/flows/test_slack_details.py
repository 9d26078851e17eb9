"""What stands behind a button: a request with its plan, an alert's keeper, a silence, what is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.flows.slack_office import SlackOffice, open_slack_office
from tests.flows.world import World
from tests.unit.bot.test_alerts import an_event, put
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_people import Role
from toolkit.sandbox.slack_app import sandbox_slack

both = pytest.mark.parametrize("office", ["socket", "http"], indirect=True)


@pytest.fixture
async def office(request: pytest.FixtureRequest, world: World) -> AsyncIterator[SlackOffice]:
    mode = getattr(request, "param", "socket")
    options = sandbox_slack(rate_limit=False)
    async with open_slack_office(world, mode=mode, options=options) as opened:
        opened.link("anna", Role.ADMIN)
        opened.link("adam", Role.APPROVER)
        yield opened
        assert opened.check()


async def modal(office: SlackOffice, name: str, words: str) -> str:
    space, user = office.workspace, office.user(name)
    await space.until(
        lambda: space.state.top_view(user) is not None and words in space.reads_modal(name)
    )
    return space.reads_modal(name)


async def asked_to_delete(office: SlackOffice) -> str:
    """Anna wants a contact deleted; Adam sees the request. The contact's address."""
    email = office.world.emails()[0]
    seen = len(office.workspace.messages("adam", "#ops"))
    await office.ask("anna", f"contact delete {email}")
    await office.hears("adam", "#ops", after=seen)
    return email


@both
async def test_request_is_read_with_its_plan_and_decided_in_a_modal(
    office: SlackOffice,
) -> None:
    space, email = office.workspace, await asked_to_delete(office)
    name = office.world.high.contacts[office.world.contact_id(email)].name

    await space.clicks("adam", "Details")
    shown = await modal(office, "adam", "Approval needed")
    assert name in shown
    assert "HighLevel" in shown
    assert "TimeTonic" in shown
    await space.clicks("adam", "Approve")
    await modal(office, "adam", "Saving")
    await office.at_rest()

    assert email not in office.world.emails()


async def test_request_is_read_with_its_plan_in_a_line_too(office: SlackOffice) -> None:
    email = await asked_to_delete(office)
    name = office.world.high.contacts[office.world.contact_id(email)].name
    (asked,) = office.store.slack.people.waiting_approvals(office.team)

    said = await office.ask("adam", f"approve show {asked.id}")

    assert name in said


async def test_details_are_for_those_who_decide(office: SlackOffice) -> None:
    space, email = office.workspace, await asked_to_delete(office)
    office.link("bruno", Role.EDITOR)

    await space.clicks("bruno", "Details")

    shown = await modal(office, "bruno", "approver")
    assert email not in shown
    assert "[Approve]" not in shown


async def test_what_is_settled_meanwhile_is_said(office: SlackOffice) -> None:
    space, world, email = office.workspace, office.world, office.world.emails()[0]
    world.edit_contact(world.contact_id(email), phone="+33612345678")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33687654321"})
    await office.ask("anna", "sync run")
    await office.ask("anna", "sync conflicts")
    place = space.messages("anna", "#ops")[-1]
    await office.click("anna", "Keep TimeTonic")

    await space.clicks("anna", "Choose per field", within=place)

    assert "settled or gone" in await modal(office, "anna", "settled")


async def test_alert_is_given_to_somebody_in_a_form(office: SlackOffice) -> None:
    space = office.workspace
    office.settings.put_route(Route("all", office.team, office.channel("ops")))
    put(office.store, an_event(happened="The key was refused"))
    await office.hears("anna")
    await space.clicks("anna", "alert.more", option="Assign")
    await modal(office, "anna", "Who looks after it")

    await space.submits("anna", {"Who looks after it": "adam"})
    await office.at_rest()

    def assigned() -> bool:
        (alert,) = office.store.slack.alerts.list_incidents(office.team)
        return alert.assigned_to == office.user("adam")

    await space.until(assigned, timeout_s=15)


async def test_channel_is_silenced_and_heard_again_from_the_home_tab(
    office: SlackOffice,
) -> None:
    space = office.workspace
    office.settings.put_route(Route("all", office.team, office.channel("ops")))
    await space.opens_home("anna")
    await space.until(lambda: "[Mute 1 h]" in space.reads_home("anna"))

    await space.clicks("anna", "Mute 1 h")
    await space.until(lambda: "[Unmute]" in space.reads_home("anna"), timeout_s=15)
    (mute,) = office.settings.mutes(office.world.clock.now())
    assert (mute.scope, mute.channel) == ("all", office.channel("ops"))

    await space.clicks("anna", "Unmute")
    await space.until(lambda: "[Mute 1 h]" in space.reads_home("anna"), timeout_s=15)
    assert office.settings.mutes(office.world.clock.now()) == ()


async def test_rehearsal_does_nothing_whatever_is_rehearsed(office: SlackOffice) -> None:
    world, email = office.world, office.world.emails()[0]
    contact = world.contact_id(email)
    await office.ask("anna", f"contact tag {email} +real")
    run = office.store.connection("main").list_runs(None)[0].id
    world.edit_contact(contact, phone="+33612345678")
    world.time.edit_row("Contacts", world.row_id(email), {"Phone": "+33687654321"})
    await office.ask("anna", "sync run")
    (clash,) = office.store.connection("main").list_conflicts()
    await office.ask("anna", f"contact delete {email}")
    (asked,) = office.store.slack.people.waiting_approvals(office.team)
    writes = world.writes()

    for line in (
        f"contact tag {email} +dry",
        f"contact delete {email}",
        "sync run",
        f"sync resolve {clash.id} highlevel",
        f"sync undo {run}",
        "sync retry",
        "sync pause",
        "audit export",
        "admin grant @bruno admin",
        "mute add all 1h",
    ):
        await office.ask("anna", f"{line} --dry-run")
    said = await office.ask("adam", f"approve yes {asked.id} --dry-run")

    assert "cannot be rehearsed" in said
    assert world.writes() == writes
    assert office.store.connection("main").list_conflicts() == [clash]
    assert not office.store.connection("main").get_switch().is_paused
    assert office.settings.mutes(world.clock.now()) == ()
    assert office.store.slack.people.waiting_approvals(office.team) == [asked]
    bruno = office.store.slack.people.find_person(office.team, office.user("bruno"))
    assert bruno is None or bruno.role is Role.NOBODY
