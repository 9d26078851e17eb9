"""The front door: a store, and one connection's part of it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import select

from toolkit.model.ids import ConnectionName
from toolkit.store.conflicts import Conflicts
from toolkit.store.database import FILE_NAME, open_database
from toolkit.store.findings import Findings
from toolkit.store.ledger import Ledger
from toolkit.store.memos import Memos
from toolkit.store.observed import Observed
from toolkit.store.runs import Runs
from toolkit.store.schema import link, run
from toolkit.store.shelf import Surroundings, utc_now
from toolkit.store.transactions import Transactions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine


class ConnectionStore(Ledger, Runs, Conflicts, Findings, Observed, Memos):
    """All that is remembered about one connection. Synchronous; safe from any thread."""


class Store:
    """What this home remembers, connection by connection.

    Args:
        engine: From `open_database`.
        clock: Now, aware.
        token: Random hex of so many bytes.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], datetime] = utc_now,
        token: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self.transactions = Transactions(engine)
        self.surroundings = Surroundings(clock, token)

    @classmethod
    def open(cls, home: Path | str, *, clock: Callable[[], datetime] = utc_now) -> Self:
        """The store of a home folder, made where missing, or of a database URL.

        Raises:
            StateError: See `open_database`.
        """
        where = home if isinstance(home, str) and "://" in home else Path(home) / FILE_NAME
        return cls(open_database(where), clock=clock)

    def connection(self, name: ConnectionName | str) -> ConnectionStore:
        """One connection's memory; nothing is read or written yet."""
        return ConnectionStore(self.transactions, ConnectionName(name), self.surroundings)

    def connections(self) -> list[ConnectionName]:
        """Names that have pairs or runs, sorted."""
        query = select(link.c.connection).union(select(run.c.connection))
        with self.transactions.reading() as connection:
            return sorted(ConnectionName(name) for name in connection.scalars(query))

    def close(self) -> None:
        """Let go of the database; twice is once."""
        self.transactions.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        # The URL of a server may hold a password; SQLAlchemy masks it.
        return f"Store({self.transactions.engine.url!r})"
