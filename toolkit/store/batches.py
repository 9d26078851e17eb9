"""Batches of bulk changes, as they were staged and as far as they have come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, insert, select, update

from toolkit.errors import UseError
from toolkit.model.values import canonical_json
from toolkit.store.schema_bulk import batch
from toolkit.store.shelf import Shelf, one_by_prefix

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, RowMapping


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One batch without its recipe, which may be large.

    Attributes:
        body: JSON of whoever works on it.
    """

    id: str
    name: str
    state: str
    made_at: datetime
    changed_at: datetime
    body: Mapping[str, Any]


class Batches(Shelf):
    """Keeps batches; knows nothing of what is in them."""

    def add_batch(self, entry: BatchEntry, recipe: str) -> bool:
        """Keep a batch; False where one of this id is kept already, which stays as it is."""
        row = {
            "connection": self.name,
            "id": entry.id,
            "name": entry.name,
            "state": entry.state,
            "made_at": entry.made_at,
            "changed_at": entry.changed_at,
            "recipe": recipe,
            "body": canonical_json(entry.body),
        }
        with self._transactions.writing() as connection:
            known = select(batch.c.id).where(self._is(entry.id))
            if connection.execute(known).first() is not None:
                return False
            connection.execute(insert(batch), [row])
        return True

    def put_batch(self, batch_id: str, state: str, body: Mapping[str, Any]) -> None:
        """How far a batch has come; an unknown id is ignored."""
        values = {
            "state": state,
            "body": canonical_json(body),
            "changed_at": self._surroundings.clock(),
        }
        with self._transactions.writing() as connection:
            connection.execute(update(batch).where(self._is(batch_id)).values(values))

    def get_batch(self, batch_id: str) -> BatchEntry:
        """A batch by its id or the beginning of it.

        Raises:
            UseError: No batch is called so, or several are.
        """
        if not batch_id:
            raise UseError("Name a batch", unchanged="Nothing was changed")
        query = select(*_LIGHT).where(
            batch.c.connection == self.name, batch.c.id.startswith(batch_id, autoescape=True)
        )
        with self._transactions.reading() as connection:
            found = {row["id"]: row for row in connection.execute(query).mappings()}
        return _entry(found[one_by_prefix(batch_id, list(found), noun="batch")])

    def get_recipe(self, batch_id: str) -> str:
        """What was staged, as JSON; the id in full."""
        query = select(batch.c.recipe).where(self._is(batch_id))
        with self._transactions.reading() as connection:
            found: str = connection.execute(query).scalar_one()
        return found

    def list_batches(self, limit: int | None = 50) -> list[BatchEntry]:
        """Batches, the newest first."""
        query = (
            select(*_LIGHT)
            .where(batch.c.connection == self.name)
            .order_by(batch.c.made_at.desc(), batch.c.id)
            .limit(limit)
        )
        with self._transactions.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def drop_batch(self, batch_id: str, states: Collection[str]) -> bool:
        """Forget a batch that is in one of these states; False where none is."""
        query = delete(batch).where(self._is(batch_id), batch.c.state.in_(states))
        with self._transactions.writing() as connection:
            return connection.execute(query).rowcount > 0

    def _is(self, batch_id: str) -> ColumnElement[bool]:
        return and_(batch.c.connection == self.name, batch.c.id == batch_id)


_LIGHT = (
    batch.c.id,
    batch.c.name,
    batch.c.state,
    batch.c.made_at,
    batch.c.changed_at,
    batch.c.body,
)


def _entry(row: RowMapping) -> BatchEntry:
    return BatchEntry(
        id=row["id"],
        name=row["name"],
        state=row["state"],
        made_at=row["made_at"],
        changed_at=row["changed_at"],
        body=json.loads(row["body"]),
    )
