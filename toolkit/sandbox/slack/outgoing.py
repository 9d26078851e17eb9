"""What the workspace tells the app, and what the app said to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from toolkit.sandbox.slack.values import Json


class Kind(StrEnum):
    """What is told; the value is the type of a Socket Mode envelope."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


class Ending(StrEnum):
    """How telling it ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATE = "late"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to tell the app.

    Args:
        kind: A command, an interaction or an event.
        payload: As Slack words it.
        retry: How often it was told before.
        reason: Why it is told again.
    """

    kind: Kind
    payload: Json
    retry: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Args:
        ending: How it ended.
        body: What the acknowledgement carried: an object, a text under `text`, or nothing.
        status: HTTP status; None over a socket or without an answer.
        elapsed_s: Until the acknowledgement, or until waiting ended.
        is_final: Whether the app asked not to be told again.
    """

    ending: Ending
    body: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None
    elapsed_s: float = 0.0
    is_final: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether the app took it in time."""
        return self.ending is Ending.ACCEPTED


class Line(Protocol):
    """A way to reach the app."""

    async def tell(self, outgoing: Outgoing, *, within_s: float) -> Reply:
        """Tell it once; never fails, silence is a reply too."""
        ...
