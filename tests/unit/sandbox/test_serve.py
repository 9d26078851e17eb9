"""The sandbox over TCP: both vendors, the control door, cut connections, a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.serve import Sandbox, SandboxOptions, _open_next

SMALL = SandboxOptions(contacts=5, tasks=2, notes=2, leads=4, shared=2)


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(SMALL) as running:
        yield running


@pytest_asyncio.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    line = sandbox.ready_line()["highlevel"]
    headers = {"Authorization": f"Bearer {line['token']}", "Version": "2021-07-28"}
    async with httpx.AsyncClient(
        base_url=line["base_url"], headers=headers, timeout=0.3
    ) as one:
        yield one


def test_ready_line_has_exactly_the_published_keys() -> None:
    line = Sandbox(SMALL).ready_line()

    assert {
        name: sorted(part) if isinstance(part, dict) else str for name, part in line.items()
    } == {
        "highlevel": [
            "base_url",
            "client_id",
            "client_secret",
            "location_id",
            "refresh_token",
            "token",
            "webhook_key",
        ],
        "timetonic": ["book_code", "book_owner", "sesskey", "tables", "url", "user"],
        "control_url": str,
    }
    assert sorted(line["timetonic"]["tables"]) == [
        "Appointments",
        "Archive",
        "Contacts",
        "Metrics",
        "Notes",
        "Tasks",
    ]


async def test_both_vendors_answer_on_their_ports(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    line = sandbox.ready_line()
    location = line["highlevel"]["location_id"]
    tonic = line["timetonic"]
    form = {"req": "getUserInfo", "o_u": tonic["user"], "sesskey": tonic["sesskey"]}

    contacts = await client.post(
        "/contacts/search", json={"locationId": location, "pageLimit": 9}
    )
    user = await client.post(tonic["url"], data=form)

    assert contacts.json()["total"] == 5
    assert user.json()["status"] == "ok"
    assert httpx.URL(tonic["url"]).port != httpx.URL(line["highlevel"]["base_url"]).port


async def test_control_door_tells_and_sets(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    door = sandbox.ready_line()["control_url"]
    before = sandbox.clock.now()
    await client.get("/contacts/none")

    asked = (await client.get(f"{door}/requests")).json()
    emptied = await client.delete(f"{door}/requests")
    state = (await client.get(f"{door}/state")).json()
    put = await client.put(f"{door}/faults", json=[{"kind": "429", "match": "get-contact"}])
    refused = await client.put(f"{door}/faults", content=b"{")
    hit = await client.get("/contacts/none")
    plan = (await client.get(f"{door}/faults")).json()
    moved = await client.post(f"{door}/clock", json={"advance_s": 3600})
    unmoved = await client.post(f"{door}/clock", json={"advance": 1})

    assert asked["requests"][0]["operation"] == "get-contact"
    assert (emptied.status_code, put.status_code, refused.status_code) == (204, 200, 400)
    assert state["highlevel"]["contacts"] == 5
    assert state["timetonic"]["Contacts"] == 4
    assert hit.status_code == 429
    assert plan["faults"][0]["hits"] == 1
    assert moved.status_code == 200
    assert unmoved.status_code == 400
    assert (sandbox.clock.now() - before).total_seconds() >= 3600


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("cut_before", httpx.RemoteProtocolError),
        ("cut_after", httpx.RemoteProtocolError),
        ("timeout_after", httpx.ReadTimeout),
    ],
)
async def test_a_socket_is_cut_or_kept_silent(
    sandbox: Sandbox, client: httpx.AsyncClient, kind: str, expected: Any
) -> None:
    contact_id = next(iter(sandbox.highlevel.state.contacts))
    sandbox.faults.set_json([{"kind": kind, "match": "create-note"}])

    with pytest.raises(expected):
        await client.post(f"/contacts/{contact_id}/notes", json={"body": "x"})
    after = await client.get(f"/contacts/{contact_id}/notes")

    bodies = [note["body"] for note in after.json()["notes"]]
    assert ("x" in bodies) is (kind != "cut_before")


async def test_in_process_transports_reach_the_same_vendors() -> None:
    sandbox = Sandbox(SMALL, clock=EmulatorClock.frozen(datetime(2026, 11, 23, tzinfo=UTC)))
    line = sandbox.ready_line()["highlevel"]
    headers = {"Authorization": f"Bearer {line['token']}", "Version": "v3"}

    async with httpx.AsyncClient(
        transport=sandbox.transports()["highlevel"], base_url=line["base_url"], headers=headers
    ) as client:
        answer = await client.get(f"/locations/{line['location_id']}")

    assert answer.json()["location"]["id"] == line["location_id"]
    assert sandbox.world.now == datetime(2026, 11, 23, tzinfo=UTC)


def test_start_and_stop_twice_change_nothing() -> None:
    sandbox = Sandbox(SMALL)
    sandbox.start()
    first = sandbox.ready_line()
    sandbox.start()

    assert sandbox.ready_line() == first
    sandbox.stop()
    sandbox.stop()
    assert sandbox.ready_line()["control_url"] == "http://highlevel.invalid/__emulator"


def test_taken_port_is_said_and_the_next_one_is_optional() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UseError, match=f"Port {port} is taken"):
            Sandbox(SandboxOptions(contacts=1, port=port)).start()

        with _open_next(port - 1) as other:
            assert other.getsockname()[1] != port


def test_run_forever_ends_on_a_signal_and_puts_the_handlers_back() -> None:
    former = signal.getsignal(signal.SIGTERM)
    ready: list[dict[str, Any]] = []

    def on_ready(line: dict[str, Any]) -> None:
        ready.append(line)
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()

    Sandbox(SMALL).run_forever(on_ready)

    assert ready[0]["highlevel"]["token"].startswith("pit-")
    assert signal.getsignal(signal.SIGTERM) is former


def test_process_stops_cleanly_on_sigterm() -> None:
    code = (
        "import json, sys\n"
        "from toolkit.sandbox.serve import Sandbox, SandboxOptions\n"
        "tell = lambda line: (sys.stdout.write(json.dumps(line) + '\\n'), sys.stdout.flush())\n"
        "Sandbox(SandboxOptions(contacts=3)).run_forever(tell)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        url = line["highlevel"]["base_url"]
        answer = httpx.get(f"{url}/contacts/x")
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=10)

    assert answer.status_code == 401
    assert status == 0
