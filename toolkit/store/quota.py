"""One window for all workers: calls are booked in the database before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from toolkit.store.gcra import Allowance, Lanes, Work, book, hold
from toolkit.store.schema_service import quota
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import insert_into, upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from toolkit.model.ids import Side

_SECOND: Final = 1_000_000


class Quota(Shelf):
    """A connection's calls to each vendor, whichever process sends them."""

    def reserve(
        self,
        system: Side,
        allowance: Allowance,
        *,
        work: Work = Work.SCHEDULE,
        cost: int = 1,
        now: datetime | None = None,
    ) -> float:
        """Book calls; the place is ours, so sleep as long as told and send.

        Each call books anew. A place that is not used is lost, nothing else happens.

        Args:
            system: Who will be called.
            allowance: The same in every process, or the strictest does not hold.
            work: Webhook work has a share of its own (`Allowance.webhook_share`).
            cost: Calls that will go together, 1 to `allowance.burst`.
            now: None means the clock that all workers share (`moment`).

        Returns:
            Seconds to wait before the calls; 0 or more.

        Raises:
            ValueError: More calls than may go together.
            StateError: Nothing is booked; do not call.
        """
        with self._transactions.adding() as connection:
            lanes = self._lanes(connection, system)
            at = _microseconds(self._at(connection, now))
            booked, wait = book(lanes, at, allowance=allowance, work=work, cost=cost)
            self._store(connection, system, booked)
        return wait / _SECOND

    def hold(self, system: Side, seconds: float, *, now: datetime | None = None) -> None:
        """The vendor said 429: nobody books a call that would go before.

        Calls booked earlier keep their places. A shorter hold than one that stands
        changes nothing.

        Args:
            system: Who refused.
            seconds: What `Retry-After` said, or one window.
            now: See `reserve`.
        """
        with self._transactions.adding() as connection:
            lanes = self._lanes(connection, system)
            at = _microseconds(self._at(connection, now))
            self._store(connection, system, hold(lanes, at, for_us=round(seconds * _SECOND)))

    def _lanes(self, connection: Connection, system: Side) -> Lanes:
        """What is booked; the row is ours until the transaction ends."""
        mine = (quota.c.connection == self.name, quota.c.system == system.value)
        query = select(*_COLUMNS).where(*mine).with_for_update()
        row = connection.execute(query).first()
        if row is None:
            # Two workers may come first at once: one makes the row, both wait for it.
            statement = insert_into(quota, connection.dialect.name).on_conflict_do_nothing()
            connection.execute(statement, self._row(system, Lanes()))
            row = connection.execute(query).one()
        return Lanes(*row)

    def _store(self, connection: Connection, system: Side, lanes: Lanes) -> None:
        upsert(connection, quota, [self._row(system, lanes)])

    def _row(self, system: Side, lanes: Lanes) -> dict[str, object]:
        return {
            "connection": self.name,
            "system": system.value,
            "schedule_tat": lanes.schedule_tat,
            "webhook_tat": lanes.webhook_tat,
            "not_before": lanes.not_before,
            "seen_at": lanes.seen_at,
        }


_COLUMNS: Final = (
    quota.c.schedule_tat,
    quota.c.webhook_tat,
    quota.c.not_before,
    quota.c.seen_at,
)


def _microseconds(at: datetime) -> int:
    return round(at.timestamp() * _SECOND)
