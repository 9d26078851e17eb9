"""Every error a caller can meet, typed by what the caller does next.

HightonicError
├── UseError                    ask differently (exit 2)
│   ├── ConfigError             mend the file at this line
│   └── ScriptError             mend your own function at this line; the rest goes on
├── DecisionNeededError         a person decides (exit 78)
│   └── PlanChangedError        the data moved on: plan again
├── StateError                  look after this machine's disk or database
│   ├── StateBusyError          wait for the other process
│   └── StateDamagedError       restore or start afresh
└── VendorError                 one of the two services said no, or nothing
    ├── NotReachedError         provably not executed: try again later
    │   └── RateLimitedError    ... after `retry_after_s`
    ├── QuotaExhaustedError     nothing more today (or this month)
    ├── CredentialsError        renew the key
    ├── ForbiddenError          grant the scope or the location
    ├── NotFoundError           it is gone: plan again
    ├── RejectedError           mend the values, never repeat as they are
    │   └── DuplicateContactError   link to `contact_id` instead
    └── UnknownOutcomeError     a write may have happened: look before anything else
        └── MalformedAnswerError    the answer could not be read
"""

from __future__ import annotations

import secrets
from typing import ClassVar


class HightonicError(Exception):
    """Root of the tree.

    Args:
        happened: One clause: what happened. Never holds a personal value or a secret.
        unchanged: What was *not* changed by the failed act.
        remedy: What the reader does next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, happened: str, *, unchanged: str = "", remedy: str = "") -> None:
        super().__init__(happened)
        self.happened = happened
        self.unchanged = unchanged
        self.remedy = remedy
        self.reference = secrets.token_hex(4)

    @property
    def sentence(self) -> str:
        """What a person reads: what happened, what was not changed, what to do."""
        parts = [part for part in (self.happened, self.unchanged, self.remedy) if part]
        ended = [part if part.endswith((".", "?", "!")) else f"{part}." for part in parts]
        return " ".join([*ended, f"(ref {self.reference})"])

    def __str__(self) -> str:
        return self.happened


class UseError(HightonicError):
    """The call itself is off: wrong argument, unknown name, missing setting."""

    exit_code = 2


class ConfigError(UseError):
    """A settings or mapping file cannot be used.

    Args:
        happened: What is wrong.
        file: Path of the file, as the user named it.
        line: 1-based line, where known.
        remedy: The nearest right name, or what to write instead.
    """

    def __init__(
        self, happened: str, *, file: str = "", line: int | None = None, remedy: str = ""
    ) -> None:
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + happened, unchanged="Nothing was changed", remedy=remedy)
        self.file = file
        self.line = line


class ScriptError(UseError):
    """A function of the user's own file failed, or took too long.

    Args:
        happened: The error's class, the function and where; never the error's own text,
            which may hold a value.
        file: Name of the script, without its folder.
        line: 1-based line in it, where known.
        function: The function that was called.
    """

    def __init__(
        self, happened: str, *, file: str = "", line: int | None = None, function: str = ""
    ) -> None:
        super().__init__(
            happened, remedy="Mend the function; `hightonic scripts check` tries it"
        )
        self.file = file
        self.line = line
        self.function = function


class DecisionNeededError(HightonicError):
    """The work waits for a person: a brake, an approval, a conflict."""

    exit_code = 78


class PlanChangedError(DecisionNeededError):
    """The stored plan no longer fits what the systems hold."""


class StateError(HightonicError):
    """This machine's own state could not be read or written."""


class StateBusyError(StateError):
    """Another process works on the same home."""


class StateDamagedError(StateError):
    """A state file is half-written or not ours."""


class VendorError(HightonicError):
    """A vendor refused, failed or kept silent.

    Args:
        happened: What happened, in our words.
        system: `highlevel` or `timetonic`.
        operation: `POST /contacts/` or `createOrUpdateTableRow`; ids allowed, values not.
        http_status: Status of the answer; None when there was none.
        trace_id: The vendor's own reference, where given.
        vendor_message: The vendor's own text; may hold values, so it is never logged.
        remedy: What the reader does next.
    """

    def __init__(  # noqa: PLR0913 — an error carries all that its reader needs
        self,
        happened: str,
        *,
        system: str,
        operation: str = "",
        http_status: int | None = None,
        trace_id: str = "",
        vendor_message: str = "",
        unchanged: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(happened, unchanged=unchanged, remedy=remedy)
        self.system = system
        self.operation = operation
        self.http_status = http_status
        self.trace_id = trace_id
        self.vendor_message = vendor_message


class NotReachedError(VendorError):
    """The vendor provably did not execute the call."""


class RateLimitedError(NotReachedError):
    """Too many calls in the window; the call was refused, not executed."""

    retry_after_s: float = 0.0


class QuotaExhaustedError(VendorError):
    """The daily or monthly allowance is used up."""


class CredentialsError(VendorError):
    """The key is wrong, expired or revoked."""


class ForbiddenError(VendorError):
    """The key is good but may not do this here."""


class NotFoundError(VendorError):
    """The record is not there (any more)."""


class RejectedError(VendorError):
    """The vendor read the call and will not take these values."""


class DuplicateContactError(RejectedError):
    """HighLevel holds a contact with this e-mail or phone already."""

    contact_id: str = ""
    matching_field: str = ""


class UnknownOutcomeError(VendorError):
    """A call was sent and no sure answer came; a write may have been executed."""


class MalformedAnswerError(UnknownOutcomeError):
    """An answer came that could not be read as what the vendor promises."""
