"""What converters must know of the two accounts, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody records can be assigned to: a HighLevel user."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Context:
    """Facts about the location that decide how a raw value is read.

    Attributes:
        users: All users of the location, so that owners can be read by name.
        default_region: ISO country of phone numbers without a country code.
        tz: IANA zone of times that carry none (HighLevel's per-contact appointment
            listing, marketplace docs, read 2026-11).
    """

    users: tuple[Owner, ...] = ()
    default_region: str = "US"
    tz: str = "UTC"
