"""The executor's durable memory: intents before the call, outcomes after it.

Implements `toolkit.executor.port.LedgerPort`. An outbox row is `sent` from the moment the
call may leave; `unknown` when no sure answer came; `done`, `failed` or `superseded` when
nothing is left to find out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, delete, insert, or_, select, update

from toolkit.executor.port import PendingWrite
from toolkit.executor.settle import half_link
from toolkit.model.ids import LinkId, RunId
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState
from toolkit.model.plan import Create, Delete, Update, operation_from_json, operation_to_json
from toolkit.store.codec import row_of
from toolkit.store.journal import Journal, journal_row
from toolkit.store.links import Links, set_apart
from toolkit.store.observed import Observed, observed_row
from toolkit.store.schema import journal, link, observed, outbox
from toolkit.store.transactions import among, upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from toolkit.executor.port import Settled
    from toolkit.model.plan import Conflict, Write

_OPEN = ("sent", "unknown")
_STATE_AFTER = {
    OutcomeState.DONE: "done",
    OutcomeState.FAILED: "failed",
    OutcomeState.UNKNOWN: "unknown",
    OutcomeState.SKIPPED: "superseded",
}


class Ledger(Links, Journal, Observed):
    """Each method is one transaction."""

    def record_intent(
        self, run_id: RunId, writes: Sequence[Write], lost: Sequence[Conflict] = ()
    ) -> None:
        """W1: the writes are about to be sent. For creates a `half` link is stored.

        An open write of the same link and side is superseded; of the same verb it counts
        as one more try.

        Args:
            run_id: The run that sends them.
            writes: One call's worth.
            lost: Values that these writes replace although a person typed them. They are
                journalled now: after the call nobody but the journal may know them.

        Raises:
            StateError: A create starts from a record that is paired already, or the disk
                does not take it; nothing may be sent.
        """
        if not writes:
            return
        at = self._surroundings.clock()
        with self._transactions.writing() as connection:
            tries = self._supersede(connection, writes)
            rows = [
                {
                    "connection": self.name,
                    "run_id": run_id,
                    "link_id": write.link_id,
                    "side": write.side.value,
                    "verb": write.op,
                    "operation": operation_to_json(write),
                    "state": "sent",
                    "tries": tries.get((write.link_id, write.side, write.op), 0) + 1,
                    "error": "",
                    "at": at,
                }
                for write in writes
            ]
            connection.execute(insert(outbox), rows)
            halves = [
                row_of(self.name, half_link(each))
                for each in writes
                if isinstance(each, Create)
            ]
            upsert(connection, link, halves, changing=_HALF_COLUMNS)
            self.insert_lost(connection, run_id, lost)

    def record_settled(self, run_id: RunId, settled: Sequence[Settled]) -> None:
        """W2: outcomes, links and journal rows, all or nothing.

        Local operations (join, rebase, unlink) need no intent. Settling the open write of
        an earlier run closes that run's row. A link whose record another pair owns is
        parked (`set_apart`). Of several endings of one link the last one stands.
        """
        if not settled:
            return
        at = self._surroundings.clock()
        with self._transactions.writing() as connection:
            self._close_writes(connection, settled)
            self._store_links(connection, settled)
            self._store_observations(connection, settled, run_id)
            entries = [journal_row(self.name, run_id, each) | {"at": at} for each in settled]
            connection.execute(insert(journal), entries)

    def was_done(self, link_id: LinkId) -> bool:
        """Whether a create under this name was ever carried out."""
        return bool(self.list_done([link_id]))

    def list_done(self, link_ids: Collection[LinkId]) -> frozenset[LinkId]:
        """Those of these names under which a record was created, whatever came of it."""
        found: set[LinkId] = set()
        with self._transactions.reading() as connection:
            for condition in among(journal.c.link_id, link_ids):
                query = select(journal.c.link_id).where(
                    journal.c.connection == self.name,
                    journal.c.verb == "create",
                    journal.c.state == OutcomeState.DONE.value,
                    condition,
                )
                found.update(LinkId(each) for each in connection.scalars(query))
        return frozenset(found)

    def list_pending(self) -> list[PendingWrite]:
        """Writes without a sure outcome, oldest first.

        Sent by a run that died before the answer, or answered in a way that left the
        outcome unknown.
        """
        query = (
            select(outbox.c.run_id, outbox.c.operation, outbox.c.at, outbox.c.tries)
            .where(outbox.c.connection == self.name, outbox.c.state.in_(_OPEN))
            .order_by(outbox.c.op_id)
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query).all()
        return [
            PendingWrite(
                RunId(run_id), cast("Write", operation_from_json(operation)), sent_at, tries
            )
            for run_id, operation, sent_at, tries in rows
        ]

    def _supersede(
        self, connection: Connection, writes: Sequence[Write]
    ) -> dict[tuple[str, str, str], int]:
        """Close what is open on the same links and sides; answer how often it was tried."""
        wanted = {(write.link_id, write.side.value) for write in writes}
        tries: dict[tuple[str, str, str], int] = {}
        stale: list[int] = []
        columns = (
            outbox.c.op_id,
            outbox.c.link_id,
            outbox.c.side,
            outbox.c.verb,
            outbox.c.tries,
        )
        for condition in among(outbox.c.link_id, {write.link_id for write in writes}):
            query = select(*columns).where(
                outbox.c.connection == self.name, outbox.c.state.in_(_OPEN), condition
            )
            for op_id, link_id, side, verb, tried in connection.execute(query):
                if (link_id, side) in wanted:
                    stale.append(op_id)
                    tries[link_id, side, verb] = tried
        if stale:
            statement = update(outbox).where(outbox.c.op_id == bindparam("stale_id"))
            connection.execute(
                statement.values(state="superseded"), [{"stale_id": op_id} for op_id in stale]
            )
        return tries

    def _close_writes(self, connection: Connection, settled: Sequence[Settled]) -> None:
        ends = [
            {
                "the_link": each.outcome.operation.link_id,
                "the_side": each.outcome.operation.side.value,
                "end": _STATE_AFTER[each.outcome.state],
                "why": each.outcome.error,
            }
            for each in settled
            if isinstance(each.outcome.operation, Create | Update | Delete)
            and not _is_still_open(each)
        ]
        if not ends:
            return
        statement = update(outbox).where(
            outbox.c.connection == self.name,
            outbox.c.link_id == bindparam("the_link"),
            outbox.c.side == bindparam("the_side"),
            # One statement for many rows takes no IN list.
            or_(*(outbox.c.state == state for state in _OPEN)),
        )
        values: dict[str, Any] = {"state": bindparam("end"), "error": bindparam("why")}
        connection.execute(statement.values(values), ends)

    def _store_links(self, connection: Connection, settled: Sequence[Settled]) -> None:
        last = {each.outcome.operation.link_id: each.link for each in settled}
        gone = [link_id for link_id, kept in last.items() if kept is None]
        for condition in among(link.c.link_id, gone):
            connection.execute(delete(link).where(link.c.connection == self.name, condition))
        kept = [each for each in last.values() if each is not None]
        rows = [row_of(self.name, each) for each in set_apart(connection, self.name, kept)]
        upsert(connection, link, rows)

    def _store_observations(
        self, connection: Connection, settled: Sequence[Settled], run_id: RunId
    ) -> None:
        seen = {
            (each.observed.side, each.observed.id): each.observed
            for each in settled
            if each.observed
        }
        upsert(
            connection,
            observed,
            [observed_row(self.name, each, run_id) for each in seen.values()],
        )
        gone = [
            {
                "the_side": each.forgotten[0].value,
                "the_kind": each.outcome.operation.kind.value,
                "the_id": each.forgotten[1],
            }
            for each in settled
            if each.forgotten is not None
        ]
        if not gone:
            return
        statement = delete(observed).where(
            observed.c.connection == self.name,
            observed.c.side == bindparam("the_side"),
            observed.c.kind == bindparam("the_kind"),
            observed.c.record_id == bindparam("the_id"),
        )
        connection.execute(statement, gone)


def _is_still_open(settled: Settled) -> bool:
    """A second try was left out because the first has no answer yet: that one stays open."""
    is_half = settled.link is not None and settled.link.state is LinkState.HALF
    return settled.outcome.state is OutcomeState.SKIPPED and is_half


# A create that is tried again keeps the count of its refusals.
_HALF_COLUMNS = (
    "kind",
    "correlation",
    "highlevel_id",
    "timetonic_id",
    "state",
    "parent",
    "base",
    "aliases",
    "generation",
)
