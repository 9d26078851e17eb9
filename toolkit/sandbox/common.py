"""What both emulated vendors share: a clock, requests and answers, and a door where faults happen.

An emulator is a plain object that names an operation and answers a request. `EmulatedService` makes
an ASGI application of it, so that it runs alike under uvicorn over TCP and in the same process
through `InProcessTransport`; there a cut connection is an exception, as no socket can be cut.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import httpx

from toolkit.sandbox.faults import Fault, FaultKind, FaultPlan
from toolkit.sandbox.recording import Recorded, Recorder

JSON_TYPE: Final = "application/json; charset=utf-8"
CUT_EXTENSION: Final = "hightonic.cut"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]


def system_wall() -> datetime:
    """The time of this machine, aware UTC; the one place where the sandbox reads it."""
    return datetime.now(UTC)  # noqa: TID251 — this is the clock that others take


@dataclass(slots=True)
class EmulatorClock:
    """The vendors' time; can be moved forward, so that tokens expire and windows slide at once.

    Args:
        wall: Aware time of the day.
        steady: Seconds that never go back.
    """

    wall: Callable[[], datetime] = system_wall
    steady: Callable[[], float] = time.monotonic
    _ahead_s: float = field(init=False, default=0.0)

    @classmethod
    def frozen(cls, at: datetime) -> EmulatorClock:
        """A clock that moves only by `advance`."""
        return cls(wall=lambda: at, steady=lambda: 0.0)

    def now(self) -> datetime:
        """Aware UTC."""
        return self.wall().astimezone(UTC) + timedelta(seconds=self._ahead_s)

    def monotonic(self) -> float:
        """Seconds since some moment; moves with `advance` too."""
        return self.steady() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Move both times forward."""
        self._ahead_s += seconds


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read whole. Header names are lower case; `stale_s` is a fault's index age."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    stale_s: float = 0.0

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query string as pairs, in order, blanks kept."""
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `content-length` is added when it is sent."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of_json(
        cls,
        value: Any,  # noqa: ANN401 — whatever JSON can say
        *,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        """An answer that carries this value as JSON, non-ASCII left readable."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cls(status, text.encode("utf-8", "surrogatepass"), headers=headers)

    @classmethod
    def of_html(cls, text: str, *, status: int) -> Answer:
        """An answer that carries a page."""
        return cls(status, text.encode(), content_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for: the vendor's operation id, and whether it changes something."""

    name: str
    is_write: bool


class Emulator(Protocol):
    """What `EmulatedService` needs of a vendor."""

    def name_operation(self, request: Request) -> Operation:
        """Name what is asked; never fails, `unknown` is a name too."""
        ...

    async def answer(self, request: Request) -> Answer:
        """Do the work and answer, errors included."""
        ...

    def answer_fault(self, kind: FaultKind, request: Request) -> Answer:
        """How this vendor words a failure of this kind; nothing is done."""
        ...


class ConnectionCutError(Exception):
    """In-process stand-in for a connection cut under the request."""


class NeverAnsweredError(Exception):
    """In-process stand-in for a request that gets no answer."""


@dataclass(slots=True)
class EmulatedService:
    """An emulated vendor as an ASGI application.

    Args:
        system: `highlevel` or `timetonic`.
        emulator: Answers the requests.
        clock: Times the recording.
        faults: Asked once for every request.
        recorder: Told of every request.
        sleep: Used by the fault `slow` alone.
    """

    system: str
    emulator: Emulator
    clock: EmulatorClock
    faults: FaultPlan
    recorder: Recorder
    sleep: Sleep = asyncio.sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a lifespan scope is let go at once."""
        if scope["type"] != "http":
            await _live(receive, send)
            return
        request = await _read_request(scope, receive)
        operation = self.emulator.name_operation(request)
        call = f"{operation.name} {request.method} {request.path}"
        struck = self.faults.strike(system=self.system, call=call, is_write=operation.is_write)
        started_at = self.clock.monotonic()
        outcome = await self._outcome(request, struck)
        self.recorder.add(
            Recorded(
                system=self.system,
                method=request.method,
                path=request.path,
                operation=operation.name,
                status=outcome.status if isinstance(outcome, Answer) else None,
                started_at=started_at,
                is_write=operation.is_write,
                fault=",".join(one.kind for one in struck),
            )
        )
        if isinstance(outcome, Answer):
            await _send_answer(outcome, send)
        else:
            await _break_off(outcome, scope, receive)

    async def _outcome(
        self, request: Request, struck: tuple[Fault, ...]
    ) -> Answer | ConnectionCutError | NeverAnsweredError:
        """The answer, or how the connection ends without one."""
        late: FaultKind | None = None
        for fault in struck:
            kind = fault.kind
            if kind is FaultKind.SLOW:
                await self.sleep(fault.seconds)
            elif kind is FaultKind.STALE_SEARCH:
                request = replace(request, stale_s=fault.seconds)
            elif kind.is_after_commit:
                late = kind
            else:
                return self._ending(kind, request)
        answer = await self.emulator.answer(request)
        return answer if late is None else self._ending(late, request)

    def _ending(
        self, kind: FaultKind, request: Request
    ) -> Answer | ConnectionCutError | NeverAnsweredError:
        match kind:
            case FaultKind.CUT_BEFORE | FaultKind.CUT_AFTER:
                return ConnectionCutError()
            case FaultKind.TIMEOUT_BEFORE | FaultKind.TIMEOUT_AFTER:
                return NeverAnsweredError()
            case _:
                return self.emulator.answer_fault(kind, request)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _read_request(scope: Scope, receive: Receive) -> Request:
    message = await receive()
    body = bytes(message.get("body", b""))
    if message.get("more_body"):
        parts = [body]
        while message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
        body = b"".join(parts)
    # The vendors' paths are ASCII; raw_path would keep an escaped slash apart, which they do not.
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers={
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        },
        body=body,
    )


async def _send_answer(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    headers += [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _break_off(
    outcome: ConnectionCutError | NeverAnsweredError, scope: Scope, receive: Receive
) -> None:
    """Cut the socket, or keep silent until the caller hangs up; in-process both are raised."""
    cut = scope.get("extensions", {}).get(CUT_EXTENSION)
    if cut is None:
        raise outcome
    if isinstance(outcome, ConnectionCutError):
        cut()
    while (await receive())["type"] != "http.disconnect":
        continue


class InProcessTransport(httpx.AsyncBaseTransport):
    """Reaches an emulator without a socket; its exceptions become those a socket would give."""

    def __init__(self, app: App) -> None:
        self._inner = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises:
            httpx.ReadError: The fault plan cut the connection.
            httpx.ReadTimeout: The fault plan keeps silent; raised at once, nothing waits.
        """
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionCutError as cut:
            raise httpx.ReadError("the emulator cut the connection", request=request) from cut
        except NeverAnsweredError as silent:
            raise httpx.ReadTimeout("the emulator keeps silent", request=request) from silent
