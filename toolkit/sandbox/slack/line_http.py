"""Reaching the app over HTTP: signed requests to the addresses it was given."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

import httpx

from toolkit.sandbox.slack.outgoing import Ending, Kind, Outgoing, Reply
from toolkit.sandbox.slack.signing import sign
from toolkit.sandbox.slack.values import Json
from toolkit.sandbox.webhooks.posting import check_url, open_client

_FORM: Final = "application/x-www-form-urlencoded"
_SUCCESS: Final = range(200, 300)


@dataclass(slots=True)
class HttpLine:
    """Posts to the app, signed.

    Args:
        url: Commands, interactions and events all go there; on this machine only.
        secret: The app's signing secret.
        now_s: Unix time, for the signature.
        transport: Reaches an application in this process; None uses real sockets.
        skew_s: Seconds the signature's time is off; a fault.
        is_forged: Signs with another secret; a fault.
    """

    url: str
    secret: str
    now_s: Callable[[], float]
    transport: httpx.AsyncBaseTransport | None = None
    skew_s: int = 0
    is_forged: bool = False
    _client: httpx.AsyncClient | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        check_url(self.url, has_transport=self.transport is not None)

    async def tell(self, outgoing: Outgoing, *, within_s: float) -> Reply:
        """Post it once."""
        if self._client is None:
            self._client = open_client(self.transport)
        body, content_type = _encode(outgoing)
        secret = "not the secret" if self.is_forged else self.secret
        headers = [
            ("Content-Type", content_type),
            ("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)"),
            *sign(secret, body, at_s=int(self.now_s()) + self.skew_s),
        ]
        if outgoing.retry:
            headers.append(("X-Slack-Retry-Num", str(outgoing.retry)))
            headers.append(("X-Slack-Retry-Reason", outgoing.reason))
        began = time.perf_counter()
        try:
            async with asyncio.timeout(within_s):
                answer = await self._client.post(self.url, content=body, headers=headers)
        except TimeoutError:
            return Reply(Ending.LATE, elapsed_s=time.perf_counter() - began)
        except httpx.HTTPError:
            return Reply(Ending.UNREACHABLE, elapsed_s=time.perf_counter() - began)
        return _reply(answer, elapsed_s=time.perf_counter() - began)

    async def verify(self, *, token: str, within_s: float) -> bool:
        """Ask the app to echo a challenge, as Slack does before it sends events."""
        challenge = "challenge-of-the-sandbox"
        payload: Json = {"type": "url_verification", "token": token, "challenge": challenge}
        reply = await self.tell(Outgoing(Kind.EVENT, payload), within_s=within_s)
        said = reply.body.get("challenge", reply.body.get("text"))
        return reply.is_accepted and said == challenge

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _encode(outgoing: Outgoing) -> tuple[bytes, str]:
    match outgoing.kind:
        case Kind.COMMAND:
            return urlencode(outgoing.payload).encode(), _FORM
        case Kind.INTERACTION:
            packed = json.dumps(outgoing.payload, separators=(",", ":"))
            return urlencode({"payload": packed}).encode(), _FORM
        case Kind.EVENT:
            return json.dumps(outgoing.payload).encode(), "application/json"


def _reply(answer: httpx.Response, *, elapsed_s: float) -> Reply:
    is_fine = answer.status_code in _SUCCESS
    body: object = {}
    if is_fine and answer.content:
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        try:
            body = json.loads(answer.content) if is_json else {"text": answer.text}
        except ValueError:
            is_fine = False
    return Reply(
        Ending.ACCEPTED if is_fine else Ending.REFUSED,
        body if isinstance(body, dict) else {},
        status=answer.status_code,
        elapsed_s=elapsed_s,
        is_final=answer.headers.get("x-slack-no-retry") == "1",
    )
