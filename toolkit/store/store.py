"""The front door: a store, and one connection's part of it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import select

from toolkit.model.ids import ConnectionName
from toolkit.store.batches import Batches
from toolkit.store.conflicts import Conflicts
from toolkit.store.database import FILE_NAME, open_database
from toolkit.store.deliveries import Deliveries
from toolkit.store.events import Events, Feed
from toolkit.store.findings import Findings
from toolkit.store.firings import Firings
from toolkit.store.inbox import Inbox
from toolkit.store.intake import put_arrivals
from toolkit.store.leases import Leases
from toolkit.store.ledger import Ledger
from toolkit.store.memos import Memos
from toolkit.store.metrics import Metrics
from toolkit.store.observed import Observed
from toolkit.store.quota import Quota
from toolkit.store.runs import Runs
from toolkit.store.schema import link, run
from toolkit.store.shelf import Surroundings, utc_now
from toolkit.store.slack import SlackShelf
from toolkit.store.switches import Switches
from toolkit.store.transactions import Transactions
from toolkit.store.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from toolkit.store.intake import Arrival


class ConnectionStore(
    Ledger,
    Runs,
    Conflicts,
    Findings,
    Firings,
    Observed,
    Memos,
    Metrics,
    Inbox,
    Events,
    Quota,
    Leases,
    Switches,
    Deliveries,
    Batches,
):
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
        turns = self.transactions.of(name)
        return ConnectionStore(turns, ConnectionName(name), self.surroundings)

    def connections(self) -> list[ConnectionName]:
        """Names that have pairs or runs, sorted."""
        query = select(link.c.connection).union(select(run.c.connection))
        with self.transactions.reading() as connection:
            return sorted(ConnectionName(name) for name in connection.scalars(query))

    @property
    def feed(self) -> Feed:
        """Events of all connections."""
        return Feed(self.transactions)

    @property
    def slack(self) -> SlackShelf:
        """The Slack front end's part."""
        return SlackShelf.of(self.transactions, self.surroundings)

    @property
    def workers(self) -> Workers:
        """The processes that serve this state."""
        return Workers(self.transactions, self.surroundings)

    def put_events(self, arrivals: Sequence[tuple[ConnectionName, Arrival]]) -> list[bool]:
        """Keep events of any connections in one commit; which of them are new, in order.

        Raises:
            StateError: None is stored, so none must be acknowledged.
        """
        return put_arrivals(self.transactions, arrivals)

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
