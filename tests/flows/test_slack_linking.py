"""Who people are, said in Slack and on the page, over the whole service; and the app removed."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint

import httpx
import pytest

from toolkit.app.connection import open_connection
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.app.setup_desk import open_whole
from toolkit.app.slack_keys import SlackKeys
from toolkit.app.slack_people import LinkingRule, list_owners, put_linking_rule
from toolkit.app.slack_setup import SlackTokens, connect_slack
from toolkit.clients.pacing import SystemClock
from toolkit.model.chat_people import Person, Role
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.sandbox.slack import SlackSandbox, SlackWorkspace
from toolkit.sandbox.slack_app import sandbox_slack
from toolkit.server.process import ServeOptions, serving

SIZES = SandboxOptions(contacts=2, tasks=0, notes=0, leads=0, shared=0, rate_limit=False)
TEAM, ANNA, GINA = "T0000000001", "U0000000003", "U0000000005"


@dataclass
class Office:
    workspace: SlackWorkspace
    home: Home

    async def ask(self, name, text):
        """A command and what its answer says."""
        before = len(self.workspace.messages(name, "#ops"))
        await self.workspace.types(name, "#ops", f"/hightonic {text}")
        await self.workspace.until(
            lambda: len(self.workspace.messages(name, "#ops")) > before, timeout_s=15
        )
        return self.workspace.reads(name, "#ops")[-1]

    def look(self, read):
        with open_whole(self.home) as (store, vault):
            return read(store, SlackKeys(store, vault, clock=SystemClock()))

    def person(self, user=ANNA):
        return self.look(lambda store, _: store.slack.people.find_person(TEAM, user))


@pytest.fixture
def at_work(tmp_path, monkeypatch):
    """`async with at_work("socket")`: the real service, with the bot in a workspace."""
    point = EntryPoint("slack", "bot.entry:slack_service", "hightonic.services")
    monkeypatch.setattr("toolkit.server.services.entry_points", lambda group: [point])

    @asynccontextmanager
    async def opened(mode="socket"):
        home, port = Home(tmp_path / "home"), _free_port()
        url = f"http://127.0.0.1:{port}"
        options = sandbox_slack(rate_limit=False)
        options = replace(options, app=replace(options.app, is_socket_mode=mode == "socket"))
        async with Sandbox.running(SIZES) as vendors, SlackSandbox.running(options) as slack:
            await connect_sandbox(home, "main", vendors.ready_line())
            async with open_connection("main", home=home.path) as connection:
                await connection.sync()
            held = slack.workspace.credentials
            tokens = SlackTokens(
                bot_token=held.bot_token,
                app_token=held.app_token if mode == "socket" else "",
                signing_secret=held.signing_secret,
            )
            await connect_slack(home, tokens, base_url=held.base_url, public_url=url)
            async with serving(home, ServeOptions(port=port)):
                if mode == "socket":
                    await slack.workspace.sockets.wait_connected()
                else:
                    slack.workspace.reach_by_http(f"{url}/slack/events")
                yield Office(slack.workspace, home)

    return opened


def _free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_who_has_the_same_address_in_highlevel_is_linked_and_then_a_role_counts(
    at_work, mode
):
    async with at_work(mode) as office:
        owner = office.look(lambda store, _: list_owners(store, ("main",)))[0]
        office.workspace.state.people[ANNA].email = owner.email.upper()
        granted = Person(TEAM, ANNA, Role.VIEWER)
        office.look(lambda store, _: store.slack.people.put_person(granted))

        refused = await office.ask("anna", "contact find example")
        told = await office.ask("anna", "me link")
        found = await office.ask("anna", "contact find example")
        stranger = await office.ask("bruno", "me link")
        guest = await office.ask("gina", "me link")

    assert "@example.com" not in refused
    assert f"You are linked to {owner.name}" in told
    assert "@example.com" in found
    assert office.person().owner_id == owner.id
    assert "administrat" in stranger  # Bruno reads French
    assert not office.person(GINA).is_linked
    assert "You are linked" not in guest


async def test_a_person_says_so_on_a_page_that_is_theirs_alone(at_work):
    async with at_work() as office:
        office.look(
            lambda store, _: put_linking_rule(store.slack.people, TEAM, LinkingRule.URL)
        )
        owner = office.look(lambda store, _: list_owners(store, ("main",)))[1]

        told = await office.ask("anna", "me link")
        shown = office.workspace.messages("anna", "#ops")[-1]
        url = next(
            each["url"]
            for block in shown.blocks
            for each in block.get("elements", [])
            if each.get("url")
        )
        async with httpx.AsyncClient() as browser:
            page = await browser.get(url)
            done = await browser.post(url, data={"owner": owner.id})
            again = await browser.post(url, data={"owner": owner.id})

    assert "ten minutes" in told
    assert owner.name in page.text
    assert [done.status_code, again.status_code] == [200, 410]
    assert office.person().owner_id == owner.id


async def test_a_workspace_that_removes_the_app_is_forgotten(at_work):
    async with at_work() as office:
        await office.ask("anna", "me")
        assert office.look(lambda _, keys: keys.teams()) == [TEAM]
        await office.workspace.channels.uninstall()
        await office.workspace.until(
            lambda: office.look(lambda _, keys: keys.teams()) == [], timeout_s=15
        )

    assert office.person() is None
