"""Which of the vendor's events a stored change is.

The API and a person's hands both end in the state's `save...` and `remove...`, often with the
stored record itself changed in place; so what is saved is compared with marks of what was known.

Silent, as in life: edits of a task other than completing it (there is no TaskUpdate), followers
and business links, do-not-disturb set by the contact. That deleting a contact is silent about
its tasks and notes is a guess, the harder one for a receiver.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from toolkit.sandbox.highlevel.records import Appointment, Contact, Note, Task

if TYPE_CHECKING:
    from toolkit.sandbox.highlevel.state import HighLevelState

Event = Literal[
    "ContactCreate",
    "ContactUpdate",
    "ContactDelete",
    "ContactTagUpdate",
    "ContactDndUpdate",
    "TaskCreate",
    "TaskComplete",
    "TaskDelete",
    "NoteCreate",
    "NoteUpdate",
    "NoteDelete",
    "AppointmentCreate",
    "AppointmentUpdate",
    "AppointmentDelete",
]
Changed = Contact | Task | Note | Appointment
Listener = Callable[[Event, Changed], None]


class _ContactMarks(NamedTuple):
    fields: int
    tags: int
    dnd: int


class Changes:
    """Tells a listener of every event, as soon as the change is stored; without one it is idle.

    Args:
        state: Whose records.
    """

    def __init__(self, state: HighLevelState) -> None:
        self._state = state
        self._listener: Listener | None = None
        self._contacts: dict[str, _ContactMarks] = {}
        self._completed: dict[str, bool] = {}
        self._notes: dict[str, int] = {}
        self._appointments: dict[str, int] = {}

    def listen(self, listener: Listener | None) -> None:
        """Tell this one from now on, or nobody; a second call replaces the first.

        Args:
            listener: Called with the event and the record, in the thread of the change.
        """
        if listener is not None and self._listener is None:
            self._take_marks()
        self._listener = listener

    def saved_contact(self, contact: Contact) -> None:
        """A contact was created or changed."""
        if self._listener is None:
            return
        before = self._contacts.get(contact.id)
        now = self._contacts[contact.id] = _mark_contact(contact)
        if before is None:
            self._listener("ContactCreate", contact)
            return
        if now.tags != before.tags:
            self._listener("ContactTagUpdate", contact)
        if now.dnd != before.dnd:
            self._listener("ContactDndUpdate", contact)
        # Writing tags usually fires both (issue 264 of the vendor's docs, read 2026-11).
        if now.fields != before.fields or now.tags != before.tags:
            self._listener("ContactUpdate", contact)

    def removed_contact(self, contact: Contact) -> None:
        """A contact is gone."""
        self._contacts.pop(contact.id, None)
        self._tell("ContactDelete", contact)

    def saved_task(self, task: Task) -> None:
        """A task was created or changed."""
        if self._listener is None:
            return
        was_completed = self._completed.get(task.id)
        self._completed[task.id] = task.is_completed
        if was_completed is None:
            self._listener("TaskCreate", task)
        elif task.is_completed and not was_completed:
            self._listener("TaskComplete", task)

    def removed_task(self, task: Task) -> None:
        """A task is gone."""
        self._completed.pop(task.id, None)
        self._tell("TaskDelete", task)

    def saved_note(self, note: Note) -> None:
        """A note was created or changed."""
        if self._listener is None:
            return
        before = self._notes.get(note.id)
        now = self._notes[note.id] = _mark_note(note)
        if before != now:
            self._listener("NoteCreate" if before is None else "NoteUpdate", note)

    def removed_note(self, note: Note) -> None:
        """A note is gone."""
        self._notes.pop(note.id, None)
        self._tell("NoteDelete", note)

    def saved_appointment(self, appointment: Appointment) -> None:
        """An appointment was booked or changed."""
        if self._listener is None:
            return
        before = self._appointments.get(appointment.id)
        now = self._appointments[appointment.id] = _mark_appointment(appointment)
        if before != now:
            event: Event = "AppointmentCreate" if before is None else "AppointmentUpdate"
            self._listener(event, appointment)

    def removed_appointment(self, appointment: Appointment) -> None:
        """An appointment is gone."""
        self._appointments.pop(appointment.id, None)
        self._tell("AppointmentDelete", appointment)

    def _tell(self, event: Event, changed: Changed) -> None:
        if self._listener is not None:
            self._listener(event, changed)

    def _take_marks(self) -> None:
        state = self._state
        self._contacts = {one.id: _mark_contact(one) for one in state.contacts.values()}
        self._completed = {one.id: one.is_completed for one in state.tasks.values()}
        self._notes = {
            one.id: _mark_note(one) for notes in state.notes.values() for one in notes.values()
        }
        self._appointments = {
            one.id: _mark_appointment(one) for one in state.appointments.values()
        }


def _mark_contact(contact: Contact) -> _ContactMarks:
    return _ContactMarks(
        fields=hash(repr((sorted(contact.values.items()), sorted(contact.custom.items())))),
        tags=hash(tuple(contact.tags)),
        dnd=hash((contact.is_dnd, repr(sorted(contact.dnd_settings.items())))),
    )


def _mark_note(note: Note) -> int:
    return hash((note.body, note.user_id, note.title, note.color, note.is_pinned))


def _mark_appointment(appointment: Appointment) -> int:
    one = appointment
    plain = (one.title, one.status, one.assigned_to, one.address, one.description)
    return hash((plain, one.calendar_id, one.contact_id, one.starts_at, one.ends_at))
