"""The intake behind a real server: what only a socket can do wrong."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.unit.server.door import (
    BEARER,
    HIGHLEVEL,
    JSON_TYPE,
    TIMETONIC,
    Door,
    contact_event,
    encode,
    open_door,
    signed,
)
from toolkit.errors import UseError
from toolkit.server.bodies import BodyLimits
from toolkit.server.serving import HttpServer

LIMITS = BodyLimits(largest_bytes=50_000, timeout_s=0.3)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Door, HttpServer]]:
    async with open_door(folder, limits=LIMITS) as door:
        server = HttpServer(door.app, port=0)
        await server.start()
        try:
            yield door, server
        finally:
            await server.stop()


async def say(port: int, *parts: bytes, pause_s: float = 0.0, hang_up: bool = False) -> bytes:
    """What the server answers to these bytes until it closes, or nobody listens any more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
        if hang_up:
            return b""
        async with asyncio.timeout(5):
            return await reader.readuntil(b"}")
    finally:
        writer.close()


def head(*lines: str) -> bytes:
    return "\r\n".join([f"POST {HIGHLEVEL} HTTP/1.1", "host: door", *lines, "", ""]).encode()


async def test_deliveries_over_one_connection_and_many(tmp_path: Path) -> None:
    async with served(tmp_path) as (door, server):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:

            async def deliver(number: int) -> int:
                body = encode(contact_event(webhookId=f"w-{number}"))
                response = await client.post(
                    HIGHLEVEL, content=body, headers=JSON_TYPE | signed(body)
                )
                return response.status_code

            statuses = await asyncio.gather(*(deliver(number % 80) for number in range(100)))

        assert statuses == [200] * 100
        assert len(door.rows()) == 80


async def test_announced_size_is_refused_before_the_body(tmp_path: Path) -> None:
    async with served(tmp_path) as (door, server):
        answer = await say(server.port, head("content-length: 50001"))

        assert b" 413 " in answer.splitlines()[0]
        assert b"connection: close" in answer.lower()
        assert door.counts() == {"too_large": 1}


async def test_chunked_body_is_counted_as_it_comes(tmp_path: Path) -> None:
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    async with served(tmp_path) as (door, server):
        answer = await say(server.port, head("transfer-encoding: chunked"), *[chunk] * 4)

        assert b" 413 " in answer.splitlines()[0]
        assert door.rows() == []


async def test_good_chunked_delivery_is_kept(tmp_path: Path) -> None:
    body = encode(contact_event())
    signature = signed(body)["x-ghl-signature"]
    chunked = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    async with served(tmp_path) as (door, server):
        answer = await say(
            server.port,
            head("transfer-encoding: chunked", f"x-ghl-signature: {signature}"),
            chunked,
        )

        assert answer.splitlines()[0].endswith(b"200 OK")
        assert len(door.rows()) == 1


async def test_sender_that_hangs_up_leaves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = encode(contact_event())
    async with served(tmp_path) as (door, server):
        request = head(f"content-length: {len(body)}") + body[:20]
        await say(server.port, request, pause_s=0.05, hang_up=True)
        async with asyncio.timeout(5):
            while not door.counts():
                await asyncio.sleep(0.01)

        assert door.counts() == {"cut_off": 1}
        assert door.rows() == []
        assert [record.getMessage() for record in caplog.records] == ["webhook refused"]


async def test_body_that_never_ends_is_given_up(tmp_path: Path) -> None:
    async with served(tmp_path) as (door, server):
        answer = await say(server.port, head("content-length: 500") + b"{")

        assert b" 408 " in answer.splitlines()[0]
        assert door.counts() == {"too_slow": 1}


async def test_wrong_secret_is_refused_before_the_body(tmp_path: Path) -> None:
    lines = [f"POST {TIMETONIC} HTTP/1.1", "host: door", "content-length: 500", "", ""]
    async with served(tmp_path) as (_, server):
        answer = await say(server.port, "\r\n".join(lines).encode())

        assert b" 401 " in answer.splitlines()[0]


async def test_oversized_call_of_an_admitted_sender(tmp_path: Path) -> None:
    async with served(tmp_path) as (door, server):
        url = f"http://127.0.0.1:{server.port}{TIMETONIC}"
        async with httpx.AsyncClient() as client:
            response = await client.post(url, content=b"x" * 50_001, headers=BEARER)

        assert response.status_code == 413
        assert door.counts() == {"too_large": 1}


async def test_running_delivery_is_answered_when_the_server_stops(tmp_path: Path) -> None:
    body = encode(contact_event())
    request = head(
        f"content-length: {len(body)}", f"x-ghl-signature: {signed(body)['x-ghl-signature']}"
    )
    async with open_door(tmp_path) as door:
        server = HttpServer(door.app, port=0)
        await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request)
        await asyncio.sleep(0.05)
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0.05)
        writer.write(body)
        answer = await reader.readuntil(b"}")
        writer.close()
        await stopping
        await server.stop()

        assert answer.splitlines()[0].endswith(b"200 OK")
        assert len(door.rows()) == 1


async def test_taken_address_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as (door, server):
        second = HttpServer(door.app, port=server.port)

        with pytest.raises(UseError, match=r"Cannot listen on 127\.0\.0\.1"):
            await second.start()


async def test_address_of_another_machine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    with pytest.raises(UseError, match="Cannot listen on nowhere"):
        await HttpServer(lambda *_: None, host="nowhere", port=0).start()  # type: ignore[arg-type,return-value]


async def test_stopping_what_never_started_does_nothing(tmp_path: Path) -> None:
    async with open_door(tmp_path) as door:
        await HttpServer(door.app).stop()


async def test_addresses_with_their_codes_are_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    async with served(tmp_path) as (_, server):
        answer = await say(
            server.port,
            b"GET /healthz?code=hush-hush HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        )

    assert b"200 OK" in answer
    assert not any("hush" in record.getMessage() for record in caplog.records)
