"""Reads the feed and keeps the channels told; the only part of alerts that does anything.

Boards, messages and the feed's cursor are stored in one transaction: whoever dies in
between has said nothing, and the next one says it once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from bot.alerts.hearing import hear
from bot.alerts.routing import route_event
from bot.alerts.saying import outgoing
from bot.alerts.steps import Step, acknowledge, assign, resolve
from bot.alerts.telling import next_due, tell
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from toolkit.app.slack_memory import SlackShelf, StoredBoard
    from toolkit.model.chat_alerts import Board, Route
    from toolkit.model.chat_messages import Outgoing
    from toolkit.model.events import Event
    from toolkit.model.values import Value

    Change = tuple[StoredBoard, Board, datetime | None]

_BATCH: Final = 500
_TRIES: Final = 5
Place = tuple[str, str]


class Feed(Protocol):
    """Where events come from."""

    def list_events(self, after: int = 0, *, limit: int = 100) -> Sequence[Event]:
        """Events after a number, oldest first."""
        ...


class AlertDesk:
    """Turns events into messages.

    Args:
        shelf: What the bot remembers.
        feed: Events of all connections.
        values_of: Agreed values of the record an event is about; empty where unknown.
        clock: Now, aware.
        teams: Workspaces that can be told; None for all that chose something.
    """

    def __init__(
        self,
        shelf: SlackShelf,
        feed: Feed,
        *,
        values_of: Callable[[Event], Mapping[str, Value]],
        clock: Callable[[], datetime],
        teams: Callable[[], Collection[str]] | None = None,
    ) -> None:
        self._shelf = shelf
        self._feed = feed
        self._values_of = values_of
        self._clock = clock
        self._teams = teams or shelf.people.teams

    def read(self) -> int:
        """Deal with the next events of the feed; how many. Call until it answers 0."""
        before = self._shelf.alerts.get_cursor()
        events = self._feed.list_events(before, limit=_BATCH)
        if not events:
            return 0
        heard = self._routed(events)
        changes, messages = self._changes(heard)
        cursor = (before, events[-1].seq)
        # Somebody quicker has dealt with them, or will: they are read again.
        self._shelf.alerts.commit(changes, messages, cursor=cursor)
        return len(events)

    def tick(self) -> int:
        """Say what is due by now; how many boards had something to say."""
        told = self._teams()
        due = [each for each in self._shelf.alerts.due_boards(self._clock()) if each[0] in told]
        for place in due:
            changes, messages = self._changes({place: []})
            self._shelf.alerts.commit(changes, messages)
        return len(due)

    def acknowledge(self, team: str, id_: str, *, user: str) -> bool:
        """Somebody looks after an alert; False where there is none, or no need."""
        return self._step(team, id_, lambda board: acknowledge(board, id_, user=user))

    def resolve(self, team: str, id_: str, *, user: str) -> bool:
        """Somebody closes an alert; False as in `acknowledge`."""
        now = self._clock()
        return self._step(team, id_, lambda board: resolve(board, id_, user=user, now=now))

    def assign(self, team: str, id_: str, *, to: str) -> bool:
        """An alert is given to somebody; False as in `acknowledge`."""
        return self._step(team, id_, lambda board: assign(board, id_, to=to))

    def _routed(self, events: Sequence[Event]) -> dict[Place, list[tuple[Event, list[Route]]]]:
        routes = [
            route
            for team in self._teams()
            for route in Settings(self._shelf.people, team).routes()
        ]
        heard: dict[Place, list[tuple[Event, list[Route]]]] = {}
        for event in events if routes else ():
            for place, sent in route_event(routes, event, self._values_of(event)).items():
                heard.setdefault(place, []).append((event, sent))
        return heard

    def _changes(
        self, heard: Mapping[Place, Sequence[tuple[Event, list[Route]]]]
    ) -> tuple[list[Change], list[Outgoing]]:
        now = self._clock()
        changes: list[Change] = []
        messages: list[Outgoing] = []
        for (team, channel), events in sorted(heard.items()):
            settings = Settings(self._shelf.people, team)
            habits = settings.habits(channel)
            stored = self._shelf.alerts.read_board(team, channel)
            board = stored.board
            for event, routes in events:
                board = hear(board, event, routes, habits=habits, now=now)
            waiting = self._shelf.outbox.count_waiting(team, channel)
            mutes = settings.mutes(now)
            board, says = tell(board, mutes, habits=habits, now=now, waiting=waiting)
            messages += outgoing(board, says, settings.voice(channel))
            changes.append((stored, board, next_due(board, habits=habits, now=now)))
        return changes, messages

    def _step(self, team: str, id_: str, act: Callable[[Board], Step]) -> bool:
        alert = self._shelf.alerts.find_incident(team, id_)
        if alert is None:
            return False
        settings = Settings(self._shelf.people, team)
        habits = settings.habits(alert.channel)
        for _ in range(_TRIES):
            stored = self._shelf.alerts.read_board(team, alert.channel)
            board, says = act(stored.board)
            if not says:
                return False
            messages = outgoing(board, says, settings.voice(alert.channel))
            due = next_due(board, habits=habits, now=self._clock())
            if self._shelf.alerts.commit([(stored, board, due)], messages):
                return True
        return False
