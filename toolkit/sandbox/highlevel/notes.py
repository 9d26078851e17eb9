"""Notes below a contact."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import Note
from toolkit.sandbox.highlevel.validate import Shape, flag, text

_NOTE: Final = {"userId": text, "body": text, "title": text, "color": text, "pinned": flag}


def list_notes(call: Call) -> Payload:
    """All notes of a contact, newest first; there are no pages."""
    contact = call.state.parent(call.ids["contactId"])
    notes = call.state.notes.get(contact.id, {}).values()
    ranked = sorted(notes, key=lambda note: note.added_at, reverse=True)
    return {"notes": [note.wire() for note in ranked]}


def create_note(call: Call) -> Payload:
    """A note below a contact."""
    contact = call.state.parent(call.ids["contactId"])
    note = Note(
        id=call.state.ids.short(),
        contact_id=contact.id,
        body=call.body["body"],
        user_id=call.body.get("userId"),
        added_at=call.now,
        title=call.body.get("title"),
        color=call.body.get("color"),
        is_pinned=call.body.get("pinned", False),
    )
    call.state.save_note(note)
    _bump(call)
    return {"note": note.wire()}


def get_note(call: Call) -> Payload:
    """One note."""
    return {"note": _note(call).wire()}


def update_note(call: Call) -> Payload:
    """Overwrites what the body names; nothing tells afterwards that it was changed."""
    note, body = _note(call), call.body
    note.body = body.get("body", note.body)
    note.user_id = body.get("userId", note.user_id)
    note.title = body.get("title", note.title)
    note.color = body.get("color", note.color)
    note.is_pinned = body.get("pinned", note.is_pinned)
    call.state.save_note(note)
    _bump(call)
    return {"note": note.wire()}


def delete_note(call: Call) -> Payload:
    """Deletes one note."""
    call.state.remove_note(_note(call))
    _bump(call)
    return call.ok


def _note(call: Call) -> Note:
    contact = call.state.parent(call.ids["contactId"])
    note = call.state.notes.get(contact.id, {}).get(call.ids["id"])
    if note is None:
        raise problems.bad_request("Note not found")
    return note


def _bump(call: Call) -> None:
    if call.state.options.bumps_date_updated:
        call.state.touch(call.state.contact(call.ids["contactId"]))


_BELOW: Final = "/contacts/{contactId}/notes"
_ONE: Final = "/contacts/{contactId}/notes/{id}"
_READ, _WRITE = "contacts.readonly", "contacts.write"
ROUTES: Final = (
    Route("get-all-notes", "GET", _BELOW, list_notes, scope=_READ),
    Route(
        "create-note",
        "POST",
        _BELOW,
        create_note,
        scope=_WRITE,
        status=201,
        body=Shape(_NOTE, ("body",)),
        is_write=True,
    ),
    Route("get-note", "GET", _ONE, get_note, scope=_READ),
    Route(
        "update-note", "PUT", _ONE, update_note, scope=_WRITE, body=Shape(_NOTE), is_write=True
    ),
    Route("delete-note", "DELETE", _ONE, delete_note, scope=_WRITE, is_write=True),
)
