"""Contacts as HighLevel reads and writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from toolkit.clients.highlevel.wire.base import (
    Day,
    Timestamp,
    WireModel,
    Words,
    WriteModel,
    wire_name,
    written_as,
)


class Channel(StrEnum):
    """A way of reaching a contact; the value is the v3 spelling."""

    CALL = "call"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsApp"
    GMB = "gmb"
    FB = "fb"
    RCS = "rcs"

    @property
    def older_spelling(self) -> str:
        """The key under versions before v3."""
        return _OLDER_SPELLING[self]


_OLDER_SPELLING = {
    Channel.CALL: "Call",
    Channel.EMAIL: "Email",
    Channel.SMS: "SMS",
    Channel.WHATSAPP: "WhatsApp",
    Channel.GMB: "GMB",
    Channel.FB: "FB",
    Channel.RCS: "RCS",
}
_CHANNEL_BY_LOWER = {channel.value.lower(): channel.value for channel in Channel}


def _read_channels(value: object) -> object:
    if not isinstance(value, Mapping):
        return {}
    return {_CHANNEL_BY_LOWER.get(str(key).lower(), key): item for key, item in value.items()}


class DndSetting(WireModel):
    """Do-not-disturb on one channel: `active` (blocked), `inactive` or `permanent`."""

    status: str = "inactive"
    message: str | None = None
    code: str | None = None


class CustomFieldValue(WireModel):
    """One custom-field value as it travels: by id, in the shape its data type asks for."""

    id: str
    value: Any = Field(
        default=None,
        validation_alias=AliasChoices("value", "fieldValue", "field_value", "fieldValueString"),
    )


DndSettings = Annotated[dict[str, DndSetting], BeforeValidator(_read_channels)]
CustomFieldValues = Annotated[
    tuple[CustomFieldValue, ...], BeforeValidator(lambda value: () if value is None else value)
]


class Contact(WireModel):
    """A contact, as one of the five shapes HighLevel answers.

    `last_activity_at` comes with single reads only; `search_after` with search rows only.
    `owner_id` is the vendor's `assignedTo`. Two contacts with equal values are equal.
    """

    id: str
    location_id: str | None = None
    first_name: str | None = wire_name("firstNameRaw", "firstName")
    last_name: str | None = wire_name("lastNameRaw", "lastName")
    name: str | None = wire_name("name", "contactName")
    email: str | None = None
    phone: str | None = None
    company_name: str | None = None
    address1: str | None = wire_name("address1", "address")
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    website: str | None = None
    timezone: str | None = None
    date_of_birth: Day = None
    gender: str | None = None
    source: str | None = None
    type: str | None = None
    tags: Words = ()
    dnd: bool | None = None
    dnd_settings: DndSettings = Field(default_factory=dict)
    inbound_dnd_settings: DndSettings = Field(default_factory=dict)
    custom_fields: CustomFieldValues = ()
    owner_id: str | None = wire_name("assignedTo")
    followers: Words = ()
    business_id: str | None = None
    business_name: str | None = None
    added_at: Timestamp = wire_name("dateAdded")
    updated_at: Timestamp = wire_name("dateUpdated")
    last_activity_at: Timestamp = wire_name("lastActivity")
    is_deleted: bool | None = wire_name("deleted")
    search_after: tuple[Any, ...] | None = None


class ContactWrite(WriteModel):
    """What to write on a contact; a key that is not given stays as it is.

    Attributes:
        phone: E.164, such as +33612345678.
        date_of_birth: A calendar day.
        tags: The *whole* set; update and upsert take it with `replace_tags=True` only.
        custom_fields: Field key, id or unique name -> value; or values already encoded.
        company_name: Create and upsert only; the vendor refuses it on update.
        gender: Create and upsert only; ignored when upsert meets an existing contact.
        owner_id: A user id; None takes the owner away (update only).
    """

    first_name: str | None = written_as("firstName")
    last_name: str | None = written_as("lastName")
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company_name: str | None = written_as("companyName")
    gender: str | None = None
    address1: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = written_as("postalCode")
    country: str | None = None
    website: str | None = None
    timezone: str | None = None
    date_of_birth: date | None = written_as("dateOfBirth")
    source: str | None = None
    tags: tuple[str, ...] | None = None
    dnd: bool | None = None
    dnd_settings: Mapping[Channel, DndSetting] | None = written_as("dndSettings")
    inbound_dnd_settings: Mapping[Literal["all"], DndSetting] | None = written_as(
        "inboundDndSettings"
    )
    custom_fields: Mapping[str, Any] | Sequence[CustomFieldValue] | None = written_as(
        "customFields"
    )
    owner_id: str | None = written_as("assignedTo")


class Upserted(WireModel):
    """Answer to an upsert; `is_new` tells whether a contact was created."""

    is_new: bool = Field(validation_alias=AliasChoices("new", "isNew"))
    contact: Contact


class SearchPage(WireModel):
    """One page of contacts; `total` counts all matches, where the vendor says so."""

    contacts: tuple[Contact, ...]
    total: int | None = wire_name("total", "count")


class LegacyMeta(WireModel):
    """Cursor of the legacy list; `nextPageUrl` is kept unread in `model_extra`."""

    total: int | None = None
    start_after: int | None = None
    start_after_id: str | None = None
    next_page: int | str | None = None


class LegacyPage(WireModel):
    """One page of the legacy list, newest first."""

    contacts: tuple[Contact, ...]
    meta: LegacyMeta = Field(default_factory=LegacyMeta)


class BulkTagRow(WireModel):
    """What happened to one contact of a bulk tag call."""

    contact_id: str
    type: str = "success"
    message: str | None = None
    old_tags: Words = ()
    tags_added: Words = ()
    tags_removed: Words = ()

    @property
    def is_done(self) -> bool:
        """False for an error row; `message` then says why."""
        return self.type != "error"
