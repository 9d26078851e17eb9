"""The feed: what happened, appended in order and read by cursor.

A front end that was down goes on where it had stopped and misses nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select

from toolkit.model.events import Event, EventKind, Severity, Subject
from toolkit.model.ids import ConnectionName, Digest, Kind, LinkId, RecordId
from toolkit.model.values import canonical_json
from toolkit.store.schema_service import event, event_cursor
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import insert_into, wait_for_turn

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from toolkit.store.transactions import Transactions

_WHOLE_HOME: Final = ConnectionName("")


class Feed:
    """Events of one connection, or of all.

    Args:
        transactions: Of the store.
        name: The connection; None for all.
    """

    def __init__(self, transactions: Transactions, name: ConnectionName | None = None) -> None:
        self._transactions = transactions
        self._name = name

    def append_events(self, events: Sequence[Event]) -> None:
        """Add to the feed, in this order; all or none.

        Each call appends, except that an event whose `once` is known is left out.
        """
        if not events:
            return
        with self._transactions.adding() as connection:
            # A server numbers rows when they are made and shows them when they are
            # committed: without a turn a reader could pass a number that is yet to come.
            wait_for_turn(connection, "events")
            statement = insert_into(event, connection.dialect.name)
            connection.execute(
                statement.on_conflict_do_nothing(index_elements=["connection", "once"]),
                [_row(each) for each in events],
            )

    def list_events(
        self,
        after: int = 0,
        *,
        limit: int = 100,
        kinds: Collection[EventKind] | None = None,
        severities: Collection[Severity] | None = None,
    ) -> list[Event]:
        """Events that pass the filters given (None: any), oldest first.

        Args:
            after: The `seq` of the last one seen.
            limit: At most so many.
            kinds: What happened.
            severities: How loud.
        """
        query = select(event).where(event.c.seq > after).order_by(event.c.seq).limit(limit)
        if self._name is not None:
            query = query.where(event.c.connection == self._name)
        if kinds is not None:
            query = query.where(event.c.kind.in_([each.value for each in kinds]))
        if severities is not None:
            query = query.where(event.c.severity.in_([each.value for each in severities]))
        with self._transactions.reading() as connection:
            return [_event(row) for row in connection.execute(query).mappings()]

    def newest_event(self) -> int:
        """The last event's `seq`, where a new reader begins who wants no history; 0 if none."""
        query = select(func.max(event.c.seq))
        if self._name is not None:
            query = query.where(event.c.connection == self._name)
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0

    def get_event_cursor(self, reader: str) -> int:
        """How far a reader has come; 0 before its first time."""
        query = select(event_cursor.c.seq).where(
            event_cursor.c.connection == (self._name or _WHOLE_HOME),
            event_cursor.c.name == reader,
        )
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0

    def put_event_cursor(self, reader: str, seq: int) -> None:
        """A reader has dealt with all up to `seq`; a smaller number than before is ignored."""
        row = {"connection": self._name or _WHOLE_HOME, "name": reader, "seq": seq}
        with self._transactions.adding() as connection:
            statement = insert_into(event_cursor, connection.dialect.name).values(row)
            new = statement.excluded.seq
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection", "name"],
                    set_={"seq": new},
                    where=event_cursor.c.seq < new,
                )
            )

    def prune_events(self, older_than: datetime) -> int:
        """Drop events from before a time, read or not; how many."""
        condition = event.c.at < older_than
        if self._name is not None:
            condition &= event.c.connection == self._name
        with self._transactions.adding() as connection:
            return connection.execute(delete(event).where(condition)).rowcount


class Events(Shelf):
    """One connection's part of the feed."""

    @property
    def feed(self) -> Feed:
        """Its events."""
        return Feed(self._transactions, self.name)


def _row(told: Event) -> dict[str, Any]:
    subjects = [
        [each.kind, each.link_id, each.highlevel_id, each.timetonic_id]
        for each in told.subjects
    ]
    return {
        "connection": told.connection,
        "at": told.at,
        "kind": told.kind.value,
        "severity": told.severity.value,
        "fingerprint": told.fingerprint,
        "subjects": canonical_json(subjects),
        "fields": canonical_json(told.fields),
        "reference": told.reference,
        "facts": canonical_json(dict(told.facts)),
        "once": told.once or None,
    }


def _event(row: RowMapping) -> Event:
    return Event(
        connection=ConnectionName(row["connection"]),
        at=row["at"],
        kind=EventKind(row["kind"]),
        severity=Severity(row["severity"]),
        fingerprint=Digest(row["fingerprint"]),
        subjects=tuple(_subject(*each) for each in json.loads(row["subjects"])),
        fields=tuple(json.loads(row["fields"])),
        reference=row["reference"],
        facts=json.loads(row["facts"]),
        once=row["once"] or "",
        seq=row["seq"],
    )


def _subject(kind: str, link_id: str | None, *ids: str | None) -> Subject:
    highlevel_id, timetonic_id = (None if each is None else RecordId(each) for each in ids)
    return Subject(
        Kind(kind),
        None if link_id is None else LinkId(link_id),
        highlevel_id=highlevel_id,
        timetonic_id=timetonic_id,
    )
