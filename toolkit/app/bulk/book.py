"""Keeps batches: what was asked for never changes, how far it has come does."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from toolkit.app.bulk.batch import Batch, BatchState
from toolkit.app.bulk.recipe import Recipe, items_of, read_recipe, recipe_to_json
from toolkit.app.bulk.staging import Stager
from toolkit.app.bulk.standing import Standings
from toolkit.errors import UseError
from toolkit.model.plan import Plan
from toolkit.store import BatchEntry

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.app.bulk.importing.importer import Importer
    from toolkit.app.wiring import Parts


class BatchBook:
    """The batches of one connection. Synchronous; safe from any thread; calls no service.

    Attributes:
        standings: Says how a batch stands.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self.standings = Standings(parts)

    @cached_property
    def stager(self) -> Stager:
        """Works out steps from what people type."""
        return Stager(self._parts)

    @cached_property
    def importer(self) -> Importer:
        """Works out what a file would change."""
        from toolkit.app.bulk.importing.importer import Importer

        return Importer(self._parts, self.standings)

    def add(self, recipe: Recipe) -> Batch:
        """Keep what was asked for; a recipe that is known gives the batch it was.

        Raises:
            UseError: There is nothing in it, or too much, or it is another connection's.
        """
        name = self._parts.config.name
        if recipe.connection != name:
            raise UseError(
                f"This recipe is for the connection `{recipe.connection}`, not `{name}`",
                unchanged="Nothing was changed",
                remedy="Name the other connection with --connection",
            )
        body = {"items": len(items_of(recipe))}
        staged, now = BatchState.STAGED.value, self._parts.now()
        entry = BatchEntry(recipe.id, recipe.name, staged, recipe.made_at, now, body)
        if self._store.add_batch(entry, recipe_to_json(recipe)):
            return Batch.of(entry)
        return self.get(recipe.id)

    def get(self, batch_id: str) -> Batch:
        """A batch by its id or the beginning of it.

        Raises:
            UseError: No batch is called so, or several are.
        """
        return Batch.of(self._store.get_batch(batch_id))

    def list_batches(self, limit: int | None = 50) -> list[Batch]:
        """Batches, the newest first."""
        return [Batch.of(each) for each in self._store.list_batches(limit)]

    def drop(self, batch_id: str) -> None:
        """Forget a batch of which nothing was sent.

        Raises:
            UseError: There is none, or something of it was sent.
        """
        batch = self.get(batch_id)
        if not self._store.drop_batch(batch.id, [BatchState.STAGED.value]):
            raise UseError(
                f"Something of the batch {batch.id} was sent already",
                unchanged="Nothing was changed",
                remedy="Revert it instead",
            )

    def recipe(self, batch_id: str) -> Recipe:
        """What was asked for."""
        return read_recipe(self._store.get_recipe(self.get(batch_id).id))

    def keep(self, batch: Batch) -> Batch:
        """How far a batch has come."""
        self._store.put_batch(batch.id, batch.state.value, batch.body)
        return batch

    def empty_plan(self) -> Plan:
        """The plan of nothing."""
        config = self._parts.config
        return Plan(config.name, config.digest)

    def now(self) -> datetime:
        """The connection's own time."""
        return self._parts.now()
