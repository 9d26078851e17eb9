"""What happened to each record: appended, never altered; read by log, undo and audit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import and_, insert, select

from toolkit.executor.settle import operation_side
from toolkit.model.ids import Kind, LinkId, RecordId, RunId, Side
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import (
    Conflict,
    Create,
    Delete,
    Join,
    Operation,
    Rebase,
    Unlink,
    Update,
    operation_from_json,
    operation_to_json,
)
from toolkit.model.values import canonical_json
from toolkit.store.codec import decode_values, encode_values
from toolkit.store.schema import journal, run
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import among

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from toolkit.executor.port import Settled
    from toolkit.model.records import Record
    from toolkit.model.values import Values

LOST = "lost"
"""Verb of a value that a policy decided against."""

_IS_ITS_RUN = and_(run.c.connection == journal.c.connection, run.c.run_id == journal.c.run_id)

_CONFLICT: TypeAdapter[Conflict] = TypeAdapter(Conflict)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal.

    Attributes:
        seq: Grows with time over all connections.
        side: The written side; None where nothing was written to a vendor.
        verb: The operation's `op`, or `lost`.
        before: Field -> value shown before; of a `lost` entry `base`, `highlevel` and
            `timetonic` instead of fields.
        after: Field -> value shown after: as the server told it, else as it was sent.
        altered: Fields the server stored otherwise than sent.
        error: Class name from the error tree, empty when done.
        body: The operation as JSON (of a `lost` entry the conflict).
    """

    seq: int
    run_id: RunId
    link_id: LinkId
    kind: Kind
    side: Side | None
    verb: str
    record_id: RecordId | None
    before: Values
    after: Values
    state: OutcomeState
    reason: str
    error: str
    reference: str
    altered: tuple[str, ...]
    is_retryable: bool
    at: datetime
    body: str

    @property
    def operation(self) -> Operation | None:
        """The operation; None for a `lost` entry."""
        return None if self.verb == LOST else operation_from_json(self.body)

    @property
    def outcome(self) -> Outcome | None:
        """The outcome as it was recorded; None for a `lost` entry."""
        operation = self.operation
        if operation is None:
            return None
        return Outcome(
            operation=operation,
            state=self.state,
            id=self.record_id,
            altered=self.altered,
            reason=self.reason,
            error=self.error,
            reference=self.reference,
            is_retryable=self.is_retryable,
        )

    @property
    def conflict(self) -> Conflict | None:
        """The decided conflict of a `lost` entry."""
        return _CONFLICT.validate_json(self.body) if self.verb == LOST else None


class Journal(Shelf):
    """Reads the journal; the ledger writes it."""

    def list_journal(  # noqa: PLR0913 — filters, all optional
        self,
        *,
        run: RunId | None = None,
        states: Collection[OutcomeState] | None = None,
        link_id: LinkId | None = None,
        after: int | None = None,
        limit: int | None = None,
        newest_first: bool = True,
    ) -> list[JournalEntry]:
        """Entries that pass every filter given (None: any); `after` is a `seq`."""
        query = select(journal).where(journal.c.connection == self.name)
        if run is not None:
            query = query.where(journal.c.run_id == run)
        if states is not None:
            query = query.where(journal.c.state.in_([state.value for state in states]))
        if link_id is not None:
            query = query.where(journal.c.link_id == link_id)
        if after is not None:
            query = query.where(journal.c.seq > after)
        order = journal.c.seq.desc() if newest_first else journal.c.seq.asc()
        query = query.order_by(order).limit(limit)
        with self._transactions.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def list_updates(
        self, links: Collection[LinkId], *, since: datetime, verbs: Collection[str]
    ) -> list[tuple[LinkId, Side, Values]]:
        """What runs of these verbs wrote to pairs since then, oldest first.

        Returns:
            Pair, side, field -> value.
        """
        found: list[tuple[LinkId, Side, Values]] = []
        with self._transactions.reading() as connection:
            for condition in among(journal.c.link_id, links):
                query = (
                    select(journal.c.link_id, journal.c.side, journal.c.after)
                    .join(run, _IS_ITS_RUN)
                    .where(journal.c.connection == self.name, condition)
                    .where(journal.c.verb == "update", journal.c.at >= since)
                    .where(journal.c.state == OutcomeState.DONE.value, run.c.verb.in_(verbs))
                    .order_by(journal.c.seq)
                )
                found += [
                    (LinkId(link_id), Side(side), decode_values(after))
                    for link_id, side, after in connection.execute(query)
                ]
        return found

    def list_write_times(self, *, since: datetime) -> list[datetime]:
        """When something was written to either service since then, oldest first."""
        query = (
            select(journal.c.at)
            .where(journal.c.connection == self.name, journal.c.at >= since)
            .where(journal.c.side.is_not(None), journal.c.state == OutcomeState.DONE.value)
            .order_by(journal.c.seq)
        )
        with self._transactions.reading() as connection:
            return list(connection.scalars(query))

    def insert_lost(
        self, connection: Connection, run_id: RunId, lost: Sequence[Conflict]
    ) -> None:
        """Keep the values that a policy decided against; a second try repeats no line."""
        at = self._surroundings.clock()
        rows = [_lost_row(self.name, run_id, each) | {"at": at} for each in lost]
        known: set[str] = set()
        for condition in among(journal.c.link_id, {each.link_id for each in lost}):
            query = select(journal.c.operation).where(
                journal.c.connection == self.name, journal.c.verb == LOST, condition
            )
            known.update(connection.scalars(query))
        if new := [row for row in rows if row["operation"] not in known]:
            connection.execute(insert(journal), new)


