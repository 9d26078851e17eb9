"""Carries batches out: planned, applied, stopped, resumed, retried, taken back.

A batch is kept before anything is sent, and how its items stand is always read from what
the store and the journal hold: a process that dies leaves a batch that can be resumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.app.bulk.batch import (
    Batch,
    BatchReport,
    BatchState,
    ItemLine,
    ItemState,
    Kept,
    RevertReport,
    count_states,
)
from toolkit.app.bulk.hands import BatchHands
from toolkit.app.bulk.reading import BatchReading
from toolkit.app.bulk.standing import VERB, effects_of
from toolkit.app.bulk.watch import Watch
from toolkit.app.bulk.words import said_of, said_of_revert, state_of
from toolkit.errors import HightonicError, StateBusyError, UseError

if TYPE_CHECKING:
    from toolkit.app.observe import Progress
    from toolkit.model.outcomes import RunReport


class BatchDesk(BatchReading):
    """Batches of one connection, to look at and to have done.

    Args:
        hands: Reads and writes the connection.
    """

    def __init__(self, hands: BatchHands) -> None:
        super().__init__(hands)
        self._is_stopping = False

    def stop(self) -> None:
        """Writes under way finish, nothing new starts; the batch can be resumed."""
        if self._at_work:
            self._is_stopping = True
            self._hands.request_stop()

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
            said = said_of_revert(kept)
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
        watch = await self._read(lambda book: Watch(batch, book, progress, self._again))
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

    async def _keep(self, batch: Batch) -> Batch:
        return await self._read(lambda book: book.keep(batch))

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
