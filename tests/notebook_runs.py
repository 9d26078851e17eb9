"""Every notebook from top to bottom, without a browser: `python -m tests.notebook_runs [WORDS ...]`.

They run on a synced sandbox, as copies that are saved with all their outputs; then nothing of
a contact may stand in them. Words are handed on to pytest.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from notebooks.build import build, is_built
from notebooks.shelf import place_notebooks
from toolkit.cli.filled_sandbox import NAME, open_filled_sandbox
from toolkit.errors import StateError, UseError
from toolkit.sandbox.serve import SandboxOptions

SIZES = SandboxOptions(contacts=60, tasks=30, notes=20, leads=12, shared=3, rate_limit=False)
FLAGS = (
    *("-q", "-n", "2", "--nbmake", "--nbmake-timeout=60", "--overwrite"),
    # Nothing of this project's own settings: they are about tests in Python.
    *("-o", "addopts=", "-o", "filterwarnings=default", "-p", "no:cacheprovider"),
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+|[\w.+-]+\\u0040\w+")


def variables(home: Path, own: Path) -> dict[str, str]:
    """What kernels are told, and no settings of whoever runs this."""
    return {
        **os.environ,
        "HIGHTONIC_HOME": str(home),
        "HIGHTONIC_CONNECTION": NAME,
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        # On two cores numpy and its like would start threads that only wait for each other.
        "OMP_NUM_THREADS": "1",
    }


def emails_in(notebook: Path) -> list[str]:
    """What looks like an e-mail address in a saved notebook, the widgets' own code left out."""
    text = notebook.read_text(encoding="utf-8")
    return [found for found in EMAIL.findall(text) if "example" in found]


def main() -> None:
    """Run them; the exit code is pytest's, or 1 where a contact was saved.

    Without Node, or a registry of its packages, there is nothing to run: that is said.
    """
    try:
        if not is_built():
            build()
    except (StateError, UseError) as error:
        sys.stderr.write(f"Notebooks are not run. {error.sentence}\n")
        return
    with tempfile.TemporaryDirectory(prefix="hightonic-notebooks-") as folder:
        home, own = Path(folder) / "home", Path(folder) / "own"
        own.mkdir()
        with open_filled_sandbox(home, SIZES):
            place_notebooks(home / "notebooks", memory=home / "lab")
            done = subprocess.run(  # noqa: PLW1510 — its exit code is ours
                [
                    sys.executable,
                    "-m",
                    "pytest",
                    *FLAGS,
                    *sys.argv[1:],
                    str(home / "notebooks"),
                ],
                cwd=own,
                env=variables(home, own),
            )
            saved = {each.name: emails_in(each) for each in home.glob("notebooks/*.ipynb")}
    leaks = {name: found for name, found in saved.items() if found}
    if leaks:
        sys.stderr.write(f"Contacts were saved: {sorted(leaks)}\n")
    raise SystemExit(done.returncode or bool(leaks))


if __name__ == "__main__":
    main()
