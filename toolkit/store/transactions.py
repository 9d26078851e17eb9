"""Reading and writing: transactions, upserts, and lists cut to the size of a statement."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from toolkit.store import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Engine, Table

WRITES: Final = "hightonic_writes"
"""Execution option of connections that take the write lock when they begin."""

# SQLite refuses statements of more than 32,766 parameters (sqlite.org/limits.html).
_CHUNK = 1_000

_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:number)")

T = TypeVar("T")


class Transactions:
    """Reads side by side, writes in turn; usable from any thread.

    A SQLite file has one writer at a time. A server has many: there, writers who share a
    `turn` wait for each other, others go side by side.

    Args:
        engine: From `open_database`.
        turn: Whom to wait for on a server.
        writer: The lock of this process; None makes one, `of` hands it on.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        turn: str = "",
        writer: AbstractContextManager[object] | None = None,
    ) -> None:
        self.engine = engine
        self._turn = turn
        is_server = engine.dialect.name == "postgresql"
        # What two statements of one reading see must not differ on a server either.
        self._reader = (
            engine.execution_options(isolation_level="REPEATABLE READ") if is_server else engine
        )
        self._writer = writer or (nullcontext() if is_server else threading.RLock())

    def of(self, turn: str) -> Transactions:
        """The same database, in the turns of one connection."""
        return Transactions(self.engine, turn=turn, writer=self._writer)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view; never waits for a writer."""
        with faults.plain_errors(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing; the write lock is taken at once, so nothing fails half-way for it.

        Raises:
            StateBusyError: Another process kept the lock for too long.
            StateError: The disk is full or read-only.
        """
        with self.adding() as connection:
            wait_for_turn(connection, f"writing {self._turn}")
            yield connection

    @contextmanager
    def adding(self) -> Iterator[Connection]:
        """As `writing`, but on a server waits for nobody: for work that one statement does.

        Raises:
            StateBusyError: See `writing`.
            StateError: See `writing`.
        """
        with self._writer, faults.plain_errors(), write_connection(self.engine) as connection:
            yield connection


@contextmanager
def write_connection(engine: Engine) -> Iterator[Connection]:
    """A connection inside a transaction that holds the write lock of a file."""
    with engine.connect() as bare:
        connection = bare.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


def wait_for_turn(connection: Connection, turn: str) -> None:
    """On a server: wait for those who took the same turn, until this transaction ends.

    In a file it is our turn already, since the transaction holds the write lock.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(blake2b(turn.encode(), digest_size=8).digest(), signed=True)
        connection.execute(_TAKE_TURN, {"number": number})


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    changing: Sequence[str] | None = None,
    adding: str | None = None,
) -> None:
    """Insert rows, or overwrite those whose primary key is there.

    Args:
        connection: Inside a write transaction.
        table: Where to.
        rows: All with the same columns.
        changing: Columns overwritten in rows that exist; None means all but the key.
        adding: A column whose number is added to instead.
    """
    if not rows:
        return
    keys = {column.name for column in table.primary_key}
    names = [name for name in rows[0] if name not in keys] if changing is None else changing
    statement = _upsert_into(table, tuple(names), adding, connection.dialect.name)
    connection.execute(statement, [dict(row) for row in rows])


def insert_into(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what to do about rows that are there."""
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return build(table)


@lru_cache(maxsize=64)
def _upsert_into(
    table: Table, names: tuple[str, ...], adding: str | None, dialect: str
) -> sqlite.Insert | postgresql.Insert:
    statement = insert_into(table, dialect)
    new: dict[str, Any] = {name: statement.excluded[name] for name in names}
    if adding is not None:
        new[adding] = table.c[adding] + statement.excluded[adding]
    keys = [column.name for column in table.primary_key]
    return statement.on_conflict_do_update(index_elements=keys, set_=new)


def chunked(items: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    """Lists of up to `size` items, in order."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def among(column: Column[Any], values: Iterable[str]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together cover all `values`, each small enough for one statement."""
    for chunk in chunked(values):
        yield column.in_(chunk)
