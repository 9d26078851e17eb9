"""The engine that survives a crash: jobs in SQLite or PostgreSQL, same code on both."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from toolkit.engine.port import PATIENT, STEADY, Pace, Retry, Submission
from toolkit.engine.reaper import Reaper
from toolkit.engine.shift import Shift
from toolkit.engine.ticks import Tick, keep_ticking
from toolkit.engine.trades import Trade, Trades
from toolkit.engine.transact import Transact
from toolkit.errors import StateBusyError, StateError, UseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Mapping

    from toolkit.engine.attempts import Ending
    from toolkit.engine.port import Args, Clock, Handler, Job, JobStatus
    from toolkit.engine.reaper import Claim, Heartbeats

_log = logging.getLogger(__name__)

T = TypeVar("T")
Role: TypeAlias = Literal["all", "worker", "web"]

_FORGET_EVERY_S: Final = 3600.0
_SETTLE_S: Final = 5.0
_SETTLE_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often the engine looks after itself, in seconds.

    Attributes:
        beat_s: Between two signs of life.
        dead_after_s: Silence after which others take a worker's jobs over.
        keep_s: How long finished jobs are remembered. Their ids are forgotten with them, so
            keep them longer than anybody may submit the same id.
        answer_s: How long a caller waits for the database.
    """

    beat_s: float = 5.0
    dead_after_s: float = 25.0
    keep_s: float = 7 * 86_400.0
    answer_s: float = 10.0


_USUAL: Final = Rhythm()


