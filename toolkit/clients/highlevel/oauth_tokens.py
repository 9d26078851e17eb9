"""Token providers over OAuth: one refresh at a time, stored before it is used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from toolkit.errors import CredentialsError

if TYPE_CHECKING:
    from toolkit.clients.highlevel.oauth import OAuth, TokenSet
    from toolkit.clients.highlevel.tokens import TokenProvider

REFRESH_EARLY = timedelta(minutes=5)

Turn: TypeAlias = Callable[[], AbstractAsyncContextManager[object]]
"""The right to refresh, held for the length of a block."""


class TokenStore(Protocol):
    """Keeps one connection's tokens, for every process that works on it."""

    async def load(self) -> TokenSet | None:
        """The tokens saved last; None before the first authorisation."""
        ...

    async def save(self, tokens: TokenSet) -> None:
        """Replace the tokens at once and for good."""
        ...


class OAuthToken:
    """Gives the stored access token and renews it: early, or when it is turned down.

    Args:
        oauth: The app.
        store: Read again whenever a token is about to end or was refused, because another
            process may have renewed it.
        turn: Lets one process refresh at a time; None where there is only this one.
    """

    def __init__(self, oauth: OAuth, store: TokenStore, *, turn: Turn | None = None) -> None:
        self._oauth = oauth
        self._store = store
        self._turn: Turn = turn or nullcontext
        self._current: TokenSet | None = None
        self._renewing = asyncio.Lock()

    async def token(self) -> str:
        """An access token with at least five minutes left.

        Raises:
            CredentialsError: Never authorised, or the refresh token is spent.
        """
        if self._current is not None and self._is_fresh(self._current):
            return self._current.access_token
        async with self._renewing:
            stored = await self._stored()
            if not self._is_fresh(stored):
                stored = await self._refreshed(stored)
            self._current = stored
            return stored.access_token

    async def renewed(self, rejected: str) -> str | None:
        """An access token other than `rejected`: a stored newer one, or a refreshed one."""
        async with self._renewing:
            stored = await self._stored()
            if stored.access_token == rejected:
                stored = await self._refreshed(stored)
            self._current = stored
            return stored.access_token

    async def _stored(self) -> TokenSet:
        stored = await self._store.load()
        if stored is None:
            raise CredentialsError(
                "HighLevel was never authorised for this connection",
                system="highlevel",
                unchanged="Nothing was sent",
                remedy="Authorise it",
            )
        return stored

    async def _refreshed(self, spent: TokenSet) -> TokenSet:
        async with self._turn():
            # Whoever had the turn before may have renewed it while we waited.
            stored = await self._stored()
            if stored.access_token != spent.access_token:
                return stored
            return await self._exchanged(stored)

    async def _exchanged(self, spent: TokenSet) -> TokenSet:
        if spent.refresh_token is None:
            raise CredentialsError(
                "The HighLevel token has ended and cannot be renewed",
                system="highlevel",
                unchanged="Nothing was sent",
                remedy="Authorise it again",
            )
        user_type: Literal["Company", "Location"] = (
            "Company" if spent.user_type == "Company" else "Location"
        )
        try:
            fresh = await self._oauth.refresh(spent.refresh_token, user_type=user_type)
        except CredentialsError:
            # Another process may have spent it a moment ago and stored the new pair since.
            stored = await self._stored()
            if stored.refresh_token == spent.refresh_token:
                raise
            return stored
        await self._store.save(fresh)
        return fresh

    def _is_fresh(self, tokens: TokenSet) -> bool:
        return self._oauth.clock.now() < tokens.expires_at - REFRESH_EARLY


class LocationToken:
    """Exchanges an agency's token for one of its locations', and keeps it until it ends.

    Args:
        oauth: The app.
        agency: Gives the agency's token.
        company_id: The agency.
        location_id: The location.
    """

    def __init__(
        self, oauth: OAuth, *, agency: TokenProvider, company_id: str, location_id: str
    ) -> None:
        self._oauth = oauth
        self._agency = agency
        self._company_id = company_id
        self._location_id = location_id
        self._current: TokenSet | None = None
        self._renewing = asyncio.Lock()

    async def token(self) -> str:
        """The location's token, with at least five minutes left."""
        async with self._renewing:
            now = self._oauth.clock.now()
            if self._current is None or now >= self._current.expires_at - REFRESH_EARLY:
                self._current = await self._exchange()
            return self._current.access_token

    async def renewed(self, rejected: str) -> str | None:
        """Another token than `rejected`, by a new exchange."""
        async with self._renewing:
            if self._current is None or self._current.access_token == rejected:
                self._current = await self._exchange()
            return self._current.access_token

    async def _exchange(self) -> TokenSet:
        agency_token = await self._agency.token()
        try:
            return await self._exchanged(agency_token)
        except CredentialsError:
            other = await self._agency.renewed(agency_token)
            if other is None:
                raise
            return await self._exchanged(other)

    async def _exchanged(self, agency_token: str) -> TokenSet:
        return await self._oauth.location_token(
            agency_token, company_id=self._company_id, location_id=self._location_id
        )
