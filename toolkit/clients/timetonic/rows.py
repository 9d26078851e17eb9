"""Reading rows: whole listings page by page, chosen rows, and single columns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import islice

from toolkit.clients.timetonic.answers import (
    UNEXPECTED_SHAPE,
    Content,
    Row,
    RowPage,
    read_columns,
    read_rows,
)
from toolkit.clients.timetonic.caller import Caller
from toolkit.clients.timetonic.filters import ByIds, Condition, RowFilter, Where
from toolkit.clients.timetonic.paging import PageWalk
from toolkit.clients.timetonic.schema import FieldId, FieldRef, RowId, Table, TableRef
from toolkit.clients.timetonic.tables import Tables
from toolkit.errors import MalformedAnswerError, UseError

_FUNCTION = "getTableValues"


class RowReading:
    """The reading half of `client.rows`."""

    def __init__(self, caller: Caller, tables: Tables) -> None:
        self._caller = caller
        self._tables = tables
        self._served_cap: int | None = None

    async def iter_pages(
        self,
        table: TableRef,
        *,
        fields: Sequence[FieldRef] | None = None,
        filter: RowFilter | None = None,  # noqa: A002 — the vendor's own word, and the caller's
        page_size: int | None = None,
    ) -> AsyncIterator[RowPage]:
        """The table's rows, page after page, each row once.

        A listing is complete only when its last page is not `shifted`.

        Args:
            table: Table, id, code or name.
            fields: Only these columns; None for all.
            filter: Only these rows; see `filters`.
            page_size: Rows per call, 1 or more; None takes the profile's.

        Raises:
            MalformedAnswerError: The server does not move on from page to page.
        """
        size = self._page_size(page_size)
        known = await self._tables.get_table(table)
        walk = PageWalk(size, is_filtered=filter is not None)
        while True:
            offset = walk.offset
            content = await self._read_page(
                known, fields=fields, filter=filter, offset=offset, page_size=size
            )
            rows = {each.id: each for each in content.rows}
            step = walk.take([each.id for each in content.rows], total=content.total_row_count)
            yield RowPage(
                rows=tuple(rows[RowId(row_id)] for row_id in step.fresh),
                total_row_count=content.total_row_count,
                fields=content.table.fields,
                offset=offset,
                is_last=step.is_last,
                shifted=step.is_shifted,
            )
            if step.is_last:
                self._served_cap = walk.served_cap or self._served_cap
                return

    async def list_rows(
        self,
        table: TableRef,
        *,
        fields: Sequence[FieldRef] | None = None,
        filter: RowFilter | None = None,  # noqa: A002 — the vendor's own word, and the caller's
    ) -> AsyncIterator[Row]:
        """The table's rows one by one; see `iter_pages`."""
        async for page in self.iter_pages(table, fields=fields, filter=filter):
            for row in page.rows:
                yield row

    async def get_rows(
        self,
        table: TableRef,
        row_ids: Iterable[int],
        *,
        fields: Sequence[FieldRef] | None = None,
    ) -> dict[RowId, Row]:
        """These rows, as far as they exist; one call per page of ids.

        Raises:
            MalformedAnswerError: The server sent other rows too, so it does not filter and
                a missing row would mean nothing.
        """
        known = await self._tables.get_table(table)
        found: dict[RowId, Row] = {}
        for chunk in _chunks(dict.fromkeys(map(int, row_ids)), self._page_size(None)):
            content = await self._read_page(
                known, fields=fields, filter=ByIds(chunk), offset=0, page_size=len(chunk)
            )
            rows = {each.id: each for each in content.rows}
            if not rows.keys() <= set(chunk):
                raise _unfiltered()
            found.update(rows)
        return found

    async def find_rows(
        self,
        table: TableRef,
        field: FieldRef,
        operand: str,
        *,
        fields: Sequence[FieldRef] | None = None,
    ) -> tuple[Row, ...]:
        """The rows whose field `is` this text, none when there are none.

        Whether case and accents count is the server's affair: compare the values.
        """
        known = await self._tables.get_table(table)
        condition = Condition(known.field(field).id, operand)
        pages = self.iter_pages(known, fields=fields, filter=Where((condition,)))
        return tuple([row async for page in pages for row in page.rows])

    async def read_rows_format(
        self,
        table: TableRef,
        *,
        filter: RowFilter | None = None,  # noqa: A002 — the vendor's own word, and the caller's
        offset: int = 0,
        page_size: int | None = None,
    ) -> RowPage:
        """One page in the row format, whose cells are keyed by field name.

        Columns that share a name are left out; `iter_pages` has no such gap.
        """
        known = await self._tables.get_table(table)
        arguments = _selection(known, fields=None, filter=filter) | {
            "format": "rows",
            "maxRows": self._page_size(page_size),
            "offset": offset,
        }
        payload = await self._caller.call(_FUNCTION, arguments)
        content = read_rows(
            payload, table=known, operation=_FUNCTION, profile=self._caller.profile
        )
        return RowPage(
            rows=content.rows,
            total_row_count=content.total_row_count,
            fields=known.fields,
            offset=offset,
            is_last=len(content.rows) < self._page_size(page_size),
        )

    async def subset(
        self, table: TableRef, *, fields: Sequence[FieldRef], row_ids: Sequence[int]
    ) -> dict[RowId, dict[FieldId, object]]:
        """Raw cells of some rows and columns, the cheapest read after a write.

        The service sends a matrix without labels, presumed row by row (third-party page, key
        shapes only, read 2026-11); a matrix of any other shape is refused.

        Raises:
            MalformedAnswerError: The matrix is not rows x fields.
        """
        known = await self._tables.get_table(table)
        field_ids = [known.field(each).id for each in fields]
        payload = await self._caller.call(
            "getTableValueSubset",
            {
                "catId": known.id,
                "fieldIds": ",".join(map(str, field_ids)),
                "rowIds": ",".join(map(str, row_ids)),
            },
        )
        matrix = payload.get("tableValues")
        if not _has_shape(matrix, rows=len(row_ids), columns=len(field_ids)):
            raise MalformedAnswerError(
                "TimeTonic's answer to getTableValueSubset is not rows by fields",
                system="timetonic",
                operation="getTableValueSubset",
            )
        return {
            RowId(int(row_id)): dict(zip(field_ids, cells, strict=True))
            for row_id, cells in zip(row_ids, matrix, strict=True)  # type: ignore[call-overload] # shape checked above
        }

    async def list_rows_by_id(self, table: TableRef) -> dict[RowId, str]:
        """Row id -> label (the first column, presumably) of the whole table in one call."""
        known = await self._tables.get_table(table)
        payload = await self._caller.call("listTableRowsById", {"catId": known.id})
        listed = payload.get("tableRows")
        try:
            return {
                RowId(int(each["id"])): str(each.get("name") or "")
                for each in (listed if isinstance(listed, list) else [])
            }
        except UNEXPECTED_SHAPE:
            raise MalformedAnswerError(
                "TimeTonic's answer to listTableRowsById is not a list of rows",
                system="timetonic",
                operation="listTableRowsById",
            ) from None

    def _page_size(self, asked: int | None) -> int:
        size = self._caller.profile.page_size if asked is None else asked
        if size < 1:
            raise UseError("a page holds at least one row", unchanged="Nothing was sent")
        # A server that once served less than asked for is asked for no more than that.
        return min(size, self._served_cap or size)

    async def _read_page(
        self,
        table: Table,
        *,
        fields: Sequence[FieldRef] | None,
        filter: RowFilter | None,  # noqa: A002 — as in the callers
        offset: int,
        page_size: int,
    ) -> Content:
        arguments = _selection(table, fields=fields, filter=filter) | {
            "maxRows": page_size,
            "offset": offset,
        }
        payload = await self._caller.call(_FUNCTION, arguments)
        return read_columns(payload, operation=_FUNCTION, profile=self._caller.profile)


def _selection(
    table: Table,
    *,
    fields: Sequence[FieldRef] | None,
    filter: RowFilter | None,  # noqa: A002 — as in the callers
) -> dict[str, object]:
    field_ids = None if fields is None else [table.field(each).id for each in fields]
    return {
        "catId": table.id,
        "fieldIds": field_ids,
        "filterRowIds": None if filter is None else filter.as_argument(),
    }


def _chunks(items: Mapping[int, None], size: int) -> Iterable[tuple[int, ...]]:
    left = iter(items)
    while chunk := tuple(islice(left, size)):
        yield chunk


def _has_shape(matrix: object, *, rows: int, columns: int) -> bool:
    return (
        isinstance(matrix, list)
        and len(matrix) == rows
        and all(isinstance(each, list) and len(each) == columns for each in matrix)
    )


def _unfiltered() -> MalformedAnswerError:
    return MalformedAnswerError(
        "TimeTonic sent rows that were not asked for",
        system="timetonic",
        operation=_FUNCTION,
        unchanged="A read changes nothing",
        remedy="This build does not filter by row id; read the whole table instead",
    )
