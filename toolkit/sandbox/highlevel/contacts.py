"""Contacts: create, read, update, delete, upsert, duplicates, the deprecated list."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from toolkit.sandbox.highlevel import documents, problems
from toolkit.sandbox.highlevel.calls import Call, Payload, Route
from toolkit.sandbox.highlevel.records import Contact
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.wire import epoch_ms
from toolkit.sandbox.highlevel.writing import (
    CREATE,
    CREATE_V3,
    UPDATE,
    UPDATE_V3,
    UPSERT,
    UPSERT_V3,
    fill,
    normal_phone,
)

_LEGACY_MOST: Final = 100
_DEFAULT_SOURCE: Final = "public api"


def create_contact(call: Call) -> Payload:
    """Refuses a duplicate unless the location allows them."""
    contact = _draft(call)
    if not any(
        contact.values.get(name) for name in ("firstName", "lastName", "email", "phone")
    ):
        # Seen live: HTTP 400 whose body claims 422.
        message = "Pass at least one of name, email or phone"
        raise problems.RefusalError(
            400, {"statusCode": 422, "message": message, "error": "Unprocessable Entity"}
        )
    _refuse_duplicate(call.state, contact)
    call.state.save(contact)
    document = documents.created(contact, call.state, is_v3=call.is_v3)
    return {"contact": document, "traceId": call.trace_id}


def get_contact(call: Call) -> Payload:
    """One contact in full."""
    contact = call.state.contact(call.ids["contactId"])
    return {
        "contact": documents.single(contact, call.state, is_v3=call.is_v3),
        "traceId": call.trace_id,
    }


def update_contact(call: Call) -> Payload:
    """A partial merge; `tags` replaces the whole set."""
    changed = _changed(call, call.state.contact(call.ids["contactId"]), call.body)
    _refuse_duplicate(call.state, changed)
    call.state.touch(changed)
    document = documents.single(changed, call.state, is_v3=call.is_v3)
    return {**call.ok, "contact": document}


def delete_contact(call: Call) -> Payload:
    """Deletes the contact with its tasks and notes."""
    call.state.remove(call.state.contact(call.ids["contactId"]))
    return call.ok


def upsert_contact(call: Call) -> Payload:
    """Section 6.4 of the reference: the first identifier that matches wins, the other is dropped."""
    body = dict(call.body)
    is_forced = bool(body.pop("createNewIfDuplicateAllowed", False))
    found = None
    if not (is_forced and call.state.options.allow_duplicate_contact):
        found = _match(call.state, body)
    if found is None:
        contact = _draft(call)
        if not any(contact.values.get(name) for name in ("email", "phone")):
            raise problems.bad_request("Pass at least one of email or phone")
        call.state.save(contact)
    else:
        contact = _changed(call, found[0], _without_clashes(call.state, body, found))
        _promote(contact)
        call.state.touch(contact)
    document = documents.single(contact, call.state, is_v3=call.is_v3)
    return {"new": found is None, **call.ok, "contact": document, "traceId": call.trace_id}


def find_duplicate(call: Call) -> Payload:
    """`{"contact": null}` when nobody matches; the published answer has no schema."""
    number, email = call.parameter("number"), call.parameter("email")
    if not number and not email:
        raise problems.bad_request("Pass at least one of number, email query parameter")
    found = _match(call.state, {"phone": number, "email": email})
    document = (
        documents.single(found[0], call.state, is_v3=call.is_v3) if found is not None else None
    )
    return {"contact": document, "traceId": call.trace_id}


def list_contacts(call: Call) -> Payload:
    """The deprecated list: newest first, `startAfter` and `startAfterId` go on from a row."""
    limit = call.count("limit", 20, most=_LEGACY_MOST, least=1)
    start_ms = call.count("startAfter", 0, most=10**14)
    start_id = call.parameter("startAfterId")
    words = (call.parameter("query") or "").lower()
    ranked = sorted(call.state.contacts.values(), key=_newest_first)
    matching = [one for one in ranked if not words or words in _haystack(one)]
    after = (-start_ms, start_id or "")
    rest = [one for one in matching if not start_ms or _newest_first(one) > after]
    page = rest[:limit]
    return {
        "contacts": [documents.legacy_row(one, call.state) for one in page],
        "count": len(matching),
        "meta": _legacy_meta(call, page, total=len(matching), is_last=len(rest) <= limit),
        "traceId": call.trace_id,
    }


def _legacy_meta(call: Call, page: list[Contact], *, total: int, is_last: bool) -> Payload:
    if not page:
        return {"total": total, "currentPage": 1, "nextPage": None, "prevPage": None}
    last, limit = page[-1], call.count("limit", 20, most=_LEGACY_MOST)
    start_after = epoch_ms(last.added_at)
    # As in life the link points to a host inside the vendor's network: it must not be followed.
    link = (
        "http://contacts-internal.example.com/contacts/"
        f"?limit={limit}&startAfter={start_after}&startAfterId={last.id}"
    )
    return {
        "total": total,
        "nextPageUrl": None if is_last else link,
        "startAfterId": last.id,
        "startAfter": start_after,
        "currentPage": 1,
        "nextPage": None if is_last else 2,
        "prevPage": None,
    }


def _newest_first(contact: Contact) -> tuple[int, str]:
    return (-epoch_ms(contact.added_at), contact.id)


def _haystack(contact: Contact) -> str:
    values = contact.values
    parts = [
        contact.name,
        *(values.get(name) or "" for name in ("email", "phone", "companyName")),
    ]
    return "\n".join(parts).lower()


def _draft(call: Call) -> Contact:
    contact = Contact(call.state.ids.short(), added_at=call.now, updated_at=call.now)
    body = {"source": _DEFAULT_SOURCE, **call.body}
    fill(call.state, contact, body, is_v3=call.is_v3)
    return contact


def _changed(call: Call, contact: Contact, body: dict[str, Any]) -> Contact:
    """A changed copy, so that a refusal half-way leaves the stored contact as it was."""
    changed = replace(contact, dnd_settings=deepcopy(contact.dnd_settings))
    fill(call.state, changed, body, is_v3=call.is_v3)
    return changed


def _match(state: HighLevelState, body: dict[str, Any]) -> tuple[Contact, str] | None:
    """The contact that a body means, and the identifier that told so."""
    country = body.get("country") or state.options.country
    keys = {"email": body.get("email"), "phone": normal_phone(body.get("phone"), country)}
    for identifier in state.options.unique_identifiers:
        contact = state.find_by(identifier, keys[identifier])
        if contact is not None:
            return contact, identifier
    return None


def _without_clashes(
    state: HighLevelState, body: dict[str, Any], found: tuple[Contact, str]
) -> dict[str, Any]:
    """Drop gender, and an e-mail or phone that belongs to somebody else, without a word."""
    contact, identifier = found
    kept = {name: value for name, value in body.items() if name not in {"gender", "locationId"}}
    for other in {"email", "phone"} - {identifier}:
        owner = _match_one(state, other, kept.get(other))
        if owner is not None and owner.id != contact.id:
            del kept[other]
    return kept


def _match_one(state: HighLevelState, identifier: str, value: str | None) -> Contact | None:
    if identifier == "phone":
        value = normal_phone(value, state.options.country)
    return state.find_by(identifier, value)


def _promote(contact: Contact) -> None:
    """An additional e-mail that matched becomes the primary one; the old primary is lost."""
    primary = (contact.values.get("email") or "").lower()
    contact.additional_emails = [
        one for one in contact.additional_emails if one.lower() != primary
    ]


def _refuse_duplicate(state: HighLevelState, contact: Contact) -> None:
    if state.options.allow_duplicate_contact:
        return
    for identifier in state.options.unique_identifiers:
        other = state.find_by(identifier, contact.values.get(identifier))
        if other is not None and other.id != contact.id:
            raise problems.duplicate_contact(other.id, other.name, identifier)


ROUTES: Final = (
    Route(
        "create-contact",
        "POST",
        "/contacts/",
        create_contact,
        scope="contacts.write",
        status=201,
        body=CREATE,
        body_v3=CREATE_V3,
        location="body",
        is_write=True,
    ),
    Route(
        "upsert-contact",
        "POST",
        "/contacts/upsert",
        upsert_contact,
        scope="contacts.write",
        body=UPSERT,
        body_v3=UPSERT_V3,
        location="body",
        is_write=True,
    ),
    Route(
        "get-duplicate-contact",
        "GET",
        "/contacts/search/duplicate",
        find_duplicate,
        scope="contacts.readonly",
        location="query",
    ),
    Route(
        "get-contacts",
        "GET",
        "/contacts/",
        list_contacts,
        scope="contacts.readonly",
        location="query",
    ),
    Route(
        "get-contact", "GET", "/contacts/{contactId}", get_contact, scope="contacts.readonly"
    ),
    Route(
        "update-contact",
        "PUT",
        "/contacts/{contactId}",
        update_contact,
        scope="contacts.write",
        body=UPDATE,
        body_v3=UPDATE_V3,
        is_write=True,
    ),
    Route(
        "delete-contact",
        "DELETE",
        "/contacts/{contactId}",
        delete_contact,
        scope="contacts.write",
        is_write=True,
    ),
)
