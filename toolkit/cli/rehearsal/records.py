"""What the HighLevel client read, in the words of the emulated HighLevel. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from toolkit.clients.highlevel import CustomFieldDefinition, Location, User
from toolkit.clients.highlevel.wire import activity
from toolkit.clients.highlevel.wire import contacts as wire
from toolkit.sandbox.highlevel.records import Appointment, Contact, FieldDefinition, Note, Task
from toolkit.sandbox.snapshot import Team
from toolkit.sides.highlevel_raw import CONTACT_WORDS

_KEPT_APART: Final = frozenset(
    {"id", "name", "tags", "dnd", "businessId", "businessName"}
    | {"dateAdded", "dateUpdated", "lastActivity"}
)
_PLAIN: Final = CONTACT_WORDS.keys() - _KEPT_APART


def contact_of(read: wire.Contact, *, read_at: datetime) -> Contact:
    """A contact as a listing shows it; `read_at` stands in for stamps it lacks."""
    values = {name: getattr(read, CONTACT_WORDS[name]) for name in sorted(_PLAIN)}
    added_at = read.added_at or read.updated_at or read_at
    return Contact(
        id=read.id,
        added_at=added_at,
        updated_at=read.updated_at or added_at,
        values={name: value for name, value in values.items() if value is not None},
        tags=list(read.tags),
        custom={each.id: each.value for each in read.custom_fields if each.value is not None},
        is_dnd=bool(read.dnd),
        followers=list(read.followers),
        business_id=read.business_id,
        additional_emails=[
            str(each["email"]) for each in _extra(read, "additionalEmails") if each.get("email")
        ],
    )


def task_of(read: activity.Task, *, read_at: datetime) -> Task:
    """A task; one without a readable due date is due when it was made."""
    added_at = read.added_at or read_at
    return Task(
        id=read.id,
        contact_id=read.contact_id,
        title=read.title or "",
        body=read.body,
        due_at=read.due_at or added_at,
        is_completed=bool(read.is_completed),
        assigned_to=read.owner_id,
        added_at=added_at,
        updated_at=read.updated_at or added_at,
    )


def note_of(read: activity.Note, contact_id: str, *, read_at: datetime) -> Note:
    """A note of a contact."""
    return Note(
        id=read.id,
        contact_id=contact_id,
        body=read.body or "",
        user_id=read.user_id,
        added_at=read.added_at or read_at,
        title=read.title,
        color=read.color,
        is_pinned=bool(read.is_pinned),
    )


def appointment_of(
    read: activity.Appointment, zone: ZoneInfo, *, read_at: datetime
) -> Appointment | None:
    """An appointment; None without a readable start."""
    starts_at = read.starts_at(zone)
    if starts_at is None:
        return None
    added_at = read.added_at or read_at
    return Appointment(
        id=read.id,
        calendar_id=read.calendar_id or "",
        contact_id=read.contact_id or "",
        title=read.title or "",
        status=read.status or "",
        starts_at=starts_at,
        ends_at=read.ends_at(zone) or starts_at,
        added_at=added_at,
        updated_at=read.updated_at or added_at,
        assigned_to=read.owner_id or None,
        address=read.address,
        description=read.notes,
    )


def definition_of(read: CustomFieldDefinition) -> FieldDefinition:
    """A custom field; option lists that are more than words take any word."""
    words = [each for each in read.options if isinstance(each, str)]
    boxes = _extra(read, "textBoxListOptions")
    return FieldDefinition(
        id=read.id,
        name=read.name,
        field_key=read.key,
        data_type=read.data_type,
        options=words,
        text_boxes={
            str(each["id"]): str(each.get("label", "")) for each in boxes if "id" in each
        },
        is_custom_option_allowed=read.is_custom_option_allowed
        or len(words) < len(read.options),
        placeholder=read.placeholder or "",
        position=read.position or 0,
        model=read.model or "contact",
    )


def team_of(
    location: Location,
    users: Iterable[User],
    contacts: Iterable[wire.Contact],
    *,
    calendars: Mapping[str, str],
) -> Team:
    """What stands around the contacts; businesses as far as contacts name them."""
    settings = location.settings
    named = {each.business_id: each.business_name for each in contacts if each.business_id}
    return Team(
        location_id=location.id,
        name=location.name or "",
        country=location.country or "US",
        timezone=zone_of(location).key,
        allow_duplicate_contact=bool(settings.allow_duplicate_contact),
        unique_identifiers=settings.contact_unique_identifiers or ("email", "phone"),
        users={each.id: _user(each) for each in users},
        calendars=calendars,
        businesses={str(key): name or "" for key, name in named.items()},
    )


def zone_of(location: Location) -> ZoneInfo:
    """The location's zone; UTC where it has none that is known here."""
    try:
        return ZoneInfo(location.timezone or "UTC")
    except (LookupError, ValueError, OSError):
        return ZoneInfo("UTC")


def _user(read: User) -> dict[str, object]:
    parts = " ".join(part for part in (read.first_name, read.last_name) if part)
    return {
        "id": read.id,
        "name": read.name or parts,
        "firstName": read.first_name,
        "lastName": read.last_name,
        "email": read.email or "",
        "phone": read.phone,
        "deleted": bool(read.is_deleted),
    }


def _extra(model: BaseModel, name: str) -> list[dict[str, Any]]:
    found = (model.model_extra or {}).get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
