"""`python -m tests.bench webhook|quota|slack|grid|bulk [--json]`: one object of figures, or a line for each."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys


def machine() -> str:
    """What the figures were taken on, without its name."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, load {load:.1f} at the start"
    )


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("what", choices=["webhook", "quota", "slack", "grid", "bulk"])
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    given = parser.parse_args()
    if given.what == "grid":
        from tests.bench import grid

        # It takes row counts of its own; see its page.
        sys.argv = ["grid", *(["--json"] if given.json else [])]
        grid.main()
        return
    if given.what == "webhook":
        from tests.bench.webhook import measure
    elif given.what == "slack":
        from tests.bench.slack import measure
    elif given.what == "bulk":
        from tests.bench.bulk import measure
    else:
        from tests.bench.quota import measure
    began_on = machine()
    figures = {**asyncio.run(measure()), "machine": began_on}
    lines = [f"{name}: {value}" for name, value in figures.items()]
    sys.stdout.write((json.dumps(figures) if given.json else "\n".join(lines)) + "\n")


if __name__ == "__main__":
    main()
