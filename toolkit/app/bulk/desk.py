"""Carries batches out: planned, applied, stopped, resumed, retried, taken back.

A batch is kept before anything is sent, and how its items stand is always read from what
the store and the journal hold: a process that dies leaves a batch that can be resumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from toolkit.app.bulk.batch import (
    Batch,
    BatchPlan,
    BatchReport,
    BatchState,
    ItemLine,
    ItemState,
    Kept,
    RevertReport,
    count_states,
)
from toolkit.app.bulk.book import BatchBook
from toolkit.app.bulk.judging import STOPPED
from toolkit.app.bulk.standing import VERB, effects_of
from toolkit.errors import HightonicError, StateBusyError, UseError

if TYPE_CHECKING:
    from toolkit.app.bulk.recipe import Recipe, Step
    from toolkit.app.connection import Connection
    from toolkit.app.observe import Progress
    from toolkit.model.automation import Effect
    from toolkit.model.outcomes import RunReport
    from toolkit.model.plan import Plan

T = TypeVar("T")

SILENT: Final = timedelta(seconds=60)
"""A batch that says it is applied and has not moved for so long was cut short."""
_BEAT: Final = timedelta(seconds=5)


class BatchHands(Protocol):
    """What a desk works with: a `FrontDesk`, or `ConnectionHands`."""

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Read, on a thread."""
        ...

    async def preview_effects(
        self, effects: Sequence[Effect], *, verb: str = ..., reason: str = ..., once: str = ...
    ) -> Plan:
        """What effects come to; writes nothing."""
        ...

    async def edit(  # noqa: PLR0913 — as `FrontDesk.edit`
        self,
        effects: Sequence[Effect],
        *,
        verb: str = ...,
        reason: str = ...,
        once: str = ...,
        approve: str | None = ...,
        progress: Progress | None = ...,
    ) -> RunReport:
        """Carry effects out."""
        ...

    async def undo(self, run_id: str, *, progress: Progress | None = ...) -> RunReport:
        """Take a run back."""
        ...

    def request_stop(self) -> None:
        """End the running work early."""
        ...


