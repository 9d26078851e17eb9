"""A contact as each endpoint shows it; no two of them agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from toolkit.sandbox.highlevel.records import Contact
from toolkit.sandbox.highlevel.wire import stamp

if TYPE_CHECKING:
    from toolkit.sandbox.highlevel.state import HighLevelState

# Version 2 names the channels in capitals, v3 does not.
CHANNELS: Final = {
    "Call": "call",
    "Email": "email",
    "SMS": "sms",
    "WhatsApp": "whatsApp",
    "GMB": "gmb",
    "FB": "fb",
}
_PLAIN: Final = (
    "firstName",
    "lastName",
    "email",
    "phone",
    "companyName",
    "address1",
    "city",
    "state",
    "postalCode",
    "country",
    "website",
    "timezone",
    "dateOfBirth",
    "source",
    "assignedTo",
)


def custom_values(contact: Contact) -> list[dict[str, Any]]:
    """`[{id, value}]`, set fields only; no key, no name, no type (the vendor declined to add them)."""
    return [{"id": field_id, "value": value} for field_id, value in contact.custom.items()]


def single(contact: Contact, state: HighLevelState, *, is_v3: bool) -> dict[str, Any]:
    """The answer of a read of one contact; unset fields are absent."""
    values = contact.values
    first, last = values.get("firstName") or "", values.get("lastName") or ""
    document: dict[str, Any] = {"id": contact.id, "locationId": state.location_id}
    document["name"] = contact.name
    document |= {name: values[name] for name in _PLAIN if values.get(name) is not None}
    if values.get("gender") is not None:
        document["gender"] = values["gender"]
    if values.get("email"):
        document["emailLowerCase"] = values["email"].lower()
    document |= {
        "firstNameLowerCase": first.lower(),
        "lastNameLowerCase": last.lower(),
        "fullNameLowerCase": contact.name.lower(),
        "type": values.get("type") or "lead",
        **_shared(contact, is_v3=is_v3),
        "lastActivity": stamp(contact.updated_at),
        "createdBy": {"source": "INTEGRATION", "channel": "OAUTH"},
    }
    return document


def created(contact: Contact, state: HighLevelState, *, is_v3: bool) -> dict[str, Any]:
    """The answer of a create; under version 2 its schema is slightly another one."""
    document = single(contact, state, is_v3=is_v3)
    if is_v3:
        return document
    born: str | None = contact.values.get("dateOfBirth")
    for name in ("lastActivity", "createdBy", "name", "followers", "additionalEmails"):
        document.pop(name, None)
    if born:
        document |= {"birthMonth": int(born[5:7]), "birthDay": int(born[8:10])}
    return document | {
        "deleted": False,
        "bounceEmail": False,
        "unsubscribeEmail": False,
        "lastSessionActivityAt": stamp(contact.updated_at),
        "offers": [],
        "products": [],
    }


def search_row(contact: Contact, state: HighLevelState) -> dict[str, Any]:
    """A row of the search: `address`, not `address1`; unset fields are null; no `lastActivity`."""
    values = contact.values
    document: dict[str, Any] = {"id": contact.id, "locationId": state.location_id}
    document["contactName"] = contact.name
    for name in _PLAIN:
        document["address" if name == "address1" else name] = values.get(name)
    business = state.businesses.get(contact.business_id or "")
    return document | {
        "firstNameLowerCase": _lower(values.get("firstName")),
        "lastNameLowerCase": _lower(values.get("lastName")),
        "type": values.get("type") or "lead",
        **_shared(contact, is_v3=False),
        "businessId": contact.business_id,
        "businessName": business.values["name"] if business else None,
        "opportunities": [
            {
                "id": one.id,
                "pipelineId": one.pipeline_id,
                "pipelineStageId": one.stage_id,
                "monetaryValue": one.monetary_value,
                "status": one.status,
            }
            for one in state.opportunities_of(contact.id)
        ],
        "validEmail": None,
        "isValidWhatsapp": None,
        "phoneLabel": None,
        "additionalPhones": [],
    }


def legacy_row(contact: Contact, state: HighLevelState) -> dict[str, Any]:
    """A row of the deprecated list: names in lower case, as typed only under `...Raw`."""
    document = single(contact, state, is_v3=False)
    document["contactName"] = contact.name.lower()
    for name in ("firstName", "lastName"):
        written: str | None = contact.values.get(name)
        document[f"{name}Raw"] = written
        document[name] = _lower(written)
    for name in ("lastActivity", "name", "createdBy"):
        document.pop(name)
    return document


def _shared(contact: Contact, *, is_v3: bool) -> dict[str, Any]:
    shared: dict[str, Any] = {
        "dnd": contact.is_dnd,
        "dndSettings": {
            CHANNELS[channel] if is_v3 else channel: setting
            for channel, setting in contact.dnd_settings.items()
        },
        "inboundDndSettings": contact.inbound_dnd_settings,
        "tags": list(contact.tags),
        "customFields": custom_values(contact),
        "followers": list(contact.followers),
        "additionalEmails": [{"email": email} for email in contact.additional_emails],
        "dateAdded": stamp(contact.added_at),
        "dateUpdated": stamp(contact.updated_at),
    }
    if contact.business_id is not None:
        shared["businessId"] = contact.business_id
    return shared


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()
