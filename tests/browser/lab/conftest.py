"""One sandbox and one JupyterLab for all tests of a session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from notebooks.build import build, is_built
from notebooks.lab import Lab, open_lab
from tests.browser.chromium import PROGRAM
from toolkit.cli.filled_sandbox import NAME, open_filled_sandbox
from toolkit.sandbox.serve import Sandbox, SandboxOptions

_SIZES = SandboxOptions(
    contacts=240, tasks=160, notes=80, leads=40, shared=10, rate_limit=False
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that stands in this folder, and only where there is a browser."""
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker("lab")
        item.add_marker(pytest.mark.skipif(PROGRAM is None, reason="no Chromium here"))


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """A home with a past, and the emulated services behind it."""
    home = tmp_path_factory.mktemp("place") / "home"
    with open_filled_sandbox(home, _SIZES) as sandbox:
        yield home, sandbox


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for a server with no settings of whoever runs this."""
    if not is_built():
        build()
    config = tmp_path_factory.mktemp("config")
    (config / "jupyter_lab_config.json").write_text(
        json.dumps({"LabApp": {"expose_app_in_browser": True}}), encoding="utf-8"
    )
    return {
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTERLAB_SETTINGS_DIR": str(config / "settings"),
        "IPYTHONDIR": str(config / "ipython"),
    }


@pytest.fixture(scope="session")
def lab(place: tuple[Path, Sandbox], jupyter: dict[str, str]) -> Iterator[Lab]:
    """The real thing."""
    with open_lab(place[0], connection=NAME, env=jupyter) as running:
        yield running
