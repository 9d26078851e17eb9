"""A worker as a process of its own: `python -m tests.unit.engine.worker_process ...`.

Says `ready` when it works, submits jobs once the file `go` is there, notes in `log` when a
handler goes in and comes out, ends when no job is left. Runs three jobs at once.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.clients.pacing import SystemClock
from toolkit.engine.durable import DurableEngine, Rhythm
from toolkit.engine.port import ONCE, Job, Pace


@dataclass
class SharedHearts:
    """Signs of life in a file that all processes open."""

    path: Path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=10)) as connection, connection:
            connection.execute(
                "create table if not exists beats (id text primary key, at real)"
            )
            yield connection

    def beat(self, executor_id: str, *, role: str, at: datetime) -> None:
        with self._open() as connection:
            connection.execute(
                "insert or replace into beats values (?, ?)", (executor_id, at.timestamp())
            )

    def list_alive(self, *, since: datetime) -> set[str]:
        with self._open() as connection:
            query = "select id from beats where at >= ?"
            return {name for (name,) in connection.execute(query, (since.timestamp(),))}


async def work(options: argparse.Namespace) -> None:
    log = os.open(options.folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    clock = SystemClock()
    engine = DurableEngine(
        options.url,
        executor_id=options.me,
        clock=clock,
        heartbeats=SharedHearts(options.folder / "beats.db"),
        rhythm=Rhythm(beat_s=0.1, dead_after_s=2.5),
    )

    async def handle(args) -> None:
        for way in ("in", "out"):
            os.write(log, f"{way} {args['key']} {options.me}\n".encode())
            await asyncio.sleep(options.lasts_s if way == "in" else 0)

    engine.register("work", handle, retry=ONCE, pace=Pace(poll_s=0.02, at_once=3))
    await engine.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not (options.folder / "go").exists():
        await asyncio.sleep(0.01)
    for number in range(options.jobs):
        key = f"{number:03d}"
        partition = f"p{number % options.partitions}"
        await engine.submit(Job(f"work:{key}", "work", {"key": key}, partition))
    while await engine.backlog():
        await asyncio.sleep(0.05)
    await engine.stop(5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("me")
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--partitions", type=int, default=1)
    parser.add_argument("--lasts-s", type=float, default=0.1)
    asyncio.run(work(parser.parse_args()))