class BatchDesk:
    """Batches of one connection.

    Args:
        hands: Reads and writes the connection.
    """

    def __init__(self, hands: BatchHands) -> None:
        self._hands = hands
        self._at_work: str = ""
        self._is_stopping = False

    @property
    def at_work(self) -> str:
        """The batch this desk is working on; empty for none."""
        return self._at_work

    def stop(self) -> None:
        """Writes under way finish, nothing new starts; the batch can be resumed."""
        if self._at_work:
            self._is_stopping = True
            self._hands.request_stop()

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

    async def apply(
        self, batch_id: str, *, approve: str | None = None, progress: Progress | None = None
    ) -> BatchReport:
        """Send what was not sent yet; also resumes a batch that was stopped or cut short.

        What somebody changed since it was staged is left alone and listed; what failed
        waits for `retry_failed`. A second call sends nothing again.

        Args:
            batch_id: The batch.
            approve: What `BatchPlan.approval` says, where a brake holds it.
            progress: Told (what, done, total).

        Raises:
            DecisionNeededError: The connection does not write.
            PlanChangedError: `approve` names another plan.
            UseError: There is no such batch, it was reverted, or this desk is at work.
            VendorError: A service could not be reached; the batch can be resumed.
        """
        return await self._carry(batch_id, ItemState.OPEN, approve=approve, progress=progress)

    async def retry_failed(
        self, batch_id: str, *, approve: str | None = None, progress: Progress | None = None
    ) -> BatchReport:
        """Send again what failed, and nothing else; contacts that rest are woken for it.

        Raises:
            UseError: As `apply`; the others as well.
        """
        return await self._carry(batch_id, ItemState.FAILED, approve=approve, progress=progress)

    async def revert(self, batch_id: str, *, progress: Progress | None = None) -> RevertReport:
        """Take back what the batch wrote; every record is read again first.

        What somebody else changed since stands as it is, and is listed. A second call
        takes back what the first one could not.

        Raises:
            UseError: There is no such batch, nothing of it was sent, or this desk is at work.
        """
        batch = await self._found(batch_id)
        if not batch.runs:
            raise UseError(
                f"Nothing of the batch {batch.id} was sent", unchanged="Nothing was changed"
            )
        undone, kept = 0, list[Kept]()
        with _Work(self, batch.id):
            for run in reversed(batch.runs):
                report = await self._hands.undo(run, progress=progress)
                undone += report.writes_sent
                batch = replace(batch, undo_runs=(*batch.undo_runs, report.run_id))
                kept += await self._read(
                    lambda book, run=report.run_id: book.standings.kept_by(run)  # type: ignore[misc]
                )
            is_whole = not self._is_stopping
            state = BatchState.REVERTED if is_whole else batch.state
            said = _said_of_revert(kept)
            batch = await self._keep(replace(batch, state=state, said=said))
        return RevertReport(batch, undone, tuple(kept))

    # -- inside -------------------------------------------------------------------------

    async def _carry(
        self,
        batch_id: str,
        wanted: ItemState,
        *,
        approve: str | None,
        progress: Progress | None,
    ) -> BatchReport:
        batch = await self._found(batch_id)
        if batch.state is BatchState.REVERTED:
            raise UseError(
                f"The batch {batch.id} was reverted",
                unchanged="Nothing was changed",
                remedy="Carry it out as another one with `hightonic bulk FILE --again`",
            )
        with _Work(self, batch.id):
            lines = await self._read(lambda book: book.standings.lines(batch))
            todo = [each for each in lines if each.state is wanted]
            if not todo or self._is_stopping:
                return await self._conclude(batch, None)
            if wanted is ItemState.FAILED:
                await self._read(lambda book: book.standings.wake(todo))
            return await self._send(batch, todo, approve=approve, progress=progress)

    async def _send(
        self,
        batch: Batch,
        todo: Sequence[ItemLine],
        *,
        approve: str | None,
        progress: Progress | None,
    ) -> BatchReport:
        before = batch.state
        batch = await self._keep(
            replace(batch, state=BatchState.APPLYING, said="", done=0, total=0)
        )
        watch = await self._read(lambda book: _Watch(batch, book, progress, self._again))
        try:
            report = await self._hands.edit(
                effects_of(todo), verb=VERB, once=batch.id, approve=approve, progress=watch
            )
        except StateBusyError:
            # Another process is at it, perhaps with this very batch: its words stand.
            await self._keep(replace(batch, state=before))
            raise
        except HightonicError as error:
            await self._conclude(batch, None, said=error.sentence, before=before)
            raise
        return await self._conclude(batch, report, before=before)

    async def _conclude(
        self,
        batch: Batch,
        report: RunReport | None,
        *,
        said: str = "",
        before: BatchState = BatchState.STAGED,
    ) -> BatchReport:
        """Read how everything stands and keep the words for it."""
        runs = await self._read(lambda book: book.standings.find_runs(batch))
        batch = replace(batch, runs=runs)
        lines = await self._read(lambda book: book.standings.lines(batch))
        is_held = report is not None and bool(report.held)
        if not self._is_stopping and not said and not is_held:
            lines = await self._refused(batch, lines)
        state = state_of(lines)
        if state is BatchState.STOPPED and not runs:
            state = before  # held, or refused at the door: nothing of it was sent
        said = said or ("" if state is BatchState.STAGED else said_of(lines, state))
        batch = await self._keep(
            replace(batch, state=state, counts=count_states(lines), said=said)
        )
        return BatchReport(
            batch,
            left=tuple(each for each in lines if each.state is not ItemState.DONE),
            run=report,
            brakes=report.brakes if report is not None else (),
            approval=report.approval if report is not None else "",
        )

    async def _refused(self, batch: Batch, lines: list[ItemLine]) -> list[ItemLine]:
        """What was asked for and not even planned: the planner says why."""
        if not any(each.state is ItemState.OPEN and not each.reason for each in lines):
            return lines
        _, plan = await self._preview(batch, lines)
        return await self._read(lambda book: book.standings.refuse(batch, lines, plan))

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
        said = f"It was cut short{far}. {_remedy(Counter([ItemState.OPEN]), is_shut_out=False)}"
        return replace(batch, state=BatchState.STOPPED, said=said)

    async def _keep(self, batch: Batch) -> Batch:
        return await self._read(lambda book: book.keep(batch))

    async def _read(self, question: Callable[[BatchBook], T]) -> T:
        return await self._hands.ask(lambda connection: question(connection.batches))

    def _again(self) -> None:
        # A stop asked for before the run began to listen would be lost.
        if self._is_stopping:
            self._hands.request_stop()


