"""Brings messages to the addresses of the settings: signed, retried, one sender at a time.

Addresses are served side by side, and one that fails rests, so that a dead receiver costs the
others nothing. A redirect is an error: it could lead where the settings do not.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import httpx

from toolkit.app.addresses import IP, Address
from toolkit.app.mailbox import Letter
from toolkit.app.message_signing import DELIVERY_HEADER, SIGNATURE_HEADER, sign
from toolkit.model.values import canonical_json

if TYPE_CHECKING:
    from toolkit.app.mailbox import Mailbox
    from toolkit.clients.pacing import Clock
    from toolkit.store import ConnectionStore

_log = logging.getLogger(__name__)

ANSWER_S: Final = 15.0
"""Seconds a receiver has to answer, from the first packet to the last header."""
_CONNECT_S: Final = 4.0
_MOST_IPS: Final = 3
_LONGEST_WAIT_S: Final = 86_400.0
_PATIENCE: Final = 3
_REST_S: Final = 60.0
_LONGEST_REST_S: Final = 3_600.0
_OK, _REDIRECTS, _REFUSED = 200, 300, 400
_GONE, _TOO_MANY, _UNAVAILABLE = 410, 429, 503

SecretsOf: TypeAlias = Callable[[str, datetime], list[str]]


@dataclass(frozen=True, slots=True)
class _Failure:
    """A try that did not succeed.

    Attributes:
        error: Why, in our own words; holds no address.
        wait_s: What the receiver asked for.
        is_final: It will never succeed.
    """

    error: str
    wait_s: float | None = None
    is_final: bool = False


@dataclass(slots=True)
class Delivered:
    """What a round of sending did.

    Attributes:
        failed: Tries without success, those that were the last one among them.
        dead: Messages given up.
    """

    sent: int = 0
    failed: int = 0
    dead: int = 0


@dataclass(slots=True)
class _Standing:
    """How an address behaved of late; in this process only."""

    failures: int = 0
    rests_until_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What a courier takes from outside.

    Attributes:
        secrets_of: The signing secrets of an address at a moment.
        transport: Replaces the network, for tests and rehearsals.
        answer_s: Seconds a receiver has to answer.
    """

    clock: Clock
    secrets_of: SecretsOf
    transport: httpx.AsyncBaseTransport | None = None
    answer_s: float = ANSWER_S


