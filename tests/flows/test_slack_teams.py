"""One service, two workspaces that install the app while it serves: nobody hears the other."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import pytest

from bot.settings import Settings
from tests.flows.slack_office import MODES
from tests.flows.test_slack_linking import _free_port
from tests.unit.bot.test_alerts import an_event, put
from toolkit.app.connection import open_connection
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.app.slack_keys import AppKeys
from toolkit.app.slack_setup import connect_distributed
from toolkit.model.chat_alerts import Route
from toolkit.model.chat_people import Person, Role
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.sandbox.slack import SlackSandbox, SlackWorkspace
from toolkit.sandbox.slack_app import sandbox_slack
from toolkit.server.process import ServeOptions, serving
from toolkit.store import Store

SIZES = SandboxOptions(contacts=2, tasks=0, notes=0, leads=0, shared=0, rate_limit=False)


@dataclass
class Town:
    """Two workspaces, and the service they both may install."""

    spaces: tuple[SlackWorkspace, SlackWorkspace]
    store: Store
    url: str
    email: str

    async def install(self, space: SlackWorkspace) -> None:
        """As its owner does, in a browser."""
        async with httpx.AsyncClient() as browser:
            begun = await browser.get(
                f"{self.url}/slack/install", params={"team": space.state.team.id}
            )
            cookie = {"cookie": begun.headers["set-cookie"].partition(";")[0]}
            consent = await browser.get(begun.headers["location"])
            done = await browser.get(consent.headers["location"], headers=cookie)
        assert done.status_code == 200, done.text
        team = space.state.team.id
        anna = next(each.id for each in space.state.people.values() if each.name == "anna")
        self.store.slack.people.put_person(Person(team, anna, Role.ADMIN, "own_1"))
        ops = space.state.find_channel("ops")
        assert ops is not None
        Settings(self.store.slack.people, team).put_route(Route("all", team, ops.id))


async def ask(space: SlackWorkspace, text: str, channel: str = "#ops") -> str:
    before = len(space.messages("anna", channel))
    await space.types("anna", channel, text)
    return await hears(space, channel, after=before)


async def hears(space: SlackWorkspace, channel: str = "#ops", *, after: int = 0) -> str:
    await space.until(lambda: len(space.messages("anna", channel)) > after, timeout_s=15)
    return space.reads("anna", channel)[-1]


@pytest.fixture(params=MODES)
def town(request, tmp_path):
    """The real service of an app that nobody has installed yet."""

    @asynccontextmanager
    async def opened():
        home, port = Home(tmp_path / "home"), _free_port()
        url, is_socket = f"http://127.0.0.1:{port}", request.param == "socket"
        options = sandbox_slack(rate_limit=False)
        app = replace(options.app, is_socket_mode=is_socket, rotates_tokens=True)
        async with AsyncExitStack() as stack:
            vendors = await stack.enter_async_context(Sandbox.running(SIZES))
            slack = await stack.enter_async_context(
                SlackSandbox.running(replace(options, app=app))
            )
            one, two = slack.workspace, slack.workspace.add_workspace()
            await one.channels.uninstall()
            await connect_sandbox(home, "main", vendors.ready_line())
            async with open_connection("main", home=home.path) as connection:
                await connection.sync()
            held = one.credentials
            connect_distributed(
                home,
                AppKeys(
                    app_token=held.app_token if is_socket else "",
                    signing_secret=held.signing_secret,
                    client_id=held.client_id,
                    client_secret=held.client_secret,
                    base_url=held.base_url,
                    public_url=url,
                ),
            )
            await stack.enter_async_context(serving(home, ServeOptions(port=port)))
            if is_socket:
                await one.sockets.wait_connected()
            else:
                one.reach_by_http(f"{url}/slack/events")
            store = stack.enter_context(Store.open(home.path))
            email = next(iter(vendors.highlevel.state.contacts.values())).values["email"]
            yield Town((one, two), store, url, str(email))

    return opened


async def test_each_workspace_is_served_by_its_own_token_from_the_moment_it_installs(town):
    async with town() as there:
        for number, space in enumerate(there.spaces):
            await there.install(space)

            assert there.email in await ask(space, f"/hightonic contact find {there.email}")
            said = await ask(space, f'/hightonic note add {there.email} "from {number}"')
            assert "note" in said.lower()
            assert there.email in await ask(space, f"contact find {there.email}", "bot")
            assert "sync" in (await ask(space, "@hightonic sync status")).lower()
            await space.opens_home("anna")
            await space.until(lambda space=space: space.reads_home("anna"), timeout_s=15)
            await space.types("anna", "#ops", "/hightonic task add")
            await space.until(lambda space=space: space.calls("views.open"), timeout_s=15)

        before = [len(space.messages("bruno", "#ops")) for space in there.spaces]
        put(there.store, an_event(happened="The key was refused"))
        for space, seen in zip(there.spaces, before, strict=True):
            await space.until(
                lambda space=space, seen=seen: len(space.messages("bruno", "#ops")) > seen,
                timeout_s=15,
            )
            assert "The key was refused" in space.reads("bruno", "#ops")[-1]

        await there.spaces[0].channels.uninstall()
        assert there.email in await ask(
            there.spaces[1], f"/hightonic contact find {there.email}"
        )
        refused = [
            (call.method, call.error)
            for call in there.spaces[1].state.calls
            if call.error and call.method != "oauth.v2.access"
        ]

    assert refused == []
    for space in there.spaces:
        assert len(space.calls("views.publish")) == 1
        assert len(space.calls("views.open")) == 1
