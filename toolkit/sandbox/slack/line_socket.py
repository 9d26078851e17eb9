"""Reaching the app through its own WebSockets: Socket Mode.

The app asks `apps.connections.open` for an address, good once. Up to ten sockets may be open;
each envelope goes to one of them. Slack replaces a socket now and then, and says so first.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from toolkit.sandbox.common import Receive, Scope, Send
from toolkit.sandbox.slack.manifest import APP_ID
from toolkit.sandbox.slack.outgoing import Ending, Kind, Outgoing, Reply
from toolkit.sandbox.slack.values import Json

LINK_PATH: Final = "/link"
_MOST_SOCKETS: Final = 10
_LIFE_S: Final = 18_060
_HOST: Final = "sandbox-applink-1"
_REFUSED_CODE: Final = 4401


@dataclass(slots=True)
class _Socket:
    number: int
    send: Send
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    is_open: bool = True
    is_leaving: bool = False

    async def send_json(self, value: Json) -> None:
        if self.is_open:
            text = json.dumps(value, separators=(",", ":"))
            await self.send({"type": "websocket.send", "text": text})

    async def close(self) -> None:
        if self.is_open:
            self.is_open = False
            with suppress(RuntimeError):
                await self.send({"type": "websocket.close", "code": 1000})

    def settle(self) -> None:
        """Nobody will acknowledge what is still waiting."""
        self.is_open = False
        for one in self.waiting.values():
            if not one.done():
                one.set_exception(ConnectionError("the socket is gone"))


class SocketLine:
    """The sockets of one app.

    Args:
        base_url: Says the address of this server, for example `http://127.0.0.1:8090`.

    Attributes:
        spoken: Envelope ids in the order they were sent, for tests of repeats.
    """

    def __init__(self, base_url: Callable[[], str]) -> None:
        self._base_url = base_url
        self._tickets: set[str] = set()
        self._sockets: list[_Socket] = []
        self._turn = 0
        self._opened = 0
        self.spoken: list[str] = []
        self._arrival = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        """Whether the app holds a socket that is not about to go."""
        return any(not one.is_leaving for one in self._sockets)

    @property
    def connections(self) -> int:
        """How many sockets the app holds."""
        return len(self._sockets)

    @property
    def opened(self) -> int:
        """How many sockets were opened in all."""
        return self._opened

    def open_ticket(self) -> str:
        """The address of one socket, good for one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        address = self._base_url().replace("http", "ws", 1)
        return f"{address}{LINK_PATH}?ticket={ticket}&app_id={APP_ID}"

    async def wait_connected(self, *, timeout_s: float = 5.0) -> None:
        """Wait for the app to hold a socket.

        Raises:
            TimeoutError: It does not connect in time.
        """
        async with asyncio.timeout(timeout_s):
            while all(one.is_leaving for one in self._sockets):
                self._arrival.clear()
                await self._arrival.wait()

    async def tell(self, outgoing: Outgoing, *, within_s: float) -> Reply:
        """Send one envelope through one socket and wait for its acknowledgement."""
        staying = [one for one in self._sockets if not one.is_leaving]
        if not staying:
            return Reply(Ending.UNREACHABLE)
        self._turn += 1
        socket = staying[self._turn % len(staying)]
        envelope_id = _envelope_id()
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        socket.waiting[envelope_id] = answer
        self.spoken.append(envelope_id)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(within_s):
                await socket.send_json(_envelope(envelope_id, outgoing))
                body = await answer
        except TimeoutError:
            return Reply(Ending.LATE, elapsed_s=time.perf_counter() - began)
        except ConnectionError:
            return Reply(Ending.UNREACHABLE, elapsed_s=time.perf_counter() - began)
        finally:
            socket.waiting.pop(envelope_id, None)
        return Reply(Ending.ACCEPTED, body, elapsed_s=time.perf_counter() - began)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Tell every socket that it is about to go, as Slack does; the app is to open another.

        A socket that was told so gets nothing more. It is left for the app to close: closed from
        here at the same moment, slack-sdk 3.47 opens two in its place.

        Args:
            reason: `refresh_requested`, `warning` (only told, the socket stays) or
                `link_disabled` (Socket Mode was turned off).
        """
        for socket in [*self._sockets]:
            socket.is_leaving = reason != "warning"
            await socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}
            )

    async def drop(self) -> None:
        """Close every socket without a word."""
        for socket in [*self._sockets]:
            await socket.close()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One WebSocket, from its request to its end; an ASGI application."""
        await receive()
        ticket = parse_qs(scope["query_string"].decode()).get("ticket", [""])[0]
        if ticket not in self._tickets:
            await send({"type": "websocket.close", "code": _REFUSED_CODE})
            return
        self._tickets.discard(ticket)
        await send({"type": "websocket.accept"})
        self._opened += 1
        socket = _Socket(self._opened, send)
        if len(self._sockets) >= _MOST_SOCKETS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        self._sockets.append(socket)
        try:
            await socket.send_json(_hello(len(self._sockets)))
            self._arrival.set()
            await _listen(socket, receive)
        finally:
            socket.settle()
            self._sockets.remove(socket)


async def _listen(socket: _Socket, receive: Receive) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        acknowledged = _read(message.get("text"))
        answer = socket.waiting.get(str(acknowledged.get("envelope_id")))
        if answer is not None and not answer.done():
            payload = acknowledged.get("payload")
            answer.set_result(payload if isinstance(payload, dict) else {})


def _read(text: Any) -> Json:  # noqa: ANN401 — before validation
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _envelope_id() -> str:
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _envelope(envelope_id: str, outgoing: Outgoing) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "payload": outgoing.payload,
        "type": outgoing.kind.value,
        "accepts_response_payload": outgoing.kind is not Kind.EVENT,
    }
    if outgoing.kind is Kind.EVENT:
        envelope |= {"retry_attempt": outgoing.retry, "retry_reason": outgoing.reason}
    return envelope


def _hello(connections: int) -> Json:
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": {
            "host": _HOST,
            "build_number": 1,
            "approximate_connection_time": _LIFE_S,
        },
        "connection_info": {"app_id": APP_ID},
    }
