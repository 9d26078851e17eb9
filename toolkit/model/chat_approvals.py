"""Asking somebody else first: requests bound to a plan, votes, and what may come of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from toolkit.model.chat_people import Risk

LIFETIME: Final = timedelta(hours=4)
"""How long a request waits for its votes."""


class ApprovalState(Enum):
    """How far a request has come."""

    OPEN = "open"
    APPROVED = "approved"
    """Enough votes; it may be carried out once."""
    REFUSED = "refused"
    EXPIRED = "expired"
    VOID = "void"
    """The data changed after it was asked for: what was approved is no longer what would be done."""
    DONE = "done"
    OVERRIDDEN = "overridden"
    """An administrator let it through alone, with a reason."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's answer."""

    user: str
    is_yes: bool
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """A request to do something risky.

    Attributes:
        id: Opaque; all that a button carries.
        plan_hash: Exactly what would be done; another hash is another request.
        command: Written out in full, to be run once allowed.
        what: For people: the command in words.
        needed: How many must say yes, the requester not counted.
    """

    id: str
    team: str
    connection: str
    plan_hash: str
    command: str
    what: str
    requester: str
    risks: tuple[Risk, ...]
    asked_at: datetime
    expires_at: datetime
    reason: str = ""
    channel: str = ""
    count: int = 0
    needed: int = 1
    votes: tuple[Vote, ...] = ()
    state: ApprovalState = ApprovalState.OPEN
