"""What each side was last seen to hold, and how far its listings have been read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, func, select

from toolkit.model.ids import CorrelationKey, Kind, RecordId, Side
from toolkit.model.records import FieldProblem, Record
from toolkit.model.values import canonical_json
from toolkit.store.codec import decode_values, encode_values
from toolkit.store.schema import cursor, observed
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import among, chunked, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, RowMapping

_COMPARED = ("parent_id", "correlation", "digest", "problems", "updated_at")


class Observed(Shelf):
    """Remembers records as observed, and cursors."""

    def upsert_observed(
        self, side: Side, kind: Kind, records: Iterable[Record], *, run: str = ""
    ) -> int:
        """Store what was seen, touching only records that are new or different.

        Args:
            side: Where they were seen.
            kind: What they are.
            records: Any number.
            run: The run that saw them, where there is one; kept on the touched rows.

        Returns:
            How many rows were touched.
        """
        touched = 0
        wanted = list(records)
        if not wanted:
            return 0
        with self._transactions.writing() as connection:
            for chunk in chunked(wanted):
                # A listing may repeat a record at a page boundary: the last one stands.
                seen = {each.id: each for each in chunk}
                known = self._digests(connection, self._of(side, kind), list(seen))
                rows = [observed_row(self.name, each, run) for each in seen.values()]
                changed = [
                    row
                    for row in rows
                    if known.get(row["record_id"]) != tuple(row[name] for name in _COMPARED)
                ]
                upsert(connection, observed, changed)
                touched += len(changed)
        return touched

    def observed_ids(self, side: Side, kind: Kind) -> dict[RecordId, RecordId | None]:
        """Id -> id of the contact it hangs on."""
        query = select(observed.c.record_id, observed.c.parent_id).where(self._of(side, kind))
        with self._transactions.reading() as connection:
            return {
                RecordId(record_id): None if parent is None else RecordId(parent)
                for record_id, parent in connection.execute(query)
            }

    def observed_count(self, side: Side, kind: Kind) -> int:
        """How many are remembered."""
        query = select(func.count()).select_from(observed).where(self._of(side, kind))
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0

    def get_observed(self, side: Side, kind: Kind, record_id: RecordId) -> Record | None:
        """One record as last seen, or None."""
        query = select(observed).where(self._of(side, kind), observed.c.record_id == record_id)
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _record(row)

    def find_observed(
        self, side: Side, kind: Kind, ids: Iterable[RecordId]
    ) -> dict[RecordId, Record]:
        """These records as last seen, those that were."""
        found: dict[RecordId, Record] = {}
        with self._transactions.reading() as connection:
            for condition in among(observed.c.record_id, ids):
                query = select(observed).where(self._of(side, kind), condition)
                records = map(_record, connection.execute(query).mappings())
                found.update((each.id, each) for each in records)
        return found

    def list_observed(self, side: Side, kind: Kind) -> list[Record]:
        """All records as last seen, by id."""
        query = select(observed).where(self._of(side, kind)).order_by(observed.c.record_id)
        with self._transactions.reading() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def forget_observed(self, side: Side, kind: Kind, ids: Iterable[RecordId]) -> None:
        """Drop records that are gone; unknown ids are ignored."""
        wanted = list(ids)
        if not wanted:
            return
        with self._transactions.writing() as connection:
            for condition in among(observed.c.record_id, wanted):
                connection.execute(delete(observed).where(self._of(side, kind), condition))

    def get_cursor(self, side: Side, kind: Kind, scope: str) -> dict[str, Any] | None:
        """Where to go on listing; None before the first time."""
        query = select(cursor.c.value).where(
            cursor.c.connection == self.name,
            cursor.c.side == side.value,
            cursor.c.kind == kind.value,
            cursor.c.scope == scope,
        )
        with self._transactions.reading() as connection:
            text = connection.scalar(query)
        found: dict[str, Any] | None = None if text is None else json.loads(text)
        return found

    def put_cursor(self, side: Side, kind: Kind, scope: str, value: Mapping[str, Any]) -> None:
        """Remember where to go on; only once what it covers is stored (W3)."""
        row = {
            "connection": self.name,
            "side": side.value,
            "kind": kind.value,
            "scope": scope,
            "value": canonical_json(dict(value)),
        }
        with self._transactions.writing() as connection:
            upsert(connection, cursor, [row])

    def _of(self, side: Side, kind: Kind) -> ColumnElement[bool]:
        return and_(
            observed.c.connection == self.name,
            observed.c.side == side.value,
            observed.c.kind == kind.value,
        )

    def _digests(
        self, connection: Connection, mine: ColumnElement[bool], ids: list[RecordId]
    ) -> dict[str, tuple[Any, ...]]:
        columns = [observed.c[name] for name in _COMPARED]
        found: dict[str, tuple[Any, ...]] = {}
        for condition in among(observed.c.record_id, ids):
            query = select(observed.c.record_id, *columns).where(mine, condition)
            found.update((row[0], tuple(row[1:])) for row in connection.execute(query))
        return found


def observed_row(name: str, record: Record, run: str) -> dict[str, Any]:
    """A record as the columns of its table."""
    return {
        "connection": name,
        "side": record.side.value,
        "kind": record.kind.value,
        "record_id": record.id,
        "parent_id": record.parent_id,
        "correlation": record.correlation,
        "digest": record.digest,
        "body": encode_values(record.values),
        "problems": canonical_json([[each.field, each.reason] for each in record.problems]),
        "updated_at": record.updated_at,
        "seen_run": run,
    }


def _record(row: RowMapping) -> Record:
    return Record(
        side=Side(row["side"]),
        kind=Kind(row["kind"]),
        id=RecordId(row["record_id"]),
        values=decode_values(row["body"]),
        parent_id=None if row["parent_id"] is None else RecordId(row["parent_id"]),
        correlation=None if row["correlation"] is None else CorrelationKey(row["correlation"]),
        updated_at=row["updated_at"],
        problems=tuple(FieldProblem(*pair) for pair in json.loads(row["problems"])),
    )
