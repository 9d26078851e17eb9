"""What the grid costs: `python -m tests.bench.grid [--json] [ROWS ...]`.

The page is measured where Chromium is and `python -m notebooks.build` was run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from notebooks.widgets.grid_talk import GridTalk
from notebooks.widgets.panel import STATIC
from tests.bench.saved import measure as measure_saved
from tests.browser.chromium import PROGRAM, open_page
from tests.browser.grid_page import click_cell
from tests.browser.widget_page import serve_talk
from tests.unit.notebooks.office import build_home
from toolkit.app.grid import Filter, GridQuery, GridSource, Order, open_grid

BUNDLE = STATIC / "grid.js"
_CUSTOM = 47
_BLOCK = 200


def resident_mb() -> float:
    """Memory of this process that is in use, in megabytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def timed_ms(act: Any) -> float:
    """How long one act takes."""
    began = perf_counter()
    act()
    return round((perf_counter() - began) * 1_000, 1)


def use_once(home: Path) -> None:
    """Imports and caches of statements are no part of a grid."""
    with open_grid(home=home) as grid:
        grid.rows(0, 1)


def measure(home: Path, count: int) -> dict[str, float]:
    """Open a grid and use it as a person would."""
    use_once(home)
    gc.collect()
    before_mb = resident_mb()
    began = perf_counter()
    with open_grid(home=home) as grid:
        grid.rows(0, _BLOCK)
        figures = {"open_ms": round((perf_counter() - began) * 1_000, 1)}
        middle = count // 2
        blocks = [
            timed_ms(lambda at=at: grid.rows(at, at + _BLOCK)) for at in (middle, 0, middle)
        ]
        figures["block_ms"] = min(blocks)
        figures |= _first_uses(grid)
        grid.rows(0, _BLOCK, _QUERY)
        figures["sorted_block_ms"] = timed_ms(
            lambda: grid.rows(middle, middle + _BLOCK, _BY_NAME)
        )
        gc.collect()
        figures["kernel_mb_added"] = round(resident_mb() - before_mb, 1)
        figures["held_mb"] = round(grid.size_bytes / 1_048_576, 1)
        figures["check_1000_cells_ms"] = timed_ms(
            lambda: [grid.reader.problem("email", f"p{n}@example.com") for n in range(1_000)]
        )
    return figures


_BY_NAME = GridQuery(sort=(Order("name"),))
_QUERY = GridQuery(search="okafor", filters={"lifecycle_stage": Filter("any_of", ("lead",))})


def _first_uses(grid: GridSource) -> dict[str, float]:
    return {
        "first_sort_text_ms": timed_ms(lambda: grid.rows(0, _BLOCK, _BY_NAME)),
        "first_sort_unique_ms": timed_ms(
            lambda: grid.rows(0, _BLOCK, GridQuery(sort=(Order("email", is_descending=True),)))
        ),
        "first_search_ms": timed_ms(lambda: grid.rows(0, _BLOCK, GridQuery(search="chloe"))),
        "next_search_ms": timed_ms(lambda: grid.rows(0, _BLOCK, GridQuery(search="person77"))),
        "first_facet_ms": timed_ms(lambda: grid.facets("lifecycle_stage")),
        "sync_facet_ms": timed_ms(lambda: grid.facets("$sync")),
        "next_facet_ms": timed_ms(lambda: grid.facets("lifecycle_stage")),
        "summary_ms": timed_ms(lambda: grid.summary("email")),
        "filter_ms": timed_ms(lambda: grid.rows(0, _BLOCK, _QUERY)),
    }


_ROUND_TRIP = """(async () => {
  const root = document.querySelector(".htg"), before = root.dataset.acked, began = performance.now();
  const data = new DataTransfer();
  data.setData("text/plain", `n${Math.round(began)}@example.com`);
  const event = {clipboardData: data, bubbles: true, cancelable: true};
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", event));
  while (root.dataset.acked === before) await new Promise((next) => setTimeout(next, 2));
  return performance.now() - began;
})()"""


async def measure_page(home: Path, count: int) -> dict[str, float]:
    """The built page half in a plain page, its kernel over HTTP: no JupyterLab around it.

    First render is from opening the store to rows on the screen; a round trip from a pasted
    cell to its mark, the median of nine once the chips are there.
    """
    use_once(home)
    with tempfile.TemporaryDirectory() as profile:
        async with open_page(Path(profile)) as page:
            await page.size(1280)
            began = perf_counter()
            with open_grid(home=home) as grid:
                async with serve_talk(GridTalk(grid), BUNDLE) as address:
                    await page.goes_to(address)
                    await page.sees(f"{count:,} contacts")
                    figures = {"first_render_ms": round((perf_counter() - began) * 1_000, 1)}
                    chips = "document.querySelectorAll('.htg-chip').length > 5"
                    await page.waits_for(chips, timeout_s=60)
                    figures["chips_ms"] = round((perf_counter() - began) * 1_000, 1)
                    await click_cell(page, 0, "email")
                    taken = [await page.tells(_ROUND_TRIP) for _ in range(9)]
                    heap = await page.tells("performance.memory.usedJSHeapSize")
    figures["round_trip_ms"] = round(median(taken), 1)
    return {**figures, "tab_heap_mb": round(heap / 1_048_576, 1)}


def main() -> None:
    """Measure each size in a process of its own and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.grid")
    parser.add_argument("rows", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--home", type=Path, help="measure this one, in this process")
    given = parser.parse_args()
    if given.home:
        sys.stdout.write(json.dumps(measure(given.home, given.rows[0])))
        return
    figures = {}
    for count in given.rows:
        with tempfile.TemporaryDirectory() as folder:
            home = build_home(Path(folder) / "home", count, custom=_CUSTOM)
            alone = [sys.executable, "-m", "tests.bench.grid", "--home", str(home), str(count)]
            told = subprocess.run(alone, check=True, capture_output=True, text=True)
            figures[str(count)] = json.loads(told.stdout)
            if PROGRAM is not None and BUNDLE.exists():
                figures[str(count)] |= asyncio.run(measure_page(home, count))
    saved = measure_saved() if STATIC.exists() else {}
    if given.json:
        sys.stdout.write(json.dumps({"rows": figures, **saved}) + "\n")
        return
    for count, found in figures.items():
        lines = [f"{name:>24} {value:10.1f}" for name, value in found.items()]
        sys.stdout.write("\n".join([f"{count} rows", *lines]) + "\n")
    for name, value in saved.items():
        sys.stdout.write(f"{name:>24} {value:10.1f}\n")


if __name__ == "__main__":
    main()
