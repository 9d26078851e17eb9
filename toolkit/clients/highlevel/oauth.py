"""OAuth 2.0: sending a person to authorise, exchanging codes, and refreshing.

Refresh tokens are single use and rotate; within 30 s a repeat of the same refresh answers the
same new pair (vendor changelog, read second-hand 2026-11). A refresh whose answer got lost is
therefore repeated at once, and a new pair is stored before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar
from urllib.parse import quote, urlencode

from toolkit.clients.highlevel.protocol import (
    DEFAULT_VERSION,
    V3,
    Call,
    Operation,
    build_request,
    decipher_answer,
    rows_of,
)
from toolkit.clients.highlevel.wire.surroundings import InstalledLocation
from toolkit.clients.highlevel.wire.tokens import TokenAnswer
from toolkit.clients.http import HttpCore
from toolkit.clients.pacing import SystemClock
from toolkit.clients.retrying import RetryPolicy
from toolkit.errors import CredentialsError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from toolkit.clients.pacing import Clock

T = TypeVar("T")
UserType = Literal["Company", "Location"]

EXCHANGE = Operation(
    name="oauth.exchange_code",
    method="POST",
    path="/oauth/token",
    reads=TokenAnswer.model_validate,
)
REFRESH = Operation(
    name="oauth.refresh",
    method="POST",
    path="/oauth/token",
    reads=TokenAnswer.model_validate,
    is_read=True,
)
LOCATION_TOKEN = Operation(
    name="oauth.location_token",
    method="POST",
    path="/oauth/locationToken",
    v3_path="/oauth/location-token",
    reads=TokenAnswer.model_validate,
    is_read=True,
)
INSTALLED_LOCATIONS = Operation(
    name="oauth.list_installed_locations",
    method="GET",
    path="/oauth/installedLocations",
    v3_path="/oauth/installed-locations",
    reads=rows_of(InstalledLocation),
    within=("locations", "items"),
    is_read=True,
)
_CHOOSER = "https://marketplace.gohighlevel.com"
_V3_FORM = {
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "grant_type": "grantType",
    "refresh_token": "refreshToken",
    "user_type": "userType",
    "redirect_uri": "redirectUri",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """An access token, what renews it, and what it is for."""

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    user_type: str | None = None
    company_id: str | None = None
    location_id: str | None = None
    user_id: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """For the vault."""
        return {
            "access_token": self.access_token,
            "expires_at": self.expires_at.isoformat(),
            "refresh_token": self.refresh_token,
            "scope": self.scope,
            "user_type": self.user_type,
            "company_id": self.company_id,
            "location_id": self.location_id,
            "user_id": self.user_id,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> TokenSet:
        """From the vault."""
        return cls(**{**stored, "expires_at": datetime.fromisoformat(stored["expires_at"])})


class OAuth:
    """One Marketplace app's OAuth endpoints.

    Args:
        client_id: Of the app.
        client_secret: Of the app; travels in form bodies only.
        redirect_uri: Where the vendor sends the person back to.
        base_url: Of the API.
        version: Decides paths and spelling, as for `HighLevel`.
        transport: Replaces the network.
        clock: Time.
        retry: When to try again.
    """

    def __init__(  # noqa: PLR0913 — the seams that tests and front ends need
        self,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str = "",
        base_url: str = "https://services.leadconnectorhq.com",
        version: str = DEFAULT_VERSION,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._version = version
        self._retry = retry or RetryPolicy()
        self._core = HttpCore(base_url, transport=transport, clock=self.clock)

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first call."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; a second call does nothing."""
        await self._core.aclose()

    def authorize_url(
        self, scopes: Sequence[str], *, state: str = "", host: str = _CHOOSER
    ) -> str:
        """Where a person's browser goes to choose a location and agree.

        Args:
            scopes: Such as `contacts.readonly`.
            state: Comes back unchanged; guards against forged returns.
            host: The white-label chooser, where the agency has one.
        """
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(scopes),
        }
        if state:
            query["state"] = state
        return f"{host}/v2/oauth/chooselocation?{urlencode(query, quote_via=quote)}"

    async def exchange_code(self, code: str, *, user_type: UserType = "Location") -> TokenSet:
        """The first tokens; a code works once.

        Raises:
            CredentialsError: The code, the app id or its secret is not accepted.
        """
        form = {"grant_type": "authorization_code", "code": code, "user_type": user_type}
        if self._redirect_uri:
            form["redirect_uri"] = self._redirect_uri
        return await self._tokens(EXCHANGE.call(form=self._form(form)))

    async def refresh(
        self, refresh_token: str, *, user_type: UserType = "Location"
    ) -> TokenSet:
        """A new pair; `refresh_token` is spent by it. Store the pair before using it.

        Raises:
            CredentialsError: The refresh token is spent, expired or revoked: authorise again.
        """
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "user_type": user_type,
        }
        return await self._tokens(REFRESH.call(form=self._form(form)))

    async def location_token(
        self, agency_token: str, *, company_id: str, location_id: str
    ) -> TokenSet:
        """A location's token in exchange for its agency's.

        Raises:
            CredentialsError: The agency token is not accepted.
        """
        form = {"companyId": company_id, "locationId": location_id}
        return await self._tokens(LOCATION_TOKEN.call(form=form), agency_token)

    async def list_installed_locations(
        self, agency_token: str, *, company_id: str, app_id: str, page_size: int = 100
    ) -> tuple[InstalledLocation, ...]:
        """The first page of locations that have, or may have, the app."""
        size = "pageSize" if self._version == V3 else "limit"
        params = {"companyId": company_id, "appId": app_id, size: str(page_size)}
        return await self._run(INSTALLED_LOCATIONS.call(params=params), agency_token)

    async def _tokens(self, call: Call[TokenAnswer], token: str = "") -> TokenSet:
        try:
            answer = await self._run(call, token)
        except RejectedError as error:
            raise CredentialsError(
                "HighLevel does not give tokens for this authorisation",
                system="highlevel",
                operation=error.operation,
                http_status=error.http_status,
                trace_id=error.trace_id,
                vendor_message=error.vendor_message,
                unchanged="The stored tokens were not changed",
                remedy="Authorise again",
            ) from error
        return TokenSet(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            expires_at=answer.expires_at(self.clock.now()),
            scope=answer.scope,
            user_type=answer.user_type,
            company_id=answer.company_id,
            location_id=answer.location_id,
            user_id=answer.user_id,
        )

    async def _run(self, call: Call[T], token: str) -> T:
        async def attempt() -> T:
            request = build_request(call, token=token, version=self._version)
            return decipher_answer(await self._core.send(request), call)

        return await self._retry.run(attempt, is_read=call.operation.is_read, clock=self.clock)

    def _form(self, form: Mapping[str, str]) -> dict[str, str]:
        full = {"client_id": self._client_id, "client_secret": self._client_secret, **form}
        if self._version != V3:
            return full
        return {_V3_FORM.get(key, key): value for key, value in full.items()}
