"""Connect a HighLevel location by a person's consent: out, back, tried, written down."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from toolkit.app.credentials import (
    HIGHLEVEL_TOKEN,
    HIGHLEVEL_VARIABLE,
    OAUTH_APP,
    get_app,
    put_app,
)
from toolkit.app.oauth_access import ConsentedToken
from toolkit.app.oauth_consent import (
    CALLBACK_PATH,
    STATE_AGE,
    Consent,
    ConsentResult,
    ConsentVerdict,
    OAuthApp,
)
from toolkit.app.oauth_memory import HIGHLEVEL_OAUTH, StoredStates, VaultTokens
from toolkit.app.setup import look_for_fields
from toolkit.app.setup_desk import Desk, open_desk
from toolkit.clients.highlevel import HighLevel
from toolkit.clients.pacing import SystemClock
from toolkit.errors import CredentialsError, StateError, UseError
from toolkit.model.ids import ConnectionName, Side
from toolkit.store.vault import NEXT

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.clients.highlevel.oauth import TokenSet
    from toolkit.clients.pacing import Clock
    from toolkit.store import Store, Vault

SCOPES: Final = (
    "contacts.readonly",
    "contacts.write",
    "locations.readonly",
    "locations/tasks.readonly",
    "locations/customFields.readonly",
    "locations/customFields.write",
    "locations/tags.readonly",
    "locations/tags.write",
    "users.readonly",
    "calendars.readonly",
    "calendars/events.readonly",
)
"""What keeping in step needs (scope names: marketplace docs, read 2026-11)."""

_RESULT: Final = "oauth.result"
_POLL_S: Final = 0.2
_PROBE_S: Final = 2.0
_REFUSED: Final[dict[ConsentVerdict, str]] = {
    ConsentVerdict.EXPIRED: "The consent page was open for too long",
    ConsentVerdict.DENIED: "HighLevel, or the person asked, did not agree",
    ConsentVerdict.NO_CODE: "HighLevel sent no code",
    ConsentVerdict.NOT_ACCEPTED: "HighLevel does not accept the app's id, secret or code",
    ConsentVerdict.WRONG_LOCATION: "Another location was chosen than the one named here",
    ConsentVerdict.NOT_REACHED: "HighLevel did not answer when its code was exchanged",
    ConsentVerdict.NOT_SET_UP: "This connection has no HighLevel app",
    ConsentVerdict.NOT_STORED: "The tokens could not be stored",
}


class HomeConsent(Consent):
    """Consents of every connection of a home; the command that waits is told how one ended.

    Args:
        store: Remembers what was begun and how it ended.
        vault: Holds apps and tokens.
        clock: Time.
        transport: Replaces the network.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        *,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(
            apps=lambda name: get_app(vault, name, is_coming=True),
            states=StoredStates(store),
            tokens=lambda name: _ConsentedTokens(vault, name),
            clock=clock,
            transport=transport,
        )
        self._store = store

    async def finish_consent(
        self, *, state: str | None, code: str | None, is_denied: bool = False
    ) -> ConsentResult:
        """As `Consent.finish_consent`; a return nobody asked for tells nobody."""
        result = await super().finish_consent(state=state, code=code, is_denied=is_denied)
        if result.connection:
            memory = self._store.connection(result.connection)
            # The person is answered all the same; who waits gives up after ten minutes.
            with suppress(StateError):
                await asyncio.to_thread(memory.put_memo, _RESULT, result.verdict.value)
        return result


class _ConsentedTokens(VaultTokens):
    """The first tokens of a consent bring their app with them."""

    def __init__(self, vault: Vault, connection: ConnectionName) -> None:
        super().__init__(vault, connection)
        self._promote = lambda: vault.promote(connection, OAUTH_APP)

    async def save(self, tokens: TokenSet) -> None:
        """Replace app and tokens.

        Raises:
            StateError: They could not be stored.
        """
        await asyncio.to_thread(self._promote)
        await super().save(tokens)


