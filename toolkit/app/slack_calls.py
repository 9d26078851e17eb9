"""The few calls of Slack's Web API that setting up needs; the bot itself has slack_sdk's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx

from toolkit.errors import (
    CredentialsError,
    HightonicError,
    NotReachedError,
    RejectedError,
    UnknownOutcomeError,
)

SLACK_URL: Final = "https://slack.com/api/"
_TIMEOUT_S: Final = 20.0
# Slack's words for a key that opens nothing (any more); vendor docs, read 2026-11.
_LOCKED_OUT: Final = frozenset(
    {
        "account_inactive",
        "bad_client_secret",
        "invalid_auth",
        "invalid_client_id",
        "invalid_refresh_token",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
_UNCHANGED: Final = "Nothing was changed"


@dataclass(frozen=True, slots=True)
class SlackAnswer:
    """What Slack said.

    Attributes:
        scopes: Of the token that was used, as Slack counts them; empty where it does not say.
    """

    body: Mapping[str, Any]
    scopes: tuple[str, ...]


class SlackCaller:
    """Calls Slack once each; nothing is repeated.

    Args:
        base_url: Ends in `/api/`.
        transport: Replaces the network.
    """

    def __init__(
        self, *, base_url: str = SLACK_URL, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=_TIMEOUT_S, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def call(
        self, method: str, arguments: Mapping[str, str] | None = None, *, token: str = ""
    ) -> SlackAnswer:
        """One method of the Web API.

        Raises:
            CredentialsError: The token, or the app's own keys, open nothing.
            RejectedError: Slack refuses for another reason; `vendor_message` is its word.
            NotReachedError: There is no connection to it, or it is too busy.
            UnknownOutcomeError: It answered nothing that can be read.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = await self._client.post(method, data=arguments or {}, headers=headers)
        except httpx.ConnectError as error:
            raise _not_reached(method) from error
        except httpx.HTTPError as error:
            raise _unknown(method) from error
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise _not_reached(method, status=answer.status_code)
        try:
            body = answer.json()
        except ValueError as error:
            raise _unknown(method, status=answer.status_code) from error
        if not isinstance(body, dict):
            raise _unknown(method, status=answer.status_code)
        if body.get("ok") is not True:
            raise _refused(method, str(body.get("error") or "unknown_error"))
        return SlackAnswer(body, _scopes(answer.headers.get("x-oauth-scopes", "")))


def _scopes(header: str) -> tuple[str, ...]:
    return tuple(sorted(each.strip() for each in header.split(",") if each.strip()))


def _refused(method: str, word: str) -> HightonicError:
    kind = CredentialsError if word in _LOCKED_OUT else RejectedError
    return kind(
        f"Slack refused {method}: {word}",
        system="slack",
        operation=method,
        vendor_message=word,
        unchanged=_UNCHANGED,
    )


def _not_reached(method: str, *, status: int | None = None) -> HightonicError:
    return NotReachedError(
        "Slack takes no more calls just now" if status else "Slack cannot be reached",
        system="slack",
        operation=method,
        http_status=status,
        unchanged=_UNCHANGED,
        remedy="Try again in a minute",
    )


def _unknown(method: str, *, status: int | None = None) -> HightonicError:
    return UnknownOutcomeError(
        f"Slack gave no answer to {method} that can be read",
        system="slack",
        operation=method,
        http_status=status,
        remedy="Try again in a minute",
    )
