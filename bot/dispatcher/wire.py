"""Calls to Slack's Web API that post, edit and look: one call each, never retried here.

The library's own retries would post twice: a repeated `chat.postMessage` is a second
message. So they are switched off, and every failure comes back as what to do next.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.dispatcher.answers import (
    BROKEN,
    CLOSED,
    LOCKED_OUT,
    NOT_INSTALLED,
    PASSING,
    VANISHED,
    Answer,
    Closed,
    Limited,
    LockedOut,
    Rejected,
    Said,
    Unreached,
    Unsure,
    Vanished,
)
from toolkit.errors import CredentialsError, VendorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from toolkit.model.chat_messages import Flight

_USER_PREFIXES: Final = ("U", "W")
_NAMES: Final = uuid.UUID("6f6d3c5e-3f0b-4b52-9a63-5d6e1f7c2a10")
_TOO_MANY: Final = 429
_SERVER: Final = 500
_WAIT_S: Final = 30.0
_LOOKED_AT: Final = 200
_MOST_PAGES: Final = 20
_SLACK: Final = timedelta(seconds=10)


class Wire(Protocol):
    """One workspace, as the dispatcher needs it."""

    async def post(self, flight: Flight) -> Answer:
        """Say something new."""
        ...

    async def edit(self, flight: Flight) -> Answer:
        """Say something else in a message that stands there."""
        ...

    async def find(self, flight: Flight) -> Said | Limited | LockedOut | Unreached | None:
        """The message, if an earlier try has posted it.

        None where it is not, or may not be seen; the others where it cannot be seen now.
        """
        ...


class SlackWire:
    """A workspace reached through Slack's own client.

    Args:
        token: The bot's, or who gives one that is good at the moment.
        base_url: Ends in `/api/`; None for the real Slack.
        session: Shared between workspaces, so that connections are kept.
        timeout_s: Seconds to wait for an answer; less than a claim lasts, so that nobody
            takes a message over while its call is open.
    """

    def __init__(
        self,
        token: str | Callable[[], Awaitable[str]],
        *,
        base_url: str | None = None,
        session: aiohttp.ClientSession | None = None,
        timeout_s: float = 20,
    ) -> None:
        # The library's own timeout does not count for a session that is handed in.
        self._timeout_s = timeout_s
        self._token = token
        self._client = AsyncWebClient(
            base_url=base_url or AsyncWebClient.BASE_URL,
            session=session,
            retry_handlers=[],
        )

    async def post(self, flight: Flight) -> Answer:
        """Say something new."""
        body = {
            **flight.payload,
            "channel": flight.channel,
            "client_msg_id": str(uuid.uuid5(_NAMES, flight.slot)),
        }
        if flight.parent_ts:
            body["thread_ts"] = flight.parent_ts
        else:
            # What was to be said in a thread stands alone now: there is nothing to broadcast.
            body.pop("reply_broadcast", None)
        return await self._call("chat.postMessage", body, is_post=True)

    async def edit(self, flight: Flight) -> Answer:
        """Say something else in a message that stands there."""
        body = {**flight.payload, "channel": flight.place, "ts": flight.ts}
        body.pop("reply_broadcast", None)
        return await self._call("chat.update", body, is_post=False)

    async def find(self, flight: Flight) -> Said | Limited | LockedOut | Unreached | None:
        """The message, found by the name in its metadata.

        Needs a `*:history` scope; without one nothing is found, and it is posted again:
        twice is better than never.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._found(flight)
        except VendorError as error:
            return _tokenless(error)
        except SlackApiError as error:
            answer = _refusal(error, is_post=False)
            return answer if isinstance(answer, Limited | Unreached) else None
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            return Unreached(type(error).__name__)

    async def _found(self, flight: Flight) -> Said | None:
        await self._opened()
        channel, cursor = await self._place_of(flight.channel), ""
        for _ in range(_MOST_PAGES):
            page = await self._list(flight, channel, cursor)
            for message in page.get("messages", []):
                payload = message.get("metadata", {}).get("event_payload", {})
                if payload.get("slot") == flight.slot:
                    return Said(channel, message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return None

    async def _opened(self) -> AsyncWebClient:
        """The client, with the token of this moment."""
        token = self._token
        self._client.token = token if isinstance(token, str) else await token()
        return self._client

    async def _list(self, flight: Flight, channel: str, cursor: str) -> Mapping[str, Any]:
        asked: dict[str, Any] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": _LOOKED_AT,
        }
        if flight.since is not None:
            asked["oldest"] = f"{(flight.since - _SLACK).timestamp():.6f}"
        if cursor:
            asked["cursor"] = cursor
        if flight.parent_ts:
            asked["ts"] = flight.parent_ts
        method = "conversations.replies" if flight.parent_ts else "conversations.history"
        answer = await self._client.api_call(method, params=asked)
        return answer.data if isinstance(answer.data, dict) else {}

    async def _place_of(self, channel: str) -> str:
        """A person's id becomes the id of the conversation with them."""
        if not channel.startswith(_USER_PREFIXES):
            return channel
        answer = await self._client.api_call("conversations.open", json={"users": channel})
        return str(answer["channel"]["id"])

    async def _call(self, method: str, body: dict[str, Any], *, is_post: bool) -> Answer:
        try:
            async with asyncio.timeout(self._timeout_s):
                client = await self._opened()
                answer = await client.api_call(method, json=body)
        except VendorError as error:
            return _tokenless(error)
        except SlackApiError as error:
            return _refusal(error, is_post=is_post)
        except aiohttp.ClientConnectorError as error:
            return Unreached(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, SlackClientError) as error:
            return _broken(type(error).__name__, is_post=is_post)
        place, ts = answer.get("channel"), answer.get("ts")
        if not place or not ts:
            return _broken("unreadable answer", is_post=is_post)
        return Said(str(place), str(ts))


def _tokenless(error: VendorError) -> LockedOut | Unreached:
    """No token, hence nothing was sent; without an installation somebody has to act."""
    if isinstance(error, CredentialsError):
        return LockedOut(NOT_INSTALLED)
    return Unreached(type(error).__name__)


def _broken(error: str, *, is_post: bool) -> Answer:
    return Unsure(error) if is_post else Unreached(error)


def _refusal(error: SlackApiError, *, is_post: bool) -> Answer:
    response = error.response
    # The library hands over its own answer, or the bare one where that was no JSON.
    status = int(getattr(response, "status_code", None) or getattr(response, "status", 0) or 0)
    code = _code(response)
    if status == _TOO_MANY or code in {"ratelimited", "rate_limited"}:
        return Limited(_retry_after(response))
    if status >= _SERVER or code in BROKEN or not code:
        return _broken(code or f"HTTP {status}", is_post=is_post)
    if code in PASSING:
        return Unreached(code)
    if code in CLOSED:
        return Closed(code)
    if code in VANISHED:
        return Vanished(code)
    return LockedOut(code) if code in LOCKED_OUT else Rejected(code)


def _code(response: object) -> str:
    found = getattr(response, "data", None)
    return str(found.get("error", "")) if isinstance(found, dict) else ""


def _retry_after(response: object) -> float:
    """Seconds; the library's own reading breaks on "1.5"."""
    headers = getattr(response, "headers", {})
    given = next((headers[name] for name in headers if name.lower() == "retry-after"), "")
    try:
        return max(0.0, float(given))
    except ValueError:
        return _WAIT_S
