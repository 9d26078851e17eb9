"""Conflicts that wait for a person, and what people chose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from toolkit.errors import UseError
from toolkit.model.ids import Kind, LinkId, RecordId, RunId
from toolkit.model.links import Resolution
from toolkit.model.plan import Conflict
from toolkit.store.codec import decode_value, encode_value
from toolkit.store.schema import conflict
from toolkit.store.shelf import Shelf, one_by_prefix

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from toolkit.model.values import Value

_SHORTEST = 3


class ConflictState(StrEnum):
    """How far a conflict has come."""

    OPEN = "open"
    RESOLVED = "resolved"
    """A person chose; the choice is not written yet."""
    APPLIED = "applied"
    GONE = "gone"
    """The values moved on by themselves."""


@dataclass(frozen=True, slots=True)
class ConflictEntry:
    """One conflict as remembered.

    Attributes:
        id: Short and stable, for the command line: `c1f3`.
        run_id: The run that met it first.
        resolution: None until somebody chose; its value may be None (blank).
        chosen_by: Who chose, as the front end named them; empty until then.
    """

    id: str
    conflict: Conflict
    state: ConflictState
    run_id: RunId
    opened_at: datetime
    resolution: Resolution | None
    chosen_by: str


class Conflicts(Shelf):
    """Keeps conflicts apart by the two values that clash (`Conflict.fingerprint`)."""

    def sync_conflicts(
        self,
        run_id: RunId,
        conflicts: Sequence[Conflict],
        *,
        looked_at: Collection[LinkId] | None = None,
    ) -> None:
        """Make the stored conflicts agree with those a plan shows; twice is once.

        New ones open, those that came back open again, open ones that are missing are
        gone. A choice not yet written stays, unless the same field now clashes in other
        values.

        Args:
            run_id: The run whose plan it is.
            conflicts: All that the plan shows.
            looked_at: Links the plan could judge; None means all. Others are left alone.
        """
        shown = {each.fingerprint: each for each in conflicts}
        fields = {(each.link_id, each.field) for each in conflicts}
        at = self._surroundings.clock()
        with self._transactions.writing() as connection:
            known = self._known_conflicts(connection)
            self._move(connection, _vanished(known, shown, fields, looked_at), "gone", at=at)
            back = [
                key
                for key in shown.keys() & known.keys()
                if known[key]["state"] in (ConflictState.GONE, ConflictState.APPLIED)
            ]
            self._move(connection, back, "open", at=None)
            taken = {row["conflict_id"] for row in known.values()}
            new = []
            for key in shown.keys() - known.keys():
                new.append(_row(self.name, shown[key], _short_id(key, taken)))
                taken.add(new[-1]["conflict_id"])
            if new:
                extra = {"run_id": run_id, "opened_at": at, "state": "open"}
                connection.execute(insert(conflict), [row | extra for row in new])

    def list_conflicts(
        self, state: ConflictState | None = ConflictState.OPEN
    ) -> list[ConflictEntry]:
        """Conflicts in a state (None: any), oldest first."""
        query = select(conflict).where(conflict.c.connection == self.name)
        if state is not None:
            query = query.where(conflict.c.state == state.value)
        query = query.order_by(conflict.c.opened_at, conflict.c.link_id, conflict.c.field)
        with self._transactions.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def get_conflict(self, conflict_id: str) -> ConflictEntry:
        """One conflict, by its short id or the beginning of it.

        Raises:
            UseError: None is called so, or several are.
        """
        wanted = conflict_id.strip().lower()
        query = select(conflict).where(
            conflict.c.connection == self.name,
            conflict.c.conflict_id.startswith(wanted, autoescape=True),
        )
        with self._transactions.reading() as connection:
            found = {row["conflict_id"]: row for row in connection.execute(query).mappings()}
        return _entry(found[one_by_prefix(wanted, list(found), noun="conflict")])

    def resolve_conflict(self, conflict_id: str, value: Value, *, by: str) -> Resolution:
        """Store a person's choice; a later choice replaces it until it is written.

        Args:
            conflict_id: Short id or the beginning of it.
            value: What both sides shall show; None for blank.
            by: Who chose.

        Raises:
            UseError: There is no such conflict, or it is closed.
        """
        entry = self.get_conflict(conflict_id)
        if entry.state not in (ConflictState.OPEN, ConflictState.RESOLVED):
            raise UseError(
                f"Conflict {entry.id} is closed ({entry.state})",
                unchanged="Nothing was changed",
                remedy="See `hightonic conflicts` for the open ones",
            )
        chosen = {"choice": encode_value(value), "chosen_by": by, "state": "resolved"}
        with self._transactions.writing() as connection:
            connection.execute(
                update(conflict)
                .where(conflict.c.connection == self.name, conflict.c.conflict_id == entry.id)
                .values(chosen)
            )
        found = entry.conflict
        return Resolution(found.link_id, found.field, found.fingerprint, value)

    def resolutions(self) -> list[Resolution]:
        """Choices that wait to be written."""
        entries = self.list_conflicts(ConflictState.RESOLVED)
        return [each.resolution for each in entries if each.resolution is not None]

    def mark_resolved(self, resolutions: Iterable[Resolution]) -> None:
        """The choices are written: close their conflicts. Twice is once."""
        done = [each.fingerprint for each in resolutions]
        with self._transactions.writing() as connection:
            self._move(connection, done, "applied", at=self._surroundings.clock())

    def _known_conflicts(self, connection: Connection) -> dict[str, Mapping[str, Any]]:
        columns = conflict.c["fingerprint", "conflict_id", "link_id", "field", "state"]
        query = select(*columns).where(conflict.c.connection == self.name)
        return {row["fingerprint"]: dict(row) for row in connection.execute(query).mappings()}

    def _move(
        self,
        connection: Connection,
        fingerprints: Sequence[str],
        state: str,
        *,
        at: datetime | None,
    ) -> None:
        if not fingerprints:
            return
        values: dict[str, Any] = {"state": state, "closed_at": at}
        if state == ConflictState.OPEN.value:
            values |= {"choice": None, "chosen_by": None}
        statement = update(conflict).where(
            conflict.c.connection == self.name,
            conflict.c.fingerprint == bindparam("the_fingerprint"),
        )
        rows = [{"the_fingerprint": each} for each in fingerprints]
        connection.execute(statement.values(values), rows)


def _vanished(
    known: Mapping[str, Mapping[str, Any]],
    shown: Mapping[str, Conflict],
    fields: Collection[tuple[LinkId, str]],
    looked_at: Collection[LinkId] | None,
) -> list[str]:
    gone = []
    for key, row in known.items():
        if key in shown or (looked_at is not None and row["link_id"] not in looked_at):
            continue
        is_open = row["state"] == ConflictState.OPEN
        # The choice was made about values that are no longer there.
        is_void = row["state"] == ConflictState.RESOLVED
        if is_open or (is_void and (row["link_id"], row["field"]) in fields):
            gone.append(key)
    return gone


def _short_id(fingerprint: str, taken: Collection[str]) -> str:
    length = _SHORTEST
    while (candidate := "c" + fingerprint[:length]) in taken:
        length += 1
    return candidate


def _row(name: str, found: Conflict, short_id: str) -> dict[str, Any]:
    return {
        "connection": name,
        "conflict_id": short_id,
        "fingerprint": found.fingerprint,
        "link_id": found.link_id,
        "kind": found.kind.value,
        "field": found.field,
        "highlevel_id": found.highlevel_id,
        "timetonic_id": found.timetonic_id,
        "base": encode_value(found.base),
        "highlevel": encode_value(found.highlevel),
        "timetonic": encode_value(found.timetonic),
    }


def _entry(row: RowMapping) -> ConflictEntry:
    found = Conflict(
        link_id=LinkId(row["link_id"]),
        kind=Kind(row["kind"]),
        field=row["field"],
        highlevel_id=RecordId(row["highlevel_id"]),
        timetonic_id=RecordId(row["timetonic_id"]),
        base=decode_value(row["base"]),
        highlevel=decode_value(row["highlevel"]),
        timetonic=decode_value(row["timetonic"]),
    )
    resolution = None
    if row["choice"] is not None:
        value = decode_value(row["choice"])
        resolution = Resolution(found.link_id, found.field, row["fingerprint"], value)
    return ConflictEntry(
        id=row["conflict_id"],
        conflict=found,
        state=ConflictState(row["state"]),
        run_id=RunId(row["run_id"]),
        opened_at=row["opened_at"],
        resolution=resolution,
        chosen_by=row["chosen_by"] or "",
    )
