"""Which rules answered what, once each: the memory that makes automations repeatable.

A row is put in when something happened that a rule listens to, together with how far the
journal was read for it; it gets its effects before anything is written, and its end after.
Whoever dies in between leaves a row that waits, with the same effects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter
from sqlalchemy import bindparam, delete, func, select, update

from toolkit.model.automation import Effect, Firing, Happening, Send, Trigger
from toolkit.model.ids import LinkId, RunId
from toolkit.model.values import canonical_json
from toolkit.store.schema import journal, memo, run
from toolkit.store.schema_automation import IS_WAITING, firing, turn
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import among, insert_into, upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_READER: Final = ":"
"""Begins the name of a reader in table `turn`; no rule is called so."""

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


_NOBODY: Final = RunId("")


class FiringState(StrEnum):
    """How far a firing has come."""

    WAITING = "waiting"
    HELD = "held"
    """A brake holds it; its reason is the approval that releases it."""
    DONE = "done"
    SKIPPED = "skipped"
    """There was nothing to do: conditions that did not hold, a rule that changed."""
    REFUSED = "refused"
    """It must not be done: a loop, a pair that is not kept in step."""
    FAILED = "failed"
    """It was tried, and is not tried again by itself."""

    @property
    def is_ended(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self not in {FiringState.WAITING, FiringState.HELD}


@dataclass(frozen=True, slots=True)
class FiringEntry:
    """One firing as remembered.

    Attributes:
        is_decided: Its effects are worked out, and stand.
        is_approved: A person released it from a brake.
        reason: For people; of a held one the approval that releases it.
        tries: How often its writes were tried.
        run_id: The run that dealt with it last; empty for none.
    """

    firing: Firing
    state: FiringState = FiringState.WAITING
    is_decided: bool = False
    is_approved: bool = False
    reason: str = ""
    tries: int = 0
    at: datetime | None = None
    not_before: datetime | None = None
    ended_at: datetime | None = None
    run_id: RunId = _NOBODY

    @property
    def is_again(self) -> bool:
        """Whether a person asked for it to be worked out once more."""
        waits = self.state is FiringState.WAITING and not self.is_decided
        return waits and self.run_id != _NOBODY

    @property
    def key(self) -> tuple[str, str]:
        """Rule and happening."""
        return self.firing.rule, self.firing.happening.key


@dataclass(frozen=True, slots=True)
class _Body:
    """What no query asks for."""

    happening: Happening
    effects: tuple[Effect, ...] = ()
    problem: str = ""
    is_decided: bool = False
    is_approved: bool = False


_BODY: TypeAdapter[_Body] = TypeAdapter(_Body)


class Firings(Shelf):
    """What fired, what waits to be done, and whose turn it is."""

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
            _move(connection, self.name, readers or {})
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
        rows = [_change_of(self.name, _ended(each)) for each in entries]
        with self._transactions.writing() as connection:
            if rows:
                connection.execute(_UPDATE, rows)
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

    def _turn_rows(self) -> dict[str, int]:
        query = select(turn.c.rule, turn.c.next).where(turn.c.connection == self.name)
        with self._transactions.reading() as connection:
            return {row.rule: row.next for row in connection.execute(query)}

    def _firing_entries(self, query: Any) -> list[FiringEntry]:  # noqa: ANN401 — a Select of our columns
        with self._transactions.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]


_CHANGING: Final = (
    "body",
    "state",
    "reason",
    "tries",
    "not_before",
    "ended_at",
    "run_id",
)
# A name of a column cannot be bound twice in one UPDATE, so the key has names of its own.
_KEY: Final = {"connection": "of", "rule": "the_rule", "happening": "the_happening"}
_UPDATE: Final = (
    update(firing)
    .where(*(firing.c[column] == bindparam(name) for column, name in _KEY.items()))
    .values({column: bindparam(f"new_{column}") for column in _CHANGING})
)


def _afresh(entry: FiringEntry) -> FiringEntry:
    again = replace(
        entry, state=FiringState.WAITING, reason="", not_before=None, ended_at=None, tries=0
    )
    if not entry.firing.problem:
        return again
    return replace(again, firing=replace(entry.firing, problem=""), is_decided=False)


def _ended(entry: FiringEntry) -> FiringEntry:
    """Message bodies hold personal values: they are kept for as long as they are needed."""
    if not entry.state.is_ended or entry.state is FiringState.FAILED:
        return entry
    kept = tuple(
        replace(each, body={}) if isinstance(each, Send) else each
        for each in entry.firing.effects
    )
    return replace(entry, firing=replace(entry.firing, effects=kept))


def _entry(row: RowMapping) -> FiringEntry:
    body = _BODY.validate_json(row["body"])
    return FiringEntry(
        firing=Firing(row["rule"], body.happening, body.effects, body.problem),
        state=FiringState(row["state"]),
        is_decided=body.is_decided,
        is_approved=body.is_approved,
        reason=row["reason"],
        tries=row["tries"],
        at=row["at"],
        not_before=row["not_before"],
        ended_at=row["ended_at"],
        run_id=RunId(row["run_id"]),
    )


def _insert(connection: Connection, name: str, firings: Sequence[Firing]) -> None:
    if not firings:
        return
    statement = insert_into(firing, connection.dialect.name).on_conflict_do_nothing(
        index_elements=["connection", "rule", "happening"]
    )
    entries = [FiringEntry(each, at=each.happening.at) for each in firings]
    connection.execute(statement, [_row_of(name, each) for each in entries])


def _move(connection: Connection, name: str, readers: Mapping[str, int]) -> None:
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


def _change_of(name: str, entry: FiringEntry) -> dict[str, Any]:
    row = _row_of(name, entry)
    return {bound: row[column] for column, bound in _KEY.items()} | {
        f"new_{column}": row[column] for column in _CHANGING
    }


def _row_of(name: str, entry: FiringEntry) -> dict[str, Any]:
    happening = entry.firing.happening
    body = _Body(
        happening=happening,
        effects=entry.firing.effects,
        problem=entry.firing.problem,
        is_decided=entry.is_decided,
        is_approved=entry.is_approved,
    )
    return {
        "connection": name,
        "rule": entry.firing.rule,
        "happening": happening.key,
        "trigger": happening.trigger.value,
        "contact": happening.contact,
        "body": _BODY.dump_json(body).decode(),
        "state": entry.state.value,
        "reason": entry.reason,
        "tries": entry.tries,
        "at": entry.at or happening.at,
        "not_before": entry.not_before,
        "ended_at": entry.ended_at,
        "run_id": entry.run_id,
    }
