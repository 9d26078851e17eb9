"""Calendars and appointments, under their own API version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.clients.highlevel.operations import calendars as op
from toolkit.clients.highlevel.operations import hanging
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from toolkit.clients.highlevel.session import Session
    from toolkit.clients.highlevel.wire.activity import (
        Appointment,
        AppointmentWrite,
        Note,
        NoteWrite,
    )
    from toolkit.clients.highlevel.wire.surroundings import Calendar

_MAX_NOTES = 20


class Calendars:
    """`highlevel.calendars`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list_calendars(self) -> tuple[Calendar, ...]:
        """The location's calendars."""
        params = {"locationId": self._session.location_id}
        return await self._session.run(op.LIST_CALENDARS.call(params=params))

    async def get(self, calendar_id: str) -> Calendar:
        """One calendar."""
        return await self._session.run(op.GET_CALENDAR.call({"calendar_id": calendar_id}))

    async def list_events(
        self,
        start_at: datetime,
        end_at: datetime,
        *,
        user_id: str | None = None,
        calendar_id: str | None = None,
        group_id: str | None = None,
    ) -> tuple[Appointment, ...]:
        """Events between two aware times, of one user, calendar or group.

        Raises:
            UseError: None of the three, or more than one: the vendor lists no whole location.
        """
        owners = {"userId": user_id, "calendarId": calendar_id, "groupId": group_id}
        if sum(value is not None for value in owners.values()) != 1:
            raise UseError("Name one user, calendar or group", unchanged="Nothing was sent")
        params = {
            "locationId": self._session.location_id,
            "startTime": _epoch_ms(start_at),
            "endTime": _epoch_ms(end_at),
            **owners,
        }
        return await self._session.run(op.LIST_EVENTS.call(params=params))


class Appointments:
    """`highlevel.appointments`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list_for_contact(self, contact_id: str) -> tuple[Appointment, ...]:
        """A contact's appointments; their times carry no zone here."""
        call = hanging.LIST_APPOINTMENTS.call({"contact_id": contact_id})
        return await self._session.run(call)

    async def get(self, appointment_id: str) -> Appointment:
        """One appointment."""
        return await self._session.run(
            op.GET_APPOINTMENT.call({"appointment_id": appointment_id})
        )

    async def create(self, write: AppointmentWrite) -> Appointment:
        """Book; calling it twice books twice, or is refused as taken.

        Raises:
            UseError: `calendar_id`, `contact_id` or `start_at` is missing.
        """
        body = write.requiring("calendar_id", "contact_id", "start_at").declared()
        body["locationId"] = self._session.location_id
        return await self._session.run(op.CREATE_APPOINTMENT.call(body=body))

    async def update(self, appointment_id: str, write: AppointmentWrite) -> Appointment:
        """Change the given keys; the contact cannot be changed.

        Raises:
            UseError: `contact_id` is given.
        """
        if "contact_id" in write.model_fields_set:
            raise UseError(
                "The contact of an appointment cannot be changed", unchanged="Nothing was sent"
            )
        ids = {"appointment_id": appointment_id}
        return await self._session.run(op.UPDATE_APPOINTMENT.call(ids, body=write.declared()))

    async def delete(self, appointment_id: str) -> None:
        """Delete for good; cancelling is an update of `status`."""
        ids = {"appointment_id": appointment_id}
        await self._session.run(op.DELETE_EVENT.call(ids, body={}))

    async def list_notes(
        self, appointment_id: str, *, page_size: int = _MAX_NOTES
    ) -> AsyncIterator[Note]:
        """The notes of an appointment; `page_size` 1 to 20."""
        offset = 0
        while True:
            params = {"limit": page_size, "offset": offset}
            call = op.LIST_APPOINTMENT_NOTES.call(
                {"appointment_id": appointment_id}, params=params
            )
            notes = await self._session.run(call)
            for note in notes:
                yield note
            if len(notes) < page_size:
                return
            offset += len(notes)

    async def create_note(self, appointment_id: str, write: NoteWrite) -> Note:
        """A new note; only `body` and `user_id` are taken."""
        body = _note_body(write)
        ids = {"appointment_id": appointment_id}
        return await self._session.run(op.CREATE_APPOINTMENT_NOTE.call(ids, body=body))

    async def update_note(self, appointment_id: str, note_id: str, write: NoteWrite) -> Note:
        """Replace a note; only `body` and `user_id` are taken."""
        ids = {"appointment_id": appointment_id, "note_id": note_id}
        call = op.UPDATE_APPOINTMENT_NOTE.call(ids, body=_note_body(write))
        return await self._session.run(call)

    async def delete_note(self, appointment_id: str, note_id: str) -> None:
        """Delete a note."""
        ids = {"appointment_id": appointment_id, "note_id": note_id}
        await self._session.run(op.DELETE_APPOINTMENT_NOTE.call(ids))


def _note_body(write: NoteWrite) -> dict[str, object]:
    body = write.requiring("body").declared()
    refused = sorted(body.keys() - {"body", "userId"})
    if refused:
        raise UseError(
            f"A note on an appointment takes no {', '.join(refused)}",
            unchanged="Nothing was sent",
        )
    return body


def _epoch_ms(moment: datetime) -> str:
    if moment.utcoffset() is None:
        raise UseError("A time without a zone cannot be sent", unchanged="Nothing was sent")
    return str(int(moment.timestamp() * 1000))
