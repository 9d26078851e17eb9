"""A served sandbox sends by itself, over TCP, and is set through the control door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.sandbox.webhooks import CallAction, DeliveryFaults

SMALL = SandboxOptions(contacts=5, tasks=2, notes=2, leads=4, shared=2, rate_limit=False)
PATIENCE_S = 5


class TcpReceiver:
    """Takes POST requests on a port of this machine; answers what `script` holds, then 200."""

    def __init__(self) -> None:
        self.script: list[int] = []
        self.bodies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                (size,) = [int(one[16:]) for one in lines if one.startswith("content-length: ")]
                body = json.loads(await reader.readexactly(size))
                status = self.script.pop(0) if self.script else 200
                writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 0\r\n\r\n" % status)
                await writer.drain()
                await self.bodies.put(body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.bodies.get(), PATIENCE_S)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[TcpReceiver]:
    made = TcpReceiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield made
    server.close()


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.running(SMALL) as running:
        yield running


@pytest_asyncio.fixture
async def door(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    url = sandbox.ready_line()["control_url"]
    async with httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_hands_and_calls_reach_the_target(
    sandbox: Sandbox, receiver: TcpReceiver
) -> None:
    sandbox.webhooks.configure(target=receiver.url)
    state, line = sandbox.highlevel.state, sandbox.ready_line()["highlevel"]
    headers = {"Authorization": f"Bearer {line['token']}", "Version": "2021-07-28"}

    state.remove(next(iter(state.contacts.values())))
    by_hand = await receiver.next()
    async with httpx.AsyncClient(base_url=line["base_url"], headers=headers) as client:
        made = await client.post(
            "/contacts/", json={"locationId": line["location_id"], "email": "a@example.net"}
        )
    by_call = await receiver.next()

    assert by_hand["type"] == "ContactDelete"
    assert (by_call["type"], by_call["id"]) == ("ContactCreate", made.json()["contact"]["id"])


async def test_the_control_door_sets_and_tells(
    sandbox: Sandbox, receiver: TcpReceiver, door: httpx.AsyncClient
) -> None:
    settings = {
        "target": receiver.url,
        "policy": "backoff",
        "signature": "both",
        "faults": {"duplicate_share": 1.0, "seed": 5},
    }

    put = await door.put("/webhooks", json=settings)
    state = sandbox.highlevel.state
    state.remove(next(iter(state.contacts.values())))
    twice = [(await receiver.next())["webhookId"] for _ in range(2)]
    shown = (await door.get("/webhooks")).json()
    off = (await door.put("/webhooks", json={"target": None})).json()

    assert put.status_code == 200
    assert twice[0] == twice[1]
    assert {name: shown[name] for name in ("target", "policy", "signature")} == {
        "target": receiver.url,
        "policy": "backoff",
        "signature": "both",
    }
    assert shown["faults"] == DeliveryFaults(duplicate_share=1.0, seed=5).to_json()
    assert shown["public_key_pem"] == sandbox.webhooks.signer.public_key_pem
    assert shown["legacy_public_key_pem"].startswith("-----BEGIN PUBLIC KEY-----")
    assert shown["app_id"] == state.oauth.app_id
    assert (shown["emitted"], shown["duplicated"], shown["dropped"]) == (1, 1, 0)
    assert off["target"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        b"{",
        b"[]",
        b'{"url": "x"}',
        b'{"target": 1}',
        b'{"target": "http://192.0.2.1/x"}',
        b'{"faults": []}',
        b'{"faults": {"drop_share": 2}}',
        b'{"policy": "always"}',
    ],
)
async def test_the_control_door_refuses_what_cannot_be(
    door: httpx.AsyncClient, wrong: bytes
) -> None:
    before = (await door.get("/webhooks")).json()

    answer = await door.put("/webhooks", content=wrong)

    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert (await door.get("/webhooks")).json() == before


async def test_a_retry_comes_when_the_emulators_clock_is_moved(
    sandbox: Sandbox, receiver: TcpReceiver, door: httpx.AsyncClient
) -> None:
    sandbox.webhooks.configure(target=receiver.url)
    receiver.script = [429]
    state = sandbox.highlevel.state
    state.remove(next(iter(state.contacts.values())))
    first = await receiver.next()

    await door.post("/clock", json={"advance_s": 900})
    second = await receiver.next()

    assert first == second


async def test_what_a_stopped_sandbox_could_not_send_is_sent_when_it_starts_again(
    receiver: TcpReceiver,
) -> None:
    sandbox = Sandbox(SMALL)
    sandbox.webhooks.configure(target=receiver.url)
    state = sandbox.highlevel.state
    state.remove(next(iter(state.contacts.values())))
    waiting = len(sandbox.webhooks.pending)

    sandbox.start()
    sent = await receiver.next()
    async with asyncio.timeout(PATIENCE_S):
        while sandbox.webhooks.pending:
            await asyncio.sleep(0)
    await asyncio.to_thread(sandbox.stop)

    assert (waiting, sent["type"]) == (1, "ContactDelete")
    assert [one.status for one in sandbox.webhooks.attempts] == [200]


async def test_automations_are_set_through_the_door_and_call(
    sandbox: Sandbox, receiver: TcpReceiver, door: httpx.AsyncClient
) -> None:
    action = {
        "table": "Contacts",
        "url": receiver.url,
        "body": {"row": "$row_id"},
        "basic": ["me", "word"],
    }
    put = await door.put("/automations", json={"actions": [action]})
    row_id = next(iter(sandbox.timetonic.state.rows("Contacts")))

    sandbox.timetonic.state.edit_row("Contacts", row_id, {"City": "Lyon"})
    called = await receiver.next()

    assert put.status_code == 200
    assert "word" not in put.text
    assert called == {"row": row_id}
    assert sandbox.automations.actions == (
        CallAction(
            table="Contacts", url=receiver.url, body={"row": "$row_id"}, basic=("me", "word")
        ),
    )
