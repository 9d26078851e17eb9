"""How a body becomes a contact: names, phones, dates, tags, do-not-disturb."""

from __future__ import annotations

import re
from typing import Any, Final

import phonenumbers
from dateutil.parser import isoparse

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.codec import write_custom
from toolkit.sandbox.highlevel.documents import CHANNELS
from toolkit.sandbox.highlevel.records import Contact
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.validate import (
    Check,
    Shape,
    anything,
    flag,
    many,
    one_of,
    text,
    text_or_null,
)

_DND: Final = Shape(
    {"status": one_of("active", "inactive", "permanent"), "message": text, "code": text},
    ("status",),
)
_INBOUND: Final = Shape(
    {"all": Shape({"status": one_of("active", "inactive"), "message": text}, ("status",))}
)
_CUSTOM: Final = Shape({"id": text, "key": text, "field_value": anything})
_COMMON: Final = Shape(
    {
        "firstName": text_or_null,
        "lastName": text_or_null,
        "name": text_or_null,
        "email": text_or_null,
        "phone": text_or_null,
        "address1": text_or_null,
        "city": text_or_null,
        "state": text_or_null,
        "postalCode": text,
        "website": text_or_null,
        "timezone": text_or_null,
        "dnd": flag,
        "dndSettings": Shape(dict.fromkeys(CHANNELS, _DND)),
        "inboundDndSettings": _INBOUND,
        "tags": many(text),
        "customFields": many(_CUSTOM),
        "dateOfBirth": text_or_null,
        "country": text,
    }
)
_V3: Final[dict[str, Check]] = {
    "dndSettings": Shape(dict.fromkeys(CHANNELS.values(), _DND)),
    "customFields": many(_CUSTOM.also({"fieldValue": anything})),
}
# Declared on create and upsert alone: PUT refuses locationId, companyName and gender by name.
CREATE: Final = Shape(
    {
        **_COMMON.fields,
        "locationId": text,
        "gender": text,
        "source": text,
        "companyName": text_or_null,
        "assignedTo": text,
    },
    ("locationId",),
)
CREATE_V3: Final = CREATE.also(_V3)
UPSERT: Final = CREATE.also({"createNewIfDuplicateAllowed": flag})
UPSERT_V3: Final = UPSERT.also(_V3)
UPDATE: Final = _COMMON.also({"source": text_or_null, "assignedTo": text_or_null})
UPDATE_V3: Final = UPDATE.also(_V3)

_PLAIN: Final = (
    "firstName",
    "lastName",
    "email",
    "companyName",
    "gender",
    "address1",
    "city",
    "state",
    "postalCode",
    "website",
    "timezone",
    "source",
    "country",
    "assignedTo",
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})([/._-])(\d{2})\2(\d{2})(?:T.*)?")
_YEAR_LAST: Final = re.compile(r"(\d{2})([/._-])(\d{2})\2(\d{4})")


def fill(state: HighLevelState, contact: Contact, body: dict[str, Any], *, is_v3: bool) -> None:
    """Overwrite what the body names, leave the rest; null clears.

    Raises:
        RefusalError: 400 or 422; the contact must then be thrown away or restored by the caller.
    """
    values = dict(contact.values)
    _write_names(values, body)
    for name in _PLAIN:
        if name in body:
            values[name] = body[name]
    if "phone" in body:
        values["phone"] = normal_phone(
            body["phone"], values.get("country") or state.options.country
        )
    if "dateOfBirth" in body:
        values["dateOfBirth"] = _birth(body["dateOfBirth"])
    if "tags" in body:
        contact.tags = clean_tags(body["tags"])
    _write_dnd(contact, body, is_v3=is_v3)
    if "customFields" in body:
        write_custom(state, contact, body["customFields"])
    contact.values = {name: value for name, value in values.items() if value is not None}


def _write_names(values: dict[str, Any], body: dict[str, Any]) -> None:
    name: str | None = body.get("name")
    if name and "firstName" not in body and "lastName" not in body:
        first, _, last = name.strip().partition(" ")
        values["firstName"], values["lastName"] = first, last or None


def normal_phone(value: str | None, country: str) -> str | None:
    """E.164; without a country code the number is read in this country; no digits is no phone."""
    if not value or not any(character.isdigit() for character in value):
        return None
    digits = "".join(character for character in value if character in "0123456789")
    has_code = value.strip().startswith("+")
    try:
        parsed = phonenumbers.parse(("+" if has_code else "") + digits, country.upper() or "US")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _birth(value: str | None) -> str | None:
    """Any of the eight published notations, stored as a moment at midnight UTC."""
    if not value:
        return None
    if found := _YEAR_FIRST.fullmatch(value):
        year, _, month, day = found.groups()
    elif found := _YEAR_LAST.fullmatch(value):
        month, _, day, year = found.groups()
    else:
        raise problems.unprocessable(["dateOfBirth must be a valid date"])
    try:
        isoparse(f"{year}-{month}-{day}")
    except ValueError as unreadable:
        raise problems.unprocessable(["dateOfBirth must be a valid date"]) from unreadable
    return f"{year}-{month}-{day}T00:00:00.000Z"


def clean_tags(tags: list[str]) -> list[str]:
    """Lower case, trimmed, each once, in the order given."""
    cleaned = (tag.strip().lower() for tag in tags)
    return list(dict.fromkeys(tag for tag in cleaned if tag))


def _write_dnd(contact: Contact, body: dict[str, Any], *, is_v3: bool) -> None:
    if "dnd" in body:
        contact.is_dnd = body["dnd"]
    if "inboundDndSettings" in body:
        contact.inbound_dnd_settings = body["inboundDndSettings"]
    spoken = (
        {new: old for old, new in CHANNELS.items()} if is_v3 else {old: old for old in CHANNELS}
    )
    given = {spoken[name]: setting for name, setting in body.get("dndSettings", {}).items()}
    for channel, setting in given.items():
        before = contact.dnd_settings.get(channel, {}).get("status")
        if before == "permanent" and setting["status"] != "permanent":
            raise problems.bad_request(
                f"Not authorized to update permanent dnd setting for {channel}"
            )
    if given:
        contact.dnd_settings = {**contact.dnd_settings, **given}
