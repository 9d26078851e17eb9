"""What a command's function is handed: who asks, where, and what may be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.alerts.desk import AlertDesk
    from bot.install.linking import LinkAnswer
    from bot.parse import Parsed
    from bot.settings import Settings
    from bot.views.blocks import Message
    from bot.words import Voice
    from toolkit.app.front_readings import FrontReadings
    from toolkit.app.slack_memory import SlackShelf
    from toolkit.model.chat_people import Person
    from toolkit.model.events import Event
    from toolkit.model.values import Value


class EventSource(Protocol):
    """Where events are looked up by number."""

    def list_events(self, after: int = 0, *, limit: int = 100) -> Sequence[Event]:
        """Events after a number, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """One command being carried out.

    Attributes:
        channel: Where it was given.
        now: Aware.
        values_of: Agreed values of the record an event is about.
        link: Says who somebody is in HighLevel, or how they may say it; None where nobody
            is linked.
    """

    person: Person
    channel: str
    voice: Voice
    now: datetime
    cards: FrontReadings
    shelf: SlackShelf
    settings: Settings
    alerts: AlertDesk
    feed: EventSource
    values_of: Callable[[Event], Mapping[str, Value]]
    link: Callable[[Person], LinkAnswer] | None = None

    @property
    def team(self) -> str:
        """The workspace."""
        return self.person.team


Handler: TypeAlias = "Callable[[Scene, Parsed], Message]"