@dataclass(frozen=True, slots=True)
class Connecting:
    """A consent that was begun.

    Attributes:
        page: Where the person's browser goes.
        consent: Takes them back, where no service does.
    """

    page: str
    consent: Consent
    app: OAuthApp
    _desk: Desk
    _clock: Clock
    _transport: httpx.AsyncBaseTransport | None

    async def wait(self) -> None:
        """Return once the tokens are in the vault, by whichever process.

        Raises:
            CredentialsError: The consent was refused.
            UseError: Nobody came back within ten minutes.
        """
        ends_at = self._clock.now() + STATE_AGE + timedelta(seconds=_POLL_S)
        while self._clock.now() < ends_at:
            told = await asyncio.to_thread(self._desk.store.get_memo, _RESULT)
            if told:
                return _judge(ConsentVerdict(told))
            await self._clock.sleep(_POLL_S)
        raise UseError(
            "Nobody came back from the consent page within ten minutes",
            unchanged="The connection is as it was",
            remedy="Run the command again",
        )

    async def finish(self, *, create_fields: bool = False) -> list[str]:
        """Try the tokens on the location and write the settings; a sentence each.

        Raises:
            VendorError: They do not open the location.
        """
        desk, app = self._desk, self.app
        tokens = ConsentedToken(
            desk.vault, desk.store, clock=self._clock, transport=self._transport
        )
        try:
            async with HighLevel(
                tokens,
                location_id=app.location_id,
                base_url=app.base_url,
                transport=self._transport,
                clock=self._clock,
            ) as client:
                location = await client.locations.get()
                said = [
                    f"HighLevel answers for the location {location.name or location.id}.",
                    *await look_for_fields(client, desk.mapping, is_creating=create_fields),
                ]
        finally:
            await tokens.aclose()
        account = {"location_id": app.location_id, "base_url": app.base_url}
        said += desk.keep(Side.HIGHLEVEL, account)
        said += _forget_private_token(desk)
        return [*said, *([desk.vault.warning] if desk.vault.warning else [])]


@contextmanager
def connecting(  # noqa: PLR0913 — the seams that tests and front ends need
    home: Home,
    name: str,
    app: OAuthApp,
    *,
    beside_service: bool = False,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Iterator[Connecting]:
    """Begin a consent; a first one that fails leaves nothing behind.

    Args:
        home: Where settings and vault are.
        name: The connection.
        app: The Marketplace app; its redirect address leads to whoever takes people back.
        beside_service: `hightonic serve` does, on this home.
        clock: Time.
        transport: Replaces the network.

    Raises:
        StateBusyError: Another process works in the home.
        StateError: The home or the vault cannot be used.
    """
    time = clock or SystemClock()
    with open_desk(home, name, beside_service=beside_service) as desk:
        had_consent = desk.vault.get(name, HIGHLEVEL_OAUTH) is not None
        desk.store.put_memo(_RESULT, "")
        consent = HomeConsent(desk.whole, desk.vault, clock=time, transport=transport)
        try:
            put_app(desk.vault, name, app)
            page = consent.begin_consent(ConnectionName(name))
            yield Connecting(page, consent, app, desk, time, transport)
        except BaseException:
            # With its app gone, a return that is still under way ends as not set up.
            desk.vault.delete(name, OAUTH_APP + NEXT)
            if not had_consent:
                desk.vault.delete(name, HIGHLEVEL_OAUTH)
                desk.vault.delete(name, OAUTH_APP)
            raise


def _forget_private_token(desk: Desk) -> list[str]:
    said = []
    if os.environ.get(HIGHLEVEL_VARIABLE):
        said = [f"{HIGHLEVEL_VARIABLE} is set and goes before the consent: remove it."]
    if desk.vault.get(desk.name, HIGHLEVEL_TOKEN) is None:
        return said
    for name in (HIGHLEVEL_TOKEN, HIGHLEVEL_TOKEN + NEXT):
        desk.vault.delete(desk.name, name)
    return [*said, "The private token stored before is not used any more: revoke it."]


async def is_served(redirect_url: str) -> bool:
    """Whether a running service takes people back at this address.

    Raises:
        UseError: It is not the address of a callback of ours.
    """
    if not redirect_url.endswith(CALLBACK_PATH):
        raise UseError(
            f"The redirect URL must end in {CALLBACK_PATH}",
            unchanged="Nothing was changed",
            remedy="Register that address with the app, and name it here",
        )
    health = redirect_url.removesuffix(CALLBACK_PATH) + "/healthz"
    try:
        async with httpx.AsyncClient(timeout=_PROBE_S) as client:
            answer = await client.get(health)
            found: object = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return found == {"status": "ok"}


def place_to_listen(redirect_url: str) -> tuple[str, int]:
    """Host and port of a redirect address that this command can answer by itself.

    Raises:
        UseError: It leads elsewhere, or asks for encryption.
    """
    parts = urlsplit(redirect_url)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "http" or parts.path != CALLBACK_PATH or not is_here or not parts.port:
        raise UseError(
            f"No `hightonic serve` answers at {parts.scheme}://{parts.hostname}, and this "
            "command cannot take people back there by itself",
            unchanged="Nothing was changed",
            remedy="Start the service first, or name an address such as "
            f"http://127.0.0.1:8080{CALLBACK_PATH} in the app and here",
        )
    return str(parts.hostname), parts.port


def _judge(verdict: ConsentVerdict) -> None:
    if verdict is ConsentVerdict.CONNECTED:
        return
    raise CredentialsError(
        _REFUSED[verdict],
        system=Side.HIGHLEVEL,
        unchanged="The connection is as it was",
        remedy="Run the command again",
    )
