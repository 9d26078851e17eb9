"""Calendars and appointments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import Appointment
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.validate import Shape, flag, moment, one_of, text
from toolkit.sandbox.highlevel.wire import from_epoch_ms, read_moment

_STATUSES: Final = ("new", "confirmed", "cancelled", "showed", "noshow", "invalid")
_PLACES: Final = ("custom", "zoom", "gmeet", "phone", "address", "ms_teams", "google")
_EDIT: Final = Shape(
    {
        "title": text,
        "meetingLocationType": one_of(*_PLACES),
        "meetingLocationId": text,
        "overrideLocationConfig": flag,
        "appointmentStatus": one_of(*_STATUSES),
        "assignedUserId": text,
        "description": text,
        "address": text,
        "ignoreDateRange": flag,
        "toNotify": flag,
        "ignoreFreeSlotValidation": flag,
        "rrule": text,
        "calendarId": text,
        "startTime": moment,
        "endTime": moment,
    }
)
_CREATE: Final = Shape(
    {**_EDIT.fields, "locationId": text, "contactId": text},
    ("calendarId", "locationId", "contactId", "startTime"),
)
_DEFAULT_LENGTH: Final = timedelta(minutes=30)
# The last moment of the year 9999.
_LATEST_MS: Final = 253_402_300_799_999
_MOST_LATEST_MS: Final = 253_402_300_799_999


def list_calendars(call: Call) -> Payload:
    """All calendars of the location."""
    return {"calendars": list(call.state.calendars.values())}


def get_calendar(call: Call) -> Payload:
    """One calendar."""
    calendar = call.state.calendars.get(call.ids["calendarId"])
    if calendar is None:
        raise problems.bad_request("Calendar not found")
    return {"calendar": calendar}


def list_events(call: Call) -> Payload:
    """Appointments of one user, calendar or group between two times; there is no listing of all."""
    names = ("userId", "calendarId", "groupId")
    given = {name: call.parameter(name) for name in names if call.parameter(name)}
    if not given:
        raise problems.unprocessable(["Either of userId, calendarId or groupId is required"])
    for name in ("startTime", "endTime"):
        if not call.parameter(name):
            raise problems.unprocessable([f"{name} should not be empty"])
    start = from_epoch_ms(call.count("startTime", 0, most=_LATEST_MS))
    end = from_epoch_ms(call.count("endTime", 0, most=_LATEST_MS))
    found = [
        one
        for one in call.state.appointments.values()
        if start <= one.starts_at <= end and _belongs(one, given)
    ]
    return {
        "events": [_event(call, one) for one in sorted(found, key=lambda one: one.starts_at)]
    }


def _belongs(appointment: Appointment, given: dict[str, str | None]) -> bool:
    mine = {"userId": appointment.assigned_to, "calendarId": appointment.calendar_id}
    return all(mine.get(name) == value for name, value in given.items())


def create_appointment(call: Call) -> Payload:
    """Books a meeting; free slots are not looked at."""
    body = call.body
    if body["calendarId"] not in call.state.calendars:
        raise problems.bad_request("Calendar not found")
    contact = call.state.contact(body["contactId"])
    starts_at = read_moment(body["startTime"])
    appointment = Appointment(
        id=call.state.ids.short(),
        calendar_id=body["calendarId"],
        contact_id=contact.id,
        title=body.get("title", contact.name),
        status=body.get("appointmentStatus", "confirmed"),
        starts_at=starts_at,
        ends_at=_end(body.get("endTime"), starts_at),
        added_at=call.now,
        updated_at=call.now,
        assigned_to=body.get("assignedUserId"),
        address=body.get("address"),
        description=body.get("description"),
    )
    call.state.save_appointment(appointment)
    return _flat(call, appointment)


def _end(given: str | None, starts_at: datetime) -> datetime:
    if given is not None:
        return read_moment(given)
    try:
        return starts_at + _DEFAULT_LENGTH
    except OverflowError:  # the last half hour of the year 9999
        return starts_at


def update_appointment(call: Call) -> Payload:
    """Overwrites what the body names."""
    appointment, body = find_appointment(call), call.body
    appointment.title = body.get("title", appointment.title)
    appointment.status = body.get("appointmentStatus", appointment.status)
    appointment.assigned_to = body.get("assignedUserId", appointment.assigned_to)
    appointment.address = body.get("address", appointment.address)
    appointment.description = body.get("description", appointment.description)
    appointment.calendar_id = body.get("calendarId", appointment.calendar_id)
    if "startTime" in body:
        appointment.starts_at = read_moment(body["startTime"])
    if "endTime" in body:
        appointment.ends_at = read_moment(body["endTime"])
    appointment.updated_at = call.now
    call.state.save_appointment(appointment)
    return _flat(call, appointment)


def get_appointment(call: Call) -> Payload:
    """One appointment; the answer calls it an event."""
    return {"event": _event(call, find_appointment(call))}


def delete_event(call: Call) -> Payload:
    """Deletes an appointment; here the success flag is spelt right."""
    call.state.remove_appointment(find_appointment(call))
    return {"succeeded": True}


def list_of_contact(call: Call) -> Payload:
    """The appointments of a contact, in the location's own time and without saying so."""
    contact = call.state.parent(call.ids["contactId"])
    found = [one for one in call.state.appointments.values() if one.contact_id == contact.id]
    rows = []
    for one in sorted(found, key=lambda one: one.starts_at):
        row = _event(call, one) | {"status": "booked"}
        for name, at in (
            ("startTime", one.starts_at),
            ("endTime", one.ends_at),
            ("dateAdded", one.added_at),
            ("dateUpdated", one.updated_at),
        ):
            row[name] = _local(call.state, at).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(row)
    return {"events": rows}


