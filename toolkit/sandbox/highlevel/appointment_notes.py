"""Notes on an appointment: shorter than those on a contact, and paged."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel.calendars import find_appointment
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import Note
from toolkit.sandbox.highlevel.validate import Shape, text

_NOTE: Final = Shape({"userId": text, "body": text}, ("body",))
_MOST_NOTES: Final = 20


def list_notes(call: Call) -> Payload:
    """Notes of an appointment, at most 20 a page."""
    notes = list(reversed(find_appointment(call).notes))
    limit = call.count("limit", _MOST_NOTES, most=_MOST_NOTES)
    offset = call.count("offset", 0, most=10**9)
    page = notes[offset : offset + limit]
    return {"notes": [_note_wire(one) for one in page], "hasMore": offset + limit < len(notes)}


def create_note(call: Call) -> Payload:
    """A note on an appointment."""
    appointment = find_appointment(call)
    note = Note(
        id=call.state.ids.short(),
        contact_id=appointment.contact_id,
        body=call.body["body"],
        user_id=call.body.get("userId"),
        added_at=call.now,
    )
    appointment.notes.append(note)
    return {"note": _note_wire(note)}


def _note_wire(note: Note) -> Payload:
    names = ("id", "body", "userId", "dateAdded", "contactId")
    return {name: value for name, value in note.wire().items() if name in names}


_NOTES: Final = "/calendars/appointments/{eventId}/notes"
_READ, _WRITE = "calendars/events.readonly", "calendars/events.write"
ROUTES: Final = (
    Route("get-appointment-notes", "GET", _NOTES, list_notes, scope=_READ),
    Route(
        "create-appointment-note",
        "POST",
        _NOTES,
        create_note,
        scope=_WRITE,
        status=201,
        body=_NOTE,
        is_write=True,
    ),
)
