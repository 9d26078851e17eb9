"""The home of a rehearsal: a copy of the state without its secrets, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import delete, event

from toolkit.errors import StateError
from toolkit.store import FILE_NAME, Store, migrate_store, open_database
from toolkit.store.schema import secret

_PREFIX: Final = "rehearsal-"
_LEFT_BEHIND: Final = timedelta(days=1)


@contextmanager
def workshop(home: Path, *, now: datetime) -> Iterator[Path]:
    """A folder inside the home, readable by its owner only; gone when the block ends.

    A rehearsal that was killed could not clear its own: that is done here, a day later.

    Raises:
        StateError: The home cannot be written.
    """
    try:
        _clear(home, before_s=(now - _LEFT_BEHIND).timestamp())
        folder = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=home)
    except OSError as error:
        raise StateError(
            f"There is no room for a rehearsal in {home} ({error.strerror})",
            unchanged="Nothing was written",
            remedy="Give yourself the right to write there, or free some space",
        ) from error
    with folder as name:
        yield Path(name)


@contextmanager
def copied_store(home: Path, folder: Path, *, clock: Callable[[], datetime]) -> Iterator[Store]:
    """The state as it stands, copied into `folder`; the original is only read.

    Raises:
        StateError: It cannot be read, or the disk is full.
    """
    target = folder / FILE_NAME
    source = os.environ.get("HIGHTONIC_DATABASE_URL", "")
    if source:
        migrate_store(source, target)
    else:
        _copy_file(home / FILE_NAME, target)
    engine = open_database(target)
    # What is thrown away anyway need not survive a power cut.
    event.listen(engine, "connect", _hurry)
    engine.dispose()
    with Store(engine, clock=clock) as store:
        with store.transactions.writing() as connection:
            connection.execute(delete(secret))
        yield store


def _copy_file(source: Path, target: Path) -> None:
    target.touch(mode=0o600, exist_ok=False)
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            # SQLite's own backup: a sync under way neither waits nor tears the copy.
            old.backup(new)
    except sqlite3.Error as error:
        raise StateError(
            f"The state in {source} could not be copied ({type(error).__name__})",
            unchanged="Nothing was written",
            remedy="Look whether the disk is full, then rehearse again",
        ) from error


def _hurry(raw: sqlite3.Connection, _entry: object) -> None:
    raw.execute("PRAGMA synchronous = OFF").close()


def _clear(home: Path, *, before_s: float) -> None:
    for old in home.glob(f"{_PREFIX}*"):
        if old.is_dir() and old.stat().st_mtime < before_s:
            shutil.rmtree(old, ignore_errors=True)
