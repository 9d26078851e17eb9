"""One call over HTTP: paced, timed, counted, and never ambiguous about whether it was sent."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx

from toolkit.clients.pacing import CallCounter, NoPacer, SystemClock
from toolkit.errors import (
    MalformedAnswerError,
    NotReachedError,
    UnknownOutcomeError,
    UseError,
    VendorError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from toolkit.clients.pacing import Clock, Pacer

_log = logging.getLogger(__name__)

Primitive = str | int | float | bool | None
_TOO_MANY_REQUESTS = 429
_NAMES = {"highlevel": "HighLevel", "timetonic": "TimeTonic"}
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call, before it is made.

    Args:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        path: Put after the base URL as it is; ids already percent-encoded; may be empty.
        operation: Template for counts, logs and errors, such as `GET /contacts/{id}`.
        system: `highlevel` or `timetonic`.
        is_read: Whether the vendor changes nothing; reads may be repeated freely.
        params: Query; sequences repeat the name, None is dropped by the builder, not here.
        json: JSON body; None for no body.
        form: Form fields; sent url-encoded, or as multipart together with `files`.
        files: Part name -> (file name, content, media type).
        headers: Added to the client's own.
    """

    method: str
    path: str
    operation: str
    system: str
    is_read: bool
    params: Mapping[str, Primitive | Sequence[Primitive]] | None = None
    json: Any = None
    form: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whatever the status; names in `headers` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    operation: str = ""
    system: str = ""

    def json(self) -> object:
        """The body as JSON, not yet validated.

        Raises:
            MalformedAnswerError: It is not JSON, such as a gateway's HTML page.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise MalformedAnswerError(
                f"{self.system} answered {self.operation} with something other than JSON",
                system=self.system,
                operation=self.operation,
                http_status=self.status,
                remedy="Check the address, then look up whether the call took effect",
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One finished try: `status` is None when no answer came."""

    system: str
    operation: str
    is_read: bool
    status: int | None
    duration_s: float


class HttpCore:
    """Sends requests through one connection pool.

    Args:
        base_url: Address without query; a trailing slash is ignored.
        transport: Replaces the network, such as `httpx.ASGITransport(app)`.
        pacer: Asked before each try, told the headers after it.
        clock: Times the calls.
        counter: Counts every try.
        on_call: Called after each try; must return quickly and not raise.
        headers: Sent with every request.
        connect_timeout_s: Seconds to reach the vendor.
        read_timeout_s: Seconds to wait for (more of) an answer, or for a free connection.
    """

    def __init__(  # noqa: PLR0913 — the seams that tests and front ends need
        self,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        pacer: Pacer | None = None,
        clock: Clock | None = None,
        counter: CallCounter | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        headers: Mapping[str, str] | None = None,
        connect_timeout_s: float = 10.0,
        read_timeout_s: float = 30.0,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.clock: Clock = clock or SystemClock()
        self.pacer: Pacer = pacer or NoPacer()
        self.counter = counter or CallCounter()
        self._on_call = on_call
        self._transport = transport
        self._headers = {"accept": "application/json", **(headers or {})}
        self._timeout = httpx.Timeout(read_timeout_s, connect=connect_timeout_s)
        self._opened: httpx.AsyncClient | None = None

    @property
    def _client(self) -> httpx.AsyncClient:
        """Made for the first call: loading certificates costs what many commands last."""
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                transport=self._transport,
                headers=self._headers,
                timeout=self._timeout,
                # A redirect could carry the token to another host.
                follow_redirects=False,
            )
        return self._opened

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; a second call does nothing."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.aclose()

    async def send(self, request: Request) -> Answer:
        """Make one try of `request`; any status is an answer.

        Raises:
            NotReachedError: The request provably never left.
            UnknownOutcomeError: It was sent, wholly or in part, and no answer came.
            QuotaExhaustedError: The pacer refused; nothing was sent.
            UseError: The address or a header cannot be sent at all.
        """
        await self.pacer.acquire()
        try:
            return await self._send_now(request)
        finally:
            self.pacer.release()

    async def _send_now(self, request: Request) -> Answer:
        started_s = self.clock.monotonic()
        status: int | None = None
        try:
            response = await self._exchange(request)
            status = response.status_code
        finally:
            self._account(request, status, self.clock.monotonic() - started_s)
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.pacer.learn(headers)
        if status == _TOO_MANY_REQUESTS:
            self.pacer.pause()
        return Answer(
            status=status,
            headers=headers,
            body=response.content,
            operation=request.operation,
            system=request.system,
        )

    async def _exchange(self, request: Request) -> httpx.Response:
        try:
            return await self._client.request(
                request.method,
                self.base_url + request.path,
                params=request.params,
                json=request.json,
                data=request.form,
                files=request.files,
                headers=request.headers,
            )
        # The texts of these two may quote a header value, hence no cause.
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise UseError(
                f"{request.operation} cannot be sent: the address or the key is not well formed",
                unchanged="Nothing was sent",
                remedy="Check the base URL and the key",
            ) from None
        except httpx.RequestError as error:
            raise _transport_error(request, error) from error

    def _account(self, request: Request, status: int | None, duration_s: float) -> None:
        self.counter.count(request.system, request.operation)
        _log.debug(
            "call finished",
            extra={"operation": request.operation, "status": status, "duration_s": duration_s},
        )
        if self._on_call is not None:
            self._on_call(
                CallRecord(
                    system=request.system,
                    operation=request.operation,
                    is_read=request.is_read,
                    status=status,
                    duration_s=duration_s,
                )
            )


def _transport_error(request: Request, error: httpx.RequestError) -> VendorError:
    kind = type(error).__name__
    if isinstance(error, _NEVER_SENT):
        return NotReachedError(
            f"{_NAMES.get(request.system, request.system)} could not be reached",
            system=request.system,
            operation=request.operation,
            unchanged="Nothing was sent",
            remedy="Check the network and the address, then try again",
        )
    return UnknownOutcomeError(
        f"{request.operation} was sent to {request.system} and no answer came ({kind})",
        system=request.system,
        operation=request.operation,
        unchanged="" if not request.is_read else "A read changes nothing",
        remedy="Try again" if request.is_read else "Look up whether it took effect",
    )
