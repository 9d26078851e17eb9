"""What is read of batches, and kept before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from toolkit.app.bulk.batch import Batch, BatchPlan, BatchState, ItemLine, ItemState
from toolkit.app.bulk.book import BatchBook
from toolkit.app.bulk.hands import BatchHands
from toolkit.app.bulk.standing import VERB, effects_of
from toolkit.app.bulk.words import remedy_of

if TYPE_CHECKING:
    from toolkit.app.bulk.recipe import Recipe, Step
    from toolkit.model.plan import Plan

T = TypeVar("T")

SILENT: Final = timedelta(seconds=60)
"""A batch that says it is applied and has not moved for so long was cut short."""


class BatchReading:
    """Batches of one connection, to look at and to stage.

    Args:
        hands: Reads the connection.
    """

    def __init__(self, hands: BatchHands) -> None:
        self._hands = hands
        self._at_work: str = ""

    @property
    def at_work(self) -> str:
        """The batch that is worked on here; empty for none."""
        return self._at_work

    async def stage(self, steps: Sequence[Step], *, name: str = "") -> Batch:
        """Keep these steps as a batch; nothing is sent.

        Raises:
            UseError: There is nothing in them, or too much.
        """
        return await self._read(lambda book: book.add(book.stager.recipe(steps, name=name)))

    async def stage_recipe(self, recipe: Recipe) -> Batch:
        """Keep a recipe as a batch; one that is known gives the batch it was."""
        return await self._read(lambda book: book.add(recipe))

    async def build(self, make: Callable[[BatchBook], T]) -> T:
        """Work out a step on a thread: `await desk.build(lambda it: it.stager.tags(...))`."""
        return await self._read(make)

    async def history(self, limit: int | None = 50) -> list[Batch]:
        """Batches, the newest first; one that fell silent while it was applied is stopped."""

        def seen(book: BatchBook) -> list[Batch]:
            return [self._as_seen(each, book.now()) for each in book.list_batches(limit)]

        return await self._read(seen)

    async def get(self, batch_id: str) -> Batch:
        """A batch by its id or the beginning of it.

        Raises:
            UseError: No batch is called so, or several are.
        """
        return await self._read(lambda book: self._as_seen(book.get(batch_id), book.now()))

    async def recipe(self, batch_id: str) -> Recipe:
        """What was asked for; `hightonic bulk` replays it."""
        return await self._read(lambda book: book.recipe(batch_id))

    async def drop(self, batch_id: str) -> None:
        """Forget a batch of which nothing was sent.

        Raises:
            UseError: There is none, or something of it was sent.
        """
        await self._read(lambda book: book.drop(batch_id))

    async def lines(self, batch_id: str) -> list[ItemLine]:
        """Every item and how it stands now; calls no service."""
        batch = await self._found(batch_id)
        return await self._read(lambda book: book.standings.lines(batch))

    async def plan(self, batch_id: str) -> BatchPlan:
        """What the batch would do now: writes, calls, minutes, what is left out and why.

        Raises:
            UseError: There is no such batch.
        """
        batch = await self._found(batch_id)
        lines, plan = await self._preview(batch)
        return await self._read(lambda book: book.standings.plan_of(batch, lines, plan))

    # -- inside -------------------------------------------------------------------------

    async def _preview(
        self, batch: Batch, lines: list[ItemLine] | None = None
    ) -> tuple[list[ItemLine], Plan]:
        known = lines
        if known is None:
            known = await self._read(lambda book: book.standings.lines(batch))
        effects = effects_of(each for each in known if each.state is ItemState.OPEN)
        if not effects:
            return known, await self._read(lambda book: book.empty_plan())
        plan = await self._hands.preview_effects(effects, verb=VERB, once=batch.id)
        return known, plan

    async def _found(self, batch_id: str) -> Batch:
        """The batch with its runs, also where a process that died could not note them."""

        def found(book: BatchBook) -> Batch:
            batch = book.get(batch_id)
            if batch.state is not BatchState.APPLYING or self._at_work == batch.id:
                return batch
            return replace(batch, runs=book.standings.find_runs(batch))

        return await self._read(found)

    def _as_seen(self, batch: Batch, now: datetime) -> Batch:
        """A batch that says it is applied and has not moved for a minute was cut short."""
        is_moving = self._at_work == batch.id or now - batch.changed_at < SILENT
        if batch.state is not BatchState.APPLYING or is_moving:
            return batch
        far = f" after {batch.done:,} of {batch.total:,} writes" if batch.total else ""
        said = (
            f"It was cut short{far}. {remedy_of(Counter([ItemState.OPEN]), is_shut_out=False)}"
        )
        return replace(batch, state=BatchState.STOPPED, said=said)

    async def _read(self, question: Callable[[BatchBook], T]) -> T:
        return await self._hands.ask(lambda connection: question(connection.batches))
