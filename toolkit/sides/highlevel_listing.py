"""Listing HighLevel: contacts by change or whole, tasks by location, notes by contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from toolkit.clients.highlevel import HighLevel
from toolkit.clients.highlevel.search import MAX_PAGE_SIZE, Search
from toolkit.errors import NotFoundError
from toolkit.executor.port import RecordRef
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.records import Listing, Record
from toolkit.sides.highlevel_raw import AppointmentWindow, HighLevelReader
from toolkit.sides.listing import (
    CONFIRM_AT_MOST,
    ListAnswer,
    ListRequest,
    page_calls,
    suspicion,
)
from toolkit.sides.together import each_of

_READERS = 8
"""Single reads under way at once; the pacer keeps them under the vendor's window."""


@dataclass(slots=True)
class _ContactWalk:
    """What a walk over the contacts, newest change first, has seen so far."""

    known: Mapping[RecordId, RecordId | None]
    since: datetime | None
    records: dict[RecordId, Record] = field(default_factory=dict)
    total: int = 0
    changed: int = 0
    is_past_cursor: bool = False

    def take(self, records: Iterable[Record], total: int | None) -> None:
        """Fold one page in."""
        self.total = max(self.total, total or 0)
        for record in records:
            self.records[record.id] = record
            stamp = record.updated_at
            if self.since is not None and stamp is not None and stamp < self.since:
                self.is_past_cursor = True
            else:
                self.changed += 1

    @property
    def can_stop(self) -> bool:
        """Everything newer than the cursor was seen, and the count hides no deletion.

        The server's total is compared with what is known plus what is new: one call
        tells both what changed and that nothing went away.
        """
        if self.since is None or not self.is_past_cursor:
            return False
        return self.total == len(self.known.keys() | self.records.keys())


