"""TimeTonic's protocol without any I/O: a call becomes a request, an answer a value or an error.

One address, form-encoded POST, the function named by `req`, the session in three form fields;
errors mostly arrive with HTTP 200 (vendor help pages and published clients, read 2026-11).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from toolkit.clients.http import Answer, Request
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.wire import EnvelopeWire, read_as
from toolkit.errors import (
    CredentialsError,
    ForbiddenError,
    MalformedAnswerError,
    NotFoundError,
    NotReachedError,
    QuotaExhaustedError,
    RateLimitedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)

SYSTEM = "timetonic"
DEFAULT_URL = "https://timetonic.com/live/api.php"
DEFAULT_VERSION = "6.49q/6.49"
_BAD_REQUEST = 400
_SERVER_FAULT = 500
_DEADLOCK = "deadlock"
# "field not found" or "function not found" is about the call, not about the record.
_ABOUT_THE_CALL = ("field", "function", "label", "view")

Payload = dict[str, object]


class Effect(Enum):
    """What repeating a call would do, which decides when it may be repeated."""

    READ = "changes nothing"
    IDEMPOTENT = "writes the same again"
    REMOVE = "finds nothing left to remove"
    CREATE = "happens a second time"


class DeadlockError(NotReachedError):
    """The database gave up on a batch and rolled it back; the same batch may go again.

    The vendor's own wrapper re-sends at once and for ever; here the retry policy caps it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What signs a call; the key stays out of `repr`.

    Attributes:
        sesskey: The session key; empty for the three sign-in steps.
        user: Whom the session belongs to (`o_u`) and who acts (`u_c`).
        version: API version the caller was written for; empty leaves it out.
    """

    user: str
    sesskey: str = field(repr=False)
    version: str = DEFAULT_VERSION

    def as_form(self) -> dict[str, object]:
        """The parameters every signed call carries."""
        return {
            "version": self.version or None,
            "o_u": self.user,
            "u_c": self.user,
            "sesskey": self.sesskey,
        }


Files = Mapping[str, tuple[str, bytes, str]]


def build_request(
    function: str,
    arguments: Mapping[str, object],
    *,
    effect: Effect,
    session: Mapping[str, object],
    files: Files | None = None,
) -> Request:
    """The request for one call; nothing secret can reach the address.

    Args:
        function: The vendor's name, such as `getTableValues`.
        arguments: None is left out; maps and lists travel as JSON text, because PHP drops
            variables of a bracketed form beyond its thousandth.
        effect: What repeating it would do.
        session: Of `Session.as_form`, or what a sign-in step needs.
        files: Parts of a multipart upload.
    """
    named = {"req": function, **session, **arguments}
    return Request(
        method="POST",
        path="",
        operation=function,
        system=SYSTEM,
        is_read=effect is Effect.READ,
        form={name: _as_text(value) for name, value in named.items() if value is not None},
        files=files,
    )


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def decipher(answer: Answer, *, effect: Effect, profile: CapabilityProfile) -> Payload:
    """The answer's payload, or the error it means.

    Looked at in this order: HTTP status, readable JSON, `status`.

    Raises:
        VendorError: The leaf that says what the caller does next.
    """
    payload = _json_object(answer)
    if payload is None:
        if answer.status >= _BAD_REQUEST:
            raise _by_status(answer, effect=effect, message="")
        raise MalformedAnswerError(
            f"TimeTonic answered {answer.operation} with a page instead of JSON",
            system=SYSTEM,
            operation=answer.operation,
            http_status=answer.status,
            remedy="Check the address and that this build knows the function",
        )
    envelope = read_as(EnvelopeWire, payload, operation=answer.operation)
    # Of a failing server only a deadlock is believed: that batch was rolled back.
    if answer.status >= _SERVER_FAULT and _DEADLOCK not in envelope.message.lower():
        raise _by_status(answer, effect=effect, message=envelope.message)
    if envelope.status == "ok" and answer.status < _BAD_REQUEST:
        return payload
    raise _refusal(answer, envelope, effect=effect, profile=profile)


def _json_object(answer: Answer) -> Payload | None:
    try:
        content = json.loads(answer.body)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _by_status(answer: Answer, *, effect: Effect, message: str) -> VendorError:
    kinds: Mapping[int, type[VendorError]] = {
        401: CredentialsError,
        403: ForbiddenError,
        404: RejectedError,
        429: RateLimitedError,
    }
    kind = kinds.get(answer.status)
    if kind is None:
        kind = UnknownOutcomeError if answer.status >= _SERVER_FAULT else RejectedError
    error = kind(
        f"TimeTonic answered {answer.operation} with HTTP {answer.status}",
        system=SYSTEM,
        operation=answer.operation,
        http_status=answer.status,
        vendor_message=message,
        unchanged="A read changes nothing" if effect is Effect.READ else "",
        remedy=_REMEDIES.get(kind, ""),
    )
    if isinstance(error, RateLimitedError):
        error.retry_after_s = _retry_after_s(answer)
    return error


def _retry_after_s(answer: Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else 0.0


def _refusal(
    answer: Answer, envelope: EnvelopeWire, *, effect: Effect, profile: CapabilityProfile
) -> VendorError:
    kind = _kind_of(envelope.message.lower(), profile)
    if kind is RejectedError and answer.status >= _BAD_REQUEST:
        return _by_status(answer, effect=effect, message=envelope.message)
    code = f" (code {envelope.error_code})" if envelope.error_code.isalnum() else ""
    return kind(
        f"TimeTonic refused {answer.operation}{code}",
        system=SYSTEM,
        operation=answer.operation,
        http_status=answer.status,
        trace_id=envelope.transaction_id,
        vendor_message=envelope.message,
        unchanged="Nothing was changed",
        remedy=_REMEDIES.get(kind, ""),
    )


def _kind_of(message: str, profile: CapabilityProfile) -> type[VendorError]:
    if _DEADLOCK in message:
        return DeadlockError
    is_about_call = any(word in message for word in _ABOUT_THE_CALL)
    meanings: tuple[tuple[tuple[str, ...], type[VendorError]], ...] = (
        (profile.quota_patterns, QuotaExhaustedError),
        (profile.auth_error_patterns, CredentialsError),
        (() if is_about_call else profile.missing_patterns, NotFoundError),
        (profile.forbidden_patterns, ForbiddenError),
    )
    for patterns, kind in meanings:
        if any(pattern.lower() in message for pattern in patterns):
            return kind
    return RejectedError


_REMEDIES: Mapping[type[VendorError], str] = {
    CredentialsError: "Make a new API key in the TimeTonic profile and run hightonic connect",
    ForbiddenError: "Give the API user this right on the book",
    NotFoundError: "It was deleted, or the id is of another book",
    QuotaExhaustedError: "Wait for the new month, or raise the plan's API calls",
    RateLimitedError: "Try again later",
    DeadlockError: "Try again later, or lower write_batch_size",
    RejectedError: "Check the address, the mapping and the values",
    UnknownOutcomeError: "Look up whether it took effect before anything else",
}
