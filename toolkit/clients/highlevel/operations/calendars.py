"""Calendars, their events and appointments: pinned to a version of their own."""

from __future__ import annotations

from toolkit.clients.highlevel.protocol import (
    CALENDARS_VERSION,
    Operation,
    acknowledged,
    rows_of,
)
from toolkit.clients.highlevel.wire.activity import Appointment, Note
from toolkit.clients.highlevel.wire.surroundings import Calendar

_APPOINTMENTS = "/calendars/events/appointments"
_APPOINTMENT = _APPOINTMENTS + "/{appointment_id}"
_APPOINTMENT_NOTES = "/calendars/appointments/{appointment_id}/notes"
_APPOINTMENT_NOTE = _APPOINTMENT_NOTES + "/{note_id}"

LIST_CALENDARS = Operation(
    name="calendars.list",
    method="GET",
    path="/calendars/",
    reads=rows_of(Calendar),
    within=("calendars",),
    is_read=True,
    version=CALENDARS_VERSION,
)
GET_CALENDAR = Operation(
    name="calendars.get",
    method="GET",
    path="/calendars/{calendar_id}",
    reads=Calendar.model_validate,
    within=("calendar",),
    is_read=True,
    version=CALENDARS_VERSION,
)
LIST_EVENTS = Operation(
    name="calendars.list_events",
    method="GET",
    path="/calendars/events",
    reads=rows_of(Appointment),
    within=("events",),
    is_read=True,
    version=CALENDARS_VERSION,
)
GET_APPOINTMENT = Operation(
    name="appointments.get",
    method="GET",
    path=_APPOINTMENT,
    reads=Appointment.model_validate,
    within=(
        "event",
        "appointment",
    ),
    is_read=True,
    version=CALENDARS_VERSION,
)
CREATE_APPOINTMENT = Operation(
    name="appointments.create",
    method="POST",
    path=_APPOINTMENTS,
    reads=Appointment.model_validate,
    version=CALENDARS_VERSION,
)
UPDATE_APPOINTMENT = Operation(
    name="appointments.update",
    method="PUT",
    path=_APPOINTMENT,
    reads=Appointment.model_validate,
    version=CALENDARS_VERSION,
)
DELETE_EVENT = Operation(
    name="appointments.delete",
    method="DELETE",
    path="/calendars/events/{appointment_id}",
    reads=acknowledged,
    version=CALENDARS_VERSION,
)
LIST_APPOINTMENT_NOTES = Operation(
    name="appointments.list_notes",
    method="GET",
    path=_APPOINTMENT_NOTES,
    reads=rows_of(Note),
    within=("notes",),
    is_read=True,
    version=CALENDARS_VERSION,
)
CREATE_APPOINTMENT_NOTE = Operation(
    name="appointments.create_note",
    method="POST",
    path=_APPOINTMENT_NOTES,
    reads=Note.model_validate,
    within=("note",),
    version=CALENDARS_VERSION,
)
UPDATE_APPOINTMENT_NOTE = Operation(
    name="appointments.update_note",
    method="PUT",
    path=_APPOINTMENT_NOTE,
    reads=Note.model_validate,
    within=("note",),
    version=CALENDARS_VERSION,
)
DELETE_APPOINTMENT_NOTE = Operation(
    name="appointments.delete_note",
    method="DELETE",
    path=_APPOINTMENT_NOTE,
    reads=acknowledged,
    version=CALENDARS_VERSION,
)