class DurableEngine:
    """Jobs in a database: stored before `submit` returns, taken up again after a crash.

    One per process. Handlers run on the event loop that called `start`, so clients made
    there may be shared. A handler may run twice for one job, see `Handler`.

    Args:
        url: `sqlite:////folder/engine.db`, a file of its own: the store's has another rule
            about power cuts. Or `postgresql+psycopg://...`, where a schema of its own is used.
        executor_id: Names this process: the same after a restart, different from all others
            that work at the same time.
        role: `web` stores jobs and runs none.
        heartbeats: Shared signs of life; None where this process is alone.
        clock: For beats, periods, waits between tries.
    """

    def __init__(  # noqa: PLR0913 — each is a different thing, all by name
        self,
        url: str,
        *,
        executor_id: str,
        clock: Clock,
        heartbeats: Heartbeats | None,
        role: Role = "all",
        rhythm: Rhythm = _USUAL,
    ) -> None:
        self._transact = Transact(url, executor_id)
        if heartbeats is None and not self._transact.is_file:
            raise UseError("Workers that share a database server must show that they live")
        self._me = executor_id
        self._role = role
        self._clock = clock
        self._rhythm = rhythm
        self._trades = Trades()
        self._ticks: list[Tick] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._shift: Shift | None = None
        self._is_stopping = False
        self._reaper = Reaper(
            me=executor_id,
            role=role,
            claims=self._transact,
            heartbeats=heartbeats,
            clock=clock,
            dead_after_s=rhythm.dead_after_s,
        )

    def register(
        self, name: str, handler: Handler, *, retry: Retry = PATIENT, pace: Pace = STEADY
    ) -> None:
        """As `Engine.register`."""
        self._trades.add(Trade(name=name, handler=handler, retry=retry, pace=pace))

    def every(self, name: str, seconds: float, *, args: Args | None = None) -> None:
        """As `Engine.every`."""
        self._trades.check_open(self._trades.named(name).name)
        self._ticks.append(Tick(name, seconds, args or {}))

    async def start(self) -> None:
        """As `Engine.start`.

        Raises:
            StateBusyError: Another engine runs in this process.
            StateDamagedError: The engine's file is damaged. It may be deleted: what was
                promised stands in the store.
        """
        if self._shift is not None:
            return
        self._trades.close()
        # Before anything is taken: who is not seen alive is taken for dead.
        await self._reaper.beat()
        self._shift = Shift(self._clock)
        try:
            await self._transact.open(self._trades, self._work, is_working=self._role != "web")
        except BaseException:
            self._shift = None
            raise
        for tick in self._ticks if self._role != "web" else ():
            self._spawn(keep_ticking(self, tick, self._clock))
        self._spawn(self._look_after())

    async def stop(self, grace_s: float) -> int:
        """As `Engine.stop`; what was cut short may be taken by another worker at once.

        Jobs may be submitted until the last moment.
        """
        if self._shift is None or self._is_stopping:
            return 0
        self._is_stopping = True
        try:
            return await self._wind_down(self._shift, grace_s)
        finally:
            self._shift = None
            self._is_stopping = False
            await self._transact.close()

    async def submit(self, job: Job) -> Submission:
        """As `Engine.submit`.

        Raises:
            StateBusyError: No answer within `Rhythm.answer_s`; it may have been stored.
        """
        self._trades.named(job.name)
        self._check_running("The job was not stored")
        return await self._answer(self._transact.enqueue(job))

    async def status(self, job_id: str) -> JobStatus | None:
        """As `Engine.status`; raises as `submit`."""
        self._check_running()
        return await self._answer(self._transact.find(job_id))

    async def cancel(self, job_id: str) -> bool:
        """As `Engine.cancel`; raises as `submit`."""
        shift = self._check_running()
        known = await self._answer(self._transact.find(job_id))
        if known is None or known.state.is_over:
            return False
        await self._answer(self._transact.cancel(job_id))
        shift.cancel(job_id)
        return True

    async def backlog(self) -> Mapping[str, int]:
        """As `Engine.backlog`; raises as `submit`."""
        self._check_running()
        return await self._answer(self._transact.count_open())

    async def forget(self) -> int:
        """Delete what was over `Rhythm.keep_s` ago; how much. It happens hourly anyway."""
        before = self._clock.now() - timedelta(seconds=self._rhythm.keep_s)
        return await self._transact.forget(before)

    def _check_running(self, unchanged: str = "") -> Shift:
        if self._shift is None:
            raise StateError("The engine does not run", unchanged=unchanged)
        return self._shift

    async def _answer(self, question: Awaitable[T]) -> T:
        """DBOS waits for a lost database for ever; whoever asks us must not."""
        try:
            # Not `wait_for`: before Python 3.12 it swallows a cancellation that comes with the
            # answer, and whoever stops us would wait for ever.
            async with asyncio.timeout(self._rhythm.answer_s):
                return await question
        except TimeoutError as error:
            raise StateBusyError(
                "The engine's database does not answer", remedy="Try again in a while"
            ) from error

    async def _work(self, trade: Trade, job_id: str, args: Args) -> Ending:
        if self._shift is None:  # pragma: no cover — DBOS is closed before the shift is gone
            raise asyncio.CancelledError
        return await self._shift.work(job_id, trade, args)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _look_after(self) -> None:
        forget_at = self._clock.now()
        while True:
            try:
                is_first = await self._reaper.round(self._working_on)
                if is_first and self._clock.now() >= forget_at:
                    await self.forget()
                    forget_at = self._clock.now() + timedelta(seconds=_FORGET_EVERY_S)
            except Exception as error:  # noqa: BLE001 — a sign of life must not end with one error
                _log.warning("engine not looked after", extra={"kind": type(error).__name__})
            await self._clock.sleep(self._rhythm.beat_s)

    def _working_on(self) -> set[str]:
        return set() if self._shift is None else set(self._shift.job_ids)

    async def _wind_down(self, shift: Shift, grace_s: float) -> int:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._transact.stop_taking()
        cut = await shift.close(grace_s)
        try:
            await self._answer(self._hand_over(shift))
        except StateError as error:
            _log.warning(
                "unfinished jobs not handed over", extra={"kind": type(error).__name__}
            )
        return cut

    async def _hand_over(self, shift: Shift) -> None:
        """Wait until endings are stored, then put back what has none."""
        mine: list[Claim] = []
        for _ in range(int(_SETTLE_S / _SETTLE_POLL_S)):
            claims = await self._transact.list_claims()
            mine = [claim for claim in claims if claim.executor_id == self._me]
            if shift.unfinished.issuperset(claim.job_id for claim in mine):
                break
            await self._clock.sleep(_SETTLE_POLL_S)
        await self._transact.release(mine)
