"""Opening the state: one SQLite file per home, or a PostgreSQL URL.

With `sequences`, the only module that speaks the databases' own dialects.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from toolkit.errors import StateError, UseError
from toolkit.store import faults
from toolkit.store.migrations import upgrade
from toolkit.store.transactions import WRITES

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.pool import ConnectionPoolEntry

FILE_NAME: Final = "hightonic.db"
APPLICATION_ID: Final = 0x4854_4E43
"""`HTNC`: marks the file as ours, so that another program's is never altered."""

# Walking a file takes 1.6 s per gigabyte (measured, cached); a damaged page of a larger
# one is still reported, but when it is met instead of at the door.
_CHECKED_BYTES = 128 * 1024 * 1024


def open_database(where: str | Path, *, busy_timeout_s: float = 5.0) -> Engine:
    """Open the state, create it where missing, bring its tables up to date.

    The file is made readable by its owner only. Every commit is on the disk before the
    call returns (`synchronous=FULL`): an intent that a power cut could undo would allow a
    second create. It makes a whole write (intent and outcome) take 2.5 ms instead of 1.9
    with `NORMAL` (two shared cores, 2026-11), next to calls of 100 ms.

    Args:
        where: A file, or a database URL.
        busy_timeout_s: How long a write waits for another process.

    Raises:
        StateError: Full disk, read-only place, or tables of a newer version.
        StateDamagedError: Truncated, not a database, or another program's.
        UseError: Not a URL that can be served here.
    """
    url = _url_of(where)
    if url.get_backend_name() != "sqlite":
        return _open_server(url, busy_timeout_s=busy_timeout_s)
    if not url.database or url.database == ":memory:":
        raise UseError("The state needs a file", remedy="Name one: sqlite:////folder/state.db")
    return _open_file(Path(url.database), busy_timeout_s=busy_timeout_s)


def check_database(engine: Engine) -> None:
    """Walk the whole file, indexes included; for `hightonic doctor`.

    Raises:
        StateDamagedError: Something does not add up.
    """
    if engine.dialect.name != "sqlite":
        return
    place = engine.url.database or ""
    with faults.plain_errors(place), engine.connect() as connection:
        verdict = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if verdict != "ok":
        raise faults.damaged(place)


def place_of(where: str | Path) -> Path | None:
    """The file that a place names; None for a server's.

    Raises:
        UseError: Not a URL.
    """
    url = _url_of(where)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _url_of(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        return make_url(where)
    except (ArgumentError, ValueError) as error:
        raise UseError("This is not a database URL", remedy="Write a file's path") from error


def _open_server(url: URL, *, busy_timeout_s: float) -> Engine:
    if url.get_backend_name() in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    options = {} if "options" in url.query else {"options": _server_options(busy_timeout_s)}
    try:
        # A server may be restarted or moved under us: ask before a connection is used again.
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"client_encoding": "utf8", **options},
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise UseError(
            f"No driver for {url.drivername} is installed here",
            unchanged="Nothing was changed",
            remedy="Install psycopg for PostgreSQL, or name a file",
        ) from error
    try:
        with faults.plain_errors():
            _check_encoding(engine)
            upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _server_options(busy_timeout_s: float) -> str:
    return f"-c lock_timeout={round(busy_timeout_s * 1000)}"


def _check_encoding(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SHOW server_encoding").scalar()
    # SQL_ASCII, which `initdb` makes under LC_ALL=C, would take any bytes for text.
    if found != "UTF8":
        raise StateError(
            f"The database keeps text as {found}, not as UTF8",
            unchanged="It was left as it is",
            remedy="Make one that does: CREATE DATABASE hightonic ENCODING 'UTF8' TEMPLATE template0",
        )


def _open_file(path: Path, *, busy_timeout_s: float) -> Engine:
    is_new = _prepare(path)
    engine = _engine_of(path, busy_timeout_s=busy_timeout_s)
    try:
        with faults.plain_errors(str(path)):
            _claim(path, busy_timeout_s=busy_timeout_s)
            upgrade(engine)
    except BaseException:
        engine.dispose()
        if is_new:
            _remove(path)
        raise
    return engine


def _engine_of(path: Path, *, busy_timeout_s: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        hide_parameters=True,
        connect_args={"timeout": busy_timeout_s, "check_same_thread": False},
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(path: Path) -> bool:
    """Whether the file was made just now."""
    with faults.plain_errors(str(path.parent)):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_dir():
        raise StateError(
            f"{path} is a folder where a file is needed",
            unchanged="It was left as it is",
            remedy="Move it away, or set HIGHTONIC_HOME to another folder",
        )
    with faults.plain_errors(str(path)):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            # We never leave an empty file behind, so an empty one has lost its content.
            if path.stat().st_size == 0:
                raise faults.damaged(str(path), reason="is empty") from None
            return False
    return True


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _configure(raw: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver would begin transactions on its own, and only at the first change.
    raw.isolation_level = None
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        raw.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _claim(path: Path, *, busy_timeout_s: float) -> None:
    """Make sure the file is sound and ours before anything in it is changed."""
    raw = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)
    with closing(raw):
        (owner,) = raw.execute("PRAGMA application_id").fetchone()
        (tables,) = raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if owner != APPLICATION_ID and (owner or tables):
            raise faults.damaged(str(path), reason="belongs to another program")
        if path.stat().st_size <= _CHECKED_BYTES:
            (verdict,) = raw.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise faults.damaged(str(path))
        if owner != APPLICATION_ID:
            raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute("PRAGMA journal_mode = WAL").fetchone()
