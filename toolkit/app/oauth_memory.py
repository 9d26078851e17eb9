"""What a consent leaves behind: its state in the store for a while, its tokens in the vault."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete

from toolkit.clients.highlevel.oauth import TokenSet
from toolkit.model.ids import ConnectionName
from toolkit.model.values import canonical_json
from toolkit.store.schema import memo

if TYPE_CHECKING:
    from toolkit.store import Store, Vault

HIGHLEVEL_OAUTH: Final = "highlevel.oauth"
"""Name of the secret that holds a connection's token pair."""
_PREFIX: Final = "oauth.state."


class StoredStates:
    """A `StateShelf` among the memos of a store."""

    def __init__(self, store: Store) -> None:
        self._transactions = store.transactions
        self._clock = store.surroundings.clock

    def put_state(
        self, digest: str, connection: ConnectionName, *, expires_at: datetime
    ) -> None:
        """Remember; forgets what has expired.

        Raises:
            StateError: It could not be stored.
        """
        row = {
            "connection": connection,
            "key": _PREFIX + digest,
            "value": canonical_json({"expires_at": expires_at.isoformat()}),
            "at": expires_at,
        }
        old = memo.c.key.startswith(_PREFIX, autoescape=True) & (memo.c.at < self._clock())
        with self._transactions.writing() as opened:
            opened.execute(delete(memo).where(old))
            opened.execute(memo.insert(), row)

    def take_state(self, digest: str) -> tuple[ConnectionName, datetime] | None:
        """Connection and end of one that was begun; only the first caller gets it.

        Raises:
            StateError: The store cannot be written, hence nothing was taken.
        """
        # One statement: of two processes that delete a row, one is told of it.
        taken = (
            delete(memo)
            .where(memo.c.key == _PREFIX + digest)
            .returning(memo.c.connection, memo.c.at)
        )
        with self._transactions.writing() as opened:
            row = opened.execute(taken).first()
        return None if row is None else (ConnectionName(row.connection), row.at)


class VaultTokens:
    """A `TokenStore` in the vault: one connection's tokens, for every process on the store."""

    def __init__(self, vault: Vault, connection: ConnectionName) -> None:
        self._vault = vault
        self._connection = connection

    async def load(self) -> TokenSet | None:
        """The tokens saved last; None before the first consent."""
        text = await asyncio.to_thread(self._vault.get, self._connection, HIGHLEVEL_OAUTH)
        return None if text is None else TokenSet.from_json(json.loads(text))

    async def save(self, tokens: TokenSet) -> None:
        """Replace the tokens at once and for good.

        Raises:
            StateError: They could not be stored.
        """
        text = json.dumps(tokens.to_json())
        await asyncio.to_thread(self._vault.put, self._connection, HIGHLEVEL_OAUTH, text)
