"""People of a chat workspace, and what they may do there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final


class Role(IntEnum):
    """What a person may do; each may all that those before it may."""

    NOBODY = 0
    """Not linked, or nothing granted: help and their own settings only."""
    VIEWER = 1
    EDITOR = 2
    OPERATOR = 3
    APPROVER = 4
    ADMIN = 5

    @property
    def word(self) -> str:
        """As people write it."""
        return self.name.lower()


class Standing(Enum):
    """What a person is to the workspace, as the workspace itself says."""

    MEMBER = "member"
    GUEST = "guest"
    """Single- or multi-channel guest."""
    EXTERNAL = "external"
    """Somebody of another company, in a shared channel."""
    BOT = "bot"
    GONE = "gone"
    """Deactivated."""
    UNKNOWN = "unknown"
    """The workspace does not say, and has not said lately."""


@dataclass(frozen=True, slots=True)
class Person:
    """One member of one workspace, as last looked up.

    Attributes:
        team: The workspace's id.
        user: The member's id in it.
        role: What was granted; counts only while `owner_id` is known.
        owner_id: The linked HighLevel user; empty where nobody is linked.
        language: `en` or `fr`.
        zone: IANA name of the time zone.
    """

    team: str
    user: str
    role: Role = Role.NOBODY
    owner_id: str = ""
    standing: Standing = Standing.MEMBER
    language: str = "en"
    zone: str = "UTC"

    @property
    def is_linked(self) -> bool:
        """Whether we know who it is in HighLevel."""
        return bool(self.owner_id)


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """What a channel takes away from everybody in it; it never gives.

    Attributes:
        ceiling: Nobody may do more here than this role may.
        objects: What commands may be about here; empty for all.
        connections: Connections shown here; empty for all.
    """

    team: str
    channel: str
    ceiling: Role = Role.ADMIN
    objects: frozenset[str] = frozenset()
    connections: frozenset[str] = frozenset()


class Risk(Enum):
    """Why an operation needs somebody else's approval."""

    MANY_RECORDS = "many_records"
    DELETE = "delete"
    MERGE = "merge"
    FULL_SYNC = "full_sync"
    MAPPING = "mapping"
    EXPORT = "export"
    GUARD = "guard"
    """A brake or another guard is switched off."""


MANY_RECORDS: Final = 25
"""An operation on more records than this needs approval."""
