"""Session keys: ready-made ones that may change while we run, and the three-step sign-in.

A key lives until someone regenerates it, logs out other sessions or the vendor drops it; no
lifetime is published (vendor help pages, read 2026-11). So keys are asked for at each call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self

import httpx

from toolkit.clients.http import HttpCore
from toolkit.clients.pacing import Clock
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.protocol import (
    DEFAULT_URL,
    DEFAULT_VERSION,
    Effect,
    build_request,
    decipher,
)
from toolkit.clients.timetonic.wire import SessionWire, read_as
from toolkit.errors import MalformedAnswerError


class SesskeyProvider(Protocol):
    """Where the session key comes from, call by call."""

    async def current(self) -> str:
        """The key to use now."""
        ...

    async def renew(self, refused: str, /) -> str | None:
        """Another key after `refused` was turned down; None when there is none."""
        ...


class FixedSesskey:
    """One key for the life of the client.

    Args:
        sesskey: From the TimeTonic profile page, or from `sign_in`.
    """

    def __init__(self, sesskey: str) -> None:
        self._sesskey = sesskey

    async def current(self) -> str:
        """The key."""
        return self._sesskey

    async def renew(self, _refused: str, /) -> str | None:
        """There is no other key."""
        return None


class ReloadedSesskey:
    """A key that is read again once the service refuses it, such as from the vault.

    Args:
        load: Reads the key that is stored now.
    """

    def __init__(self, load: Callable[[], str]) -> None:
        self._load = load
        self._sesskey: str | None = None

    async def current(self) -> str:
        """The key read last, or read for the first time."""
        if self._sesskey is None:
            self._sesskey = self._load()
        return self._sesskey

    async def renew(self, refused: str, /) -> str | None:
        """The stored key, when it is another one by now; several callers may ask at once."""
        self._sesskey = self._load()
        return None if self._sesskey == refused else self._sesskey


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a sign-in leaves; both keys are secrets and stay out of `repr`.

    Attributes:
        user: The user code the session belongs to.
        sesskey: Signs calls until it is dropped.
        oauth_key: Opens further sessions without the password; worth keeping in the vault.
        restrictions: What the service says this session may not do.
    """

    user: str
    sesskey: str = field(repr=False)
    oauth_key: str = field(repr=False)
    restrictions: dict[str, object] = field(default_factory=dict)


class Doorway:
    """The three sign-in steps, each of which needs no session; use it in `async with`.

    Args:
        url: Address of `api.php`.
        version: API version to name; empty leaves it out.
        transport: Replaces the network.
        clock: Times the calls.
    """

    def __init__(
        self,
        *,
        url: str = DEFAULT_URL,
        version: str = DEFAULT_VERSION,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._core = HttpCore(url, transport=transport, clock=clock)
        self._version = version or None

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first step."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def sign_in(
        self, login: str, password: str, *, app_name: str = "hightonic"
    ) -> SignedIn:
        """From login and password to a session.

        The password travels once, in a request body, and is kept nowhere. A second call
        makes further keys; the earlier ones stay good.

        Args:
            login: User code, e-mail or phone.
            password: Not stored, not logged.
            app_name: Shown in the user's list of keys.

        Raises:
            CredentialsError: Login or password is wrong.
            NotReachedError: The service could not be reached.
        """
        app = await self._step("createAppkey", appname=app_name)
        granted = await self._step(
            "createOauthkey",
            login=login,
            pwd=password,
            appkey=_key(app.app_key, "createAppkey"),
        )
        oauth_key = _key(granted.oauth_key, "createOauthkey")
        return await self.open_session(oauth_key, user=granted.user or login)

    async def open_session(
        self, oauth_key: str, *, user: str, restrictions: str = ""
    ) -> SignedIn:
        """A new session from a key kept from an earlier sign-in.

        Args:
            oauth_key: Of an earlier `SignedIn`.
            user: Its user code.
            restrictions: Passed on as it is; its syntax is not published.

        Raises:
            CredentialsError: The key was revoked.
        """
        opened = await self._step(
            "createSesskey",
            o_u=user,
            u_c=user,
            oauthkey=oauth_key,
            restrictions=restrictions or None,
        )
        return SignedIn(
            user=user,
            sesskey=_key(opened.sesskey, "createSesskey"),
            oauth_key=oauth_key,
            restrictions=dict(opened.restrictions),
        )

    async def aclose(self) -> None:
        """Close the connections; a second call does nothing."""
        await self._core.aclose()

    async def _step(self, function: str, **arguments: str | None) -> SessionWire:
        # A repeated step only leaves an unused key, but never send a password twice unasked.
        request = build_request(
            function, arguments, effect=Effect.CREATE, session={"version": self._version}
        )
        answer = await self._core.send(request)
        payload = decipher(answer, effect=Effect.CREATE, profile=CapabilityProfile())
        return read_as(SessionWire, payload, operation=function)


def _key(text: str, function: str) -> str:
    if not text:
        raise MalformedAnswerError(
            f"TimeTonic's answer to {function} holds no key",
            system="timetonic",
            operation=function,
        )
    return text
