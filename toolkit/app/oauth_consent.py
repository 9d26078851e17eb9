"""A person's consent at HighLevel: out with a state, back with a code, tokens into the vault.

The command that sends the person away and the server they come back to may be different
processes, so what was begun is remembered in the store: by digest, for ten minutes, once.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from toolkit.clients.highlevel.oauth import OAuth, TokenSet
from toolkit.clients.highlevel.protocol import DEFAULT_VERSION
from toolkit.clients.pacing import SystemClock
from toolkit.errors import CredentialsError, HightonicError, UseError, VendorError
from toolkit.model.ids import ConnectionName

if TYPE_CHECKING:
    import httpx

    from toolkit.clients.highlevel.oauth_tokens import TokenStore
    from toolkit.clients.pacing import Clock

_log = logging.getLogger(__name__)

CALLBACK_PATH = "/oauth/callback"
STATE_AGE = timedelta(minutes=10)
_CHOOSER = "https://marketplace.gohighlevel.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthApp:
    """One connection's Marketplace app.

    Attributes:
        redirect_uri: Of this server's callback, as registered with the app.
        scopes: What is asked for.
        location_id: Consent for another location is not taken.
        chooser_url: The white-label chooser, where the agency has one.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]
    location_id: str
    base_url: str = "https://services.leadconnectorhq.com"
    version: str = DEFAULT_VERSION
    chooser_url: str = _CHOOSER


class ConsentVerdict(StrEnum):
    """How a person's way back ended."""

    CONNECTED = "connected"
    WRONG_STATE = "wrong_state"
    EXPIRED = "expired"
    DENIED = "denied"
    NO_CODE = "no_code"
    NOT_ACCEPTED = "not_accepted"
    WRONG_LOCATION = "wrong_location"
    NOT_REACHED = "not_reached"
    NOT_SET_UP = "not_set_up"
    NOT_STORED = "not_stored"


@dataclass(frozen=True, slots=True)
class ConsentResult:
    """How it ended, and for whom; the connection is empty where the state is not ours."""

    verdict: ConsentVerdict
    connection: str = ""


class StateShelf(Protocol):
    """Remembers what was begun, for every process on the same store."""

    def put_state(
        self, digest: str, connection: ConnectionName, *, expires_at: datetime
    ) -> None:
        """Remember; forgets what has expired."""
        ...

    def take_state(self, digest: str) -> tuple[ConnectionName, datetime] | None:
        """Connection and end of one that was begun; only the first caller gets it."""
        ...


class Consent:
    """Asks a person for consent, and takes the answer.

    Args:
        apps: The Marketplace app of a connection.
        states: Remembers what was begun.
        tokens: Where a connection's tokens are kept.
        clock: Time.
        new_state: Makes an unguessable text.
        transport: Replaces the network.
    """

    def __init__(  # noqa: PLR0913 — the seams that tests and front ends need
        self,
        *,
        apps: Callable[[ConnectionName], OAuthApp],
        states: StateShelf,
        tokens: Callable[[ConnectionName], TokenStore],
        clock: Clock | None = None,
        new_state: Callable[[], str] = secrets.token_urlsafe,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._apps = apps
        self._states = states
        self._tokens = tokens
        self._clock = clock or SystemClock()
        self._new_state = new_state
        self._transport = transport

    def begin_consent(self, connection: ConnectionName) -> str:
        """The page a person's browser goes to, good for ten minutes and one return.

        A second call begins another consent; the first stays good.

        Raises:
            StateError: It could not be remembered.
        """
        app, state = self._apps(connection), self._new_state()
        expires_at = self._clock.now() + STATE_AGE
        self._states.put_state(_digest(state), connection, expires_at=expires_at)
        return self._oauth(app).authorize_url(app.scopes, state=state, host=app.chooser_url)

    async def finish_consent(
        self, *, state: str | None, code: str | None, is_denied: bool = False
    ) -> ConsentResult:
        """Take a person's return; logs one event, never a code, state or token.

        A second call with the same state ends as `WRONG_STATE`, whatever became of the first.

        Args:
            state: As it came back; None where it is missing.
            code: The vendor's code; None where it is missing.
            is_denied: The vendor says that the person, or it, said no.
        """
        connection, error = "", None
        try:
            begun = await self._begun(state)
            if begun is None:
                return _ended(ConsentResult(ConsentVerdict.WRONG_STATE))
            connection = begun[0]
            verdict = await self._judged(begun, code=code, is_denied=is_denied)
        except HightonicError as raised:
            verdict, error = _verdict_of(raised), raised
        return _ended(ConsentResult(verdict, connection), error)

    async def _begun(self, state: str | None) -> tuple[ConnectionName, datetime] | None:
        if not state:
            return None
        return await asyncio.to_thread(self._states.take_state, _digest(state))

    async def _judged(
        self,
        begun: tuple[ConnectionName, datetime],
        *,
        code: str | None,
        is_denied: bool,
    ) -> ConsentVerdict:
        connection, expires_at = begun
        if self._clock.now() >= expires_at:
            return ConsentVerdict.EXPIRED
        if is_denied:
            return ConsentVerdict.DENIED
        if not code:
            return ConsentVerdict.NO_CODE
        app = self._apps(connection)
        async with self._oauth(app) as oauth:
            tokens = await oauth.exchange_code(code)
        if not _fits(tokens, app.location_id):
            return ConsentVerdict.WRONG_LOCATION
        await self._tokens(connection).save(tokens)
        return ConsentVerdict.CONNECTED

    def _oauth(self, app: OAuthApp) -> OAuth:
        return OAuth(
            client_id=app.client_id,
            client_secret=app.client_secret,
            redirect_uri=app.redirect_uri,
            base_url=app.base_url,
            version=app.version,
            transport=self._transport,
            clock=self._clock,
        )


def _fits(tokens: TokenSet, location_id: str) -> bool:
    # An agency's tokens name no location; they are exchanged for the location's when used.
    return tokens.user_type == "Company" or tokens.location_id in (None, location_id)


def _verdict_of(error: HightonicError) -> ConsentVerdict:
    match error:
        case CredentialsError():
            return ConsentVerdict.NOT_ACCEPTED
        case VendorError():
            return ConsentVerdict.NOT_REACHED
        case UseError():
            return ConsentVerdict.NOT_SET_UP
        case _:
            return ConsentVerdict.NOT_STORED


def _ended(result: ConsentResult, error: HightonicError | None = None) -> ConsentResult:
    fields = {
        "connection": result.connection,
        "reason": result.verdict.value,
        "error": type(error).__name__ if error else "",
        "reference": error.reference if error else "",
    }
    if result.verdict is ConsentVerdict.CONNECTED:
        _log.info("consent given", extra=fields)
    else:
        _log.warning("consent refused", extra=fields)
    return result


def _digest(state: str) -> str:
    return sha256(state.encode(errors="surrogatepass")).hexdigest()
