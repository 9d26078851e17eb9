"""Dealing with what the vendors told us of: which records are due, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from toolkit.model.ids import Kind, RecordId, Side
from toolkit.store.intake import InboxState, Intake
from toolkit.store.schema_service import IS_PENDING, inbox
from toolkit.store.transactions import chunked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import RowMapping

_RECORD: Final = (inbox.c.source, inbox.c.kind, inbox.c.record_id)

# A record that changed thousands of times is one read, but its events are rows.
_EVENTS_PER_RECORD = 10


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """A pending event.

    Attributes:
        seq: Grows with every event of a connection; gaps are normal.
        tries: How often it was tried and failed.
    """

    seq: int
    source: Side
    event_id: str
    event_type: str
    kind: Kind
    record_id: RecordId | None
    body: Mapping[str, Any]
    received_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class DueRecord:
    """A record with pending events that has been quiet for long enough.

    Attributes:
        record_id: None where the events do not say which.
        events: How many wait.
    """

    source: Side
    kind: Kind
    record_id: RecordId | None
    events: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """What is in the inbox.

    Attributes:
        states: Events by state; states without any are there as 0.
        unknown_types: Events by the vendor's word, of types we do not know.
        oldest_pending_at: None where nothing waits.
    """

    states: Mapping[InboxState, int]
    unknown_types: Mapping[str, int]
    oldest_pending_at: datetime | None


class Inbox(Intake):
    """One connection's events."""

    def take_batch(
        self,
        limit: int = 100,
        *,
        quiet_s: float = 0.0,
        cap_s: float = 0.0,
        now: datetime | None = None,
    ) -> list[InboxEvent]:
        """Events of due records (`due`), oldest first; they stay pending until marked.

        Nothing is claimed: one worker at a time drains a connection (its lease), and what
        a killed one had taken is simply taken again.

        Args:
            limit: Records, above 0. Each comes with all that waits for it, up to ten times
                as many events altogether; where more wait, the rest follows later.
            quiet_s: See `due`.
            cap_s: See `due`.
            now: None means the store's clock.
        """
        groups = self._due(now, quiet_s, cap_s=cap_s).limit(limit).subquery()
        query = (
            select(inbox)
            .join(
                groups,
                and_(
                    inbox.c.source == groups.c.source,
                    inbox.c.kind == groups.c.kind,
                    inbox.c.record_id == groups.c.record_id,
                ),
            )
            .where(self._waiting(now))
            .order_by(inbox.c.seq)
            .limit(limit * _EVENTS_PER_RECORD)
        )
        with self._transactions.reading() as connection:
            return [_event(row) for row in connection.execute(query).mappings()]

    def due(
        self,
        *,
        quiet_s: float = 0.0,
        cap_s: float = 0.0,
        now: datetime | None = None,
        limit: int | None = None,
    ) -> list[DueRecord]:
        """Records whose events may be worked on, those that wait longest first.

        Args:
            quiet_s: No event came for so long, hence nobody is typing any more.
            cap_s: The first one came so long ago that waiting ends anyhow.
            now: None means the store's clock.
            limit: At most so many.
        """
        query = self._due(now, quiet_s, cap_s=cap_s).limit(limit)
        with self._transactions.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            DueRecord(
                source=Side(row["source"]),
                kind=Kind(row["kind"]),
                record_id=_record_id(row["record_id"]),
                events=row["events"],
                first_at=row["first_at"],
                last_at=row["last_at"],
            )
            for row in rows
        ]

    def next_due_at(self, *, quiet_s: float = 0.0, cap_s: float = 0.0) -> datetime | None:
        """When something will be due; None where nothing waits. May lie in the past."""
        quiet, cap = timedelta(seconds=quiet_s), timedelta(seconds=cap_s)
        mine = and_(inbox.c.connection == self.name, IS_PENDING)
        fresh = (
            select(func.min(inbox.c.received_at), func.max(inbox.c.received_at))
            .where(mine, inbox.c.not_before.is_(None))
            .group_by(*_RECORD)
        )
        tried = select(func.min(inbox.c.not_before)).where(mine)
        with self._transactions.reading() as connection:
            times = [
                min(first + cap, last + quiet) for first, last in connection.execute(fresh)
            ]
            again_at = connection.scalar(tried)
        return min(times if again_at is None else [*times, again_at], default=None)

    def mark_done(self, seqs: Iterable[int]) -> None:
        """These are dealt with; their bodies are dropped. Twice is once."""
        self._end(seqs, {"state": InboxState.DONE.value, "body": "{}", "error": ""})

    def mark_failed(
        self, seqs: Iterable[int], error: str, *, retry_at: datetime | None = None
    ) -> None:
        """These could not be dealt with; events that are not pending are left alone.

        Args:
            seqs: Which.
            error: Class name from the error tree.
            retry_at: They are due again then; None gives them up.
        """
        state = InboxState.FAILED if retry_at is None else InboxState.PENDING
        values = {"state": state.value, "error": error, "not_before": retry_at}
        self._end(seqs, values | {"tries": inbox.c.tries + 1})

    def inbox_counts(self) -> InboxCounts:
        """Events by state and by unknown type, and how long the oldest waits."""
        mine = inbox.c.connection == self.name
        by_state = select(inbox.c.state, func.count()).where(mine).group_by(inbox.c.state)
        by_type = (
            select(inbox.c.event_type, func.count())
            .where(mine, inbox.c.state == InboxState.UNKNOWN.value)
            .group_by(inbox.c.event_type)
            .order_by(inbox.c.event_type)
        )
        oldest = select(func.min(inbox.c.received_at)).where(mine, IS_PENDING)
        with self._transactions.reading() as connection:
            found = {InboxState(state): count for state, count in connection.execute(by_state)}
            types: dict[str, int] = dict(connection.execute(by_type).all())
            oldest_at = connection.scalar(oldest)
        return InboxCounts({each: found.get(each, 0) for each in InboxState}, types, oldest_at)

    def list_told(
        self, since: datetime, until: datetime | None = None
    ) -> dict[tuple[Side, Kind, RecordId], datetime]:
        """Records that events told of, with the time of the last one; for the gap report.

        Args:
            since: Received at or after.
            until: Received before; None means no end.
        """
        query = select(*_RECORD, func.max(inbox.c.received_at)).where(
            inbox.c.connection == self.name,
            inbox.c.received_at >= since,
            inbox.c.kind != "",
            inbox.c.record_id != "",
        )
        if until is not None:
            query = query.where(inbox.c.received_at < until)
        with self._transactions.reading() as connection:
            return {
                (Side(source), Kind(kind), RecordId(record_id)): at
                for source, kind, record_id, at in connection.execute(query.group_by(*_RECORD))
            }

    def _due(
        self, now: datetime | None, quiet_s: float, *, cap_s: float
    ) -> Select[tuple[Any, ...]]:
        at = now or self._surroundings.clock()
        first_at, last_at = func.min(inbox.c.received_at), func.max(inbox.c.received_at)
        return (
            select(
                *_RECORD,
                func.count().label("events"),
                first_at.label("first_at"),
                last_at.label("last_at"),
            )
            .where(self._waiting(at))
            .group_by(*_RECORD)
            .having(
                or_(
                    last_at <= at - timedelta(seconds=quiet_s),
                    first_at <= at - timedelta(seconds=cap_s),
                )
            )
            .order_by(func.min(inbox.c.seq))
        )

    def _waiting(self, now: datetime | None) -> ColumnElement[bool]:
        at = now or self._surroundings.clock()
        return and_(
            inbox.c.connection == self.name,
            IS_PENDING,
            or_(inbox.c.not_before.is_(None), inbox.c.not_before <= at),
        )

    def _end(self, seqs: Iterable[int], values: Mapping[str, Any]) -> None:
        ended_at = self._surroundings.clock()
        with self._transactions.adding() as connection:
            for chunk in chunked(seqs):
                connection.execute(
                    update(inbox)
                    .where(inbox.c.connection == self.name, IS_PENDING, inbox.c.seq.in_(chunk))
                    .values(ended_at=ended_at, **values)
                )


def _record_id(text: str) -> RecordId | None:
    return RecordId(text) if text else None


def _event(row: RowMapping) -> InboxEvent:
    return InboxEvent(
        seq=row["seq"],
        source=Side(row["source"]),
        event_id=row["event_id"],
        event_type=row["event_type"],
        kind=Kind(row["kind"]),
        record_id=_record_id(row["record_id"]),
        body=json.loads(row["body"]),
        received_at=row["received_at"],
        tries=row["tries"],
    )
