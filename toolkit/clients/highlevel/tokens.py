"""Where the bearer token comes from, and what to try when one is turned down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from toolkit.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable


class TokenProvider(Protocol):
    """Gives tokens to the client."""

    async def token(self) -> str:
        """The token to send now.

        Raises:
            CredentialsError: There is none.
        """
        ...

    async def renewed(self, rejected: str) -> str | None:
        """Another token, now that `rejected` was answered with 401; None if there is no other."""
        ...


class PrivateToken:
    """One or more private integration tokens.

    During a rotation the old and the new token are both valid for up to seven days (vendor
    help pages, read 2026-11): give both, in any order, and whichever works is kept.

    Args:
        candidates: Tokens, or functions that give one; functions are asked for every call, so
            a token changed in the vault is used without a restart. Empty ones are skipped.
    """

    def __init__(self, *candidates: str | Callable[[], str]) -> None:
        self._candidates = candidates
        self._rejected: str | None = None

    def __repr__(self) -> str:
        return f"PrivateToken({len(self._candidates)} candidates)"

    async def token(self) -> str:
        """The first candidate that was not the last one turned down."""
        tokens = self._tokens()
        if not tokens:
            raise CredentialsError(
                "No HighLevel token is set",
                system="highlevel",
                unchanged="Nothing was sent",
                remedy="Store a private integration token",
            )
        return next((token for token in tokens if token != self._rejected), tokens[0])

    async def renewed(self, rejected: str) -> str | None:
        """A candidate other than `rejected`, which from now on comes first."""
        self._rejected = rejected
        return next((token for token in self._tokens() if token != rejected), None)

    def _tokens(self) -> list[str]:
        tokens = (item if isinstance(item, str) else item() for item in self._candidates)
        return [token.strip() for token in tokens if token.strip()]
