"""What the emulated location stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from toolkit.sandbox.highlevel.wire import stamp


@dataclass(slots=True)
class Contact:
    """A contact. `values` holds the plain writable fields under their wire names, unset ones absent."""

    id: str
    added_at: datetime
    updated_at: datetime
    values: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)
    is_dnd: bool = False
    dnd_settings: dict[str, Any] = field(default_factory=dict)
    inbound_dnd_settings: dict[str, Any] = field(default_factory=dict)
    followers: list[str] = field(default_factory=list)
    business_id: str | None = None
    additional_emails: list[str] = field(default_factory=list)
    campaigns: set[str] = field(default_factory=set)
    workflows: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """First and last name, whichever there are."""
        parts = (self.values.get("firstName"), self.values.get("lastName"))
        return " ".join(part for part in parts if part)


@dataclass(slots=True)
class Task:
    """A task; `contact_id` is None when it hangs on nobody."""

    id: str
    contact_id: str | None
    title: str
    body: str | None
    due_at: datetime
    is_completed: bool
    assigned_to: str | None
    added_at: datetime
    updated_at: datetime

    def wire(self) -> dict[str, Any]:
        """As it stands below its contact: no stamps; unset values are absent."""
        row = {
            "id": self.id,
            "title": self.title,
            "body": self.body,
            "assignedTo": self.assigned_to,
            "dueDate": stamp(self.due_at),
            "completed": self.is_completed,
            "contactId": self.contact_id,
        }
        return {name: value for name, value in row.items() if value is not None}


@dataclass(slots=True)
class Note:
    """A note; it has no time of change."""

    id: str
    contact_id: str
    body: str
    user_id: str | None
    added_at: datetime
    title: str | None = None
    color: str | None = None
    is_pinned: bool = False

    def wire(self) -> dict[str, Any]:
        """As every note endpoint shows it; unset values are absent."""
        row = {
            "id": self.id,
            "body": self.body,
            "userId": self.user_id,
            "dateAdded": stamp(self.added_at),
            "contactId": self.contact_id,
            "title": self.title,
            "color": self.color,
            "pinned": self.is_pinned,
        }
        return {name: value for name, value in row.items() if value is not None}


@dataclass(slots=True)
class FieldDefinition:
    """A custom field. `text_boxes` maps the option ids of a TEXTBOX_LIST to their labels."""

    id: str
    name: str
    field_key: str
    data_type: str
    options: list[str] = field(default_factory=list)
    text_boxes: dict[str, str] = field(default_factory=dict)
    is_custom_option_allowed: bool = False
    is_multiple_file: bool = False
    max_files: int | None = None
    placeholder: str = ""
    position: float = 0
    model: str = "contact"

    def wire(self, location_id: str) -> dict[str, Any]:
        """As the definition endpoints show it."""
        row: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "fieldKey": self.field_key,
            "placeholder": self.placeholder,
            "dataType": self.data_type,
            "position": self.position,
            "picklistOptions": list(self.options),
            "picklistImageOptions": [],
            "isAllowedCustomOption": self.is_custom_option_allowed,
            "isMultiFileAllowed": self.is_multiple_file,
            "locationId": location_id,
            "model": self.model,
        }
        if self.max_files is not None:
            row["maxFileLimit"] = self.max_files
        if self.text_boxes:
            row["textBoxListOptions"] = [
                {"id": box, "label": label, "prefillValue": ""}
                for box, label in self.text_boxes.items()
            ]
        return row


@dataclass(slots=True)
class Appointment:
    """A meeting in a calendar."""

    id: str
    calendar_id: str
    contact_id: str
    title: str
    status: str
    starts_at: datetime
    ends_at: datetime
    added_at: datetime
    updated_at: datetime
    assigned_to: str | None = None
    address: str | None = None
    description: str | None = None
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class BusinessRecord:
    """A company; `values` under wire names, unset ones absent."""

    id: str
    values: dict[str, Any]
    added_at: datetime
    updated_at: datetime

    def wire(self, location_id: str) -> dict[str, Any]:
        """As every business endpoint shows it."""
        stamps = {"createdAt": stamp(self.added_at), "updatedAt": stamp(self.updated_at)}
        return {"id": self.id, "locationId": location_id, **self.values, **stamps}


@dataclass(slots=True)
class Opportunity:
    """A deal with a contact."""

    id: str
    contact_id: str
    name: str
    pipeline_id: str
    stage_id: str
    status: str
    monetary_value: float
    assigned_to: str | None
    added_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class RecurringTask:
    """A rule that makes tasks; stored, never run."""

    id: str
    values: dict[str, Any]
    added_at: datetime
    updated_at: datetime
