"""Messages on their way to a chat, each with a name of its own.

A message is kept as what it shall say. Whoever sends compares that with what was sent: many
edits before the first post are one post, and a lost process leaves nothing to repeat twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

URGENT: Final = 0
USUAL: Final = 10
LATER: Final = 20


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a message shall say from now on.

    Attributes:
        slot: Names the message; putting another text under it edits the message.
        channel: A channel's or a user's id.
        payload: `text`, `blocks`, ... as the chat takes them.
        parent: Slot of the message in whose thread it stands; empty for none.
        rank: Smaller goes first within its channel: `URGENT`, `USUAL`, `LATER`.
        not_before: Not sent earlier; None for now.
    """

    slot: str
    team: str
    channel: str
    payload: Mapping[str, Any]
    parent: str = ""
    rank: int = USUAL
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flight:
    """A message that one process took to send it.

    Attributes:
        version: Of the payload; the next edit has the next number.
        place: Channel the message stands in, as the chat named it; empty before it is posted.
        ts: The chat's own id of the message; empty before it is posted.
        parent_ts: Of the message in whose thread it belongs; empty for none.
        tries: How often this was tried.
        is_unsure: An earlier try may have posted it: look before posting again.
        since: When it was first tried; a look need not go further back.
    """

    slot: str
    team: str
    channel: str
    payload: Mapping[str, Any]
    version: int
    place: str = ""
    ts: str = ""
    parent_ts: str = ""
    tries: int = 0
    is_unsure: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that was given up."""

    slot: str
    team: str
    channel: str
    error: str
    at: datetime
