"""What hangs on a contact: tasks, notes, appointments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import AliasChoices, Field

from toolkit.clients.highlevel.wire.base import (
    SentTime,
    Timestamp,
    WireModel,
    Words,
    WriteModel,
    read_timestamp,
    wire_name,
    written_as,
)

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


class Task(WireModel):
    """A task; `added_at` and `updated_at` come with location-wide search rows only."""

    id: str = Field(validation_alias=AliasChoices("id", "_id"))
    title: str | None = None
    body: str | None = None
    owner_id: str | None = wire_name("assignedTo")
    due_at: Timestamp = wire_name("dueDate")
    is_completed: bool | None = wire_name("completed")
    contact_id: str | None = None
    added_at: Timestamp = wire_name("dateAdded", "createdAt")
    updated_at: Timestamp = wire_name("dateUpdated", "updatedAt")
    is_deleted: bool | None = wire_name("deleted")
    search_after: tuple[Any, ...] | None = None


class TaskWrite(WriteModel):
    """What to write on a task; creating needs `title`, `due_at` and `is_completed`."""

    title: str | None = None
    body: str | None = None
    due_at: SentTime | None = written_as("dueDate")
    is_completed: bool | None = written_as("completed")
    owner_id: str | None = written_as("assignedTo")


class TaskPage(WireModel):
    """One page of tasks of the whole location; the vendor gives no total."""

    tasks: tuple[Task, ...]


class RecurrenceRule(WriteModel):
    """When a recurring task is made; `due_after_s` counts from its creation."""

    interval_type: Literal["yearly", "monthly", "weekly", "daily", "hourly"] = Field(
        serialization_alias="intervalType"
    )
    interval: int
    start_at: SentTime = Field(serialization_alias="startDate")
    due_after_s: int = Field(serialization_alias="dueAfterSeconds")
    end_at: SentTime | None = written_as("endDate")
    day_of_month: int | None = written_as("dayOfMonth")
    day_of_week: Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"] | None = written_as(
        "dayOfWeek"
    )
    month_of_year: int | None = written_as("monthOfYear")
    count: int | None = None
    is_made_when_overdue: bool | None = written_as("createTaskIfOverDue")


class RecurringTask(WireModel):
    """A task that HighLevel makes again and again."""

    id: str = Field(validation_alias=AliasChoices("id", "_id"))
    title: str | None = None
    description: str | None = None
    location_id: str | None = None
    contact_id: str | None = None
    owner_id: str | None = wire_name("assignedTo")
    rule: dict[str, Any] = Field(default_factory=dict, validation_alias="rruleOptions")
    occurrences: int | None = wire_name("totalOccurrence")
    is_deleted: bool | None = wire_name("deleted")
    added_at: Timestamp = wire_name("createdAt")
    updated_at: Timestamp = wire_name("updatedAt")


class RecurringTaskWrite(WriteModel):
    """What to write on a recurring task; creating needs `title` and `rule`."""

    title: str | None = None
    description: str | None = None
    contact_ids: tuple[str, ...] | None = written_as("contactIds")
    owner_ids: tuple[str, ...] | None = written_as("owners")
    rule: RecurrenceRule | None = written_as("rruleOptions")
    is_creation_skipped: bool | None = written_as("ignoreTaskCreation")


class Note(WireModel):
    """A note; the vendor keeps no time of change."""

    id: str
    body: str | None = None
    title: str | None = None
    color: str | None = None
    is_pinned: bool | None = wire_name("pinned")
    user_id: str | None = None
    contact_id: str | None = None
    added_at: Timestamp = wire_name("dateAdded")


class NoteWrite(WriteModel):
    """What to write on a note; creating needs `body`."""

    body: str | None = None
    user_id: str | None = written_as("userId")
    title: str | None = None
    color: str | None = None
    is_pinned: bool | None = written_as("pinned")


class Appointment(WireModel):
    """An appointment or calendar event.

    `start_time` and `end_time` are as the vendor wrote them: with an offset in most places,
    but without any in `GET /contacts/{id}/appointments` (vendor OpenAPI, read 2026-11).
    """

    id: str
    calendar_id: str | None = None
    contact_id: str | None = None
    location_id: str | None = None
    group_id: str | None = None
    title: str | None = None
    notes: str | None = None
    address: str | None = None
    status: str | None = wire_name("appointmentStatus", "status")
    owner_id: str | None = wire_name("assignedUserId")
    user_ids: Words = Field(default=(), validation_alias="users")
    start_time: str | int | None = None
    end_time: str | int | None = None
    added_at: Timestamp = wire_name("dateAdded")
    updated_at: Timestamp = wire_name("dateUpdated")
    is_deleted: bool | None = wire_name("deleted")

    def starts_at(self, location_zone: tzinfo) -> datetime | None:
        """The start in UTC; a time without zone is wall time in `location_zone`."""
        return _wall_time(self.start_time, location_zone)

    def ends_at(self, location_zone: tzinfo) -> datetime | None:
        """The end in UTC; a time without zone is wall time in `location_zone`."""
        return _wall_time(self.end_time, location_zone)


class AppointmentWrite(WriteModel):
    """What to write on an appointment; creating needs calendar, contact and start."""

    calendar_id: str | None = written_as("calendarId")
    contact_id: str | None = written_as("contactId")
    start_at: SentTime | None = written_as("startTime")
    end_at: SentTime | None = written_as("endTime")
    title: str | None = None
    status: Literal["new", "confirmed", "cancelled", "showed", "noshow", "invalid"] | None = (
        written_as("appointmentStatus")
    )
    owner_id: str | None = written_as("assignedUserId")
    address: str | None = None
    description: str | None = None
    is_date_range_ignored: bool | None = written_as("ignoreDateRange")
    is_slot_check_ignored: bool | None = written_as("ignoreFreeSlotValidation")
    is_notified: bool | None = written_as("toNotify")


def _wall_time(value: str | int | None, zone: tzinfo) -> datetime | None:
    from datetime import datetime as moment

    if isinstance(value, str):
        try:
            read = moment.fromisoformat(value)
        except ValueError:
            return None
        value_at = read if read.tzinfo else read.replace(tzinfo=zone)
        found = read_timestamp(value_at)
    else:
        found = read_timestamp(value)
    return found if isinstance(found, moment) else None
