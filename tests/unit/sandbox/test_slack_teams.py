"""Two workspaces, one app: tokens, ids and pages are told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from tests.unit.sandbox.slack_caller import OPS
from toolkit.sandbox.slack import SlackOptions, SlackSandbox, SlackWorkspace
from toolkit.sandbox.slack.outgoing import Ending, Outgoing, Reply
from toolkit.sandbox.slack.seeding import BOT_TOKEN, CLIENT


class Line:
    """Takes everything."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []

    async def tell(self, outgoing: Outgoing, *, within_s: float) -> Reply:
        self.got.append(outgoing.payload)
        return Reply(Ending.ACCEPTED)


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox.running(SlackOptions(rate_limit=False)) as running:
        running.workspace.teller.line = Line()
        yield running


async def call(sandbox: SlackSandbox, method: str, *, token: str = "", **arguments: Any) -> Any:
    base_url = sandbox.workspace.credentials.base_url
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=base_url, headers=headers) as client:
        return (await client.post(method, data=arguments)).json()


async def install(sandbox: SlackSandbox, workspace: SlackWorkspace) -> Any:
    """Through Slack's own screen, as a person does."""
    asked = {
        "client_id": CLIENT[0],
        "team": workspace.state.team.id,
        "redirect_uri": "http://127.0.0.1:1/back",
    }
    async with httpx.AsyncClient(base_url=sandbox.page_url) as client:
        sent_back = await client.get("/oauth/v2/authorize", params=asked)
    code = httpx.URL(sent_back.headers["location"]).params["code"]
    return await call(
        sandbox, "oauth.v2.access", code=code, client_id=CLIENT[0], client_secret=CLIENT[1]
    )


async def test_an_app_is_installed_in_a_second_workspace(sandbox: SlackSandbox) -> None:
    other = sandbox.workspace.add_workspace()
    await other.types("anna", "#ops", "/hightonic too early")
    granted = await install(sandbox, other)
    token = granted["access_token"]

    who = await call(sandbox, "auth.test", token=token)
    first = await call(sandbox, "auth.test", token=BOT_TOKEN)

    assert other.notices("anna") == ["/hightonic is not a valid command."]
    assert granted["team"] == {"id": "T0000000002", "name": "Sandbox 2"}
    assert (who["team_id"], first["team_id"]) == ("T0000000002", "T0000000001")
    assert who["user_id"] != first["user_id"]


async def test_what_is_said_in_one_workspace_stays_there(sandbox: SlackSandbox) -> None:
    other = sandbox.workspace.add_workspace()
    token = (await install(sandbox, other))["access_token"]

    posted = await call(sandbox, "chat.postMessage", token=token, channel="#ops", text="two")
    astray = await call(sandbox, "chat.postMessage", token=token, channel=OPS, text="one")
    await other.types("anna", "#ops", "/hightonic help")

    assert posted["channel"] != OPS
    assert astray["error"] == "channel_not_found"
    assert sandbox.workspace.reads("anna", "#ops") == []
    assert other.reads("anna", "#ops") == ["two"]
    line = sandbox.workspace.teller.line
    assert isinstance(line, Line)
    command = line.got[-1]
    assert command["team_id"] == "T0000000002"
    async with httpx.AsyncClient() as client:
        await client.post(command["response_url"], json={"text": "answer"})
    assert other.reads("anna", "#ops") == ["two", "answer"]


async def test_files_go_where_their_token_belongs(sandbox: SlackSandbox) -> None:
    other = sandbox.workspace.add_workspace()
    token = (await install(sandbox, other))["access_token"]
    asked = await call(
        sandbox, "files.getUploadURLExternal", token=token, filename="a.csv", length=1
    )

    async with httpx.AsyncClient() as client:
        sent = await client.post(asked["upload_url"], content=b"a")

    assert sent.status_code == 200
    assert other.state.files[asked["file_id"]]["content"] == b"a"


async def test_removal_in_one_leaves_the_other(sandbox: SlackSandbox) -> None:
    other = sandbox.workspace.add_workspace()
    token = (await install(sandbox, other))["access_token"]
    line = sandbox.workspace.teller.line
    assert isinstance(line, Line)

    await other.channels.uninstall()
    await other.types("anna", "#ops", "hello")

    assert (await call(sandbox, "auth.test", token=token))["ok"] is False
    assert (await call(sandbox, "auth.test", token=BOT_TOKEN))["ok"]
    assert [one["event"]["type"] for one in line.got] == ["tokens_revoked", "app_uninstalled"]
    assert {one["team_id"] for one in line.got} == {"T0000000002"}


async def test_the_page_shows_the_workspace_that_is_asked_for(sandbox: SlackSandbox) -> None:
    other = sandbox.workspace.add_workspace()
    second = {"team": other.state.team.id, "user": "anna"}
    async with httpx.AsyncClient(base_url=sandbox.page_url) as browser:
        await browser.post(
            "/page/act", json={**second, "act": "type", "channel": "#ops", "text": "here"}
        )
        shown = (await browser.get("/page/state", params={**second, "channel": "#ops"})).json()
        first = (await browser.get("/page/state", params={"user": "anna"})).json()

    assert shown["team"] == "T0000000002"
    assert [one["name"] for one in shown["teams"]] == ["Sandbox", "Sandbox 2"]
    assert "here" in shown["messages"][0]["html"]
    assert first["messages"] == []