class Courier:
    """Sends the messages of one connection's mailbox to its addresses.

    Args:
        mailbox: Where they are.
        store: Tells for whom.
        addresses: By name; a message to another name waits, and dies in the end.
        wiring: The rest.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        store: ConnectionStore,
        *,
        addresses: Mapping[str, Address],
        wiring: Wiring,
    ) -> None:
        self._mailbox = mailbox
        self._store = store
        self._addresses = dict(addresses)
        self._wiring = wiring
        self._clock = wiring.clock
        self._standings: dict[str, _Standing] = {}
        self._opened: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def deliver(self, *, limit_s: float = 30.0) -> Delivered:
        """Send what is due; nothing new is begun after `limit_s` seconds.

        Called by several processes at once, each message is sent by one of them. A process
        that dies between sending and noting it leaves the message to be sent once more,
        under the same id.

        Raises:
            StateError: What was done could not be noted.
        """
        total = Delivered()
        due = await asyncio.to_thread(self.due)
        if due:
            # Here, where no receiver's time runs yet.
            await self._client()
        until_s = self._clock.monotonic() + limit_s
        served = (self._serve(name, until_s, total) for name in due)
        # One address whose turn fails must not cut the others off.
        for ended in await asyncio.gather(*served, return_exceptions=True):
            if ended is not None:
                raise ended
        return total

    def due(self) -> list[str]:
        """Names of the addresses that something could be sent to now; reads the store."""
        return [name for name in self._store.due_targets("url") if not self._is_resting(name)]

    async def aclose(self) -> None:
        """Close the connections; twice is once."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.aclose()

    async def _serve(self, name: str, until_s: float, total: Delivered) -> None:
        while self._clock.monotonic() < until_s and not self._is_resting(name):
            letters = await asyncio.to_thread(
                lambda: self._mailbox.take("url", targets=[name], limit=1)
            )
            if not letters:
                return
            await self._bring(letters[0], total)

    async def _bring(self, letter: Letter, total: Delivered) -> None:
        failure = await self._try(letter)
        self._judge(letter.entry.target, failure)
        if failure is None:
            await asyncio.to_thread(self._mailbox.mark_delivered, [letter.id])
            total.sent += 1
            return
        is_dead = await asyncio.to_thread(
            lambda: self._mailbox.mark_undelivered(
                letter.entry,
                failure.error,
                wait_s=failure.wait_s,
                is_final=failure.is_final,
            )
        )
        total.failed += 1
        total.dead += is_dead
        _log.info(
            "message not delivered",
            extra={
                "address": letter.entry.target,
                "delivery": letter.id,
                "tries": letter.entry.tries,
                "error": failure.error,
            },
        )

    async def _try(self, letter: Letter) -> _Failure | None:
        address = self._addresses.get(letter.entry.target)
        if address is None:
            return _Failure("the settings have no address of that name")
        try:
            async with asyncio.timeout(self._wiring.answer_s):
                ips, objection = await self._safe_ips(address)
                if not ips:
                    return _Failure(objection or "nobody knows the name")
                return await self._post_to_any(letter, address, ips)
        except TimeoutError:
            return _Failure(f"no answer within {self._wiring.answer_s:g} s")
        # Whatever a receiver brings about is its own failure: the others are served on.
        except Exception as error:  # noqa: BLE001
            return _Failure(f"not reached ({type(error).__name__})")

    async def _safe_ips(self, address: Address) -> tuple[list[IP], str]:
        """Where the name leads and we may go, or why not; what is judged is what is called."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        ips = [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
        objections = {ip: address.objection_to(ip) for ip in ips}
        safe = [ip for ip, objection in objections.items() if not objection]
        return safe[:_MOST_IPS], next((each for each in objections.values() if each), "")

    async def _post_to_any(
        self, letter: Letter, address: Address, ips: Sequence[IP]
    ) -> _Failure | None:
        *others, last = ips
        for ip in others:
            # Nothing was sent yet, so the next one may be asked.
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._post(letter, address, ip)
        return await self._post(letter, address, last)

    async def _post(self, letter: Letter, address: Address, ip: IP) -> _Failure | None:
        body = canonical_json(dict(letter.body)).encode()
        now = self._clock.now()
        keys = await asyncio.to_thread(self._wiring.secrets_of, address.name, now)
        client, url = await self._client(), httpx.URL(address.url)
        request = client.build_request(
            "POST",
            # The name was looked up and judged: asking for it again could lead elsewhere.
            url.copy_with(host=str(ip)),
            content=body,
            headers={
                "Host": url.netloc.decode(),
                "Content-Type": "application/json",
                "User-Agent": "hightonic",
                DELIVERY_HEADER: letter.id,
                SIGNATURE_HEADER: sign(body, keys, at=now),
            },
            extensions={"sni_hostname": address.host},
        )
        answer = await client.send(request, stream=True)
        # Nobody reads what it says beyond the status: it may be without end.
        await answer.aclose()
        return _judged(answer, now)

    async def _client(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._opened is None:
                # Reading the machine's certificates takes a tenth of a second.
                self._opened = await asyncio.to_thread(self._open)
            return self._opened

    def _open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._wiring.transport or httpx.AsyncHTTPTransport(),
            timeout=httpx.Timeout(self._wiring.answer_s, connect=_CONNECT_S),
            follow_redirects=False,
            # A proxy of the environment would look the name up for itself. Its certificates
            # are taken: the transport reads SSL_CERT_FILE.
            trust_env=False,
        )

    def _is_resting(self, name: str) -> bool:
        standing = self._standings.get(name)
        return standing is not None and self._clock.monotonic() < standing.rests_until_s

    def _judge(self, name: str, failure: _Failure | None) -> None:
        if failure is None or failure.is_final:
            self._standings.pop(name, None)
            return
        standing = self._standings.setdefault(name, _Standing())
        standing.failures += 1
        rest_s = failure.wait_s or 0.0
        if standing.failures >= _PATIENCE:
            doubled_s = _REST_S * 2.0 ** min(standing.failures - _PATIENCE, 10)
            rest_s = max(rest_s, min(doubled_s, _LONGEST_REST_S))
        standing.rests_until_s = self._clock.monotonic() + rest_s


def _judged(answer: httpx.Response, now: datetime) -> _Failure | None:
    status = answer.status_code
    if _OK <= status < _REDIRECTS:
        return None
    if _REDIRECTS <= status < _REFUSED:
        return _Failure(f"answered {status}: redirects are not followed")
    if status == _GONE:
        return _Failure("answered 410: the receiver wants no more", is_final=True)
    wait_s = None
    if status in {_TOO_MANY, _UNAVAILABLE}:
        wait_s = _asked_wait_s(answer.headers.get("retry-after", ""), now)
    return _Failure(f"answered {status}", wait_s)


def _asked_wait_s(text: str, now: datetime) -> float | None:
    """Seconds of a Retry-After header, in either of its two forms (RFC 9110, 10.2.3)."""
    if text.strip().isdigit():
        return min(max(float(text), 1.0), _LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(text)
        return min(max((at - now).total_seconds(), 1.0), _LONGEST_WAIT_S)
    except (ValueError, TypeError):
        return None
