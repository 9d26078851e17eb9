"""How HighLevel says no: the error envelopes, word for word where the wording is known."""

from __future__ import annotations

from typing import Any


class RefusalError(Exception):
    """Ends a call with this status and body; `traceId` is added on the way out."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def bad_request(message: str, **extra: Any) -> RefusalError:  # noqa: ANN401 — any JSON
    """The common 400."""
    body = {"statusCode": 400, "message": message, "error": "Bad Request", **extra}
    return RefusalError(400, body)


def unauthorised(message: str) -> RefusalError:
    """A 401; HighLevel uses it for versions, tokens and scopes alike."""
    return RefusalError(401, {"statusCode": 401, "message": message, "error": "Unauthorized"})


def wrong_location() -> RefusalError:
    """The 403 of a wrong or missing `locationId`, seen live."""
    message = "The token does not have access to this location."
    return RefusalError(403, {"statusCode": 403, "message": message, "error": "Forbidden"})


def agency_only() -> RefusalError:
    """The 403 of an agency endpoint met with a location's token."""
    body = {"message": "Forbidden resource", "error": "Forbidden", "statusCode": 403}
    return RefusalError(403, body)


def no_route(method: str, path: str) -> RefusalError:
    """The 404 of an unknown path."""
    body = {"message": f"Cannot {method} {path}", "error": "Not Found", "statusCode": 404}
    return RefusalError(404, body)


def unprocessable(messages: list[str]) -> RefusalError:
    """The 422 of a body that breaks its declared shape; `message` is a list."""
    body = {"statusCode": 422, "message": messages, "error": "Unprocessable Entity"}
    return RefusalError(422, body)


def contact_missing(contact_id: str) -> RefusalError:
    """A contact that is not there is a 400, never a 404."""
    body = {"statusCode": 400, "message": f"Contact not found for id:{contact_id}"}
    return RefusalError(400, {**body, "error": "Bad Request"})


def contact_missing_below(contact_id: str) -> RefusalError:
    """The same, as tasks, notes, tags and followers say it: other keys, no `statusCode`."""
    return RefusalError(
        400, {"error": f"Contact with id {contact_id} not found", "status": 400}
    )


def duplicate_contact(contact_id: str, name: str, field: str) -> RefusalError:
    """The 400 that names the contact already there."""
    meta = {"contactId": contact_id, "contactName": name, "matchingField": field}
    message = "This location does not allow duplicated contacts."
    return RefusalError(400, {"statusCode": 400, "message": message, "meta": meta})