def _local(state: HighLevelState, at: datetime) -> datetime:
    try:
        return at.astimezone(ZoneInfo(state.options.timezone))
    except OverflowError:
        return at


def _event(call: Call, appointment: Appointment) -> Payload:
    """Times carry the location's offset, as in `2023-09-25T16:00:00+05:30`."""
    row: Payload = {
        "id": appointment.id,
        "title": appointment.title,
        "calendarId": appointment.calendar_id,
        "locationId": call.state.location_id,
        "contactId": appointment.contact_id,
        "groupId": "",
        "appointmentStatus": appointment.status,
        "assignedUserId": appointment.assigned_to or "",
        "users": [],
        "assignedResources": [],
        "address": appointment.address,
        "notes": appointment.description,
        "startTime": offset_stamp(call.state, appointment.starts_at),
        "endTime": offset_stamp(call.state, appointment.ends_at),
        "dateAdded": offset_stamp(call.state, appointment.added_at),
        "dateUpdated": offset_stamp(call.state, appointment.updated_at),
    }
    return {name: value for name, value in row.items() if value is not None}


def _flat(call: Call, appointment: Appointment) -> Payload:
    kept = ("id", "title", "calendarId", "locationId", "contactId", "appointmentStatus")
    event = _event(call, appointment)
    # Published for v3 alone.
    stamps = ("dateAdded", "dateUpdated") if call.is_v3 else ()
    more = ("assignedUserId", "startTime", "endTime", *stamps)
    flat = {name: event[name] for name in (*kept, *more)}
    return flat | {"address": appointment.address or "", "isRecurring": False}


def offset_stamp(state: HighLevelState, at: datetime) -> str:
    """A moment with the location's own offset, `2023-09-25T16:00:00+05:30`."""
    return _local(state, at).isoformat(timespec="seconds")


def find_appointment(call: Call) -> Appointment:
    """The appointment a path names.

    Raises:
        RefusalError: 400, there is none.
    """
    appointment = call.state.appointments.get(call.ids["eventId"])
    if appointment is None:
        raise problems.bad_request("Appointment not found")
    return appointment


_EVENTS: Final = "/calendars/events/appointments"
_READ, _WRITE = "calendars/events.readonly", "calendars/events.write"
ROUTES: Final = (
    Route(
        "get-calendars",
        "GET",
        "/calendars/",
        list_calendars,
        scope="calendars.readonly",
        location="query",
    ),
    Route(
        "get-calendar",
        "GET",
        "/calendars/{calendarId}",
        get_calendar,
        scope="calendars.readonly",
    ),
    Route(
        "get-calendar-events",
        "GET",
        "/calendars/events",
        list_events,
        scope=_READ,
        location="query",
    ),
    Route(
        "create-appointment",
        "POST",
        _EVENTS,
        create_appointment,
        scope=_WRITE,
        body=_CREATE,
        location="body",
        is_write=True,
    ),
    Route("get-appointment", "GET", _EVENTS + "/{eventId}", get_appointment, scope=_READ),
    Route(
        "edit-appointment",
        "PUT",
        _EVENTS + "/{eventId}",
        update_appointment,
        scope=_WRITE,
        body=_EDIT,
        is_write=True,
    ),
    *(
        Route(
            "delete-event",
            "DELETE",
            path,
            delete_event,
            scope=_WRITE,
            status=201,
            is_write=True,
        )
        for path in ("/calendars/events/{eventId}", _EVENTS + "/{eventId}")
    ),
    Route(
        "get-appointments-for-contact",
        "GET",
        "/contacts/{contactId}/appointments",
        list_of_contact,
        scope="contacts.readonly",
    ),
)
