"""The real thing once: two served vendors, signed webhooks, the durable engine, real time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.flows.world import SMALL
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.clients.highlevel import ContactWrite, HighLevel
from toolkit.sandbox.serve import Sandbox
from toolkit.server.process import ServeOptions, serving


async def _until(is_so, what: str, *, within_s: float = 20.0) -> None:
    deadline = asyncio.get_running_loop().time() + within_s
    while not is_so():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_contact_made_in_highlevel_stands_in_timetonic_at_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with Sandbox.running(SMALL) as sandbox, httpx.AsyncClient() as http:
        ready = sandbox.ready_line()
        await connect_sandbox(home, "main", ready)
        text = home.config_path.read_text().rstrip()
        home.config_path.write_text(f"{text}\n    webhooks: {{quiet_s: 0, cap_s: 0}}\n")
        # Connecting told it the sandbox's signing key.
        async with serving(home, ServeOptions(port=0)) as running:
            address = f"http://127.0.0.1:{running.port}"
            sandbox.webhooks.configure(target=f"{address}/webhooks/highlevel")
            contacts = SMALL.contacts + SMALL.leads - SMALL.shared
            await _until(
                lambda: len(sandbox.timetonic.state.rows("Contacts")) == contacts,
                "the first comparison comes by itself",
            )
            high = ready["highlevel"]
            async with HighLevel(
                high["token"], location_id=high["location_id"], base_url=high["base_url"]
            ) as client:
                await client.contacts.create(
                    ContactWrite(first_name="Nia", last_name="New", email="nia@example.org")
                )
            await _until(
                lambda: any(
                    row["Email"] == "nia@example.org"
                    for row in sandbox.timetonic.state.rows("Contacts").values()
                ),
                "a webhook brings it across",
            )
            store = running.service.desks[next(iter(running.service.desks))].parts.store
            await _until(lambda: not store.inbox_counts().oldest_pending_at, "nothing waits")
            readyz = await http.get(f"{address}/readyz")
            metrics = (await http.get(f"{address}/metrics")).text

    assert readyz.json() == {
        "status": "ready",
        "checks": {"store": "ok", "engine": "ok", "credentials": "ok"},
    }
    assert 'hightonic_runs_total{connection="main",state="done",verb="sync"} 1.0' in metrics
    assert 'verb="drain"' in metrics
    assert 'hightonic_lag_seconds{connection="main"}' in metrics
    assert 'outcome="created",side="timetonic"' in metrics
    assert "nia@example.org" not in metrics
