"""The emulated location: its records, and the indexes that keep the hot paths short."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.auth import Keyring
from toolkit.sandbox.highlevel.changes import Changes
from toolkit.sandbox.highlevel.index import SearchIndex
from toolkit.sandbox.highlevel.oauth_app import OAuthApp
from toolkit.sandbox.highlevel.options import HighLevelOptions
from toolkit.sandbox.highlevel.records import (
    Appointment,
    BusinessRecord,
    Contact,
    FieldDefinition,
    Note,
    Opportunity,
    RecurringTask,
    Task,
)
from toolkit.sandbox.highlevel.wire import Ids, epoch_ms


@dataclass(slots=True)
class HighLevelState:
    """Everything one location holds.

    Change records through `save...`, `touch` and `remove...` alone, as the API and a person in
    the vendor's screens do: indexes and webhooks hang on them.
    """

    clock: EmulatorClock
    options: HighLevelOptions
    ids: Ids
    location_id: str
    company_id: str
    oauth: OAuthApp
    started_at: datetime
    location: dict[str, Any] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    calendars: dict[str, dict[str, Any]] = field(default_factory=dict)
    pipelines: list[dict[str, Any]] = field(default_factory=list)
    keyring: Keyring = field(default_factory=Keyring)
    contacts: dict[str, Contact] = field(default_factory=dict)
    deleted_contacts: set[str] = field(default_factory=set)
    tasks: dict[str, Task] = field(default_factory=dict)
    notes: dict[str, dict[str, Note]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    fields: dict[str, FieldDefinition] = field(default_factory=dict)
    appointments: dict[str, Appointment] = field(default_factory=dict)
    businesses: dict[str, BusinessRecord] = field(default_factory=dict)
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    recurring_tasks: dict[str, RecurringTask] = field(default_factory=dict)
    index: SearchIndex = field(init=False)
    changes: Changes = field(init=False)
    _by_email: dict[str, dict[str, None]] = field(default_factory=dict)
    _by_phone: dict[str, dict[str, None]] = field(default_factory=dict)
    _tasks_of: dict[str, dict[str, Task]] = field(default_factory=dict)
    _opportunities_of: dict[str, list[Opportunity]] = field(default_factory=dict)
    _ranked: tuple[list[Task], list[tuple[int, str]]] | None = None
    _keys_of: dict[str, tuple[frozenset[str], str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = SearchIndex(self)
        self.changes = Changes(self)

    def now(self) -> datetime:
        """The emulator's time, to the millisecond, as the vendor stores it."""
        at = self.clock.now()
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def contact(self, contact_id: str) -> Contact:
        """The contact of this id.

        Raises:
            RefusalError: 400 in the words of the contact endpoints.
        """
        contact = self.contacts.get(contact_id)
        if contact is None:
            raise problems.contact_missing(contact_id)
        return contact

    def parent(self, contact_id: str) -> Contact:
        """The contact that something hangs on.

        Raises:
            RefusalError: 400 in the words of the endpoints below a contact.
        """
        contact = self.contacts.get(contact_id)
        if contact is None:
            raise problems.contact_missing_below(contact_id)
        return contact

    def save(self, contact: Contact) -> None:
        """Store a new or changed contact and bring every index up to date."""
        self._forget_keys(contact.id)
        self.contacts[contact.id] = contact
        emails = {contact.values.get("email") or "", *contact.additional_emails}
        keys = frozenset(email.lower() for email in emails if email)
        phone = contact.values.get("phone") or ""
        self._keys_of[contact.id] = (keys, phone)
        for email in keys:
            self._by_email.setdefault(email, {})[contact.id] = None
        if phone:
            self._by_phone.setdefault(phone, {})[contact.id] = None
        for tag in contact.tags:
            self.learn_tag(tag)
        self.index.put(contact)
        self.changes.saved_contact(contact)

    def touch(self, contact: Contact) -> None:
        """Store a contact that was changed just now."""
        contact.updated_at = self.now()
        self.save(contact)

    def remove(self, contact: Contact) -> None:
        """Delete a contact with its tasks and notes."""
        self._forget_keys(contact.id)
        del self.contacts[contact.id]
        self.deleted_contacts.add(contact.id)
        for task in list(self.tasks_of(contact.id)):
            self._drop_task(task)
        self.notes.pop(contact.id, None)
        self.index.drop(contact.id)
        self.changes.removed_contact(contact)

    def find_by(self, identifier: str, value: str | None) -> Contact | None:
        """The oldest contact with this e-mail (additional ones count) or phone."""
        if not value:
            return None
        found = (
            self._by_email.get(value.lower())
            if identifier == "email"
            else self._by_phone.get(value)
        )
        return self.contacts[next(iter(found))] if found else None

    def learn_tag(self, name: str) -> str:
        """The id of a tag in the location's dictionary, which grows by use."""
        if name not in self.tags:
            self.tags[name] = self.ids.short()
        return self.tags[name]

    def save_task(self, task: Task) -> None:
        """Store a new or changed task."""
        self.tasks[task.id] = task
        if task.contact_id is not None:
            self._tasks_of.setdefault(task.contact_id, {})[task.id] = task
        self._ranked = None
        self.changes.saved_task(task)

    def remove_task(self, task: Task) -> None:
        """Delete a task."""
        self._drop_task(task)
        self.changes.removed_task(task)

    def save_note(self, note: Note) -> None:
        """Store a new or changed note."""
        self.notes.setdefault(note.contact_id, {})[note.id] = note
        self.changes.saved_note(note)

    def remove_note(self, note: Note) -> None:
        """Delete a note."""
        del self.notes[note.contact_id][note.id]
        self.changes.removed_note(note)

    def save_appointment(self, appointment: Appointment) -> None:
        """Store a new or changed appointment."""
        self.appointments[appointment.id] = appointment
        self.changes.saved_appointment(appointment)

    def remove_appointment(self, appointment: Appointment) -> None:
        """Delete an appointment."""
        del self.appointments[appointment.id]
        self.changes.removed_appointment(appointment)

    def _drop_task(self, task: Task) -> None:
        del self.tasks[task.id]
        if task.contact_id is not None:
            del self._tasks_of[task.contact_id][task.id]
        self._ranked = None

    def tasks_of(self, contact_id: str) -> Iterator[Task]:
        """The tasks of one contact, oldest first."""
        return iter(self._tasks_of.get(contact_id, {}).values())

    def ranked_tasks(self) -> list[Task]:
        """Every task, newest first; sorted once while no task is written."""
        return self._task_ranking()[0]

    def task_place(self, cursor: tuple[int, str]) -> int:
        """The place of the last ranked task that a cursor has passed, -1 when there is none."""
        return bisect_right(self._task_ranking()[1], (-cursor[0], cursor[1])) - 1

    def _task_ranking(self) -> tuple[list[Task], list[tuple[int, str]]]:
        if self._ranked is None:
            keyed = sorted((-epoch_ms(one.added_at), one.id) for one in self.tasks.values())
            self._ranked = [self.tasks[task_id] for _, task_id in keyed], keyed
        return self._ranked

    def save_opportunity(self, opportunity: Opportunity) -> None:
        """Store a new opportunity."""
        self.opportunities[opportunity.id] = opportunity
        self._opportunities_of.setdefault(opportunity.contact_id, []).append(opportunity)

    def opportunities_of(self, contact_id: str) -> list[Opportunity]:
        """The opportunities of one contact, oldest first."""
        return self._opportunities_of.get(contact_id, [])

    def counts(self) -> dict[str, int]:
        """How many records of each kind there are."""
        return {
            "contacts": len(self.contacts),
            "tasks": len(self.tasks),
            "notes": sum(len(notes) for notes in self.notes.values()),
            "appointments": len(self.appointments),
            "businesses": len(self.businesses),
            "opportunities": len(self.opportunities),
            "custom_fields": len(self.fields),
            "tags": len(self.tags),
            "users": len(self.users),
        }

    def _forget_keys(self, contact_id: str) -> None:
        emails, phone = self._keys_of.pop(contact_id, (frozenset(), ""))
        for email in emails:
            _drop(self._by_email, email, contact_id)
        if phone:
            _drop(self._by_phone, phone, contact_id)


def _drop(index: dict[str, dict[str, None]], key: str, contact_id: str) -> None:
    index[key].pop(contact_id, None)
    if not index[key]:
        del index[key]
