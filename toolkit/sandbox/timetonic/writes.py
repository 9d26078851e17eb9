"""Creating, changing and deleting rows (reference section 9). Reads all first, then writes all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.sandbox.timetonic.call import Access, Call, Handler
from toolkit.sandbox.timetonic.cells import row_fields
from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.parsing import Skipped
from toolkit.sandbox.timetonic.php import Json, read_ids, whole_number
from toolkit.sandbox.timetonic.state import RowWritten, TimeTonicState
from toolkit.sandbox.timetonic.table import Table, Value


@dataclass(frozen=True, slots=True)
class _RowWrite:
    """One row to write, all values read. `row_id` is None for a create; `key` is as sent."""

    key: str
    table: Table
    row_id: int | None
    values: Mapping[int, Value]


class WriteFunctions:
    """createOrUpdateTableRow(s), updateTableValue, deleteTableRow(s), rollBackBeforeChange."""

    def __init__(self, state: TimeTonicState, access: Access) -> None:
        self._state = state
        self._access = access

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Function name to function."""
        return {
            "createOrUpdateTableRow": self.write_row,
            "createOrUpdateTableRows": self.write_rows,
            "updateTableValue": self.write_cell,
            "deleteTableRow": self.delete_row,
            "deleteTableRows": self.delete_rows,
            "rollBackBeforeChange": self.roll_back,
        }

    def write_row(self, call: Call) -> dict[str, object]:
        """Update a row, or create one when its id begins with `tmp`."""
        key = call.arguments.text("rowId").strip()
        if not key:
            raise RefusalError("missing_argument", "rowId")
        write = self._read_row(call, key, call.arguments.structure("fieldValues"))
        return self._commit(call, [write])

    def write_rows(self, call: Call) -> dict[str, object]:
        """Update and create many rows of one table; one bad row fails all of them."""
        rows = call.arguments.structure("rows")
        if not isinstance(rows, dict) or not rows:
            raise RefusalError("missing_argument", "rows")
        variant = self._state.variant
        if len(rows) > variant.batch_cap:
            raise RefusalError("too_many_rows")
        is_too_big = variant.deadlock_above is not None and len(rows) > variant.deadlock_above
        if is_too_big or self._state.deadlocks_left > 0:
            self._state.deadlocks_left = max(self._state.deadlocks_left - 1, 0)
            raise RefusalError("deadlock")
        writes: list[_RowWrite] = []
        failures: list[dict[str, object]] = []
        for key, values in rows.items():
            try:
                writes.append(self._read_row(call, key, values))
            except RefusalError as refusal:
                if variant.batch_failure == "whole":
                    raise
                failures.append({"id": key, "status": "nok", "errorMsg": refusal.name})
        if len({write.table.id for write in writes}) > 1:
            raise RefusalError("two_tables")
        return self._commit(call, writes) | {"readOnlyRowsStatus": failures}

    def write_cell(self, call: Call) -> dict[str, object]:
        """Set one cell of an existing row."""
        arguments = call.arguments
        _, row_id = self._access.row(call)
        values = {arguments.text("fieldId").strip(): arguments.structure("value")}
        return self._commit(call, [self._read_row(call, str(row_id), values)])

    def delete_row(self, call: Call) -> dict[str, object]:
        """Delete the row `rowId`."""
        return self._delete(call, [call.arguments.whole("rowId")])

    def delete_rows(self, call: Call) -> dict[str, object]:
        """Delete the rows listed in `rows`; all or none."""
        row_ids = read_ids(call.arguments.structure("rows"))
        if not row_ids:
            raise RefusalError("missing_argument", "rows")
        return self._delete(call, list(dict.fromkeys(row_ids)))

    def roll_back(self, call: Call) -> dict[str, object]:
        """Put a row back to what it was before its last change."""
        table, row_id = self._access.row(call)
        self._access.check_table(call, table, is_write=True)
        table.restore(row_id, sstamp=self._state.stamps.tick())
        return {}

    def _delete(self, call: Call, row_ids: Sequence[int]) -> dict[str, object]:
        self._access.check_write(call)
        present = [row_id for row_id in row_ids if row_id in self._state.table_of_row]
        gone = [row_id for row_id in row_ids if row_id not in self._state.table_of_row]
        if gone and self._state.variant.deleted_delete == "refuse":
            raise RefusalError("unknown_row", gone[0])
        for row_id in present:
            self._access.check_table(call, self._state.table_of_row[row_id], is_write=True)
        for row_id in present:
            self._state.delete(row_id)
        return {"formLastModified": self._state.stamps.epoch_s()}

    def _read_row(self, call: Call, key: str, given: Json) -> _RowWrite:
        sent = _as_map(given)
        field_ids = {whole_number(name): value for name, value in sent.items()}
        is_create = key.startswith("tmp")
        table = self._table_of(call, field_ids, None if is_create else whole_number(key))
        self._access.check_table(call, table, is_write=True)
        separator = call.arguments.text("linkSeparator") or ","
        values: dict[int, Value] = {}
        for field_id, value in field_ids.items():
            try:
                values[field_id] = self._read_cell(table, field_id, value, separator=separator)
            except Skipped:
                continue
        return _RowWrite(key, table, None if is_create else whole_number(key), values)

    def _read_cell(self, table: Table, field_id: int, given: Json, *, separator: str) -> Value:
        column = table.fields.get(field_id)
        if column is None:
            raise RefusalError("unknown_field", field_id)
        if not column.is_writable:
            if self._state.variant.read_only == "drop":
                raise Skipped
            raise RefusalError("read_only_field", field_id)
        return self._state.parsing.read(column, given, separator=separator)

    def _table_of(self, call: Call, field_ids: Mapping[int, Json], row_id: int | None) -> Table:
        """The table of a row, of `catId`, or of the fields: whichever is known (section 9.1)."""
        named = self._access.table(call) if call.arguments.text("catId").strip() else None
        if row_id is not None:
            table = self._state.table_of_row.get(row_id)
            if table is None or (named is not None and named is not table):
                raise RefusalError("unknown_row", row_id)
            return table
        if named is not None:
            return named
        tables = [self._state.table_of_field.get(field_id) for field_id in field_ids]
        if not tables:
            raise RefusalError("missing_argument", "catId")
        first = tables[0]
        if first is None or None in tables:
            raise RefusalError("unknown_field")
        if any(table is not first for table in tables):
            raise RefusalError("two_tables")
        return first

    def _commit(self, call: Call, writes: Sequence[_RowWrite]) -> dict[str, object]:
        is_bypassed = call.arguments.flag("bypassUrlTrigger", default=True)
        has_fields = call.arguments.flag("returnUpdatedRows", default=False)
        written, created = [], []
        for write in writes:
            row_id = write.row_id
            if row_id is None:
                row_id = self._state.insert(write.table, {})
            changed = self._state.change(write.table, row_id, write.values, user=call.author)
            entry = self._answer_row(write, row_id, has_fields=has_fields)
            written.append(entry)
            if write.row_id is None:
                created.append(entry)
            if not is_bypassed:
                self._state.triggered.append(row_id)
                is_new = write.row_id is None
                seen = RowWritten(write.table, row_id, tuple(changed), call.author, is_new)
                self._state.tell_written(seen)
        if self._state.variant.answer_order == "reversed":
            written.reverse()
            created.reverse()
        return {
            "formLastModified": self._state.stamps.epoch_s(),
            "rows": written,
            "newRows": created,
            "readOnlyRowsStatus": [],
        }

    def _answer_row(
        self, write: _RowWrite, row_id: int, *, has_fields: bool
    ) -> dict[str, object]:
        entry: dict[str, object] = {"id": row_id}
        match self._state.variant.create_answer:
            case "tmp_ids" if write.row_id is None:
                entry["tmpId"] = write.key
            case "rows_with_fields" if has_fields:
                fields = list(write.table.fields.values())
                entry |= row_fields(self._state, write.table, fields, [row_id])[0]
            case _:
                pass
        return entry


def _as_map(given: Json) -> Mapping[str, Json]:
    """`fieldValues`: a map; PHP's empty array stands for an empty one, absent likewise."""
    if isinstance(given, dict):
        return given
    if given is None or given in ("", []):
        return {}
    raise RefusalError("missing_argument", "fieldValues")
