"""TimeTonic's smart tables as neutral records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from toolkit.clients.timetonic import TimeTonic
from toolkit.clients.timetonic.answers import BatchWritten, RowKey
from toolkit.clients.timetonic.schema import FieldRef, RowId
from toolkit.clients.timetonic.tables import Tables
from toolkit.errors import (
    NotFoundError,
    PlanChangedError,
    RejectedError,
    UnknownOutcomeError,
    UseError,
    VendorError,
)
from toolkit.executor.port import NewRecord, RecordEdit, RecordRef, WriteResult, Written
from toolkit.mapping.spec import KindMapping
from toolkit.mapping.translate import Translator
from toolkit.model.ids import CorrelationKey, Kind, RecordId, Side
from toolkit.model.records import Listing, Record
from toolkit.sides.listing import (
    CONFIRM_AT_MOST,
    ListAnswer,
    ListRequest,
    page_calls,
    suspicion,
)
from toolkit.sides.timetonic_rows import RowLayout

Batch = dict[RowKey, Mapping[FieldRef, object]]
_ONE_BY_ONE = (RejectedError, NotFoundError, UseError, PlanChangedError)


class TimeTonicSide:
    """A `SidePort` over the TimeTonic client.

    Args:
        client: The client, naming the book.
        mappings: Kind -> its mapping; a kind without one is never listed.
        translators: Kind -> translator built from the same mapping.
        now: Stamps the `last sync` column.
    """

    side = Side.TIMETONIC
    concurrency = 1  # parallel writes to one book answer "Deadlock" (vendor's own wrapper)

    def __init__(
        self,
        client: TimeTonic,
        *,
        mappings: Mapping[Kind, KindMapping],
        translators: Mapping[Kind, Translator],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._mappings = mappings
        self._translators = translators
        self._now = now
        self._layouts: dict[Kind, RowLayout] = {}

    def list_own_kinds(self) -> frozenset[Kind]:
        """Kinds of our own rows that the book has a table for, with the column of our key.

        Nothing is asked: a table made today is known tomorrow (`load_surroundings`).
        """
        own = [each for each in self._mappings.values() if not each.kind.is_paired]
        return frozenset(each.kind for each in own if is_table_there(self._client.tables, each))

    def batch_size(self, kind: Kind, verb: str) -> int:  # noqa: ARG002 — same for all kinds
        """Rows per call as the capability profile says."""
        profile = self._client.profile
        return profile.page_size if verb == "read" else profile.write_batch_size

    def must_read_first(self, kind: Kind, verb: str) -> bool:  # noqa: ARG002 — same for all
        """Before a deletion: an edit made since would go with the row."""
        return verb == "delete"

    def settle_s(self, kind: Kind, record: NewRecord) -> float:  # noqa: ARG002 — same for all
        """Rows are read from the table itself: what is not there was not created."""
        return 0.0

    async def list_records(self, kind: Kind, request: ListRequest) -> ListAnswer:
        """All rows of the kind's table; rows missing are confirmed by a second read.

        Raises:
            UseError: The table or a mapped column is not there.
        """
        layout = await self._layout(kind)
        records: dict[RecordId, Record] = {}
        is_shifted = False
        async for page in self._client.rows.iter_pages(layout.table, fields=layout.read_fields):
            is_shifted |= page.shifted
            for row in page.rows:
                record = layout.to_record(row)
                records[record.id] = record
            request.progress(len(records), page.total_row_count or 0)
        missing = request.known.keys() - records.keys()
        calls = page_calls(len(records), self.batch_size(kind, "read"))
        listing = Listing(
            Side.TIMETONIC,
            kind,
            records,
            is_complete=not is_shifted,
            unverified="rows moved while they were read" if is_shifted else "",
        )
        if not missing or is_shifted:
            return ListAnswer(listing, calls)
        if len(missing) > CONFIRM_AT_MOST * 10:
            reason = suspicion(Side.TIMETONIC, kind, missing=len(missing))
            return ListAnswer(Listing(Side.TIMETONIC, kind, records, unverified=reason), calls)
        found = await self._read(layout, missing)
        records |= found
        calls += page_calls(len(missing), self.batch_size(kind, "read"))
        gone = frozenset(missing - found.keys())
        return ListAnswer(
            Listing(Side.TIMETONIC, kind, records, is_complete=True, gone=gone), calls
        )

    async def get_records(
        self, kind: Kind, refs: Sequence[RecordRef]
    ) -> Mapping[RecordId, Record | None]:
        """Fresh rows by id; None for a row that is gone."""
        found = await self._read(await self._layout(kind), [ref.id for ref in refs])
        return {ref.id: found.get(ref.id) for ref in refs}

    async def list_children(self, ref: RecordRef) -> Sequence[Record]:  # noqa: ARG002 — no ref matters
        """None: rows that point to a deleted row stay, pointing to nothing."""
        return ()

    async def find_created(self, kind: Kind, record: NewRecord) -> Sequence[Record]:
        """Rows that carry the record's correlation key."""
        layout = await self._layout(kind)
        rows = await self._client.rows.find_rows(
            layout.table,
            layout.mapping.key_column,
            record.correlation,
            fields=layout.read_fields,
        )
        records = [layout.to_record(row) for row in rows]
        return [each for each in records if each.correlation == record.correlation]

    async def find_matches(self, kind: Kind, record: Record) -> Sequence[Record]:
        """Rows that show the same value for one of the kind's match keys, one call a key."""
        layout = await self._layout(kind)
        found: dict[RecordId, Record] = {}
        for name in layout.mapping.match_by:
            value = record.values.get(name)
            field = layout.mapping.find_field(name)
            if value is None or field is None or field.timetonic is None:
                continue
            cells = self._translators[kind].render(Side.TIMETONIC, {name: value})
            rows = await self._client.rows.find_rows(
                layout.table,
                field.timetonic,
                str(cells.get(field.timetonic, value)),
                fields=layout.read_fields,
            )
            records = [layout.to_record(row) for row in rows]
            found |= {each.id: each for each in records if each.values.get(name) == value}
        return list(found.values())

    async def create_records(
        self, kind: Kind, records: Sequence[NewRecord]
    ) -> Sequence[WriteResult]:
        """One batch of new rows, each carrying its correlation key and HighLevel id."""
        layout = await self._layout(kind)
        try:
            rows: Batch = {
                _tmp(record): layout.new_cells(record, at=self._now()) for record in records
            }
            receipt = await self._client.rows.write_batch(layout.table, rows)
        except _ONE_BY_ONE as error:
            # A refused batch is rolled back whole: the others must not suffer for one.
            if len(records) == 1:
                return [_as_refusal(error)]
            return [await self._create_apart(kind, record) for record in records]
        ids = await self._created_ids(layout, receipt, records)
        return [
            self._written(layout, ids.get(record.correlation), receipt) for record in records
        ]

    async def _create_apart(self, kind: Kind, record: NewRecord) -> WriteResult:
        """One record of a refused batch, unless the batch left it behind after all."""
        if found := await self.find_created(kind, record):
            return Written(found[0].id, found[0])
        return (await self.create_records(kind, [record]))[0]

    async def update_records(
        self, kind: Kind, edits: Sequence[RecordEdit]
    ) -> Sequence[WriteResult]:
        """One batch of changed cells."""
        layout = await self._layout(kind)
        try:
            rows: Batch = {
                int(edit.ref.id): layout.cells(edit.changes, at=self._now()) for edit in edits
            }
            receipt = await self._client.rows.write_batch(layout.table, rows)
        except _ONE_BY_ONE as error:
            if len(edits) == 1:
                return [_as_refusal(error)]
            return [(await self.update_records(kind, [edit]))[0] for edit in edits]
        return [
            self._written(layout, receipt.ids.get(int(edit.ref.id)), receipt) for edit in edits
        ]

    async def delete_records(
        self, kind: Kind, refs: Sequence[RecordRef], *, archive: bool
    ) -> Sequence[WriteResult]:
        """Delete rows, or mark contacts with the archive tag."""
        if archive:
            return [await self._archive(kind, ref) for ref in refs]
        layout = await self._layout(kind)
        try:
            await self._client.rows.delete_many(
                [int(ref.id) for ref in refs], table=layout.table
            )
        except UseError as error:
            return [_as_refusal(error)] * len(refs)
        return [Written(ref.id) for ref in refs]

    async def _archive(self, kind: Kind, ref: RecordRef) -> WriteResult:
        mapping = self._mappings[kind]
        record = (await self.get_records(kind, [ref]))[ref.id]
        if record is None:
            return Written(ref.id)
        tags = record.values.get("tags")
        if mapping.find_field("tags") is None or not isinstance(tags, tuple | None):
            return RejectedError(
                f"A {kind} cannot be archived without mapped tags",
                system=Side.TIMETONIC,
                unchanged="The row was left as it is",
                remedy="Choose `unlink` or `delete` for this kind",
            )
        marked = tuple(sorted({*(tags or ()), mapping.archive_tag}))
        return (await self.update_records(kind, [RecordEdit(ref, {"tags": marked})]))[0]

    async def _layout(self, kind: Kind) -> RowLayout:
        if layout := self._layouts.get(kind):
            return layout
        mapping = self._mappings[kind]
        table = await self._client.tables.get_table(mapping.table)
        self._layouts[kind] = RowLayout.of(table, mapping, self._translators[kind])
        return self._layouts[kind]

    async def _read(self, layout: RowLayout, ids: Iterable[RecordId]) -> dict[RecordId, Record]:
        rows = await self._client.rows.get_rows(
            layout.table, [int(each) for each in ids], fields=layout.read_fields
        )
        records = (layout.to_record(row) for row in rows.values())
        return {record.id: record for record in records}

    async def _created_ids(
        self, layout: RowLayout, receipt: BatchWritten, records: Sequence[NewRecord]
    ) -> dict[CorrelationKey, RowId]:
        """Which new row is whose: from the answer, else by reading the keys back."""
        key_field = layout.key
        by_value = receipt.ids_by_value(key_field)
        ids: dict[CorrelationKey, RowId] = {}
        for record in records:
            row_id = receipt.ids.get(_tmp(record), by_value.get(record.correlation))
            if row_id is not None:
                ids[record.correlation] = row_id
        if len(ids) == len(records) or not receipt.all_ids:
            return ids
        try:
            rows = await self._client.rows.get_rows(
                layout.table, receipt.all_ids, fields=[key_field]
            )
        except VendorError:
            # The rows stand there: what this read would have told is unknown, not undone.
            return ids
        wanted = {record.correlation for record in records}
        for row in rows.values():
            key = row.values.get(key_field.id)
            if isinstance(key, str) and key in wanted:
                ids[CorrelationKey(key)] = row.id
        return ids

    def _written(
        self, layout: RowLayout, row_id: RowId | None, receipt: BatchWritten
    ) -> WriteResult:
        if row_id is None:
            return UnknownOutcomeError(
                "TimeTonic did not confirm this row",
                system=Side.TIMETONIC,
                operation="createOrUpdateTableRows",
                remedy="It is looked up before anything else",
            )
        row = receipt.rows_by_id.get(row_id)
        record = layout.to_record(row) if row is not None and row.values else None
        return Written(RecordId(str(row_id)), record)


def is_table_there(tables: Tables, mapping: KindMapping) -> bool:
    """Whether the book is known to have the kind's table, with the column of our key."""
    try:
        table = tables.find_known(mapping.table)
        return table is not None and table.find_field(mapping.key_column) is not None
    except UseError:
        return False  # two tables, or two columns, of that name


def _tmp(record: NewRecord) -> str:
    return f"tmp{record.correlation}"


def _as_refusal(error: VendorError | UseError | PlanChangedError) -> VendorError:
    if isinstance(error, VendorError):
        return error
    return RejectedError(
        error.happened,
        system=Side.TIMETONIC,
        unchanged="The row was not written",
        remedy=error.remedy,
    )
