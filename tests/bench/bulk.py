"""How long 10,000 cells take to be staged and planned, and a file of 300,000 rows to be read."""

from __future__ import annotations

import asyncio
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.flows.bulk_office import Bulk, open_bulk
from tests.flows.world import build_world
from toolkit.app.bulk.importing import ImportOptions, open_sheet
from toolkit.sandbox.serve import SandboxOptions

CONTACTS = 5_000
ROWS = 300_000
OPTIONS = SandboxOptions(
    contacts=CONTACTS, tasks=0, notes=0, leads=10, shared=2, seed=1, rate_limit=False
)


async def measure() -> dict[str, float | str]:
    """All figures of `python -m tests.bench bulk`."""
    with TemporaryDirectory() as folder:
        world = await build_world(Path(folder) / "home", OPTIONS)
        world.configure(sync={"brakes": {"update_floor": 2 * CONTACTS}})
        await world.sync()
        async with open_bulk(world) as bulk:
            return {**await _plan(bulk), **await _read(bulk, Path(folder) / "people.csv")}


async def _plan(bulk: Bulk) -> dict[str, float]:
    links = list(bulk.ids.values())[:CONTACTS]
    begun_s = time.perf_counter()
    steps = [
        await bulk.step("set_field", "source", "fair", links),
        await bulk.step("set_field", "lifecycle_stage", "customer", links),
    ]
    batch = await bulk.desk.stage(steps)
    staged_s = time.perf_counter()
    cpu_s = time.process_time()
    plan = await bulk.desk.plan(batch.id)
    return {
        "cells": batch.items,
        "stage_s": round(staged_s - begun_s, 2),
        "plan_s": round(time.perf_counter() - staged_s, 2),
        "plan_cpu_s": round(time.process_time() - cpu_s, 2),
        "planned_calls": sum(plan.api_calls.values()),
        "planned_minutes": round(plan.minutes, 1),
    }


async def _read(bulk: Bulk, path: Path) -> dict[str, float]:
    known = list(bulk.ids)

    def write() -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write("E-mail,Name,Lead source," + ",".join(map(str, range(20))) + "\n")
            for n in range(ROWS):
                email = known[n] if n < len(known) else f"nobody{n}@example.org"
                file.write(f"{email},Ada {n},fair{',x' * 20}\n")

    await asyncio.to_thread(write)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun_s = time.perf_counter()
    options = ImportOptions(match=("email",))
    draft = await bulk.desk.build(
        lambda book: book.importer.draft(open_sheet(path), options=options)
    )
    took_s = time.perf_counter() - begun_s
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    return {
        "import_rows": draft.counts["rows"],
        "import_s": round(took_s, 1),
        "import_rows_per_s": round(ROWS / took_s),
        "import_mb_added": round(grown_kb / 1024),
    }
