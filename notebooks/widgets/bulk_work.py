"""What the panels of the bulk editor share: staged cells, staged steps, the batch they become."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from toolkit.app.bulk import BatchDesk
from toolkit.app.grid import GridQuery, StagedCell, Staging
from toolkit.errors import UseError

if TYPE_CHECKING:
    from notebooks.session import Session
    from toolkit.app.bulk import Batch, BatchBook, BatchPlan, Stager
    from toolkit.app.bulk.recipe import Step
    from toolkit.app.grid import GridSource
    from toolkit.model.ids import LinkId
    from toolkit.model.values import Value

TAGS: Final = "tags"


@dataclass(frozen=True, slots=True)
class Extra:
    """Something staged that is no cell: tasks or notes for many, an import.

    Attributes:
        title: What it is, in a line without personal values.
        steps: As a recipe has them.
        count: Changes it is about.
        notes: What was left out of it, a line each.
    """

    title: str
    steps: tuple[Step, ...]
    count: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """What is staged at one moment, ready to become a batch."""

    cells: tuple[StagedCell, ...]
    extras: tuple[Extra, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that can be sent."""
        return not self.cells and not self.extras


class BulkWork:
    """The bench of one bulk editor.

    Args:
        session: The kernel's.

    Attributes:
        staging: Typed cells.
        desk: Carries batches out.
        query: What the grid shows now: what "these contacts" means.
        total: How many that are.
        verb: What is being done to a batch: `apply`, `resume`, ...; empty for nothing.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.staging = Staging(session.grid)
        self.desk = BatchDesk(session.desk)
        self.query = GridQuery()
        self.total = len(session.grid.ids())
        self.verb = ""
        self._extras: list[Extra] = []
        self._draft: tuple[Offer, Batch] | None = None
        self._leave = session.bus.listen("view", self._view)

    @property
    def grid(self) -> GridSource:
        """The contacts."""
        return self.session.grid

    @property
    def extras(self) -> list[Extra]:
        """Staged steps, in their order."""
        return list(self._extras)

    @property
    def changes(self) -> int:
        """How many changes are staged and can be sent."""
        return len(self.staging) - self.staging.problems + sum(e.count for e in self._extras)

    def close(self) -> None:
        """Listen no longer."""
        self._leave()

    def add(self, extra: Extra) -> None:
        """Stage a step."""
        self._extras.append(extra)
        self.tell_staged()

    def drop_extra(self, number: int) -> None:
        """Unstage one; a number that is gone is nothing."""
        if 0 <= number < len(self._extras):
            del self._extras[number]
        self.tell_staged()

    def drop_all(self) -> None:
        """Unstage everything; typed cells can be had back by undoing."""
        self.staging.drop()
        self._extras.clear()
        self.tell_staged()

    def tell_staged(self) -> None:
        """Every panel counts anew."""
        self.session.bus.tell("staged", by=self)

    def offer(self) -> Offer:
        """What is staged now, without cells that cannot be written."""
        cells = tuple(each for each in self.staging.cells() if not each.problem)
        return Offer(cells, tuple(self._extras))

    async def draft(self) -> Batch:
        """What is staged as a batch of which nothing is sent; the same one until that changes.

        Raises:
            UseError: Nothing is staged that can be sent.
        """
        offer = self.offer()
        if offer.is_empty:
            raise UseError("Nothing is staged that can be sent", unchanged="Nothing was sent")
        if self._draft is not None and self._draft[0] == offer:
            return self._draft[1]
        await self.forget_draft()
        title = self._title(offer)
        steps = await self.desk.build(lambda book: _steps(book, offer))
        batch = await self.desk.stage(steps, name=title)
        self._draft = (offer, batch)
        return batch

    async def forget_draft(self) -> None:
        """Drop the batch that was only looked at."""
        if self._draft is not None:
            batch, self._draft = self._draft[1], None
            await self.desk.drop(batch.id)

    async def plan(self) -> BatchPlan:
        """What the staged changes would do."""
        batch = await self.draft()
        return await self.desk.plan(batch.id)

    def hand_on(self, batch_id: str) -> None:
        """The batch has begun: what it holds is no longer staged here."""
        if self._draft is None or self._draft[1].id != batch_id:
            return
        offer, self._draft = self._draft[0], None
        self.staging.hand_on(offer.cells)
        self._extras = [each for each in self._extras if each not in offer.extras]
        self.tell_staged()

    def names_of(self, contacts: Iterable[LinkId]) -> dict[LinkId, Value]:
        """Contact -> name, of those that are there."""
        rows = self.grid.find(list(dict.fromkeys(contacts)))
        return {row.id: row.values.get("name") or row.values.get("email") for row in rows}

    def _view(self, *, query: GridQuery, total: int, **_facts: object) -> None:
        self.query, self.total = query, total

    def _title(self, offer: Offer) -> str:
        titles = {each.field: each.title for each in self.grid.columns}
        fields = dict.fromkeys(titles.get(each.field, each.field) for each in offer.cells)
        parts = [each.title for each in offer.extras]
        if fields:
            contacts = len({each.id for each in offer.cells})
            shown = ", ".join(list(fields)[:3]) + (" and others" if len(fields) > 3 else "")  # noqa: PLR2004 — a line's worth
            parts.insert(0, f"{shown} of {several(contacts, 'contact')}")
        return "; ".join(parts)[:200]


def several(count: int, noun: str) -> str:
    """`1 contact`, `1,200 contacts`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _steps(book: BatchBook, offer: Offer) -> list[Step]:
    stager = book.stager
    cells = [each for each in offer.cells if each.field != TAGS]
    steps: list[Step] = [stager.cells(cells)] if cells else []
    steps += _tag_steps(stager, [each for each in offer.cells if each.field == TAGS])
    return [*steps, *(step for each in offer.extras for step in each.steps)]


def _tag_steps(stager: Stager, cells: Sequence[StagedCell]) -> list[Step]:
    """Tags come and go one by one: those that others put there meanwhile stay."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[LinkId]] = defaultdict(list)
    for each in cells:
        old, new = _members(each.old), _members(each.value)
        groups[tuple(sorted(new - old)), tuple(sorted(old - new))].append(each.id)
    return [
        stager.tags(contacts, add=add, remove=remove)
        for (add, remove), contacts in groups.items()
        if add or remove
    ]


def _members(value: Value) -> set[str]:
    return {str(each) for each in value} if isinstance(value, tuple) else set()
