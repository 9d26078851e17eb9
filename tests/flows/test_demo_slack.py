"""What stays when the demo's story is told: a workspace with the bot in it, on one page."""

from __future__ import annotations

import asyncio
import os
import signal
from importlib.metadata import EntryPoint

import httpx
import pytest

from toolkit.app.connection import open_connection
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.cli.demo import Stage, _serve_on
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.sandbox.slack_app import sandbox_slack

SIZES = SandboxOptions(
    contacts=6,
    tasks=6,
    notes=0,
    leads=2,
    shared=1,
    rate_limit=False,
    slack=sandbox_slack(rate_limit=False),
)


@pytest.fixture
def _plugged(monkeypatch):
    """As installed, whatever this environment's metadata says."""
    point = EntryPoint("slack", "bot.entry:slack_service", "hightonic.services")
    monkeypatch.setattr("toolkit.server.services.entry_points", lambda group: [point])


@pytest.mark.usefixtures("_plugged")
async def test_a_person_opens_the_page_types_a_command_and_reads_the_answer(tmp_path):
    home = Home(tmp_path / "home")
    async with Sandbox.running(SIZES) as sandbox:
        ready = sandbox.ready_line()
        assert ready["slack"]["page_url"].startswith("http://127.0.0.1:")
        await connect_sandbox(home, "demo", ready)
        async with open_connection("demo", home=home.path) as connection:
            await connection.sync()
        going_on = asyncio.create_task(_serve_on(ready, home, Stage(is_silent=True)))
        async with httpx.AsyncClient(base_url=ready["slack"]["page_url"]) as page:
            answer = await _answered(page, "/hightonic contact find example")
            tasks = await _answered(page, "/hightonic task list all")
            status = await _answered(page, "/hightonic sync status")
        users = sandbox.highlevel.state.users
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(going_on, 20)

    assert "@example.com" in answer
    assert "last seen in step" in status
    assert [each["name"] for each in users.values() if each["name"] in tasks]
    assert not [id_ for id_ in users if id_ in tasks]


async def _answered(page, text):
    """Type as Anna in #ops until the bot is there; what the channel shows then."""
    where = {"user": "anna", "channel": "#ops"}
    before = len((await page.get("/page/state", params=where)).json()["messages"])
    for _ in range(400):
        told = await page.post("/page/act", json={"act": "type", "text": text, **where})
        if told.json().get("ending") == "accepted":
            break
        await asyncio.sleep(0.05)
    for _ in range(400):
        messages = (await page.get("/page/state", params=where)).json()["messages"]
        if len(messages) > before:
            return messages[-1]["html"]
        await asyncio.sleep(0.05)
    raise AssertionError(f"no answer to {text}")
