"""Runs, and the plans they applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from toolkit.model.ids import Digest, RunId
from toolkit.store.schema import outbox, plan, run
from toolkit.store.shelf import Shelf, one_by_prefix
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

_KEPT_PLANS = 20
_STAMP = "%Y%m%d-%H%M%S"


class RunState(StrEnum):
    """How far a run has come."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    """It never said that it ended: the process died."""


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run as remembered.

    Attributes:
        verdict: The caller's word for how it ended; empty until then.
        report: JSON of the report; None until it ended.
    """

    id: RunId
    verb: str
    state: RunState
    verdict: str
    plan_hash: Digest
    config_digest: Digest
    started_at: datetime
    ended_at: datetime | None
    report: str | None


class Runs(Shelf):
    """Begins, ends and lists runs; keeps the newest plans."""

    def begin_run(
        self,
        verb: str,
        *,
        plan_hash: str = "",
        config_digest: str = "",
        started_at: datetime | None = None,
    ) -> RunId:
        """Open a run; runs left open before are marked interrupted.

        Args:
            verb: `sync`, `undo`, ...
            plan_hash: The plan it applies.
            config_digest: Digest of mapping, filters and policies.
            started_at: None means now.

        Returns:
            An id that sorts after every earlier one of this connection, also when the
            clock was set back.
        """
        begun_at = started_at or self._surroundings.clock()
        with self._transactions.writing() as connection:
            self._close_earlier(connection)
            newest = connection.scalar(
                select(func.max(run.c.run_id)).where(run.c.connection == self.name)
            )
            run_id = RunId(_stamp_after(begun_at, newest) + self._surroundings.token(2))
            connection.execute(
                insert(run).values(
                    connection=self.name,
                    run_id=run_id,
                    verb=verb,
                    plan_hash=plan_hash,
                    config_digest=config_digest,
                    state=RunState.RUNNING.value,
                    verdict="",
                    started_at=begun_at,
                )
            )
        return run_id

    def finish_run(
        self, run_id: RunId, report: str, verdict: str, *, ended_at: datetime | None = None
    ) -> None:
        """Close a run with its report (JSON); the last call counts."""
        with self._transactions.writing() as connection:
            connection.execute(
                update(run)
                .where(run.c.connection == self.name, run.c.run_id == run_id)
                .values(
                    state=RunState.FINISHED.value,
                    verdict=verdict,
                    report=report,
                    ended_at=ended_at or self._surroundings.clock(),
                )
            )

    def list_runs(self, limit: int | None = 20) -> list[RunEntry]:
        """The newest runs first."""
        query = select(run).where(run.c.connection == self.name).order_by(run.c.run_id.desc())
        with self._transactions.reading() as connection:
            rows = connection.execute(query.limit(limit)).mappings()
            return [_entry(row) for row in rows]

    def get_run(self, run_id: str) -> RunEntry:
        """One run, by its id or the beginning of it.

        Raises:
            UseError: No run is called so, or several are.
        """
        query = select(run).where(
            run.c.connection == self.name, run.c.run_id.startswith(run_id, autoescape=True)
        )
        with self._transactions.reading() as connection:
            found = {row["run_id"]: row for row in connection.execute(query).mappings()}
        return _entry(found[one_by_prefix(run_id, list(found), noun="run")])

    def put_plan(self, plan_hash: str, body: str) -> None:
        """Keep a plan's JSON; the newest 20 of a connection stay."""
        row = {
            "connection": self.name,
            "hash": plan_hash,
            "body": body,
            "at": self._surroundings.clock(),
        }
        mine = plan.c.connection == self.name
        newest = select(plan.c.hash).where(mine).order_by(plan.c.at.desc()).limit(_KEPT_PLANS)
        with self._transactions.writing() as connection:
            upsert(connection, plan, [row])
            connection.execute(delete(plan).where(mine, plan.c.hash.not_in(newest)))

    def get_plan(self, plan_hash: str) -> str:
        """A kept plan's JSON, by its hash or the beginning of it.

        Raises:
            UseError: No plan is called so, or several are.
        """
        query = select(plan.c.hash, plan.c.body).where(
            plan.c.connection == self.name, plan.c.hash.startswith(plan_hash, autoescape=True)
        )
        with self._transactions.reading() as connection:
            found = dict(connection.execute(query).all())
        body: str = found[one_by_prefix(plan_hash, list(found), noun="plan")]
        return body

    def _close_earlier(self, connection: Connection) -> None:
        connection.execute(
            update(run)
            .where(run.c.connection == self.name, run.c.state == RunState.RUNNING.value)
            .values(state=RunState.INTERRUPTED.value)
        )
        # The journal keeps what settled writes did; the outbox is only for open ones.
        connection.execute(
            delete(outbox).where(
                outbox.c.connection == self.name,
                outbox.c.state.in_(("done", "failed", "superseded")),
            )
        )


def _stamp_after(at: datetime, newest: str | None) -> str:
    """`20261123-114312123-`, at least a millisecond after the newest run's."""
    moment = at.astimezone(UTC)
    if newest is not None:
        day, clock, _ = newest.split("-")
        seconds = datetime.strptime(f"{day}-{clock[:6]}", _STAMP).replace(tzinfo=UTC)
        moment = max(moment, seconds + timedelta(milliseconds=int(clock[6:]) + 1))
    return f"{moment.strftime(_STAMP)}{moment.microsecond // 1000:03d}-"


def _entry(row: RowMapping) -> RunEntry:
    return RunEntry(
        id=RunId(row["run_id"]),
        verb=row["verb"],
        state=RunState(row["state"]),
        verdict=row["verdict"],
        plan_hash=Digest(row["plan_hash"]),
        config_digest=Digest(row["config_digest"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        report=row["report"],
    )
