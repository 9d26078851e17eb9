"""An engine with a few trades, and handlers that do what the test says."""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, TypeVar

from toolkit.clients.pacing import SystemClock
from toolkit.engine.durable import DurableEngine, Rhythm
from toolkit.engine.inline import InlineEngine
from toolkit.engine.port import (
    JSON,
    ONCE,
    Args,
    Clock,
    Engine,
    Job,
    JobStatus,
    Pace,
    Retry,
    Submission,
)

FAST = Pace(poll_s=0.02)
QUICK_RETRY = Retry(max_tries=3, first_wait_s=0.001, factor=1)
T = TypeVar("T")
Deed = Callable[[Args], Awaitable[JSON]]


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/engine.db"


def copy_of(template: Path, folder: Path) -> str:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    return sqlite_url(folder)


class Hearts:
    """Signs of life in memory."""

    def __init__(self, **alive: datetime) -> None:
        self.beats = dict(alive)

    def beat(self, executor_id: str, *, role: str, at: datetime) -> None:
        self.beats[executor_id] = at

    def list_alive(self, *, since: datetime) -> set[str]:
        return {name for name, at in self.beats.items() if at >= since}


class Bench:
    """`deeds[job_id]` is what the handler does for that job; by default it returns args.

    Trades: `work` (once), `patient` (three tries, quickly), `drain`.
    """

    made: ClassVar[list[Engine]] = []

    def __init__(self, url: str | None, *, clock: Clock | None = None, **options) -> None:
        clock = clock or SystemClock()
        self.deeds: dict[str, Deed] = {}
        self.calls: dict[str, int] = defaultdict(int)
        self.log: list[str] = []
        self.engine: Engine
        if url is None:
            self.engine = InlineEngine(clock)
        else:
            options = {"executor_id": "a", "heartbeats": Hearts()} | options
            self.engine = DurableEngine(url, clock=clock, **options)
        self.made.append(self.engine)
        self._background: set[asyncio.Task[Submission]] = set()
        self.engine.register("work", self._handle, retry=ONCE, pace=FAST)
        self.engine.register("patient", self._handle, retry=QUICK_RETRY, pace=FAST)
        self.engine.register("drain", self._handle, retry=ONCE, pace=FAST)

    async def _handle(self, args: Args) -> JSON:
        key = str(args["key"]) if "key" in args else str(args["connection"])
        self.calls[key] += 1
        return await self.deeds.get(key, _echo)(args)

    def job(self, key: str, *, name: str = "work", partition: str | None = None) -> Job:
        return Job(f"{name}:{key}", name, {"key": key}, partition or key)

    def submit_soon(self, job: Job) -> asyncio.Task[Submission]:
        """Submit without waiting: an inline engine answers when the job has run."""
        task = asyncio.create_task(self.engine.submit(job))
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def end_of(self, job_id: str) -> JobStatus:
        return await eventually(lambda: self._ended(job_id))

    async def _ended(self, job_id: str) -> JobStatus | None:
        status = await self.engine.status(job_id)
        return status if status is not None and status.state.is_over else None


async def _echo(args: Args) -> JSON:
    return dict(args)


async def eventually(look: Callable[[], Awaitable[T | None]], within_s: float = 15.0) -> T:
    async with asyncio.timeout(within_s):
        while (found := await look()) is None:
            await asyncio.sleep(0.01)
        return found


class JumpingClock:
    """Stands still, but for sleeps, which pass at once."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 1, 12, tzinfo=UTC)
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


USUAL = Rhythm(beat_s=0.05, dead_after_s=1.0)
