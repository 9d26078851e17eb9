"""Webhook payloads. They are hints: what counts is the record as read again.

Shapes from the vendor's event pages and issue 264 of its docs (read 2026-11). There is no
event for an edited task, for a contact's business, or for do-not-disturb set by the contact.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from toolkit.clients.highlevel.wire.activity import Appointment, Note, Task
from toolkit.clients.highlevel.wire.base import WireModel, read_timestamp, wire_name
from toolkit.clients.highlevel.wire.contacts import Contact
from toolkit.errors import MalformedAnswerError


class Installation(WireModel):
    """An app installed into, or removed from, a company or location."""

    app_id: str
    company_id: str | None = None
    location_id: str | None = None
    user_id: str | None = None
    plan_id: str | None = None
    company_name: str | None = None
    is_white_label: bool | None = wire_name("isWhitelabelCompany")


class LocationNotice(WireModel):
    """A location's own settings changed."""

    id: str | None = None
    name: str | None = None
    timezone: str | None = None


Hint = Contact | Task | Note | Appointment | Installation | LocationNotice
_READERS: Final[Mapping[str, Callable[[Any], Hint]]] = {
    **dict.fromkeys(
        [
            "ContactCreate",
            "ContactUpdate",
            "ContactDelete",
            "ContactTagUpdate",
            "ContactDndUpdate",
        ],
        Contact.model_validate,
    ),
    **dict.fromkeys(["TaskCreate", "TaskComplete", "TaskDelete"], Task.model_validate),
    **dict.fromkeys(["NoteCreate", "NoteUpdate", "NoteDelete"], Note.model_validate),
    **dict.fromkeys(
        ["AppointmentCreate", "AppointmentUpdate", "AppointmentDelete"],
        Appointment.model_validate,
    ),
    **dict.fromkeys(["INSTALL", "UNINSTALL"], Installation.model_validate),
    "LocationUpdate": LocationNotice.model_validate,
}
EVENT_TYPES: Final = tuple(_READERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """One delivery.

    Attributes:
        type: `ContactCreate` and so on; types we do not know have no `hint`.
        location_id: Check it: the signature does not say whom the event is for.
        app_id: Check it too, where given.
        event_id: The vendor's `webhookId`, equal in every retry; else a hash of the body.
        sent_at: The vendor's `timestamp`; order by it, deliveries overtake each other.
        hint: What the record looked like, incomplete (a task may lack contact and body).
    """

    type: str
    location_id: str
    event_id: str
    app_id: str | None = None
    company_id: str | None = None
    sent_at: datetime | None = None
    hint: Hint | None = None


def read_event(body: bytes) -> WebhookEvent:
    """The event in `body`; check the signature over the same bytes first.

    Raises:
        MalformedAnswerError: Not JSON, no type, or a known type without its id.
    """
    try:
        payload = json.loads(body)
    except ValueError:
        raise _malformed("is not JSON") from None
    if not isinstance(payload, dict) or not isinstance(payload.get("type"), str):
        raise _malformed("has no type")
    kind = payload["type"]
    sent_at = read_timestamp(payload.get("timestamp"))
    return WebhookEvent(
        type=kind,
        location_id=str(payload.get("locationId") or ""),
        event_id=str(
            payload.get("webhookId") or hashlib.blake2b(body, digest_size=16).hexdigest()
        ),
        app_id=_text(payload.get("appId")),
        company_id=_text(payload.get("companyId")),
        sent_at=sent_at if isinstance(sent_at, datetime) else None,
        hint=_read_hint(kind, payload),
    )


def _read_hint(kind: str, payload: dict[str, Any]) -> Hint | None:
    reader = _READERS.get(kind)
    if reader is None:
        return None
    # `type` is the event's here and the contact's (lead, customer) in the models.
    flat = {key: value for key, value in payload.items() if key != "type"}
    record = payload.get("appointment", flat) if kind.startswith("Appointment") else flat
    try:
        return reader(record)
    except ValidationError:
        raise _malformed(f"of type {kind} lacks what identifies its record") from None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _malformed(why: str) -> MalformedAnswerError:
    return MalformedAnswerError(
        f"A HighLevel webhook {why}",
        system="highlevel",
        operation="webhook",
        unchanged="Nothing was changed",
    )
