"""The tables of the book, and the schema remembered from the last listing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from toolkit.clients.timetonic.caller import Caller
from toolkit.clients.timetonic.schema import (
    Field,
    FieldRef,
    Table,
    TableRef,
    find_table,
    unknown_table,
)
from toolkit.clients.timetonic.wire import BookTablesWire, read_as
from toolkit.errors import MalformedAnswerError, UseError

_FUNCTION = "getBookTables"


class Tables:
    """`client.tables`: smart tables and their fields."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._known: tuple[Table, ...] | None = None
        self._listing = asyncio.Lock()

    async def list_tables(
        self, *, include_fields: bool = True, include_system: bool = False
    ) -> tuple[Table, ...]:
        """The book's tables; one call each time, which also renews the remembered schema.

        Args:
            include_fields: Also the fields; without them nothing is remembered.
            include_system: Also system and pivot tables, which hold no records of their own.

        Raises:
            UseError: The client names no book.
            NotFoundError: There is no such book.
        """
        self._caller.named_book()
        payload = await self._caller.call(_FUNCTION, {"includeFields": include_fields})
        raw = payload.get("bookTables")
        if not isinstance(raw, dict):
            raise MalformedAnswerError(
                "TimeTonic's answer to getBookTables holds no tables",
                system="timetonic",
                operation=_FUNCTION,
            )
        wire = read_as(BookTablesWire, raw, operation=_FUNCTION)
        tables = tuple(Table.from_wire(each) for each in wire.categories)
        own = tuple(each for each in tables if each.is_user_table)
        if include_fields:
            self._known = own
        return tables if include_system else own

    async def get_table(self, ref: TableRef) -> Table:
        """One table by id, code or name, out of the remembered schema; asks once when unknown.

        Raises:
            UseError: There is no such table, or several; the nearest right name is given.
        """
        if isinstance(ref, Table):
            return ref
        async with self._listing:
            if self._known is not None and (found := find_table(ref, self._known)):
                return found
            known = await self.list_tables()
        found = find_table(ref, known)
        if found is None:
            raise unknown_table(ref, known)
        return found

    def find_known(self, ref: str) -> Table | None:
        """One table out of the remembered schema; nothing is asked.

        Raises:
            UseError: Several tables answer to that word.
        """
        return find_table(ref, self._known or ())

    async def get_field(self, ref: FieldRef) -> tuple[Table, Field]:
        """The table and field behind a field id; ids are unique over all tables.

        Raises:
            UseError: No table has it.
        """
        for tables in (self._known or (), None):
            for table in await self.list_tables() if tables is None else tables:
                for field in (*table.fields, *table.log_fields):
                    if field is ref or str(field.id) == str(ref):
                        return table, field
        raise UseError(
            f"no TimeTonic table of this book has a field {_label(ref)}",
            unchanged="Nothing was sent",
            remedy="Name the table too, or give the field's id",
        )

    def remember(self, tables: Iterable[Table]) -> None:
        """Take tables read earlier as known; an unknown name still asks the service."""
        self._known = tuple(tables)

    def forget(self) -> None:
        """Ask again at the next use, such as after fields were added."""
        self._known = None


def _label(ref: FieldRef) -> str:
    return ref.name if isinstance(ref, Field) else str(ref)
