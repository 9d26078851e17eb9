"""What a HighLevel webhook says of a record: the published keys, and the gaps seen live.

Keys from the vendor's event pages (samples in its docs repository, read 2026-11). A note's
title, colour, pin and author never travel, by design (issue 312); `attachments` stays empty
(issue 324). As in the vendor's other answers, what is not set is absent.
"""

from __future__ import annotations

from typing import Any, Final

from toolkit.sandbox.highlevel.calendars import offset_stamp
from toolkit.sandbox.highlevel.changes import Changed, Event
from toolkit.sandbox.highlevel.documents import custom_values
from toolkit.sandbox.highlevel.records import Appointment, Contact, Note, Task
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.wire import mend_surrogates, stamp, to_text

Payload = dict[str, Any]

_PLAIN: Final = (
    "address1",
    "city",
    "state",
    "companyName",
    "country",
    "source",
    "dateOfBirth",
    "email",
    "firstName",
    "lastName",
    "phone",
    "postalCode",
    "website",
    "assignedTo",
)


def describe(event: Event, changed: Changed, state: HighLevelState) -> Payload:
    """The event's own keys, without those that every delivery carries.

    Args:
        event: What happened.
        changed: To which record, as it stands now.
        state: The location it belongs to.
    """
    head: Payload = {"type": event, "locationId": state.location_id}
    match changed:
        case Contact():
            return head | _describe_contact(changed, has_channels=event == "ContactDndUpdate")
        case Task():
            return head | _describe_task(changed)
        case Note():
            return head | _describe_note(changed)
        case Appointment():
            return head | {"appointment": _describe_appointment(changed, state)}


def bare_task(payload: Payload) -> Payload:
    """A `TaskCreate` as it was seen live now and then: without contact and body (issue 332)."""
    return {name: value for name, value in payload.items() if name not in {"contactId", "body"}}


def to_body(payload: Payload) -> bytes:
    """The exact bytes that are signed and sent."""
    try:
        return to_text(payload).encode()
    except UnicodeEncodeError:
        return to_text(mend_surrogates(payload)).encode()


def _describe_contact(contact: Contact, *, has_channels: bool) -> Payload:
    payload: Payload = {"id": contact.id, "name": contact.name}
    payload |= {
        name: contact.values[name] for name in _PLAIN if contact.values.get(name) is not None
    }
    payload |= {
        "dateAdded": stamp(contact.added_at),
        "dnd": contact.is_dnd,
        "tags": list(contact.tags),
        "attachments": [],
        "customFields": custom_values(contact),
    }
    return payload | ({"dndSettings": contact.dnd_settings} if has_channels else {})


def _describe_task(task: Task) -> Payload:
    payload = task.wire() | {"dateAdded": stamp(task.added_at)}
    del payload["completed"]
    return payload


def _describe_note(note: Note) -> Payload:
    return {
        "id": note.id,
        "body": note.body,
        "contactId": note.contact_id,
        "dateAdded": stamp(note.added_at),
    }


def _describe_appointment(appointment: Appointment, state: HighLevelState) -> Payload:
    payload: Payload = {
        "id": appointment.id,
        "address": appointment.address,
        "title": appointment.title,
        "calendarId": appointment.calendar_id,
        "contactId": appointment.contact_id,
        "groupId": "",
        "appointmentStatus": appointment.status,
        "assignedUserId": appointment.assigned_to,
        "users": [] if appointment.assigned_to is None else [appointment.assigned_to],
        "notes": appointment.description,
        "source": "booking_widget",
        "startTime": offset_stamp(state, appointment.starts_at),
        "endTime": offset_stamp(state, appointment.ends_at),
        "dateAdded": offset_stamp(state, appointment.added_at),
        "dateUpdated": offset_stamp(state, appointment.updated_at),
    }
    return {name: value for name, value in payload.items() if value is not None}
