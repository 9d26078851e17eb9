"""Reading a HighLevel location whole, for a rehearsal. Sends reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from toolkit.app.observe import NEVER, Progress
from toolkit.app.wiring import Parts
from toolkit.cli.rehearsal.records import (
    appointment_of,
    contact_of,
    definition_of,
    note_of,
    task_of,
    team_of,
    zone_of,
)
from toolkit.clients.highlevel import (
    Contact,
    CustomFieldDefinition,
    HighLevel,
    Location,
    Note,
    User,
)
from toolkit.clients.highlevel.search import Search
from toolkit.errors import ForbiddenError, NotFoundError
from toolkit.model.ids import Kind, RecordId
from toolkit.sandbox.highlevel import records
from toolkit.sandbox.snapshot import HighLevelSnapshot
from toolkit.sides.together import each_of

_READERS: Final = 8


@dataclass(frozen=True, slots=True)
class HighLevelRead:
    """What was read, and what was not.

    Attributes:
        unread: Contacts whose notes were left out, for what they would have cost.
        unreadable: Times that could not be read.
    """

    snapshot: HighLevelSnapshot
    unread: frozenset[str] = frozenset()
    unreadable: int = 0


async def read_highlevel(
    parts: Parts, *, most_note_calls: int, progress: Progress
) -> HighLevelRead:
    """Everything the connection's mapping speaks of.

    Args:
        parts: The connection, open.
        most_note_calls: Notes cost one call a contact; those due soonest come first.
        progress: Told (what, done, total).

    Raises:
        VendorError: Something could not be read.
    """
    reader = _Reader(parts, progress, read_at=parts.now())
    await reader.read_surroundings()
    await reader.read_contacts()
    kinds = parts.config.mapping.kinds
    if Kind.TASK in kinds:
        await reader.read_tasks()
    if Kind.NOTE in kinds:
        await reader.read_notes(_by_urgency(parts, reader.contacts.values())[:most_note_calls])
    if Kind.APPOINTMENT in kinds:
        await reader.read_appointments()
    return reader.close()


@dataclass(slots=True)
class _Reader:
    """What is known of the location so far."""

    parts: Parts
    progress: Progress
    read_at: datetime
    location: Location = field(init=False)
    fields: Sequence[CustomFieldDefinition] = ()
    users: Sequence[User] = ()
    contacts: dict[str, Contact] = field(default_factory=dict)
    tasks: dict[str, records.Task] = field(default_factory=dict)
    notes: list[records.Note] = field(default_factory=list)
    calendars: Mapping[str, str] = field(default_factory=dict)
    appointments: dict[str, records.Appointment] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    unreadable: int = 0

    @property
    def client(self) -> HighLevel:
        return self.parts.highlevel

    async def read_surroundings(self) -> None:
        self.location = await self.client.locations.get()
        self.fields = await self.client.custom_fields.list_fields()
        try:
            self.users = await self.client.users.list_users()
        except ForbiddenError:
            self.users = ()  # as in a sync: owners keep their ids then

    async def read_contacts(self) -> None:
        search = Search().sorted_by("dateUpdated", "desc")
        async for page in self.client.contacts.iter_pages(search):
            found = {each.id: each for each in page.contacts if not each.is_deleted}
            # People go on working: a contact edited meanwhile may come on two pages.
            self.contacts = self.contacts | {
                i: each for i, each in found.items() if i not in self.contacts
            }
            self.progress("Reading HighLevel contacts", len(self.contacts), page.total or 0)

    async def read_tasks(self) -> None:
        async for page in self.client.tasks.iter_location_tasks():
            for task in page.tasks:
                if not task.is_deleted:
                    self.unreadable += task.due_at is None
                    self.tasks[task.id] = task_of(task, read_at=self.read_at)
            self.progress("Reading HighLevel tasks", len(self.tasks), 0)

    async def read_notes(self, contact_ids: Sequence[str]) -> None:
        done = 0

        async def read(contact_id: str) -> Iterable[records.Note]:
            nonlocal done
            found = await self._notes_of(contact_id)
            done += 1
            self.progress("Reading HighLevel notes", done, len(contact_ids))
            return [note_of(each, contact_id, read_at=self.read_at) for each in found]

        found = await each_of(contact_ids, read, at_once=_READERS)
        self.notes = [note for notes in found for note in notes]
        self.unread = frozenset(self.contacts) - frozenset(contact_ids)

    async def _notes_of(self, contact_id: str) -> Sequence[Note]:
        try:
            return await self.client.notes.list_for_contact(contact_id)
        except NotFoundError:
            return ()  # deleted since it was listed

    async def read_appointments(self) -> None:
        sync, zone = self.parts.config.sync, zone_of(self.location)
        starts_at = self.read_at - timedelta(days=sync.appointments_past_days)
        ends_at = self.read_at + timedelta(days=sync.appointments_future_days)
        calendars = await self.client.calendars.list_calendars()
        self.calendars = {each.id: each.name or "" for each in calendars}
        for calendar in calendars:
            events = await self.client.calendars.list_events(
                starts_at, ends_at, calendar_id=calendar.id
            )
            for event in events:
                if event.is_deleted:
                    continue
                made = appointment_of(event, zone, read_at=self.read_at)
                self.unreadable += made is None
                if made is not None:
                    self.appointments[made.id] = made

    def close(self) -> HighLevelRead:
        people = self.contacts.values()
        team = team_of(self.location, self.users, people, calendars=self.calendars)
        return HighLevelRead(
            HighLevelSnapshot(
                team=team,
                fields=tuple(definition_of(each) for each in self.fields),
                contacts=tuple(contact_of(each, read_at=self.read_at) for each in people),
                tasks=tuple(self.tasks.values()),
                notes=tuple(self.notes),
                appointments=tuple(self.appointments.values()),
            ),
            unread=self.unread,
            unreadable=self.unreadable,
        )


def _by_urgency(parts: Parts, contacts: Iterable[Contact]) -> list[str]:
    """Contacts in the order in which a sync would read their notes."""
    read_at = parts.store.get_note_reads()

    def due(contact: Contact) -> datetime:
        seen_at = read_at.get(RecordId(contact.id), NEVER)
        has_changed = contact.updated_at is not None and contact.updated_at > seen_at
        return NEVER if has_changed else seen_at

    return [each.id for each in sorted(contacts, key=due)]
