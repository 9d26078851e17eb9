"""Posts prepared requests over kept connections and times each answer; little CPU of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter


class _Line(asyncio.Protocol):
    """One connection that sends one request after another."""

    def __init__(self, work: list[bytes], times: list[float]) -> None:
        self._work, self._times = work, times
        self._answer = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, _, body = self._answer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not length or len(body) < int(length):
            return
        self._times.append(perf_counter() - self._sent_at)
        self.refused += not head.startswith(b"HTTP/1.1 200")
        self._answer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the service hung up"))

    def _next(self) -> None:
        if not self._work:
            self.done.set_result(None)
            self._transport.close()
            return
        request = self._work.pop()
        self._sent_at = perf_counter()
        self._transport.write(request)


async def post_all(
    requests: Sequence[bytes], *, port: int, lines: int
) -> tuple[float, list[float], int]:
    """Send all, `lines` at once.

    Returns:
        Seconds in all, seconds of each, and how many were not answered 200.
    """
    work, times = list(reversed(requests)), list[float]()
    began_at = perf_counter()
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: _Line(work, times), "127.0.0.1", port)
        for _ in range(lines)
    ]
    await asyncio.gather(*(line.done for _, line in opened))
    took_s = perf_counter() - began_at
    return took_s, times, sum(line.refused for _, line in opened)


def to_request(body: bytes, headers: Sequence[tuple[str, str]], *, path: str) -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
