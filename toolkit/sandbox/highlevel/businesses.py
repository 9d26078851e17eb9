"""Businesses (companies), and the contacts linked to them."""

from __future__ import annotations

from typing import Final

from toolkit.sandbox.highlevel import documents, problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import BusinessRecord
from toolkit.sandbox.highlevel.validate import Shape, many, text, text_or_null

_MOST_AT_ONCE: Final = 50
_LARGEST_PAGE: Final = 100
_FIELDS: Final = dict.fromkeys(
    (
        "name",
        "phone",
        "email",
        "website",
        "address",
        "city",
        "state",
        "postalCode",
        "country",
        "description",
    ),
    text,
)
_CREATE: Final = Shape({**_FIELDS, "locationId": text}, ("name", "locationId"))
_LINK: Final = Shape(
    {"locationId": text, "ids": many(text, most=_MOST_AT_ONCE), "businessId": text_or_null},
    ("locationId", "ids", "businessId"),
)


def list_businesses(call: Call) -> Payload:
    """All businesses of the location."""
    limit = call.count("limit", _LARGEST_PAGE, most=1000)
    skip = call.count("skip", 0, most=10**9)
    found = list(call.state.businesses.values())[skip : skip + limit]
    return {"businesses": [one.wire(call.state.location_id) for one in found]}


def create_business(call: Call) -> Payload:
    """The key of the answer is misspelt, in the published file and in life."""
    values = {name: value for name, value in call.body.items() if name != "locationId"}
    business = BusinessRecord(call.state.ids.hexadecimal(), values, call.now, call.now)
    call.state.businesses[business.id] = business
    return {"success": True, "buiseness": business.wire(call.state.location_id)}


def get_business(call: Call) -> Payload:
    """One business."""
    return {"business": _business(call).wire(call.state.location_id)}


def update_business(call: Call) -> Payload:
    """Overwrites what the body names."""
    business = _business(call)
    business.values |= call.body
    business.updated_at = call.now
    return {"success": True, "buiseness": business.wire(call.state.location_id)}


def delete_business(call: Call) -> Payload:
    """Deletes a business; its contacts stay and lose the link."""
    business = _business(call)
    for contact in list(call.state.contacts.values()):
        if contact.business_id == business.id:
            contact.business_id = None
            call.state.touch(contact)
    del call.state.businesses[business.id]
    return {"success": True}


def link_contacts(call: Call) -> Payload:
    """Links up to 50 contacts, or unlinks them with null; unknown ids are left out of the answer."""
    business_id: str | None = call.body["businessId"]
    if business_id is not None and business_id not in call.state.businesses:
        raise problems.unprocessable(["businessId does not exist"])
    found = [call.state.contacts[one] for one in call.body["ids"] if one in call.state.contacts]
    for contact in found:
        if contact.business_id != business_id:
            contact.business_id = business_id
            call.state.touch(contact)
    return {"success": True, "ids": [contact.id for contact in found]}


def list_contacts_of(call: Call) -> Payload:
    """The contacts of one business, by name."""
    limit = call.count("limit", 25, most=_LARGEST_PAGE)
    skip = call.count("skip", 0, most=10**9)
    words = (call.parameter("query") or "").lower()
    found = sorted(
        (
            one
            for one in call.state.contacts.values()
            if one.business_id == call.ids["businessId"] and words in one.name.lower()
        ),
        key=lambda one: (one.name.lower(), one.id),
    )
    if call.is_v3 and call.parameters.get("startAfter"):
        name, _, contact_id = ",".join(call.parameters["startAfter"]).rpartition(",")
        found = [
            one for one in found if (one.name.lower(), one.id) > (name.lower(), contact_id)
        ]
    rows = [documents.legacy_row(one, call.state) for one in found[skip : skip + limit]]
    return {"contacts": rows, "count": len(found)}


def _business(call: Call) -> BusinessRecord:
    business = call.state.businesses.get(call.ids["businessId"])
    if business is None:
        raise problems.bad_request("Business not found")
    return business


_ALL: Final = "/businesses/"
_ONE: Final = "/businesses/{businessId}"
_READ, _WRITE = "businesses.readonly", "businesses.write"
ROUTES: Final = (
    Route(
        "get-businesses-by-location",
        "GET",
        _ALL,
        list_businesses,
        scope=_READ,
        location="query",
    ),
    Route(
        "create-business",
        "POST",
        _ALL,
        create_business,
        scope=_WRITE,
        status=201,
        body=_CREATE,
        location="body",
        is_write=True,
    ),
    Route("get-business", "GET", _ONE, get_business, scope=_READ),
    Route(
        "update-business",
        "PUT",
        _ONE,
        update_business,
        scope=_WRITE,
        body=Shape(_FIELDS),
        is_write=True,
    ),
    Route("delete-business", "DELETE", _ONE, delete_business, scope=_WRITE, is_write=True),
    Route(
        "add-remove-contact-from-business",
        "POST",
        "/contacts/bulk/business",
        link_contacts,
        scope="contacts.write",
        body=_LINK,
        location="body",
        is_write=True,
    ),
    Route(
        "get-contacts-by-businessId",
        "GET",
        "/contacts/business/{businessId}",
        list_contacts_of,
        scope="contacts.readonly",
        location="query",
    ),
)
