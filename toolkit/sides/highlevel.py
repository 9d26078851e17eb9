"""HighLevel's contacts, tasks, notes and appointments as neutral records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from toolkit.clients.highlevel import HighLevel
from toolkit.errors import (
    NotFoundError,
    NotReachedError,
    PlanChangedError,
    RejectedError,
    UseError,
    VendorError,
)
from toolkit.executor.port import NewRecord, RecordEdit, RecordRef, WriteResult, Written
from toolkit.mapping.spec import KindMapping
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.records import Record
from toolkit.model.values import Values
from toolkit.sides.highlevel_listing import HighLevelListing
from toolkit.sides.highlevel_raw import (
    AppointmentWindow,
    HighLevelReader,
    contact_write,
    note_write,
    task_write,
)
from toolkit.sides.together import each_of

INDEX_LAG_S = 120.0
"""Search shows a new contact after seconds (seen by others); this is generous."""


class HighLevelSide(HighLevelListing):
    """A `SidePort` over the HighLevel client.

    Args:
        client: The client, naming the location.
        mappings: Kind -> its mapping; a kind without one is never listed.
        translators: Kind -> translator built from the same mapping.
        now: Clock, for the window of appointments.
        window: Days around today in which appointments are listed.
    """

    side = Side.HIGHLEVEL
    concurrency = 8

    def __init__(
        self,
        client: HighLevel,
        *,
        mappings: Mapping[Kind, KindMapping],
        translators: Mapping[Kind, Translator],
        now: Callable[[], datetime],
        window: AppointmentWindow = AppointmentWindow(),  # noqa: B008 — frozen
    ) -> None:
        reader = HighLevelReader(client, mappings=mappings, translators=translators)
        super().__init__(client, reader=reader, now=now, window=window)
        self._mappings = mappings
        self._translators = translators

    def batch_size(self, kind: Kind, verb: str) -> int:  # noqa: ARG002 — no bulk writes exist
        """HighLevel writes and reads by id one record a call (vendor OpenAPI, read 2026-11)."""
        return 1

    def must_read_first(self, kind: Kind, verb: str) -> bool:
        """Before a deletion, and before a note is written: notes are listed by need only."""
        return verb == "delete" or (kind is Kind.NOTE and verb == "update")

    def settle_s(self, kind: Kind, record: NewRecord) -> float:
        """Contacts without e-mail and phone can only be found through the lagging index."""
        is_findable = record.values.get("email") or record.values.get("phone")
        return 0.0 if kind is not Kind.CONTACT or is_findable else INDEX_LAG_S

    async def get_records(
        self, kind: Kind, refs: Sequence[RecordRef]
    ) -> Mapping[RecordId, Record | None]:
        """Fresh reads by id, one call each; None for a record that is gone."""
        found = await each_of(refs, lambda ref: self._find(kind, ref), at_once=self.concurrency)
        return {ref.id: record for ref, record in zip(refs, found, strict=True)}

    async def list_children(self, ref: RecordRef) -> Sequence[Record]:
        """Tasks and notes of a contact: HighLevel deletes them with it (two calls)."""
        kinds = [kind for kind in (Kind.TASK, Kind.NOTE) if kind in self._mappings]
        listed = [await self._list_under(kind, ref.id) for kind in kinds]
        return [record for records in listed for record in records]

    async def find_created(self, kind: Kind, record: NewRecord) -> Sequence[Record]:
        """By key field and duplicate rule for contacts, by content for tasks and notes."""
        if kind is Kind.CONTACT:
            return await self._find_contact(record)
        if record.parent_id is None:
            return []
        listed = await self._list_under(kind, record.parent_id)
        return [each for each in listed if _shows(each, record)]

    async def find_matches(self, kind: Kind, record: Record) -> Sequence[Record]:
        """The contacts the location's duplicate rule finds for its e-mail and its phone."""
        if kind is not Kind.CONTACT:
            return []
        return list((await self._find_duplicates(record.values)).values())

    async def create_records(
        self, kind: Kind, records: Sequence[NewRecord]
    ) -> Sequence[WriteResult]:
        """Create one record."""
        return [await self._attempt(self._create(kind, record)) for record in records]

    async def update_records(
        self, kind: Kind, edits: Sequence[RecordEdit]
    ) -> Sequence[WriteResult]:
        """Write the changed fields of one record."""
        return [await self._attempt(self._update(kind, edit)) for edit in edits]

    async def delete_records(
        self, kind: Kind, refs: Sequence[RecordRef], *, archive: bool
    ) -> Sequence[WriteResult]:
        """Delete one record, or give the contact the archive tag."""
        remove = self._archive if archive else self._delete
        return [await self._attempt(remove(kind, ref)) for ref in refs]

    async def _attempt(self, act: Awaitable[Written]) -> WriteResult:
        try:
            return await act
        except VendorError as error:
            return error
        except (UseError, PlanChangedError) as error:
            return RejectedError(
                error.happened,
                system=Side.HIGHLEVEL,
                unchanged="The record was not written",
                remedy=error.remedy,
            )

    async def _create(self, kind: Kind, record: NewRecord) -> Written:
        raw = self._translators[kind].render(Side.HIGHLEVEL, record.values)
        if kind is Kind.CONTACT:
            return await self._create_contact(record, raw)
        parent = self._parent(kind, record.parent_id)
        if kind is Kind.TASK:
            task = await self._client.tasks.create(parent, task_write(raw, is_new=True))
            return self._as_written(self._reader.from_task(task, parent))
        note = await self._client.notes.create(parent, note_write(raw))
        return self._as_written(self._reader.from_note(note, parent))

    async def _create_contact(self, record: NewRecord, raw: dict[str, object]) -> Written:
        key_field = self._mappings[Kind.CONTACT].key_field
        if key_field and await self._reader.has_custom_field(key_field):
            raw = {**raw, key_field: record.correlation}
        contact = await self._client.contacts.create(contact_write(raw, is_new=True))
        return self._as_written(await self._reader.from_contact(contact))

    async def _find_contact(self, record: NewRecord) -> list[Record]:
        """Contacts bearing our key; without a key field, the duplicate with equal values."""
        found = await self._find_duplicates(record.values)
        key_field = self._mappings[Kind.CONTACT].key_field
        if not key_field or not await self._reader.has_custom_field(key_field):
            return [each for each in found.values() if _shows(each, record)]
        ours = [each for each in found.values() if each.correlation == record.correlation]
        return ours or await self._reader.search_by_key(key_field, record.correlation)

    async def _find_duplicates(self, values: Values) -> dict[RecordId, Record]:
        """Whoever has this e-mail, and whoever has this phone, each read singly."""
        found: dict[RecordId, Record] = {}
        for name in ("email", "phone"):
            value = values.get(name)
            if not isinstance(value, str):
                continue
            twin = await self._client.contacts.find_duplicate(**{name: value})
            each = twin and await self._find(Kind.CONTACT, RecordRef(RecordId(twin.id)))
            found |= {each.id: each} if each else {}
        return found

    async def _update(self, kind: Kind, edit: RecordEdit) -> Written:
        raw = self._translators[kind].render(Side.HIGHLEVEL, edit.changes)
        if kind is Kind.CONTACT:
            contact = await self._client.contacts.update(
                edit.ref.id, contact_write(raw), replace_tags="tags" in raw
            )
            return self._as_written(await self._reader.from_contact(contact))
        parent = self._parent(kind, edit.ref.parent_id)
        if kind is Kind.TASK:
            task = await self._client.tasks.update(parent, edit.ref.id, task_write(raw))
            return self._as_written(self._reader.from_task(task, parent))
        note = await self._client.notes.update(parent, edit.ref.id, note_write(raw))
        return self._as_written(self._reader.from_note(note, parent))

    async def _delete(self, kind: Kind, ref: RecordRef) -> Written:
        try:
            if kind is Kind.CONTACT:
                await self._client.contacts.delete(ref.id)
            elif kind is Kind.TASK:
                await self._client.tasks.delete(self._parent(kind, ref.parent_id), ref.id)
            else:
                await self._client.notes.delete(self._parent(kind, ref.parent_id), ref.id)
        except NotFoundError:
            return Written(ref.id)
        return Written(ref.id)

    async def _archive(self, kind: Kind, ref: RecordRef) -> Written:
        if kind is not Kind.CONTACT:
            raise RejectedError(
                f"HighLevel cannot archive a {kind}",
                system=Side.HIGHLEVEL,
                unchanged="It was left as it is",
                remedy="Choose `unlink` or `delete` for this kind",
            )
        await self._client.tags.add(ref.id, [self._mappings[kind].archive_tag])
        return Written(ref.id)

    def _parent(self, kind: Kind, parent_id: RecordId | None) -> RecordId:
        if parent_id is None:
            raise NotReachedError(
                f"The contact of this {kind} is not known",
                system=Side.HIGHLEVEL,
                unchanged="Nothing was sent",
                remedy="Run a full comparison: hightonic sync --full",
            )
        return parent_id

    @staticmethod
    def _as_written(record: Record) -> Written:
        return Written(record.id, record)


def _shows(record: Record, wanted: NewRecord) -> bool:
    """Whether a record holds exactly what was to be created, as far as it shows it."""
    return all(
        record.values[name] == value
        for name, value in wanted.values.items()
        if name in record.values
    )
