"""Which token HighLevel gets, and who renews it: one process at a time."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from toolkit.app.credentials import OAUTH_APP, get_app
from toolkit.app.oauth_memory import VaultTokens
from toolkit.clients.highlevel.oauth import OAuth
from toolkit.clients.highlevel.oauth_tokens import LocationToken, OAuthToken
from toolkit.errors import StateBusyError

if TYPE_CHECKING:
    import httpx

    from toolkit.clients.highlevel.tokens import TokenProvider
    from toolkit.clients.pacing import Clock
    from toolkit.engine.port import Clock as Waiting
    from toolkit.store import ConnectionStore, Vault

# Shorter than the vendor's grace: a process that dies between refresh and save leaves 15 s
# in which the next one, with the same refresh token, is given the same new pair.
_TURN_S: Final = 15.0
_WAIT_S: Final = 0.2
_REFRESH: Final = "oauth.refresh"
_LOOK_AGAIN_S: Final = 5.0


class RefreshTurn:
    """One refresh at a time among all processes on the store, by a lease.

    Args:
        store: Of the connection.
        clock: For the waits.
    """

    def __init__(self, store: ConnectionStore, *, clock: Waiting) -> None:
        self._store = store
        self._clock = clock
        # Two clients of one process are two owners: a lease lets its owner in again.
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[None]:
        """The turn, for the length of a block.

        Raises:
            StateBusyError: Others had it for longer than any refresh takes.
        """
        await self._acquire()
        try:
            yield
        finally:
            await asyncio.to_thread(
                lambda: self._store.release_lease(self._owner, name=_REFRESH)
            )

    async def _acquire(self) -> None:
        for left in range(int(3 * _TURN_S / _WAIT_S), -1, -1):
            try:
                await asyncio.to_thread(
                    lambda: self._store.acquire_lease(
                        self._owner,
                        ttl_s=_TURN_S,
                        name=_REFRESH,
                        purpose="renewing the HighLevel token",
                    )
                )
            except StateBusyError:
                if not left:
                    raise
                await self._clock.sleep(_WAIT_S)
            else:
                return


class ConsentedToken:
    """A `TokenProvider` over what a person consented to, a location's or an agency's.

    Args:
        vault: Holds app and tokens.
        store: Of the connection.
        clock: Time.
        transport: Replaces the network.
    """

    def __init__(
        self,
        vault: Vault,
        store: ConnectionStore,
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._vault = vault
        self._store = store
        self._clock = clock
        self._transport = transport
        self._provider: TokenProvider | None = None
        self._made_for: tuple[str, str | None] | None = None
        self._looked_at_s = 0.0
        self._opened: list[OAuth] = []

    async def token(self) -> str:
        """An access token of the location with at least five minutes left.

        Raises:
            CredentialsError: The consent has ended; give it again.
        """
        return await (await self._chosen()).token()

    async def renewed(self, rejected: str) -> str | None:
        """Another one than `rejected`, renewed where need be."""
        return await (await self._chosen()).renewed(rejected)

    async def aclose(self) -> None:
        """Close the connections; a second call does nothing."""
        while self._opened:
            await self._opened.pop().aclose()

    async def _chosen(self) -> TokenProvider:
        now_s = self._clock.monotonic()
        if self._provider is not None and now_s - self._looked_at_s < _LOOK_AGAIN_S:
            return self._provider
        text = await asyncio.to_thread(self._vault.get, self._store.name, OAUTH_APP)
        tokens = VaultTokens(self._vault, self._store.name)
        stored = await tokens.load()
        agency = stored.company_id if stored and stored.user_type == "Company" else None
        if self._provider is None or self._made_for != (text, agency):
            self._provider = self._made(tokens, agency)
        self._made_for, self._looked_at_s = (text or "", agency), now_s
        return self._provider

    def _made(self, tokens: VaultTokens, agency: str | None) -> TokenProvider:
        app = get_app(self._vault, self._store.name)
        oauth = OAuth(
            client_id=app.client_id,
            client_secret=app.client_secret,
            base_url=app.base_url,
            version=app.version,
            transport=self._transport,
            clock=self._clock,
        )
        self._opened.append(oauth)
        turn = RefreshTurn(self._store, clock=self._clock)
        consented = OAuthToken(oauth, tokens, turn=turn)
        if agency is None:
            return consented
        return LocationToken(
            oauth, agency=consented, company_id=agency, location_id=app.location_id
        )


class ChosenToken:
    """The consent's token where there is one, else the private token; changes while it runs.

    Args:
        is_consented: Whether the vault holds a consent now; asked at each call.
        consented: Gives its tokens.
        private: Gives the private ones.
    """

    def __init__(
        self,
        is_consented: Callable[[], bool],
        *,
        consented: TokenProvider,
        private: TokenProvider,
    ) -> None:
        self._is_consented = is_consented
        self._consented = consented
        self._private = private

    async def token(self) -> str:
        """The token to send now."""
        return await self._provider().token()

    async def renewed(self, rejected: str) -> str | None:
        """Another one than `rejected`; None where there is none."""
        return await self._provider().renewed(rejected)

    def _provider(self) -> TokenProvider:
        return self._consented if self._is_consented() else self._private
