"""What stands around contacts: location, users, fields, tags, businesses, calendars, deals."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, Field

from toolkit.clients.highlevel.wire.activity import Appointment, Note, Task
from toolkit.clients.highlevel.wire.base import (
    Timestamp,
    WireModel,
    Words,
    WriteModel,
    wire_name,
    written_as,
)
from toolkit.clients.highlevel.wire.contacts import CustomFieldValues


class LocationSettings(WireModel):
    """The settings that decide what counts as a duplicate."""

    allow_duplicate_contact: bool | None = None
    contact_unique_identifiers: Words = ()


class Location(WireModel):
    """A sub-account."""

    id: str
    company_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    website: str | None = None
    timezone: str | None = None
    settings: LocationSettings = Field(default_factory=LocationSettings)


class User(WireModel):
    """A member of the team; `name` may be absent where the parts are given."""

    id: str
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    is_deleted: bool | None = wire_name("deleted")


class UserPage(WireModel):
    """Users found; `count` where the vendor says it."""

    users: tuple[User, ...]
    count: int | None = None


class Tag(WireModel):
    """An entry of the location's tag dictionary."""

    id: str
    name: str
    location_id: str | None = None


class CustomFieldDefinition(WireModel):
    """A custom field: values travel under `id`, people know it by `key` or `name`."""

    id: str
    name: str = ""
    key: str = Field(default="", validation_alias=AliasChoices("fieldKey", "key"))
    data_type: str = "TEXT"
    model: str | None = None
    placeholder: str | None = None
    position: float | None = None
    options: tuple[Any, ...] = Field(
        default=(), validation_alias=AliasChoices("picklistOptions", "options")
    )
    is_custom_option_allowed: bool = Field(
        default=False,
        validation_alias=AliasChoices("isAllowedCustomOption", "allowCustomOption"),
    )


class TextBoxOption(WriteModel):
    """One labelled box of a text-box list."""

    label: str
    prefill: str | None = written_as("prefillValue")


class CustomFieldWrite(WriteModel):
    """What to write on a definition; creating needs `name` and `data_type`, updating `name`.

    `options` (pick lists) is not in the vendor's specification; it is sent when given.
    """

    name: str | None = None
    data_type: str | None = written_as("dataType")
    model: Literal["contact", "opportunity"] | None = None
    placeholder: str | None = None
    position: int | None = None
    accepted_formats: tuple[str, ...] | None = written_as("acceptedFormat")
    is_multiple_file: bool | None = written_as("isMultipleFile")
    max_files: int | None = written_as("maxNumberOfFiles")
    text_box_options: tuple[TextBoxOption, ...] | None = written_as("textBoxListOptions")
    options: tuple[str, ...] | None = None


class UploadedFiles(WireModel):
    """Answer to a custom-field upload: file name -> address."""

    uploaded_files: dict[str, Any] = Field(default_factory=dict)
    meta: tuple[Any, ...] = ()


class Business(WireModel):
    """A company record; a contact's `company_name` is independent text."""

    id: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    description: str | None = None
    location_id: str | None = None
    added_at: Timestamp = wire_name("createdAt")
    updated_at: Timestamp = wire_name("updatedAt")


class BusinessWrite(WriteModel):
    """What to write on a business; creating needs `name`."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = written_as("postalCode")
    country: str | None = None
    description: str | None = None


class Calendar(WireModel):
    """A bookable calendar."""

    id: str
    name: str | None = None
    location_id: str | None = None
    group_id: str | None = None
    is_active: bool | None = None
    description: str | None = None


class Opportunity(WireModel):
    """A deal; tasks, notes and events of its contact are inline when asked for."""

    id: str
    name: str | None = None
    status: str | None = None
    source: str | None = None
    monetary_value: float | None = None
    pipeline_id: str | None = None
    pipeline_stage_id: str | None = None
    contact_id: str | None = None
    location_id: str | None = None
    owner_id: str | None = wire_name("assignedTo")
    custom_fields: CustomFieldValues = ()
    notes: tuple[Note | Any, ...] = ()
    tasks: tuple[Task | Any, ...] = ()
    calendar_events: tuple[Appointment | Any, ...] = ()
    added_at: Timestamp = wire_name("createdAt", "dateAdded")
    updated_at: Timestamp = wire_name("updatedAt", "dateUpdated")
    last_stage_change_at: Timestamp = None
    search_after: tuple[Any, ...] | None = wire_name("searchAfter", "sort")


class OpportunityPage(WireModel):
    """One page of opportunities."""

    opportunities: tuple[Opportunity, ...]
    total: int | None = None
    meta: dict[str, Any] = Field(default_factory=dict)

    @property
    def count(self) -> int | None:
        """All matches, from whichever place the vendor put the number."""
        found = self.meta.get("total") if self.total is None else self.total
        return found if isinstance(found, int) else None


class Pipeline(WireModel):
    """A sales pipeline and its stages, each with `id` and `name`."""

    id: str
    name: str | None = None
    stages: tuple[Any, ...] = ()


class InstalledLocation(WireModel):
    """A location where an app is, or may be, installed."""

    id: str = Field(validation_alias=AliasChoices("_id", "id"))
    name: str | None = None
    address: str | None = None
    is_installed: bool | None = None
