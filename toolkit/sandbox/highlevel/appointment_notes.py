"""Notes on an appointment: shorter than those on a contact, and paged."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel import problems
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


def update_note(call: Call) -> Payload:
    """Replaces text and author of a note."""
    note = _find_note(call)
    note.body = call.body["body"]
    note.user_id = call.body.get("userId", note.user_id)
    return {"note": _note_wire(note)}


def delete_note(call: Call) -> Payload:
    """Deletes a note."""
    find_appointment(call).notes.remove(_find_note(call))
    return {"success": True}


def _find_note(call: Call) -> Note:
    for note in find_appointment(call).notes:
        if note.id == call.ids["noteId"]:
            return note
    raise problems.bad_request("Note not found")


def _note_wire(note: Note) -> Payload:
    names = ("id", "body", "userId", "dateAdded", "contactId")
    return {name: value for name, value in note.wire().items() if name in names}


_NOTES: Final = "/calendars/appointments/{eventId}/notes"
_NOTE_ONE: Final = _NOTES + "/{noteId}"
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
    Route(
        "update-appointment-note",
        "PUT",
        _NOTE_ONE,
        update_note,
        scope=_WRITE,
        body=_NOTE,
        is_write=True,
    ),
    Route(
        "delete-appointment-note", "DELETE", _NOTE_ONE, delete_note, scope=_WRITE, is_write=True
    ),
)
