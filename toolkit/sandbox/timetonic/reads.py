"""Rows: by column, by row, by subset, by label (reference sections 7.7, 7.8 and 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from toolkit.sandbox.timetonic.call import Access, Call, Handler
from toolkit.sandbox.timetonic.cells import column_cells, row_fields
from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.filters import RowFilter
from toolkit.sandbox.timetonic.metadata import Metadata
from toolkit.sandbox.timetonic.schema import TALK_TYPES, Field
from toolkit.sandbox.timetonic.stamps import paris_text
from toolkit.sandbox.timetonic.state import TimeTonicState
from toolkit.sandbox.timetonic.table import Table


class ReadFunctions:
    """getTableValues and its relatives."""

    def __init__(self, state: TimeTonicState, access: Access, metadata: Metadata) -> None:
        self._state = state
        self._access = access
        self._metadata = metadata

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Function name to function."""
        return {
            "getTableValues": self.get_values,
            "getNamedTableValues": self.get_values,
            "getTableValueSubset": self.get_subset,
            "listTableRowsById": self.list_labels,
            "getTableRows": self.list_labels,
        }

    def get_values(self, call: Call) -> dict[str, object]:
        """A page of rows, column by column, or row by row under `format=rows`."""
        table = self._access.table(call)
        fields = self._chosen_fields(call, table)
        page = self._page(call, self._selected(call, table))
        match call.arguments.text("format"):
            case "" | "columns":
                values = self._by_column(table, fields, page)
            case "rows":
                values = self._by_row(table, fields, page)
            case other:
                raise RefusalError("not_implemented", other)
        return {"sstamp": self._state.stamps.tick(), "tableValues": values}

    def get_subset(self, call: Call) -> dict[str, object]:
        """Cells as an unlabelled matrix of texts, one line for each row id asked for."""
        table = self._access.table(call)
        row_ids = call.arguments.ids("rowIds")
        if missing := [row_id for row_id in row_ids if row_id not in table]:
            raise RefusalError("unknown_row", missing[0])
        fields = self._chosen_fields(call, table)
        rendering = self._state.rendering
        matrix = [
            [
                rendering.as_text(column, table.columns[column.id].get(row_id))
                for column in fields
            ]
            for row_id in row_ids
        ]
        stamp = self._state.stamps.tick()
        return {"sstamp": stamp, "catId": table.id, "tableValues": matrix}

    def list_labels(self, call: Call) -> dict[str, object]:
        """Row ids with their labels; not paged unless `maxRows` is sent."""
        table = self._access.table(call)
        row_ids = self._selected(call, table)
        if call.arguments.has("maxRows"):
            row_ids = self._page(call, row_ids)
        labels = [{"id": row_id, "name": table.label(row_id)} for row_id in row_ids]
        return {"sstamp": self._state.stamps.tick(), "tableRows": labels}

    def _chosen_fields(self, call: Call, table: Table) -> list[Field]:
        if not call.arguments.has("fieldIds"):
            return list(table.fields.values())
        chosen = set(call.arguments.ids("fieldIds"))
        if unknown := chosen - table.fields.keys():
            raise RefusalError("unknown_field", min(unknown))
        return [column for column in table.fields.values() if column.id in chosen]

    def _selected(self, call: Call, table: Table) -> Sequence[int]:
        is_exact = self._state.variant.collation == "exact"
        chosen = RowFilter(table, self._state.rendering, is_exact=is_exact)
        row_ids = chosen.select(call.arguments.structure("filterRowIds"))
        if view_id := call.arguments.whole("viewId"):
            in_view = set(chosen.select({"applyViewFilters": view_id}))
            row_ids = [row_id for row_id in row_ids if row_id in in_view]
        since = call.arguments.whole("lastModifiedAfter")
        if since and self._state.variant.knows_modified_after:
            row_ids = [row_id for row_id in row_ids if table.stamp_of[row_id] > since]
        return row_ids

    def _page(self, call: Call, row_ids: Sequence[int]) -> Sequence[int]:
        variant = self._state.variant
        wanted = call.arguments.whole("maxRows")
        size = min(wanted if wanted > 0 else variant.default_page_size, variant.max_page_size)
        start = max(call.arguments.whole("offset"), 0)
        return row_ids[start : start + size]

    def _by_column(
        self, table: Table, fields: Sequence[Field], page: Sequence[int]
    ) -> dict[str, object]:
        fields_json = []
        for column in fields:
            unread = {"unread": 0} if column.type in TALK_TYPES else {}
            values = column_cells(self._state, table, column, page)
            metadata = self._metadata.of_field(table, column.id)
            fields_json.append({**metadata, **unread, "values": values})
        infos = {
            str(row_id): self._row_info(table, row_id, index)
            for index, row_id in enumerate(page)
        }
        return {
            **self._metadata.of_table(table),
            "fields": fields_json,
            "rowInfos": infos or [],
            # Rows of this page, not of the table: the vendor's own wrapper loops on it.
            "rowInfosLength": len(page),
        }

    def _by_row(
        self, table: Table, fields: Sequence[Field], page: Sequence[int]
    ) -> dict[str, object]:
        rows = row_fields(self._state, table, fields, page)
        return {**self._metadata.of_table(table), "rows": rows, "rowInfosLength": len(page)}

    def _row_info(self, table: Table, row_id: int, index: int) -> dict[str, object]:
        entry: dict[str, object] = {"order": table.order_of[row_id], "index": index}
        if self._state.variant.shows_row_stamps:
            stamp = table.stamp_of[row_id]
            moment = datetime.fromtimestamp(stamp / 10_000, UTC)
            entry |= {"sstamp": stamp, "lastModified": paris_text(moment)}
        return entry
