"""What stands in a notebook file after it was run and saved."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from notebooks.shelf import SHIPPED
from tests.notebook_runs import emails_in, variables
from tests.unit.notebooks.office import NAME, build_home

ROWS = 1_000


def measure() -> dict[str, float]:
    """Run the explorer on 1,000 contacts with nbconvert, which saves all outputs and states.

    Kilobytes are nearly all the widgets' own code; addresses of contacts must be none.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)
        home = build_home(own / "home", ROWS)
        command = [
            *(sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook"),
            *("--output-dir", folder, "--log-level=ERROR", str(SHIPPED / "01_explore.ipynb")),
        ]
        keys = {
            "HIGHTONIC_CONNECTION": NAME,
            "HIGHTONIC_HIGHLEVEL_TOKEN": "pit-made-up",
            "HIGHTONIC_TIMETONIC_SESSKEY": "made-up",
        }
        subprocess.run(
            command, check=True, capture_output=True, env={**variables(home, own), **keys}
        )
        saved = own / "01_explore.ipynb"
        return {
            "saved_notebook_kb": round(saved.stat().st_size / 1024, 1),
            "emails_in_saved_notebook": len(emails_in(saved)),
        }
