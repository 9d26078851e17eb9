"""Whether a connection writes: plans only, live, or paused; and what was rehearsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from toolkit.errors import DecisionNeededError
from toolkit.model.ids import Digest
from toolkit.store.schema_service import rehearsal, switch
from toolkit.store.shelf import Shelf, one_by_prefix
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

_NONE: Final = Digest("")


@dataclass(frozen=True, slots=True)
class Switch:
    """What a connection may do.

    Attributes:
        is_live: A person let it write, with the configuration named here.
        is_paused: A person stopped it for now; live or not stays as it was.
        config_digest: The configuration it was granted for; empty where never.
        rehearsal_id: What the person had seen before.
        changed_at: None where nobody ever touched it.
    """

    is_live: bool = False
    is_paused: bool = False
    config_digest: Digest = _NONE
    rehearsal_id: str = ""
    changed_at: datetime | None = None

    def may_write(self, config_digest: str) -> bool:
        """Whether a run with this configuration writes; a changed one plans only."""
        return self.is_live and not self.is_paused and self.config_digest == config_digest


@dataclass(frozen=True, slots=True)
class RehearsalEntry:
    """A rehearsal as remembered.

    Attributes:
        report: JSON of what would happen and what it would cost; no personal values.
    """

    id: str
    config_digest: Digest
    at: datetime
    report: str


class Switches(Shelf):
    """One connection's switch and rehearsals."""

    def get_switch(self) -> Switch:
        """As it stands; plans only where nobody ever touched it."""
        with self._transactions.reading() as connection:
            return self._switch(connection)

    def set_live(self, config_digest: str, rehearsal_id: str) -> Switch:
        """Let the connection write, with this configuration only; twice is once.

        Raises:
            DecisionNeededError: That rehearsal is not of this configuration.
        """
        with self._transactions.writing() as connection:
            rehearsed = connection.scalar(
                select(rehearsal.c.config_digest).where(
                    rehearsal.c.connection == self.name,
                    rehearsal.c.rehearsal_id == rehearsal_id,
                )
            )
            if rehearsed != config_digest:
                raise DecisionNeededError(
                    "This configuration has not been rehearsed",
                    unchanged="The connection goes on as before",
                    remedy="Run `hightonic rehearse`, read its report, then switch on",
                )
            return self._change(
                connection,
                is_live=True,
                config_digest=config_digest,
                rehearsal_id=rehearsal_id,
            )

    def set_plan_only(self) -> Switch:
        """Nothing is written any more; what it was granted for is forgotten."""
        with self._transactions.writing() as connection:
            return self._change(connection, is_live=False, config_digest="", rehearsal_id="")

    def set_paused(self, *, is_paused: bool) -> Switch:
        """Stop for now, or go on; live or not stays as it was."""
        with self._transactions.writing() as connection:
            return self._change(connection, is_paused=is_paused)

    def put_rehearsal(self, config_digest: str, report: str) -> RehearsalEntry:
        """Keep a rehearsal's report; each call makes a new one."""
        at = self._surroundings.clock()
        made = RehearsalEntry(self._surroundings.token(4), Digest(config_digest), at, report)
        with self._transactions.writing() as connection:
            connection.execute(
                insert(rehearsal).values(
                    connection=self.name,
                    rehearsal_id=made.id,
                    config_digest=config_digest,
                    at=at,
                    report=report,
                )
            )
        return made

    def list_rehearsals(
        self, *, config_digest: str | None = None, limit: int = 20
    ) -> list[RehearsalEntry]:
        """The newest first; of one configuration, or (None) of all."""
        query = select(rehearsal).where(rehearsal.c.connection == self.name)
        if config_digest is not None:
            query = query.where(rehearsal.c.config_digest == config_digest)
        query = query.order_by(rehearsal.c.at.desc(), rehearsal.c.rehearsal_id).limit(limit)
        with self._transactions.reading() as connection:
            return [_rehearsal(row) for row in connection.execute(query).mappings()]

    def get_rehearsal(self, rehearsal_id: str) -> RehearsalEntry:
        """One rehearsal, by its id or the beginning of it.

        Raises:
            UseError: None is called so, or several are.
        """
        query = select(rehearsal).where(
            rehearsal.c.connection == self.name,
            rehearsal.c.rehearsal_id.startswith(rehearsal_id, autoescape=True),
        )
        with self._transactions.reading() as connection:
            found = {row["rehearsal_id"]: row for row in connection.execute(query).mappings()}
        return _rehearsal(found[one_by_prefix(rehearsal_id, list(found), noun="rehearsal")])

    def _switch(self, connection: Connection) -> Switch:
        query = select(switch).where(switch.c.connection == self.name)
        row = connection.execute(query).mappings().first()
        if row is None:
            return Switch()
        return Switch(**{name: value for name, value in row.items() if name != "connection"})

    def _change(self, connection: Connection, **changes: Any) -> Switch:  # noqa: ANN401 — columns
        before = self._switch(connection)
        row = {
            "connection": self.name,
            "is_live": before.is_live,
            "is_paused": before.is_paused,
            "config_digest": before.config_digest,
            "rehearsal_id": before.rehearsal_id,
            "changed_at": self._surroundings.clock(),
        }
        upsert(connection, switch, [row | changes])
        return self._switch(connection)


def _rehearsal(row: RowMapping) -> RehearsalEntry:
    return RehearsalEntry(
        row["rehearsal_id"], Digest(row["config_digest"]), row["at"], row["report"]
    )
