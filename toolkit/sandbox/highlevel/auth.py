"""Versions, tokens, scopes and locations: checked in the order in which HighLevel says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from toolkit.sandbox.highlevel import problems

VERSIONS: Final = frozenset({"v3", "2023-02-21", "2021-07-28", "2021-04-15"})
SCOPES: Final = frozenset(
    {
        "contacts.readonly",
        "contacts.write",
        "locations.readonly",
        "locations/tasks.readonly",
        "locations/customFields.readonly",
        "locations/customFields.write",
        "locations/tags.readonly",
        "locations/tags.write",
        "users.readonly",
        "businesses.readonly",
        "businesses.write",
        "calendars.readonly",
        "calendars/events.readonly",
        "calendars/events.write",
        "opportunities.readonly",
        "oauth.readonly",
        "oauth.write",
    }
)
GrantKind = Literal["pit", "location", "company"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a bearer may do; `ends_at` None means it does not expire."""

    kind: GrantKind
    scopes: frozenset[str]
    location_id: str | None
    ends_at: datetime | None = None
    key: str = ""


@dataclass(slots=True)
class Keyring:
    """Every token in force."""

    grants: dict[str, Grant] = field(default_factory=dict)

    def add(self, token: str, grant: Grant) -> None:
        """Let this token in."""
        self.grants[token] = grant

    def revoke(self, token: str) -> None:
        """Shut this token out; an unknown one is no error."""
        self.grants.pop(token, None)

    def find(self, headers: Mapping[str, str], now: datetime) -> Grant:
        """Who is calling.

        Raises:
            RefusalError: 401, worded by the kind of token that was tried.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        grant = self.grants.get(token) if scheme.lower() == "bearer" else None
        if grant is not None and (grant.ends_at is None or now < grant.ends_at):
            return grant
        is_pit = token.startswith("pit-")
        raise problems.unauthorised(
            "Invalid Private Integration token" if is_pit else "Invalid JWT"
        )


def check_version(headers: Mapping[str, str], *, is_needed: bool) -> str:
    """The version the caller asks for, empty when none is given and none is needed.

    Raises:
        RefusalError: 401, the header is missing or unknown.
    """
    version = headers.get("version", "")
    if version in VERSIONS or (not version and not is_needed):
        return version
    missing = not version
    raise problems.unauthorised(
        "version header was not found." if missing else "version header is invalid"
    )


def check_scope(grant: Grant, scope: str) -> None:
    """Refuse a token without this scope: 401, not 403, and before any look at the location."""
    if scope and scope not in grant.scopes:
        raise problems.unauthorised("The token is not authorized for this scope.")


def check_location(grant: Grant, given: str | None, *, location_id: str) -> None:
    """Refuse a missing location, and one that is not the token's."""
    is_ours = grant.kind == "company" or grant.location_id == location_id
    if given != location_id or not is_ours:
        raise problems.wrong_location()
