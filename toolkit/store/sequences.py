"""How far a table's own numbering has come, in both databases' words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Table


def numbered_column(table: Table) -> Column[int] | None:
    """The column whose numbers the database gives; None where the table has none."""
    column: Column[int] | None = table.autoincrement_column
    return column


def highest_number(connection: Connection, column: Column[int]) -> int:
    """The highest number ever given, also where its row is gone; 0 for none.

    Readers keep such numbers as cursors: one that was given twice would hide a row.
    """
    kept = connection.scalar(select(func.max(column))) or 0
    if connection.dialect.name == "postgresql":
        name = connection.scalar(_SEQUENCE_NAME, _place(column))
        query = text(f"SELECT last_value FROM {name} WHERE is_called")  # noqa: S608 — the server's own name
        given = connection.scalar(query)
    else:
        given = connection.scalar(_FILE_NUMBER, {"table": column.table.name})
    return max(kept, given or 0)


def raise_number(connection: Connection, column: Column[int], highest: int) -> None:
    """Let the next row's number be above `highest`; of 0 nothing happens."""
    if highest == 0:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_RAISE_SEQUENCE, _place(column) | {"highest": highest})
        return
    # Tables without AUTOINCREMENT have no such row, and no row that was ever pruned.
    table = {"table": column.table.name, "highest": highest}
    if column.table.dialect_options["sqlite"]["autoincrement"]:
        connection.execute(_FORGET_FILE_NUMBER, table)
        connection.execute(_PUT_FILE_NUMBER, table)


_SEQUENCE_NAME = text("SELECT pg_get_serial_sequence(:table, :column)")
_RAISE_SEQUENCE = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")
# sqlite.org/autoinc.html, read 2026-11: an ordinary table that a program may write to.
_FILE_NUMBER = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
_FORGET_FILE_NUMBER = text("DELETE FROM sqlite_sequence WHERE name = :table")
_PUT_FILE_NUMBER = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :highest)")


def _place(column: Column[int]) -> dict[str, object]:
    return {"table": column.table.name, "column": column.name}
