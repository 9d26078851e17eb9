"""The engine of tests and of single commands: everything in this process, nothing stored."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine.attempts import NO_ENDING, Ending
from toolkit.engine.port import PATIENT, STEADY, JobState, JobStatus, Pace, Retry, Submission
from toolkit.engine.shift import Shift
from toolkit.engine.ticks import Tick
from toolkit.engine.trades import Trade, Trades
from toolkit.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.engine.port import Args, Clock, Handler, Job


@dataclass(slots=True)
class _Entry:
    job: Job
    state: JobState = JobState.WAITING
    ending: Ending = NO_ENDING


class InlineEngine:
    """Runs one job after the other, in order of submission.

    Args:
        clock: For waits between tries and for periods.
        is_eager: Whether `submit` returns only when the job has run (a job submitted by a
            handler runs after it); else jobs run when `drain` is called.
    """

    def __init__(self, clock: Clock, *, is_eager: bool = True) -> None:
        self._clock = clock
        self._is_eager = is_eager
        self._trades = Trades()
        self._ticks: list[Tick] = []
        self._entries: dict[str, _Entry] = {}
        self._shift: Shift | None = None
        self._is_draining = False

    def register(
        self, name: str, handler: Handler, *, retry: Retry = PATIENT, pace: Pace = STEADY
    ) -> None:
        """As `Engine.register`; the pace does not matter here."""
        self._trades.add(Trade(name=name, handler=handler, retry=retry, pace=pace))

    def every(self, name: str, seconds: float, *, args: Args | None = None) -> None:
        """As `Engine.every`, but nothing happens until `tick` is called."""
        self._trades.check_open(self._trades.named(name).name)
        self._ticks.append(Tick(name, seconds, args or {}))

    async def start(self) -> None:
        """Begin, also once more after `stop`."""
        self._trades.close()
        if self._shift is None:
            self._shift = Shift(self._clock)
            if self._is_eager:
                await self.drain()

    async def stop(self, grace_s: float) -> int:
        """As `Engine.stop`."""
        shift, self._shift = self._shift, None
        return 0 if shift is None else await shift.close(grace_s)

    async def submit(self, job: Job) -> Submission:
        """As `Engine.submit`; an eager engine has run the job when this returns."""
        self._trades.named(job.name)
        if self._shift is None:
            raise StateError("The engine does not run", unchanged="The job was not stored")
        known = self._entries.get(job.id)
        if known is not None:
            return Submission.OVER if known.state.is_over else Submission.OPEN
        self._entries[job.id] = _Entry(job)
        if self._is_eager:
            await self.drain()
        return Submission.NEW

    async def tick(self) -> None:
        """Submit the jobs of the current period; a second time in it changes nothing."""
        for tick in self._ticks:
            await self.submit(tick.job(self._clock.now()))

    async def drain(self) -> None:
        """Run whatever waits, also what is submitted meanwhile."""
        if self._is_draining:
            return
        self._is_draining = True
        try:
            while self._shift is not None and (entry := self._next()) is not None:
                await self._run(entry, self._shift)
        finally:
            self._is_draining = False

    async def status(self, job_id: str) -> JobStatus | None:
        """As `Engine.status`."""
        entry = self._entries.get(job_id)
        if entry is None:
            return None
        job, ending = entry.job, entry.ending
        return JobStatus(
            job.id, job.name, job.partition, entry.state, ending.result, ending.error
        )

    async def cancel(self, job_id: str) -> bool:
        """As `Engine.cancel`."""
        entry = self._entries.get(job_id)
        if entry is None or entry.state.is_over:
            return False
        entry.state = JobState.CANCELLED
        if self._shift is not None:
            self._shift.cancel(job_id)
        return True

    async def backlog(self) -> Mapping[str, int]:
        """As `Engine.backlog`."""
        return Counter(e.job.name for e in self._entries.values() if not e.state.is_over)

    def _next(self) -> _Entry | None:
        waiting = (e for e in self._entries.values() if e.state is JobState.WAITING)
        return next(waiting, None)

    async def _run(self, entry: _Entry, shift: Shift) -> None:
        entry.state = JobState.RUNNING
        try:
            ending = await shift.work(
                entry.job.id, self._trades.named(entry.job.name), entry.job.args
            )
        except asyncio.CancelledError:
            if entry.state is JobState.RUNNING:
                entry.state = JobState.WAITING
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return
        if entry.state is JobState.RUNNING:
            entry.ending = ending
            entry.state = JobState.FAILED if ending.error else JobState.DONE
