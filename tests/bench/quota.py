"""How many calls reach HighLevel in its window of 10 seconds, from one worker and from two.

The workers ask without a pause, in both lanes, at an emulator that counts as the vendor does
and refuses the call that is one too many.
"""

from __future__ import annotations

import asyncio
import os
import sys
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.stage import ROOT, Stage, staged
from tests.unit.store.postgres import NoServerError, serving
from toolkit.sandbox.serve import SandboxOptions
from toolkit.store import FILE_NAME, migrate_store

SECONDS = 16.0
WINDOW_S = 10.0
LIMIT = 100
LANES = ("schedule", "webhook")


async def measure() -> dict[str, float | str]:
    """All figures of `python -m tests.bench quota`."""
    options = SandboxOptions(contacts=5, tasks=0, notes=0, leads=0, shared=0)
    with TemporaryDirectory() as folder:
        async with staged(Path(folder) / "home", options) as stage:
            with _server(stage) as kind:
                alone = await _window(stage, workers=1)
                together = await _window(stage, workers=2)
    return {
        "max_in_10s_1_worker": max(alone),
        "max_in_10s_2_workers": max(together),
        "share_used": round(min(_mean(alone), _mean(together)) / LIMIT, 3),
        "share_used_1_worker": round(_mean(alone) / LIMIT, 3),
        "share_used_2_workers": round(_mean(together) / LIMIT, 3),
        "refused_429": stage.emulators.recorder.count(system="highlevel", status=429),
        "database": kind,
    }


@contextmanager
def _server(stage: Stage) -> Iterator[str]:
    """PostgreSQL where one can be started, else the home's file: both carry two workers."""
    try:
        with serving() as server:
            stage.database_url = server.new_database()
            migrate_store(stage.home / FILE_NAME, stage.database_url)
            yield "postgresql"
    except NoServerError:
        stage.database_url = ""
        yield "sqlite"


async def _window(stage: Stage, *, workers: int) -> list[int]:
    """Calls in the window that begins with each call; windows that are not full are left out."""
    await asyncio.sleep(WINDOW_S)  # what came before must not count
    before = len(stage.emulators.recorder.requests)
    environment = {**os.environ}
    if stage.database_url:
        environment["HIGHTONIC_DATABASE_URL"] = stage.database_url
    order = [sys.executable, "-m", "tests.bench.caller", str(stage.home), str(SECONDS)]
    running = [
        await asyncio.create_subprocess_exec(*order, LANES[number], cwd=ROOT, env=environment)
        for number in range(workers)
    ]
    codes = [await each.wait() for each in running]
    if any(codes):
        raise RuntimeError(f"a worker ended with {codes}")
    calls = list(stage.emulators.recorder.requests)[before:]
    starts = sorted(one.started_at for one in calls if one.system == "highlevel")
    full = [at for at in starts if at + WINDOW_S <= starts[-1]]
    return [bisect_left(starts, at + WINDOW_S) - number for number, at in enumerate(full)]


def _mean(windows: list[int]) -> float:
    return sum(windows) / len(windows)
