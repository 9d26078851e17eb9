"""Taking in what the vendors tell us of: stored first, acknowledged then.

One INSERT is at once the durable acknowledgement and the dedupe: the row is on the disk
before the vendor hears 200, and a second delivery of the same event changes nothing. The
rows outlive their work, since a delivery may be repeated more than an hour later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, select

from toolkit.model.ids import ConnectionName, Kind, RecordId, Side
from toolkit.store.schema_service import drain, inbox
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import insert_into

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.store.transactions import Transactions

KEPT_AT_LEAST: Final = timedelta(hours=72)
"""Longer than HighLevel repeats a delivery, by either of its two texts on retries."""


class InboxState(StrEnum):
    """How far an event has come."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    """Given up; the next comparison heals what it told of."""
    UNKNOWN = "unknown"
    """Of a type we know nothing to do about; kept and counted."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it came in: verified, not yet looked into.

    Attributes:
        source: Who told us.
        event_id: The vendor's id of the event, the same at each delivery.
        event_type: The vendor's word: `ContactUpdate`.
        body: The JSON object as delivered.
        kind: What it is about; None for a type we do not know.
        record_id: Which record; None where the event does not say.
    """

    source: Side
    event_id: str
    event_type: str
    body: Mapping[str, Any]
    received_at: datetime
    kind: Kind | None = None
    record_id: RecordId | None = None


class Intake(Shelf):
    """Puts events into a connection's inbox, and names the drain that will see them."""

    def put_event(self, arrival: Arrival) -> bool:
        """Keep an event; on the disk when this returns.

        Returns:
            Whether it is new. A second call with the same source and id changes nothing.

        Raises:
            StateError: It is not stored, so it must not be acknowledged.
        """
        return self.put_events([arrival])[0]

    def put_events(self, arrivals: Sequence[Arrival]) -> list[bool]:
        """As `put_event`, several at the cost of one; all or none are stored."""
        return put_arrivals(self._transactions, [(self.name, each) for each in arrivals])

    def prune_inbox(self, older_than: datetime) -> int:
        """Drop events that need no more work; never those of the last 72 hours.

        Returns:
            How many were dropped.
        """
        before = min(older_than, self._surroundings.clock() - KEPT_AT_LEAST)
        with self._transactions.adding() as connection:
            return connection.execute(
                delete(inbox).where(
                    inbox.c.connection == self.name,
                    inbox.c.received_at < before,
                    inbox.c.state != InboxState.PENDING.value,
                )
            ).rowcount

    def read_generation(self) -> int:
        """Names the drain that will see all events stored until now; 0 at first.

        Whoever stored events starts `drain(connection, generation)`: the same number again
        is the same job, so nothing is started twice.
        """
        query = select(drain.c.generation).where(drain.c.connection == self.name)
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0

    def bump_generation(self, generation: int) -> None:
        """The drain of `generation` is about to read: later events need the next one.

        Must come before its first read, else an event that arrives after the last read
        would be told to a drain that is over. Twice is once.
        """
        with self._transactions.adding() as connection:
            statement = insert_into(drain, connection.dialect.name).values(
                connection=self.name, generation=generation + 1
            )
            new = statement.excluded.generation
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection"],
                    set_={"generation": new},
                    where=drain.c.generation < new,
                )
            )


def put_arrivals(
    transactions: Transactions, arrivals: Sequence[tuple[ConnectionName, Arrival]]
) -> list[bool]:
    """Keep events of any connections in one commit; which of them are new, in order."""
    rows = [_row(name, each) for name, each in arrivals]
    if not rows:
        return []
    with transactions.adding() as connection:
        statement = _INSERTS[connection.dialect.name]
        new = {tuple(key) for key in connection.execute(statement, rows)}
    # Of one event that came twice at once, only the first is new.
    return [_take(new, tuple(row[name] for name in _KEY)) for row in rows]


def _take(keys: set[tuple[Any, ...]], key: tuple[Any, ...]) -> bool:
    if key not in keys:
        return False
    keys.remove(key)
    return True


_KEY: Final = ("connection", "source", "event_id")
_INSERTS: Final = {
    dialect: insert_into(inbox, dialect)
    .on_conflict_do_nothing(index_elements=_KEY)
    .returning(*(inbox.c[name] for name in _KEY))
    for dialect in ("sqlite", "postgresql")
}


def _row(name: ConnectionName, arrival: Arrival) -> dict[str, Any]:
    state = InboxState.UNKNOWN if arrival.kind is None else InboxState.PENDING
    return {
        "connection": name,
        "source": arrival.source.value,
        "event_id": _plain(arrival.event_id),
        "event_type": _plain(arrival.event_type),
        "kind": "" if arrival.kind is None else arrival.kind.value,
        "record_id": _plain(arrival.record_id or ""),
        # ASCII: a vendor's half surrogate or NUL is kept as it was told, on both databases.
        "body": json.dumps(arrival.body, separators=(",", ":")),
        "received_at": arrival.received_at,
        "state": state.value,
        "tries": 0,
        "error": "",
    }


def _plain(text: str) -> str:
    """Text that both databases take; ordinary text stays as it is."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
