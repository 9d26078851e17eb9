"""The workspaces the app is in, and the way into each: whose token, read when it is needed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.dispatcher import SlackWire
from toolkit.errors import NotReachedError

if TYPE_CHECKING:
    import aiohttp

    from bot.dispatcher import Wire
    from toolkit.app.slack_home import SlackHome

_FRESH: Final = timedelta(seconds=30)
"""How long a token is used without looking: far less than the hour it is renewed ahead."""


@dataclass(frozen=True, slots=True)
class _Held:
    token: str
    read_at: datetime


class Workspaces:
    """Knows every workspace the moment the app is installed in it.

    Args:
        found: Where the installations are kept.
        session: Shared, so that connections to Slack are kept.
    """

    def __init__(self, found: SlackHome, session: aiohttp.ClientSession) -> None:
        self._keys = found.keys
        self._now = found.clock.now
        self._session = session
        self._base_url = found.keys.app().base_url
        self._held: dict[str, _Held] = {}
        self._wires: dict[str, Wire] = {}

    async def has(self, team: str) -> bool:
        """Whether the app is installed there.

        Raises:
            StateError: The vault cannot be read.
        """
        return await asyncio.to_thread(self._keys.find, team) is not None

    async def token(self, team: str) -> str:
        """A workspace's bot token, still good.

        Raises:
            CredentialsError: The app is not installed there.
            VendorError: The token has ended and cannot be renewed now.
        """
        held = self._held.get(team)
        if held is None or self._now() - held.read_at >= _FRESH:
            held = _Held(await self._keys.token(team), self._now())
            self._held[team] = held
        return held.token

    async def client(self, team: str) -> AsyncWebClient:
        """Slack's client with a workspace's token, without retries of its own.

        Raises:
            VendorError: As `token`; or the service has stopped, and calls nobody any more.
        """
        return self._client(await self.token(team))

    def bare_client(self) -> AsyncWebClient:
        """The same without a token, for what the app itself asks."""
        return self._client(None)

    def wire(self, team: str) -> Wire:
        """The dispatcher's way into a workspace; one that has none refuses everything."""
        known = self._wires.get(team)
        if known is None:
            known = SlackWire(
                lambda: self.token(team), base_url=self._base_url, session=self._session
            )
            self._wires[team] = known
        return known

    def forget(self, team: str) -> None:
        """The app was removed there; a second call finds nothing to do."""
        self._held.pop(team, None)
        self._wires.pop(team, None)

    def _client(self, token: str | None) -> AsyncWebClient:
        if self._session.closed:
            raise NotReachedError("This process is stopping", system="slack")
        return AsyncWebClient(
            token=token, base_url=self._base_url, session=self._session, retry_handlers=[]
        )
