"""Somebody on this machine who takes messages over real HTTP, and answers as told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Taken:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers 200, or first what `script` holds.

    A number is a status, `drop` breaks the connection, `hang` says nothing at all, `drip`
    begins to answer and never ends; any other text is sent as the head of an answer.
    """

    script: list[int | str] = field(default_factory=list)
    always: int | str = 200
    taken: list[Taken] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while not writer.is_closing():
                    self.taken.append(await read_request(reader))
                    await self._say(self.script.pop(0) if self.script else self.always, writer)
        finally:
            writer.transport.abort()

    async def _say(self, what: int | str, writer: asyncio.StreamWriter) -> None:
        if what == "drop":
            writer.transport.abort()
            return
        if what == "hang":
            await asyncio.Event().wait()
        if what == "drip":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nx")
            await writer.drain()
            return
        head = f"HTTP/1.1 {what} Said" if isinstance(what, int) else f"HTTP/1.1 {what}"
        writer.write(f"{head}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()


async def read_request(reader: asyncio.StreamReader) -> Taken:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Taken(first.split(" ")[1], headers, body)


@asynccontextmanager
async def receiving(
    script: list[int | str] | None = None, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """The receiver, listening for the length of a block."""
    receiver = Receiver(script or [])
    talks: set[asyncio.Task[None]] = set()

    def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(receiver.answer(reader, writer)))

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for each in talks:
            each.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        # Sockets close in the turn after they were let go.
        await asyncio.sleep(0)
        await server.wait_closed()
