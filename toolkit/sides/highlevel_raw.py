"""HighLevel's models as flat raw values for the mapping, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel

from toolkit.clients.highlevel import HighLevel
from toolkit.clients.highlevel.filters import custom_field
from toolkit.clients.highlevel.search import Search
from toolkit.clients.highlevel.wire.activity import (
    Appointment,
    Note,
    NoteWrite,
    Task,
    TaskWrite,
)
from toolkit.clients.highlevel.wire.contacts import Contact, ContactWrite
from toolkit.errors import UseError
from toolkit.mapping.spec import KindMapping
from toolkit.mapping.translate import Translator
from toolkit.mapping.vendor_fields import CUSTOM
from toolkit.model.ids import CorrelationKey, Kind, RecordId, Side
from toolkit.model.records import Record

# Mapping files use the vendor's words; the client's models have their own.
CONTACT_WORDS: Mapping[str, str] = {
    "firstName": "first_name",
    "lastName": "last_name",
    "name": "name",
    "email": "email",
    "phone": "phone",
    "companyName": "company_name",
    "gender": "gender",
    "address1": "address1",
    "city": "city",
    "state": "state",
    "postalCode": "postal_code",
    "country": "country",
    "website": "website",
    "timezone": "timezone",
    "dateOfBirth": "date_of_birth",
    "source": "source",
    "type": "type",
    "tags": "tags",
    "dnd": "dnd",
    "assignedTo": "owner_id",
    "businessId": "business_id",
    "businessName": "business_name",
    "dateAdded": "added_at",
    "dateUpdated": "updated_at",
    "lastActivity": "last_activity_at",
    "id": "id",
}
_NOT_IN_SINGLE_READS = frozenset({"gender", "businessName"})
TASK_WORDS: Mapping[str, str] = {
    "title": "title",
    "body": "body",
    "dueDate": "due_at",
    "completed": "is_completed",
    "assignedTo": "owner_id",
    "dateAdded": "added_at",
    "dateUpdated": "updated_at",
    "id": "id",
    "contactId": "contact_id",
}
NOTE_WORDS: Mapping[str, str] = {
    "body": "body",
    "userId": "user_id",
    "title": "title",
    "color": "color",
    "pinned": "is_pinned",
    "dateAdded": "added_at",
    "id": "id",
    "contactId": "contact_id",
}
APPOINTMENT_WORDS: Mapping[str, str] = {
    "id": "id",
    "title": "title",
    "startTime": "start_time",
    "endTime": "end_time",
    "appointmentStatus": "status",
    "assignedUserId": "owner_id",
    "calendarId": "calendar_id",
    "notes": "notes",
    "address": "address",
    "dateAdded": "added_at",
    "dateUpdated": "updated_at",
    "contactId": "contact_id",
}


@dataclass(frozen=True, slots=True)
class AppointmentWindow:
    """Days before and after today in which appointments are listed."""

    past_days: int = 30
    future_days: int = 90


class HighLevelReader:
    """Turns what the client answers into records."""

    def __init__(
        self,
        client: HighLevel,
        *,
        mappings: Mapping[Kind, KindMapping],
        translators: Mapping[Kind, Translator],
    ) -> None:
        self._client = client
        self._mappings = mappings
        self._translators = translators

    async def has_custom_field(self, name: str) -> bool:
        """Whether the location has the custom field `custom.<key>`."""
        catalog = await self._client.custom_fields.catalog()
        return catalog.find(name.removeprefix(CUSTOM)) is not None

    async def search_by_key(self, name: str, key: CorrelationKey) -> list[Record]:
        """Contacts whose key field holds `key`; the index lags by seconds."""
        catalog = await self._client.custom_fields.catalog()
        definition = catalog.get(name.removeprefix(CUSTOM))
        search = Search().where(custom_field(definition.id).eq(key))
        page = await self._client.contacts.search(search)
        records = [await self.from_contact(each) for each in page.contacts]
        return [record for record in records if record.correlation == key]

    async def from_contact(self, contact: Contact, *, is_whole: bool = False) -> Record:
        """A contact; fields the answer does not carry stay absent.

        Args:
            contact: As the client read it.
            is_whole: It was read singly: such an answer leaves out what is unset (vendor
                OpenAPI, read 2026-11), so that a missing field is a blank one.
        """
        mapping = self._mappings[Kind.CONTACT]
        blanks = dict.fromkeys(CONTACT_WORDS.keys() - _NOT_IN_SINGLE_READS) if is_whole else {}
        raw = blanks | _raw(contact, CONTACT_WORDS)
        custom: Mapping[str, object] = {}
        if "custom_fields" in contact.model_fields_set:
            custom = await self._client.custom_fields.decode(contact.custom_fields)
            wanted = self._translators[Kind.CONTACT].columns(Side.HIGHLEVEL)
            for name in wanted:
                if name.startswith(CUSTOM):
                    raw[name] = custom.get(name.removeprefix(CUSTOM))
        key = custom.get((mapping.key_field or "").removeprefix(CUSTOM))
        values, problems = self._translators[Kind.CONTACT].read(Side.HIGHLEVEL, raw)
        return Record(
            side=Side.HIGHLEVEL,
            kind=Kind.CONTACT,
            id=RecordId(contact.id),
            values=values,
            correlation=CorrelationKey(key) if isinstance(key, str) and key else None,
            updated_at=contact.updated_at,
            problems=problems,
        )

    def from_task(self, task: Task, parent_id: RecordId | None) -> Record:
        """A task; only location-wide rows carry the time of change."""
        return self._child(Kind.TASK, task, TASK_WORDS, parent_id=parent_id)

    def from_note(self, note: Note, parent_id: RecordId) -> Record:
        """A note; the vendor keeps no time of change."""
        return self._child(Kind.NOTE, note, NOTE_WORDS, parent_id=parent_id)

    def from_appointment(self, appointment: Appointment) -> Record:
        """An appointment."""
        parent = RecordId(appointment.contact_id) if appointment.contact_id else None
        return self._child(Kind.APPOINTMENT, appointment, APPOINTMENT_WORDS, parent_id=parent)

    def _child(
        self,
        kind: Kind,
        model: Task | Note | Appointment,
        words: Mapping[str, str],
        *,
        parent_id: RecordId | None,
    ) -> Record:
        values, problems = self._translators[kind].read(Side.HIGHLEVEL, _raw(model, words))
        return Record(
            side=Side.HIGHLEVEL,
            kind=kind,
            id=RecordId(model.id),
            values=values,
            parent_id=parent_id,
            updated_at=getattr(model, "updated_at", None),
            problems=problems,
        )


def _raw(model: BaseModel, words: Mapping[str, str]) -> dict[str, object]:
    present = model.model_fields_set
    return {
        word: _listed(getattr(model, name)) for word, name in words.items() if name in present
    }


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def contact_write(raw: Mapping[str, object], *, is_new: bool = False) -> ContactWrite:
    """Rendered values as a contact write; a new contact leaves blanks out."""
    given = {n: v for n, v in raw.items() if not (is_new and v is None)}
    custom = {n.removeprefix(CUSTOM): v for n, v in given.items() if n.startswith(CUSTOM)}
    plain = {CONTACT_WORDS[n]: _sent(n, v) for n, v in given.items() if n in CONTACT_WORDS}
    if custom:
        plain["custom_fields"] = custom
    return ContactWrite.model_validate(plain)


def _sent(name: str, value: object) -> object:
    if name == "tags":
        return () if value is None else value
    # The vendor clears text with the empty string; null is documented for the owner only.
    return "" if value is None and name != "assignedTo" else value


def task_write(raw: Mapping[str, object], *, is_new: bool = False) -> TaskWrite:
    """Rendered values as a task write; a new task is open unless it says otherwise."""
    given = {TASK_WORDS[n]: v for n, v in raw.items() if n in TASK_WORDS}
    if isinstance(given.get("due_at"), str):
        given["due_at"] = datetime.fromisoformat(str(given["due_at"]))
    elif isinstance(given.get("due_at"), date) and not isinstance(given["due_at"], datetime):
        given.pop("due_at")
    if is_new:
        given = {"is_completed": False} | {n: v for n, v in given.items() if v is not None}
    if "due_at" in given and given["due_at"] is None:
        raise UseError(
            "A HighLevel task always has a due date",
            remedy="Give the task a due date in TimeTonic",
        )
    # Texts are cleared by the empty string: null is not of their declared type.
    return TaskWrite.model_validate({n: "" if v is None else v for n, v in given.items()})


def note_write(raw: Mapping[str, object]) -> NoteWrite:
    """Rendered values as a note write."""
    given = {NOTE_WORDS[n]: v for n, v in raw.items() if n in NOTE_WORDS}
    return NoteWrite.model_validate({n: "" if v is None else v for n, v in given.items()})
