"""Which rules answered what, once each: the memory that makes automations repeatable.

A row is put in when something happened that a rule listens to, together with how far the
journal was read for it; it gets its effects before anything is written, and its end after.
Whoever dies in between leaves a row that waits, with the same effects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select

from toolkit.model.automation import Firing, Trigger
from toolkit.model.ids import LinkId
from toolkit.model.values import canonical_json
from toolkit.store.firing_rows import (
    CHANGE,
    FiringEntry,
    FiringState,
    change_of,
    entry_of,
    row_of,
    without_bodies,
)
from toolkit.store.readers import Readers, move_readers
from toolkit.store.schema import memo
from toolkit.store.schema_automation import IS_WAITING, firing, turn
from toolkit.store.transactions import insert_into, upsert

__all__ = ["FiringEntry", "FiringState", "Firings"]

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

# What is named by the record alone would be new again once its row is gone.
_FOR_LIFE: Final = frozenset(
    {
        Trigger.CONTACT_CREATED,
        Trigger.LEAD_CREATED,
        Trigger.TASK_CREATED,
        Trigger.TASK_OVERDUE,
        Trigger.NOTE_ADDED,
        Trigger.APPOINTMENT_BOOKED,
    }
)


class Firings(Readers):
    """What fired, what waits to be done, and whose turn it is."""

    def put_firings(
        self,
        firings: Sequence[Firing],
        *,
        readers: Mapping[str, int] | None = None,
        memos: Mapping[str, object] | None = None,
    ) -> None:
        """Remember what fired, and how far was read for it, all or nothing.

        A firing whose rule and happening are known already is left as it is, so a reading
        that is repeated after a crash fires nothing twice.

        Args:
            firings: Without effects yet.
            readers: Reader -> the number it has come to; a smaller one than before is kept.
            memos: Key -> JSON that must move together with the readers.
        """
        if not firings and not readers:
            return
        at = self._surroundings.clock()
        with self._transactions.writing() as connection:
            _insert(connection, self.name, firings)
            move_readers(connection, self.name, readers or {})
            rows = [
                {"connection": self.name, "key": key, "value": canonical_json(value), "at": at}
                for key, value in (memos or {}).items()
            ]
            upsert(connection, memo, rows)

    def take_waiting(
        self, now: datetime, *, without: Collection[str] = (), limit: int = 10_000
    ) -> list[FiringEntry]:
        """Firings that are due, oldest happening first; they stay until `put_entries`.

        Args:
            now: What is due by then.
            without: Rules whose firings are left out.
            limit: At most so many.
        """
        query = (
            select(firing)
            .where(firing.c.connection == self.name, IS_WAITING)
            .where(firing.c.rule.not_in(sorted(without)))
            .where(firing.c.not_before.is_(None) | (firing.c.not_before <= now))
            .order_by(firing.c.at, firing.c.happening, firing.c.rule)
            .limit(limit)
        )
        return self._firing_entries(query)

    def put_entries(
        self, entries: Sequence[FiringEntry], *, turns: Mapping[str, int] | None = None
    ) -> None:
        """Firings as they stand now, with the round-robin turns that deciding them took.

        An ended one keeps no message bodies. Unknown firings are ignored.
        """
        rows = [change_of(self.name, without_bodies(each)) for each in entries]
        with self._transactions.writing() as connection:
            if rows:
                connection.execute(CHANGE, rows)
            upsert(
                connection,
                turn,
                [
                    {"connection": self.name, "rule": rule, "next": number}
                    for rule, number in (turns or {}).items()
                ],
            )

    def list_firings(
        self,
        *,
        rule: str | None = None,
        states: Collection[FiringState] | None = None,
        contact: LinkId | None = None,
        approval: str | None = None,
        limit: int | None = None,
    ) -> list[FiringEntry]:
        """Firings that pass every filter given (None: any), newest happening first.

        Args:
            rule: Of this rule.
            states: In one of these states.
            contact: About this contact's pair.
            approval: Held, and released by this approval.
            limit: At most so many.
        """
        query = select(firing).where(firing.c.connection == self.name)
        if rule is not None:
            query = query.where(firing.c.rule == rule)
        if states is not None:
            query = query.where(firing.c.state.in_([state.value for state in states]))
        if contact is not None:
            query = query.where(firing.c.contact == contact)
        if approval is not None:
            held = firing.c.state == FiringState.HELD.value
            query = query.where(held, firing.c.reason == approval)
        order = (firing.c.at.desc(), firing.c.happening, firing.c.rule)
        return self._firing_entries(query.order_by(*order).limit(limit))

    def find_firing(self, rule: str, happening: str) -> FiringEntry | None:
        """One firing by its two names; None where it is not remembered."""
        query = select(firing).where(
            firing.c.connection == self.name,
            firing.c.rule == rule,
            firing.c.happening == happening,
        )
        return next(iter(self._firing_entries(query)), None)

    def count_firings(self) -> dict[tuple[str, FiringState], int]:
        """(rule, state) -> how many; those with any."""
        query = (
            select(firing.c.rule, firing.c.state, func.count())
            .where(firing.c.connection == self.name)
            .group_by(firing.c.rule, firing.c.state)
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query)
            return {(rule, FiringState(state)): count for rule, state, count in rows}

    def release_firings(self, approval: str) -> int:
        """Let what this approval names be done; how many. A second call finds none."""
        held = self.list_firings(approval=approval)
        self.put_entries(
            [
                replace(each, state=FiringState.WAITING, reason="", is_approved=True)
                for each in held
            ]
        )
        return len(held)

    def retry_firings(self, rule: str | None = None) -> int:
        """Let failed firings wait again, and those that wait be due at once; how many.

        What could not be worked out is worked out anew; else the effects stand.
        """
        states = {FiringState.FAILED, FiringState.WAITING}
        found = self.list_firings(rule=rule, states=states)
        again = [
            _afresh(each)
            for each in found
            if each.state is FiringState.FAILED or each.not_before is not None
        ]
        self.put_entries(again)
        return len(again)

    def prune_firings(self, older_than: datetime) -> int:
        """Forget firings that ended before a time; how many.

        Kept are those whose happening is named by its record alone: it can be met again,
        and would then be new.
        """
        ended = [state.value for state in FiringState if state.is_ended]
        statement = delete(firing).where(
            firing.c.connection == self.name,
            firing.c.state.in_(ended),
            firing.c.ended_at < older_than,
            firing.c.trigger.not_in([each.value for each in _FOR_LIFE]),
        )
        with self._transactions.writing() as connection:
            return connection.execute(statement).rowcount

    def _firing_entries(self, query: Any) -> list[FiringEntry]:  # noqa: ANN401 — a Select of our columns
        with self._transactions.reading() as connection:
            return [entry_of(row) for row in connection.execute(query).mappings()]


def _afresh(entry: FiringEntry) -> FiringEntry:
    again = replace(
        entry, state=FiringState.WAITING, reason="", not_before=None, ended_at=None, tries=0
    )
    if not entry.firing.problem:
        return again
    return replace(again, firing=replace(entry.firing, problem=""), is_decided=False)


def _insert(connection: Connection, name: str, firings: Sequence[Firing]) -> None:
    if not firings:
        return
    statement = insert_into(firing, connection.dialect.name).on_conflict_do_nothing(
        index_elements=["connection", "rule", "happening"]
    )
    entries = [FiringEntry(each, at=each.happening.at) for each in firings]
    connection.execute(statement, [row_of(name, each) for each in entries])
