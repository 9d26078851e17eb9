import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.unit.store import postgres as servers
from tests.unit.store.samples import Ticks
from toolkit.store import ConnectionStore, Store, open_database
from toolkit.store.schema import metadata
from toolkit.store.sequences import numbered_column

NOBODY = 65534


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that says `ON_BOTH_DATABASES = True` runs on a file and on a server.

    What it says about sizes, it says about the file alone: the server would add seconds.
    """
    is_about_size = "ten_thousand" in metafunc.function.__name__
    wants_both = getattr(metafunc.module, "ON_BOTH_DATABASES", False) and not is_about_size
    if "store" in metafunc.fixturenames and wants_both:
        metafunc.parametrize("store", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our tables and no rows: copied faster than it is made."""
    path = tmp_path_factory.mktemp("made") / "hightonic.db"
    open_database(path).dispose()
    return path


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path, ticks: Ticks) -> Iterator[Store]:
    numbers = iter(range(10_000))

    def token(size: int) -> str:
        return f"{next(numbers):0{2 * size}x}"

    if getattr(request, "param", "sqlite") == "postgresql":
        engine: Engine = request.getfixturevalue("clean_server")
        yield Store(engine, clock=ticks, token=token)
        return
    path = tmp_path / "hightonic.db"
    shutil.copy(request.getfixturevalue("made_file"), path)
    engine = open_database(path, busy_timeout_s=0.05)
    with Store(engine, clock=ticks, token=token) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A server for this session, with the database `made` that has our tables."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(servers.serving())
        except servers.NoServerError as error:
            pytest.skip(f"no PostgreSQL can be started here: {error}")
        server.run("CREATE DATABASE made TEMPLATE template0")
        open_database(server.url_of("made")).dispose()
        yield server


@pytest.fixture(scope="session")
def shared_server(postgres: servers.Postgres) -> Iterator[Engine]:
    engine = open_database(postgres.url_of("made"), busy_timeout_s=0.2)
    yield engine
    engine.dispose()


@pytest.fixture
def clean_server(shared_server: Engine) -> Engine:
    """A server's tables without rows; numbers begin at 1."""
    with shared_server.begin() as connection:
        connection.exec_driver_sql(_EMPTIED)
    return shared_server


@pytest.fixture
def clean_url(clean_server: Engine) -> str:
    """Where others find the emptied tables too."""
    return clean_server.url.render_as_string(hide_password=False)


# TRUNCATE makes new files, which takes ten times as long as this.
_EMPTIED = "; ".join(
    [f"DELETE FROM {table.name}" for table in metadata.sorted_tables]  # noqa: S608 — our names
    + [
        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), 1, false)"
        for table in metadata.sorted_tables
        if (column := numbered_column(table)) is not None
    ]
)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a state that several processes may open."""
    if request.param == "postgresql":
        return request.getfixturevalue("clean_url")
    shutil.copy(request.getfixturevalue("made_file"), tmp_path)
    return f"sqlite:///{tmp_path / 'hightonic.db'}"


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
