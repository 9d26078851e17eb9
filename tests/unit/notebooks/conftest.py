"""A small home of contacts, one for each state, and a grid on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.notebooks.office import build_home, change, open_conflict, set_state
from toolkit.app.grid import GridSource, open_grid

COUNT = 60


class Stopwatch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = build_home(tmp_path_factory.mktemp("grid") / "home", COUNT)
    change(home, 1, side="timetonic", company="Seen Ltd")
    set_state(home, 2, state="parked", reason="Two contacts have this e-mail")
    set_state(home, 3, timetonic_id=None, state="half", base="{}")
    open_conflict(home, 4)
    set_state(home, 5, fails=1)
    set_state(home, 6, state="deleted")
    return home


@pytest.fixture
def home(_built: Path, tmp_path: Path) -> Path:
    """A copy of its own, so that a test may change it."""

    return Path(shutil.copytree(_built, tmp_path / "home"))


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def grid(home: Path, stopwatch: Stopwatch) -> Iterator[GridSource]:
    with open_grid(home=home, monotonic_s=stopwatch) as source:
        yield source
