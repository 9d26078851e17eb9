"""Which handlers work in this process now, and how they come to an end."""

from __future__ import annotations

import asyncio
import contextvars
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from toolkit.engine.attempts import Ending, run_tries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from toolkit.engine.port import Args, Clock
    from toolkit.engine.trades import Trade

_LAST_WORDS_S: Final = 5.0


class Shift:
    """Handlers at work. Create it inside the event loop that they shall run on.

    Args:
        clock: For waits between tries.

    Attributes:
        unfinished: Jobs that were cut short, or came when the shift was over.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._job_of: dict[asyncio.Task[Ending], str] = {}
        self._resting: set[asyncio.Task[Any]] = set()
        self._is_closed = False
        self.unfinished: set[str] = set()
        # Handlers must not inherit the context of whoever dispatches them: DBOS would take
        # the jobs they submit for children of theirs, and replay them after a crash.
        self._context = contextvars.copy_context()

    @property
    def job_ids(self) -> Collection[str]:
        """Jobs whose handlers are at work or waiting for their next try."""
        return set(self._job_of.values())

    async def work(self, job_id: str, trade: Trade, args: Args) -> Ending:
        """Do one job to its end.

        Raises:
            asyncio.CancelledError: It was cut short, or the shift is over.
        """
        if self._is_closed:
            self.unfinished.add(job_id)
            raise asyncio.CancelledError
        task = asyncio.create_task(
            run_tries(trade, args, clock=self._clock, resting=self._rest),
            context=self._context.copy(),
        )
        self._job_of[task] = job_id
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            del self._job_of[task]
        return task.result()

    def cancel(self, job_id: str) -> bool:
        """Cancel the job's handler; whether there was one."""
        tasks = [task for task, held in self._job_of.items() if held == job_id]
        for task in tasks:
            task.cancel()
        return bool(tasks)

    async def close(self, grace_s: float) -> int:
        """Let nobody in, wait for those inside, then cancel.

        Jobs that only wait for their next try are cancelled at once.

        Returns:
            How many were cancelled.
        """
        self._is_closed = True
        cut = self._cut(set(self._resting))
        if self._job_of:
            _, late = await asyncio.wait(set(self._job_of), timeout=grace_s)
            cut += self._cut(late)
            if late:
                await asyncio.wait(late, timeout=_LAST_WORDS_S)
        return cut

    def _cut(self, tasks: Collection[asyncio.Task[Any]]) -> int:
        for task in tasks:
            self.unfinished.add(self._job_of[task])
            task.cancel()
        return len(tasks)

    @contextmanager
    def _rest(self) -> Iterator[None]:
        task = asyncio.current_task()
        if task is None:  # pragma: no cover — only a task can wait
            yield
            return
        self._resting.add(task)
        if self._is_closed:
            # It was cut on its way and would now wait the whole grace for a second try.
            self._cut({task})
        try:
            yield
        finally:
            self._resting.discard(task)