def journal_row(name: str, run_id: RunId, settled: Settled) -> dict[str, Any]:
    """What was settled as the columns of the journal, all but the time."""
    outcome = settled.outcome
    operation = outcome.operation
    before, after = _sides_of(operation, settled.observed)
    side = operation_side(operation)
    return {
        "connection": name,
        "run_id": run_id,
        "link_id": operation.link_id,
        "kind": operation.kind.value,
        "side": None if side is None else side.value,
        "verb": operation.op,
        "record_id": outcome.id or getattr(operation, "id", None),
        "before": encode_values(before),
        "after": encode_values(after),
        "state": outcome.state.value,
        "reason": outcome.reason,
        "error": outcome.error,
        "reference": outcome.reference,
        "altered": canonical_json(outcome.altered),
        "is_retryable": outcome.is_retryable,
        "operation": operation_to_json(operation),
    }


def _sides_of(operation: Operation, observed: Record | None) -> tuple[Values, Values]:
    stored = {} if observed is None else observed.values
    match operation:
        case Create():
            return {}, {**operation.values, **stored}
        case Update():
            # A server that stores another spelling shows that one; undo compares with it.
            after = {name: stored.get(name, sent) for name, sent in operation.after.items()}
            return operation.before, after
        case Delete() | Unlink():
            return operation.before, {}
        case Join() | Rebase():
            return {}, operation.base


def _lost_row(name: str, run_id: RunId, lost: Conflict) -> dict[str, Any]:
    shown = {"base": lost.base, "highlevel": lost.highlevel, "timetonic": lost.timetonic}
    return {
        "connection": name,
        "run_id": run_id,
        "link_id": lost.link_id,
        "kind": lost.kind.value,
        "side": None,
        "verb": LOST,
        "record_id": None,
        "before": encode_values(shown),
        "after": "{}",
        "state": OutcomeState.DONE.value,
        "reason": f"A policy decided about {lost.field}",
        "error": "",
        "reference": "",
        "altered": "[]",
        "is_retryable": False,
        "operation": _CONFLICT.dump_json(lost).decode(),
    }


def _entry(row: RowMapping) -> JournalEntry:
    return JournalEntry(
        seq=row["seq"],
        run_id=RunId(row["run_id"]),
        link_id=LinkId(row["link_id"]),
        kind=Kind(row["kind"]),
        side=None if row["side"] is None else Side(row["side"]),
        verb=row["verb"],
        record_id=None if row["record_id"] is None else RecordId(row["record_id"]),
        before=decode_values(row["before"]),
        after=decode_values(row["after"]),
        state=OutcomeState(row["state"]),
        reason=row["reason"],
        error=row["error"],
        reference=row["reference"],
        altered=tuple(json.loads(row["altered"])),
        is_retryable=row["is_retryable"],
        at=row["at"],
        body=row["operation"],
    )
