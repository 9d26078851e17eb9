import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.store.samples import Ticks
from toolkit.store import ConnectionStore, Store, open_database

NOBODY = 65534


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def store(tmp_path: Path, ticks: Ticks) -> Iterator[Store]:
    numbers = iter(range(10_000))
    engine = open_database(tmp_path / "hightonic.db", busy_timeout_s=0.05)
    with Store(
        engine, clock=ticks, token=lambda size: f"{next(numbers):0{2 * size}x}"
    ) as opened:
        yield opened


@pytest.fixture
def memory(store: Store) -> ConnectionStore:
    return store.connection("main")


@pytest.fixture
def others_home() -> Iterator[Path]:
    """A folder that this process may read and must not write, even as root (`as_nobody`)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Without the right to write to `folder`; root gives up its own for the while."""
    folder.chmod(0o555)
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