class HighLevelListing:
    """The reading half of HighLevel's side."""

    def __init__(
        self,
        client: HighLevel,
        *,
        reader: HighLevelReader,
        now: Callable[[], datetime],
        window: AppointmentWindow,
    ) -> None:
        self._client = client
        self._reader = reader
        self._now = now
        self._window = window

    async def list_records(self, kind: Kind, request: ListRequest) -> ListAnswer:
        """List one kind; see `ListRequest` for what may be left out.

        Contacts missing from a complete walk and tasks missing from the sweep are read
        one by one before they count as gone; a contact's note list is its own proof.
        """
        match kind:
            case Kind.CONTACT:
                return await self._list_contacts(request)
            case Kind.TASK:
                return await self._list_tasks(request)
            case Kind.NOTE:
                return await self._list_notes(request)
            case Kind.APPOINTMENT:
                return await self._list_appointments()
            case Kind.ARCHIVE | Kind.METRIC:
                # Our own rows: HighLevel has none, and nothing needs to be asked.
                return ListAnswer(Listing(Side.HIGHLEVEL, kind, {}, is_complete=True), 0)

    async def _list_contacts(self, request: ListRequest) -> ListAnswer:
        walk = _ContactWalk(request.known, request.since)
        search = Search().sorted_by("dateUpdated", "desc")
        is_whole = True
        async for page in self._client.contacts.iter_pages(search):
            records = [await self._reader.from_contact(each) for each in page.contacts]
            walk.take(records, page.total)
            request.progress(len(walk.records), 0)
            if walk.can_stop and len(walk.records) < walk.total:
                is_whole = False
                break
        stamps = [r.updated_at for r in walk.records.values() if r.updated_at]
        high_water = max(stamps, default=request.since)
        if not is_whole:
            listing = Listing(Side.HIGHLEVEL, Kind.CONTACT, walk.records)
            return ListAnswer(listing, page_calls(walk.changed, MAX_PAGE_SIZE), high_water)
        listing, confirmations = await self._confirm(
            Kind.CONTACT, walk.records, request.known, counted=walk.total
        )
        least = page_calls(max(walk.total, 1), MAX_PAGE_SIZE)
        if request.since is not None and not listing.gone:
            least = page_calls(walk.changed, MAX_PAGE_SIZE)
        return ListAnswer(listing, least + confirmations, high_water)

    async def _list_tasks(self, request: ListRequest) -> ListAnswer:
        records: dict[RecordId, Record] = {}
        async for page in self._client.tasks.iter_location_tasks():
            for task in page.tasks:
                if not task.is_deleted:
                    parent = RecordId(task.contact_id) if task.contact_id else None
                    record = self._reader.from_task(task, parent)
                    records[record.id] = record
        listing, confirmations = await self._confirm(
            Kind.TASK, records, request.known, counted=len(records)
        )
        return ListAnswer(listing, page_calls(len(records), MAX_PAGE_SIZE) + confirmations)

    async def _list_notes(self, request: ListRequest) -> ListAnswer:
        done = 0

        async def read(parent: RecordId) -> list[Record]:
            nonlocal done
            notes = await self._list_under(Kind.NOTE, parent)
            done += 1
            request.progress(done, len(request.parents))
            return notes

        under = await each_of(request.parents, read, at_once=_READERS)
        records = {record.id: record for notes in under for record in notes}
        gone = frozenset(request.known.keys() - records.keys())
        listing = Listing(Side.HIGHLEVEL, Kind.NOTE, records, gone=gone)
        return ListAnswer(listing, len(request.parents))

    async def _list_appointments(self) -> ListAnswer:
        today = self._now()
        starts_at = today - timedelta(days=self._window.past_days)
        ends_at = today + timedelta(days=self._window.future_days)
        calendars = await self._client.calendars.list_calendars()
        records: dict[RecordId, Record] = {}
        for calendar in calendars:
            events = await self._client.calendars.list_events(
                start_at=starts_at, end_at=ends_at, calendar_id=calendar.id
            )
            for event in events:
                if not event.is_deleted:
                    record = self._reader.from_appointment(event)
                    records[record.id] = record
        listing = Listing(Side.HIGHLEVEL, Kind.APPOINTMENT, records)
        return ListAnswer(listing, 1 + len(calendars))

    async def _confirm(
        self,
        kind: Kind,
        records: dict[RecordId, Record],
        known: Mapping[RecordId, RecordId | None],
        *,
        counted: int,
    ) -> tuple[Listing, int]:
        """A whole listing whose absences are proven one by one."""
        missing = sorted(known.keys() - records.keys())
        if len(missing) > CONFIRM_AT_MOST:
            reason = suspicion(Side.HIGHLEVEL, kind, missing=len(missing))
            return Listing(Side.HIGHLEVEL, kind, records, unverified=reason), 0
        refs = [RecordRef(i, known[i]) for i in missing if known[i] or kind is Kind.CONTACT]
        found = await each_of(refs, lambda ref: self._find(kind, ref), at_once=_READERS)
        still_there = {record.id: record for record in found if record is not None}
        records |= still_there
        gone = frozenset(ref.id for ref in refs) - still_there.keys()
        listing = Listing(
            Side.HIGHLEVEL,
            kind,
            records,
            is_complete=abs(counted - len(records)) <= 1 + len(still_there),
            gone=gone,
            expected_count=counted,
        )
        return listing, len(refs)

    async def _list_under(self, kind: Kind, parent: RecordId) -> list[Record]:
        """Tasks or notes of one contact; none when the contact itself is gone."""
        try:
            if kind is Kind.TASK:
                tasks = await self._client.tasks.list_for_contact(parent)
                return [self._reader.from_task(each, parent) for each in tasks]
            notes = await self._client.notes.list_for_contact(parent)
            return [self._reader.from_note(each, parent) for each in notes]
        except NotFoundError:
            return []

    async def _find(self, kind: Kind, ref: RecordRef) -> Record | None:
        try:
            if kind is Kind.CONTACT:
                contact = await self._client.contacts.get(ref.id)
                return await self._reader.from_contact(contact, is_whole=True)
            if ref.parent_id is None:
                return None
            if kind is Kind.TASK:
                task = await self._client.tasks.get(ref.parent_id, ref.id)
                return self._reader.from_task(task, ref.parent_id)
            if kind is Kind.NOTE:
                note = await self._client.notes.get(ref.parent_id, ref.id)
                return self._reader.from_note(note, ref.parent_id)
            return self._reader.from_appointment(await self._client.appointments.get(ref.id))
        except NotFoundError:
            return None
