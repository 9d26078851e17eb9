"""What HighLevel's refusals mean: from status and text to the error that says what to do next.

Shapes and texts were collected from the vendor's OpenAPI, its issue tracker and live notes of
others (read 2026-11). The status of HTTP counts; `statusCode` inside a body may differ from it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.errors import (
    CredentialsError,
    DuplicateContactError,
    ForbiddenError,
    NotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolkit.clients.http import Answer

_OK = range(200, 300)
_SERVER_FAULT = 500
_REQUEST_TIMEOUT = 408
_DEFAULT_INTERVAL_S = 10.0
_GONE = re.compile(r"\b(not found|does not exist|is deleted)\b", re.IGNORECASE)
_NO_ROUTE = re.compile(r"^Cannot (GET|POST|PUT|PATCH|DELETE) ", re.IGNORECASE)
_SUCCESS_FLAGS = ("succeeded", "succeded", "success")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A refusal's body, whichever of its shapes it came in."""

    message: str = ""
    trace_id: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    is_readable: bool = False


def read_complaint(body: bytes) -> Complaint:
    """The complaint in `body`; an unreadable one (HTML, empty) is a complaint without text."""
    try:
        payload = json.loads(body)
    except ValueError:
        return Complaint()
    if not isinstance(payload, dict):
        return Complaint()
    # Newer endpoints wrap everything in an `error` object; one old variant has only its text.
    error = payload.get("error")
    inner = error if isinstance(error, dict) else {}
    message = payload.get("message", inner.get("message", error))
    if isinstance(message, list):
        message = "; ".join(str(item) for item in message)
    meta = payload.get("meta")
    return Complaint(
        message=message if isinstance(message, str) else "",
        trace_id=str(payload.get("traceId") or ""),
        meta=meta if isinstance(meta, dict) else {},
        is_readable=True,
    )


def error_of(answer: Answer, *, is_read: bool) -> VendorError | None:
    """The error that `answer` is; None for any 2xx.

    | status | becomes |
    |---|---|
    | 400 | DuplicateContactError, NotFoundError (a missing record is 400), else RejectedError |
    | 401 | ForbiddenError (scope, token kind), RejectedError (Version header),
            UnknownOutcomeError ("Command timed out"), else CredentialsError |
    | 403 | ForbiddenError |
    | 404 | NotFoundError; RejectedError for a route that does not exist |
    | 408, 5xx | UnknownOutcomeError |
    | 429 | QuotaExhaustedError with nothing left today, else RateLimitedError |
    | other | RejectedError; after a create with 422, look up before repeating |
    """
    if answer.status in _OK:
        return None
    complaint = read_complaint(answer.body)
    if answer.status >= _SERVER_FAULT or answer.status == _REQUEST_TIMEOUT:
        return _no_sure_answer(answer, complaint, is_read=is_read)
    meaning = _MEANINGS.get(answer.status, _rejected)
    return meaning(answer, complaint)


def refuse_false_success(answer: Answer, payload: object) -> None:
    """Check the success flag, in any of its three spellings.

    Raises:
        RejectedError: A 2xx that says it did not succeed.
    """
    if isinstance(payload, dict) and any(payload.get(flag) is False for flag in _SUCCESS_FLAGS):
        raise _rejected(answer, Complaint(trace_id=str(payload.get("traceId") or "")))


def _bad_request(answer: Answer, complaint: Complaint) -> VendorError:
    contact_id = complaint.meta.get("contactId")
    if isinstance(contact_id, str) and contact_id:
        duplicate = DuplicateContactError(
            "HighLevel holds a contact with this e-mail or phone already",
            **_details(answer, complaint),
            unchanged="No contact was created",
            remedy="Link to the existing contact",
        )
        duplicate.contact_id = contact_id
        duplicate.matching_field = str(complaint.meta.get("matchingField") or "")
        return duplicate
    if _GONE.search(complaint.message):
        return _gone(answer, complaint)
    return _rejected(answer, complaint)


def _unauthorised(answer: Answer, complaint: Complaint) -> VendorError:
    text = complaint.message.lower()
    if "timed out" in text:
        return _no_sure_answer(answer, complaint, is_read=False)
    if "version header" in text:
        return _rejected(answer, complaint)
    if any(sign in text for sign in ("scope", "authclass", "e01")):
        return _forbidden(answer, complaint)
    return CredentialsError(
        "HighLevel does not accept the token",
        **_details(answer, complaint),
        unchanged="Nothing was changed",
        remedy="Renew the token",
    )


def _forbidden(answer: Answer, complaint: Complaint) -> ForbiddenError:
    return ForbiddenError(
        f"The token may not do {answer.operation} here",
        **_details(answer, complaint),
        unchanged="Nothing was changed",
        remedy="Check the location id and the scopes of the token",
    )


def _not_found(answer: Answer, complaint: Complaint) -> VendorError:
    # An unknown route also answers 404, at times without a body; taking that for a missing
    # record would let a mistyped address look like mass deletion.
    if not complaint.is_readable or _NO_ROUTE.match(complaint.message):
        return RejectedError(
            f"There is no {answer.operation} at this address",
            **_details(answer, complaint),
            unchanged="Nothing was changed",
            remedy="Check the base URL and the API version",
        )
    return _gone(answer, complaint)


def _gone(answer: Answer, complaint: Complaint) -> NotFoundError:
    return NotFoundError(
        f"HighLevel has no such record ({answer.operation})",
        **_details(answer, complaint),
        unchanged="Nothing was changed",
        remedy="It may have been deleted: plan again",
    )


def _too_many(answer: Answer, complaint: Complaint) -> VendorError:
    if answer.headers.get("x-ratelimit-daily-remaining") == "0":
        return QuotaExhaustedError(
            "The daily allowance of HighLevel calls is used up",
            **_details(answer, complaint),
            unchanged="Nothing was changed",
            remedy="Go on when it is renewed",
        )
    limited = RateLimitedError(
        "HighLevel asks for a slower pace",
        **_details(answer, complaint),
        unchanged="Nothing was changed",
        remedy="Try again in a few seconds",
    )
    interval_ms = answer.headers.get("x-ratelimit-interval-milliseconds", "")
    limited.retry_after_s = (
        int(interval_ms) / 1000 if interval_ms.isdecimal() else _DEFAULT_INTERVAL_S
    )
    return limited


def _no_sure_answer(
    answer: Answer, complaint: Complaint, *, is_read: bool
) -> UnknownOutcomeError:
    return UnknownOutcomeError(
        f"HighLevel failed on {answer.operation} ({answer.status})",
        **_details(answer, complaint),
        unchanged="A read changes nothing" if is_read else "",
        remedy="Try again later" if is_read else "Look up whether it took effect",
    )


def _rejected(answer: Answer, complaint: Complaint) -> RejectedError:
    return RejectedError(
        f"HighLevel refused {answer.operation} ({answer.status})",
        **_details(answer, complaint),
        remedy="Mend the values; do not repeat them as they are",
    )


def _details(answer: Answer, complaint: Complaint) -> dict[str, Any]:
    return {
        "system": "highlevel",
        "operation": answer.operation,
        "http_status": answer.status,
        "trace_id": complaint.trace_id,
        "vendor_message": complaint.message,
    }


_MEANINGS: dict[int, Callable[[Answer, Complaint], VendorError]] = {
    400: _bad_request,
    401: _unauthorised,
    403: _forbidden,
    404: _not_found,
    429: _too_many,
}