class _Work:
    """One batch at a time at one desk."""

    def __init__(self, desk: BatchDesk, batch_id: str) -> None:
        self._desk, self._batch_id = desk, batch_id

    def __enter__(self) -> None:
        if self._desk.at_work:
            raise UseError(
                f"The batch {self._desk.at_work} is being worked on",
                unchanged="Nothing was changed",
                remedy="Wait for it, or stop it",
            )
        self._desk._at_work, self._desk._is_stopping = self._batch_id, False  # noqa: SLF001 — its own desk

    def __exit__(self, *_: object) -> None:
        self._desk._at_work = ""  # noqa: SLF001 — as above


class _Watch:
    """Passes progress on, and notes it now and then: a batch that falls silent was cut short."""

    def __init__(
        self,
        batch: Batch,
        book: BatchBook,
        progress: Progress | None,
        again: Callable[[], None],
    ) -> None:
        self._batch, self._book = batch, book
        self._progress, self._again = progress, again
        self._noted_at = datetime.min.replace(tzinfo=batch.made_at.tzinfo)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Some more was done."""
        self._again()
        if self._progress is not None:
            self._progress(what, done, total)
        now = self._book.now()
        if now - self._noted_at >= _BEAT:
            self._noted_at = now
            self._book.keep(
                replace(self._batch, state=BatchState.APPLYING, done=done, total=total)
            )


def state_of(lines: Sequence[ItemLine]) -> BatchState:
    """The batch's state once nobody works on it."""
    states = {each.state for each in lines}
    if ItemState.OPEN in states:
        return BatchState.STOPPED
    return BatchState.DONE if states <= {ItemState.DONE} else BatchState.PARTLY


def said_of(lines: Sequence[ItemLine], state: BatchState) -> str:
    """What happened, what was not changed, what to do; empty where all is done."""
    counts = Counter(each.state for each in lines)
    if state is BatchState.DONE:
        return ""
    parts = [f"{counts[ItemState.DONE]:,} of {len(lines):,} are done"]
    parts += [f"{counts[each]:,} {_WORDS[each]}" for each in _WORDS if counts[each]]
    happened = ", ".join(parts)
    reasons = Counter(
        each.reason for each in lines if each.state in _TOLD and each.reason
    ).most_common(1)
    why = f" ({reasons[0][0]})" if reasons else ""
    is_shut_out = any(
        each.state is ItemState.OPEN and each.reason not in {"", STOPPED} for each in lines
    )
    return f"{happened}{why}. {_remedy(counts, is_shut_out=is_shut_out)}"


def _remedy(counts: Counter[ItemState], *, is_shut_out: bool) -> str:
    if counts[ItemState.OPEN]:
        first = "See `hightonic doctor`, then resume" if is_shut_out else "Resume"
        return f"{first} it to send the rest; what is done is not sent again."
    if counts[ItemState.FAILED]:
        return "Retry the failed ones alone."
    return "What somebody changed, or cannot be written, stands as it is."


_WORDS: Final = {
    ItemState.OPEN: "not sent",
    ItemState.FAILED: "failed",
    ItemState.CHANGED: "changed by somebody since",
    ItemState.REFUSED: "refused",
    ItemState.GONE: "gone",
}
_TOLD: Final = frozenset({ItemState.OPEN, ItemState.FAILED, ItemState.REFUSED})


def _said_of_revert(kept: Sequence[Kept]) -> str:
    if not kept:
        return ""
    return f"{len(kept):,} records were changed by somebody since, and stand as they are."
