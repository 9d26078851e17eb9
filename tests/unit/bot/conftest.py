import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.slack_takes import unsound  # noqa: F401 — in every test
from toolkit.store import Store, open_database


class Hands:
    """A clock that stands until it is put forward."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture(scope="session")
def made_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "hightonic.db"
    open_database(path).dispose()
    return path


@pytest.fixture
def store(tmp_path: Path, made_state: Path, clock: Hands):
    shutil.copy(made_state, tmp_path)
    with Store.open(tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
def shelf(store):
    return store.slack
