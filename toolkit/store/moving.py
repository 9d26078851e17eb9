"""Moving the whole state to another database: from one file to a server for many workers."""

from __future__ import annotations

from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, func, insert, select

from toolkit.errors import StateDamagedError, UseError
from toolkit.store.database import open_database, place_of
from toolkit.store.schema import metadata
from toolkit.store.schema_service import lease, worker
from toolkit.store.sequences import highest_number, numbered_column, raise_number
from toolkit.store.transactions import Transactions, wait_for_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Row, Table

    Progress = Callable[[str, int, int], None]

_ROWS: Final = 1_000

# Who works just now is no part of what is remembered.
_LEFT_BEHIND: Final = (worker, lease)


def migrate_store(
    source: str | Path, target: str | Path, progress: Progress | None = None
) -> Mapping[str, tuple[int, int]]:
    """Copy everything, compare both, and only then keep it.

    The copy is one transaction of the target: one that is broken off leaves it empty, so
    it is simply started again. The source is only read; a file takes no writes meanwhile.
    Secrets travel sealed, so the new workers need the same key.

    Args:
        source: A state file, or a database URL.
        target: The same; without any rows of ours.
        progress: Told the table, rows copied and rows in all.

    Returns:
        Per table, rows in the source and in the target.

    Raises:
        UseError: There is no such source, or the target holds rows.
        StateDamagedError: The target does not hold what was read; nothing was kept.
        StateError: A disk or a server failed; nothing was kept.
    """
    _check_source(source)
    with _opened(source) as old, _opened(target) as new, new.adding() as writer:
        wait_for_turn(writer, "moving")
        _check_empty(writer)
        with _held_still(old) as reader:
            return {
                table.name: _move(reader, writer, table, progress or _say_nothing)
                for table in metadata.sorted_tables
                if table not in _LEFT_BEHIND
            }


def _held_still(source: Transactions) -> AbstractContextManager[Connection]:
    """A view in which nothing changes; a file's writers wait, a server's do not need to."""
    is_file = source.engine.dialect.name == "sqlite"
    return source.writing() if is_file else source.reading()


def _move(
    reader: Connection, writer: Connection, table: Table, progress: Progress
) -> tuple[int, int]:
    total = _count(reader, table)
    progress(table.name, 0, total)
    sent = _Sum()
    for rows in _pages(reader, table):
        writer.execute(insert(table), [row._asdict() for row in rows])
        sent.add(rows)
        progress(table.name, sent.rows, total)
    found = _Sum()
    for rows in _pages(writer, table):
        found.add(rows)
    if (found.rows, found.sum) != (total, sent.sum):
        raise StateDamagedError(
            f"The copy of the table {table.name} is not what was read",
            unchanged="Nothing was kept in the target; the source is untouched",
            remedy="Stop whatever else writes to either place, then start again",
        )
    column = numbered_column(table)
    if column is not None:
        raise_number(writer, column, highest_number(reader, column))
    return total, found.rows


class _Sum:
    """Rows and the sum of their digests, whatever their order: databases sort text apart."""

    def __init__(self) -> None:
        self.rows = 0
        self.sum = 0

    def add(self, rows: list[Row[tuple[object, ...]]]) -> None:
        """Count some more."""
        self.rows += len(rows)
        for row in rows:
            text = repr(tuple(row)).encode()
            self.sum += int.from_bytes(blake2b(text, digest_size=16).digest())


def _pages(connection: Connection, table: Table) -> Iterator[list[Row[tuple[object, ...]]]]:
    found = connection.execute(select(table), execution_options={"yield_per": _ROWS})
    for page in found.partitions():
        yield list(page)


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _check_source(source: str | Path) -> None:
    path = place_of(source)
    if path is not None and not path.is_file():
        raise UseError(
            f"There is no state at {path}",
            unchanged="Nothing was copied",
            remedy="Name the file or the database that is in use",
        )


def _check_empty(writer: Connection) -> None:
    for table in metadata.sorted_tables:
        if writer.scalar(select(exists(select(table)))):
            raise UseError(
                f"The target is in use already (its table {table.name} holds rows)",
                unchanged="Nothing was copied",
                remedy="Name an empty database",
            )


@contextmanager
def _opened(where: str | Path) -> Iterator[Transactions]:
    engine = open_database(where)
    try:
        yield Transactions(engine)
    finally:
        engine.dispose()


def _say_nothing(_table: str, _done: int, _total: int) -> None:
    return
