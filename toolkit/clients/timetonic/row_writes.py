"""Writing rows: one, many in one call, and away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from toolkit.clients.timetonic.answers import (
    UNEXPECTED_SHAPE,
    BatchWritten,
    RowKey,
    RowWritten,
    read_receipt,
)
from toolkit.clients.timetonic.protocol import Effect, Payload
from toolkit.clients.timetonic.rows import RowReading
from toolkit.clients.timetonic.schema import FieldRef, RowId, Table, TableRef
from toolkit.clients.timetonic.writing import Written, write_values
from toolkit.errors import (
    MalformedAnswerError,
    NotFoundError,
    RejectedError,
    UseError,
)

_ONE = "createOrUpdateTableRow"
_MANY = "createOrUpdateTableRows"

CellValues = Mapping[FieldRef, object]


@dataclass(frozen=True, slots=True)
class RowsDeleted:
    """What became of a delete; rows in `missing` were gone before."""

    deleted: tuple[RowId, ...]
    missing: tuple[RowId, ...] = ()


class Rows(RowReading):
    """`client.rows`: read and write the rows of smart tables.

    Writes by the API start no automations unless `bypass_url_trigger` is False. Every method
    takes values by field, field id, fixed code, code or name.
    """

    _has_bulk_delete = True

    async def create(
        self,
        table: TableRef,
        values: CellValues,
        *,
        tmp_id: str = "tmp",
        bypass_url_trigger: bool = True,
    ) -> RowWritten:
        """A new row. A second call makes a second row, whatever the `tmp_id`.

        Args:
            table: Table, id, code or name.
            values: What to fill; empty makes a blank row.
            tmp_id: Begins with `tmp`; carries a key of the caller's into the request.
            bypass_url_trigger: False lets automations start.

        Raises:
            UnknownOutcomeError: No sure answer came: look for the row before anything else.
            UseError: A field is unknown, read-only or given a value of another kind.
        """
        if not tmp_id.startswith("tmp"):
            raise UseError("a new row's tmp_id begins with tmp", unchanged="Nothing was sent")
        known = await self._tables.get_table(table)
        receipt = await self._write_one(
            known, tmp_id, values, bypass=bypass_url_trigger, effect=Effect.CREATE
        )
        if len(receipt.all_ids) != 1:
            raise MalformedAnswerError(
                "TimeTonic's answer to a create does not name exactly one row",
                system="timetonic",
                operation=_ONE,
                remedy="Look for the row before creating it again",
            )
        return _as_written(receipt, receipt.all_ids[0])

    async def update(
        self,
        row_id: int,
        values: CellValues,
        *,
        table: TableRef | None = None,
        bypass_url_trigger: bool = True,
    ) -> RowWritten:
        """Change the fields named in `values`; a second call changes nothing more.

        With automations let loose a lost answer is not repeated: they could start twice.

        Args:
            row_id: The row.
            values: At least one field; the others keep their values.
            table: Needed where fields are not given by id.
            bypass_url_trigger: False lets automations start.

        Raises:
            NotFoundError: The row is gone.
            UnknownOutcomeError: No sure answer came, also not after repeating.
        """
        if not values:
            raise UseError("an update names at least one field", unchanged="Nothing was sent")
        known = await self._table_of(values, table)
        effect = Effect.IDEMPOTENT if bypass_url_trigger else Effect.CREATE
        receipt = await self._write_one(
            known, int(row_id), values, bypass=bypass_url_trigger, effect=effect
        )
        return _as_written(receipt, RowId(int(row_id)))

    async def write_batch(
        self,
        table: TableRef,
        rows: Mapping[RowKey, CellValues],
        *,
        bypass_url_trigger: bool = True,
    ) -> BatchWritten:
        """Create and update rows of one table in one call, all or none.

        Args:
            table: Table, id, code or name.
            rows: Row id or `tmp...` -> values; at most the profile's `write_batch_size`.
            bypass_url_trigger: False lets automations start.

        Raises:
            UseError: Too many rows, or a key that is neither.
            UnknownOutcomeError: No sure answer came; a batch with new rows is not repeated.
        """
        if not rows:
            return BatchWritten()
        if len(rows) > self._caller.profile.write_batch_size:
            raise UseError(
                f"{len(rows)} rows are more than the profile's write_batch_size",
                unchanged="Nothing was sent",
                remedy="Use iter_batches",
            )
        known = await self._tables.get_table(table)
        new_keys = [key for key in rows if _check_key(key)]
        is_repeatable = bypass_url_trigger and not new_keys
        arguments: dict[str, object] = {
            "catId": known.id,
            "rows": {str(key): self._cells(known, values) for key, values in rows.items()},
            "bypassUrlTrigger": bypass_url_trigger,
            "returnUpdatedRows": 1,
        }
        payload = await self._caller.call(
            _MANY, arguments, effect=Effect.IDEMPOTENT if is_repeatable else Effect.CREATE
        )
        return self._receipt(payload, known, list(rows))

    async def iter_batches(
        self,
        table: TableRef,
        rows: Mapping[RowKey, CellValues],
        *,
        bypass_url_trigger: bool = True,
    ) -> AsyncIterator[BatchWritten]:
        """As `write_batch` for any number of rows, one receipt per call.

        An error leaves the earlier batches written; their receipts have been given.
        """
        left = iter(rows.items())
        while batch := dict(islice(left, self._caller.profile.write_batch_size)):
            yield await self.write_batch(table, batch, bypass_url_trigger=bypass_url_trigger)

    async def delete(self, row_id: int, *, table: TableRef | None = None) -> None:
        """Delete one row.

        Raises:
            NotFoundError: It was gone before.
        """
        known = None if table is None else await self._tables.get_table(table)
        await self._caller.call(
            "deleteTableRow",
            {"rowId": int(row_id), "catId": None if known is None else known.id},
            effect=Effect.REMOVE,
        )

    async def delete_many(
        self, row_ids: Sequence[int], *, table: TableRef | None = None
    ) -> RowsDeleted:
        """Delete rows, in few calls where the build can, else one by one.

        The bulk function is missing from the public index (in use by the vendor's wrapper
        since 2020); a second call finds all rows missing.
        """
        deleted: list[RowId] = []
        missing: list[RowId] = []
        left = iter(dict.fromkeys(RowId(int(each)) for each in row_ids))
        while chunk := list(islice(left, self._caller.profile.write_batch_size)):
            if await self._delete_chunk(chunk):
                deleted += chunk
                continue
            for row_id in chunk:
                try:
                    await self.delete(row_id, table=table)
                except NotFoundError:
                    missing.append(row_id)
                else:
                    deleted.append(row_id)
        return RowsDeleted(tuple(deleted), tuple(missing))

    async def roll_back(self, row_id: int, *, table: TableRef | None = None) -> None:
        """Take a row back to before its last change; a second call may go back further."""
        known = None if table is None else await self._tables.get_table(table)
        await self._caller.call(
            "rollBackBeforeChange",
            {"rowId": int(row_id), "catId": None if known is None else known.id},
            effect=Effect.CREATE,
        )

    async def _delete_chunk(self, chunk: Sequence[RowId]) -> bool:
        if not self._has_bulk_delete or len(chunk) == 1:
            return False
        try:
            await self._caller.call(
                "deleteTableRows", {"rows": list(chunk)}, effect=Effect.REMOVE
            )
        except NotFoundError:
            return False
        except (MalformedAnswerError, RejectedError):
            self._has_bulk_delete = False
            return False
        return True

    async def _write_one(
        self,
        table: Table,
        key: RowKey,
        values: CellValues,
        *,
        bypass: bool,
        effect: Effect,
    ) -> BatchWritten:
        arguments: dict[str, object] = {
            "rowId": key,
            "catId": table.id,
            "fieldValues": self._cells(table, values),
            "bypassUrlTrigger": bypass,
            "returnUpdatedRows": 1,
        }
        payload = await self._caller.call(_ONE, arguments, effect=effect)
        return self._receipt(payload, table, [key])

    def _receipt(self, payload: Payload, table: Table, keys: Sequence[RowKey]) -> BatchWritten:
        try:
            return read_receipt(payload, table=table, keys=keys, profile=self._caller.profile)
        except UNEXPECTED_SHAPE:
            raise MalformedAnswerError(
                "TimeTonic's receipt of a row write could not be read",
                system="timetonic",
                operation=_ONE,
                remedy="Look up what was written",
            ) from None

    def _cells(self, table: Table, values: CellValues) -> dict[str, Written]:
        named = {table.field(ref): value for ref, value in values.items()}
        return write_values(named, self._caller.profile)

    async def _table_of(self, values: CellValues, table: TableRef | None) -> Table:
        if table is not None:
            return await self._tables.get_table(table)
        known, _ = await self._tables.get_field(next(iter(values)))
        return known


def _as_written(receipt: BatchWritten, row_id: RowId) -> RowWritten:
    row = receipt.rows_by_id.get(row_id)
    return RowWritten(row_id, row.values if row is not None and row.values else None)


def _check_key(key: RowKey) -> bool:
    """Whether the key makes a new row; refuses what is neither an id nor a tmp id."""
    if isinstance(key, str) and key.startswith("tmp"):
        return True
    if not str(key).isdecimal():
        raise UseError(
            "a row key is a row id, or begins with tmp for a new row",
            unchanged="Nothing was sent",
        )
    return False
