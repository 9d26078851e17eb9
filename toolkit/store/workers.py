"""Who is at work: a row per process, beaten like a heart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from toolkit.store.schema_service import worker
from toolkit.store.shelf import moment
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from toolkit.store.shelf import Surroundings
    from toolkit.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class WorkerEntry:
    """A process that serves this state.

    Attributes:
        executor_id: Its name, never used by two that live.
        role: `web`, `worker` or `all`.
        beat_at: When it last said that it lives.
    """

    executor_id: str
    role: str
    started_at: datetime
    beat_at: datetime


class Workers:
    """The processes of all connections. Times are the shared clock's (`moment`)."""

    def __init__(self, transactions: Transactions, surroundings: Surroundings) -> None:
        self._transactions = transactions
        self._surroundings = surroundings

    def beat(self, executor_id: str, role: str, *, now: datetime | None = None) -> None:
        """Say that a process lives; the first time makes it known."""
        with self._transactions.adding() as connection:
            at = moment(connection, self._surroundings, given=now)
            row = {"executor_id": executor_id, "role": role, "started_at": at, "beat_at": at}
            upsert(connection, worker, [row], changing=("role", "beat_at"))

    def dead(self, after_s: float, *, now: datetime | None = None) -> list[WorkerEntry]:
        """Processes not heard of for longer than `after_s` seconds, the quietest first.

        They stay listed until `forget`, so whoever takes over their work calls it last: a
        helper that dies in between leaves them to the next one.
        """
        with self._transactions.reading() as connection:
            at = moment(connection, self._surroundings, given=now)
            quiet = worker.c.beat_at < at - timedelta(seconds=after_s)
            query = select(worker).where(quiet).order_by(worker.c.beat_at)
            return [WorkerEntry(**row) for row in connection.execute(query).mappings()]

    def list_workers(self) -> list[WorkerEntry]:
        """All that are known, by name."""
        query = select(worker).order_by(worker.c.executor_id)
        with self._transactions.reading() as connection:
            return [WorkerEntry(**row) for row in connection.execute(query).mappings()]

    def forget(self, executor_id: str, *, beat_at: datetime | None = None) -> bool:
        """Strike out a process that ended, or whose work was taken over.

        Args:
            executor_id: Which.
            beat_at: Only if it has not been heard of since; None means in any case.

        Returns:
            Whether it was there.
        """
        statement = delete(worker).where(worker.c.executor_id == executor_id)
        if beat_at is not None:
            statement = statement.where(worker.c.beat_at == beat_at)
        with self._transactions.adding() as connection:
            return connection.execute(statement).rowcount == 1
