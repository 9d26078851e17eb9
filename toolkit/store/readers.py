"""How far rules have read, and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from toolkit.model.ids import LinkId, RunId
from toolkit.store.schema import journal, run
from toolkit.store.schema_automation import turn
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import among, insert_into

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_READER: Final = ":"
"""Begins the name of a reader in table `turn`; no rule is called so."""


class Readers(Shelf):
    """What rules have read of the journal, and what it says to them."""

    def get_readers(self) -> dict[str, int]:
        """Reader (`journal`, `feed`) -> how far it has come; new ones are absent."""
        return {
            name.removeprefix(_READER): number
            for name, number in self._turn_rows().items()
            if name.startswith(_READER)
        }

    def get_turns(self) -> dict[str, int]:
        """Rule -> whose turn it is in its round robin; rules that never took one are absent."""
        return {
            name: number
            for name, number in self._turn_rows().items()
            if not name.startswith(_READER)
        }

    def newest_line(self, *, before: RunId | None = None) -> int:
        """The last journal line's number; 0 for none.

        Args:
            before: Only lines of runs that began earlier than this one.
        """
        query = select(func.max(journal.c.seq)).where(journal.c.connection == self.name)
        if before is not None:
            query = query.where(journal.c.run_id < before)
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0

    def first_lines(self, link_ids: Collection[LinkId]) -> dict[LinkId, datetime]:
        """Pair -> when the journal first speaks of it; pairs it never speaks of are absent."""
        found: dict[LinkId, datetime] = {}
        with self._transactions.reading() as connection:
            for condition in among(journal.c.link_id, link_ids):
                query = (
                    select(journal.c.link_id, func.min(journal.c.at, type_=journal.c.at.type))
                    .where(journal.c.connection == self.name, condition)
                    .group_by(journal.c.link_id)
                )
                rows = connection.execute(query)
                found.update((LinkId(link_id), at) for link_id, at in rows)
        return found

    def verbs_of(self, run_ids: Iterable[RunId]) -> dict[RunId, str]:
        """Run -> `sync`, `undo`, ...; unknown runs are absent."""
        found: dict[RunId, str] = {}
        with self._transactions.reading() as connection:
            for condition in among(run.c.run_id, set(run_ids)):
                query = select(run.c.run_id, run.c.verb).where(
                    run.c.connection == self.name, condition
                )
                rows = connection.execute(query)
                found.update((RunId(run_id), verb) for run_id, verb in rows)
        return found

    def _turn_rows(self) -> dict[str, int]:
        query = select(turn.c.rule, turn.c.next).where(turn.c.connection == self.name)
        with self._transactions.reading() as connection:
            return {row.rule: row.next for row in connection.execute(query)}


def move_readers(connection: Connection, name: str, readers: Mapping[str, int]) -> None:
    """Note how far readers have come, within a transaction; a smaller number is ignored."""
    for reader, number in readers.items():
        statement = insert_into(turn, connection.dialect.name).values(
            connection=name, rule=_READER + reader, next=number
        )
        new = statement.excluded.next
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["connection", "rule"],
                set_={"next": new},
                where=turn.c.next < new,
            )
        )
