"""Alerts per channel: read together, written together with what is to be said about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter
from sqlalchemy import delete, select, update

from toolkit.model.chat_alerts import AlertState, Board, Incident
from toolkit.store.schema_service import event_cursor
from toolkit.store.schema_slack import slack_board, slack_incident
from toolkit.store.slack_outbox import put_messages
from toolkit.store.transactions import insert_into, upsert, wait_for_turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from toolkit.model.chat_messages import Outgoing
    from toolkit.store.shelf import Surroundings
    from toolkit.store.transactions import Transactions

_BOARD: TypeAdapter[Board] = TypeAdapter(Board)
_INCIDENT: TypeAdapter[Incident] = TypeAdapter(Incident)
READER: Final = "slack"
"""Name of the feed's cursor."""


@dataclass(frozen=True, slots=True)
class StoredBoard:
    """A channel's alerts as read, and the number that a write must find unchanged."""

    board: Board
    version: int = 0


class SlackAlerts:
    """Keeps the boards.

    Args:
        transactions: Of the store.
        surroundings: The clock.
    """

    def __init__(self, transactions: Transactions, surroundings: Surroundings) -> None:
        self._transactions = transactions
        self._surroundings = surroundings

    def read_board(self, team: str, channel: str) -> StoredBoard:
        """A channel's alerts; an empty board where there were none."""
        query = select(slack_board).where(
            slack_board.c.team == team, slack_board.c.channel == channel
        )
        bodies = select(slack_incident.c.body).where(
            slack_incident.c.team == team, slack_incident.c.channel == channel
        )
        with self._transactions.reading() as connection:
            row = connection.execute(query).mappings().first()
            found = [_INCIDENT.validate_json(body) for body in connection.scalars(bodies)]
        if row is None:
            return StoredBoard(Board(team, channel))
        board = _BOARD.validate_json(row["body"])
        incidents = {each.key: each for each in found}
        return StoredBoard(replace(board, incidents=incidents), row["version"])

    def due_boards(self, now: datetime) -> list[tuple[str, str]]:
        """Team and channel of boards that have something to say by now."""
        query = select(slack_board.c.team, slack_board.c.channel).where(
            slack_board.c.due_at <= now
        )
        with self._transactions.reading() as connection:
            return [(row.team, row.channel) for row in connection.execute(query)]

    def channels(self, team: str) -> list[str]:
        """Channels of a workspace that have a board."""
        query = select(slack_board.c.channel).where(slack_board.c.team == team)
        with self._transactions.reading() as connection:
            return sorted(connection.scalars(query))

    def find_incident(self, team: str, id_: str) -> Incident | None:
        """An alert by its short id."""
        query = select(slack_incident.c.body).where(
            slack_incident.c.team == team, slack_incident.c.id == id_
        )
        with self._transactions.reading() as connection:
            body = connection.scalar(query)
        return None if body is None else _INCIDENT.validate_json(body)

    def list_incidents(
        self, team: str, *, states: Iterable[AlertState] = AlertState, limit: int = 100
    ) -> list[Incident]:
        """Alerts of a workspace in these states, the last to happen first."""
        wanted = [state.value for state in states]
        query = (
            select(slack_incident.c.body)
            .where(slack_incident.c.team == team, slack_incident.c.state.in_(wanted))
            .order_by(slack_incident.c.at.desc())
            .limit(limit)
        )
        with self._transactions.reading() as connection:
            return [_INCIDENT.validate_json(body) for body in connection.scalars(query)]

    def get_cursor(self) -> int:
        """How far the feed was read."""
        query = select(event_cursor.c.seq).where(
            event_cursor.c.connection == "", event_cursor.c.name == READER
        )
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0

    def commit(
        self,
        boards: Sequence[tuple[StoredBoard, Board, datetime | None]],
        messages: Sequence[Outgoing],
        *,
        cursor: tuple[int, int] | None = None,
    ) -> bool:
        """Boards, messages and the feed's cursor together, or none of them.

        Args:
            boards: As read, as they shall be, and when each has something to say next.
            messages: What is to be said.
            cursor: The feed's cursor as it was and as it shall be; None leaves it.

        Returns:
            False where somebody else was quicker: read again, decide again.
        """
        with self._transactions.adding() as connection:
            wait_for_turn(connection, "slack alerts")
            if not _is_as_read(connection, boards, cursor):
                return False
            for stored, board, due_at in boards:
                _write(connection, stored, board, due_at)
            put_messages(connection, messages, at=self._surroundings.clock())
            if cursor is not None:
                row = {"connection": "", "name": READER, "seq": cursor[1]}
                upsert(connection, event_cursor, [row])
            return True

    def prune(self, older_than: datetime) -> int:
        """Forget alerts that are over and were last heard of before a time; how many."""
        statement = delete(slack_incident).where(
            slack_incident.c.at < older_than,
            slack_incident.c.state == AlertState.RESOLVED.value,
        )
        with self._transactions.adding() as connection:
            return connection.execute(statement).rowcount


def _is_as_read(
    connection: Connection,
    boards: Sequence[tuple[StoredBoard, Board, datetime | None]],
    cursor: tuple[int, int] | None,
) -> bool:
    if cursor is not None:
        query = select(event_cursor.c.seq).where(
            event_cursor.c.connection == "", event_cursor.c.name == READER
        )
        if (connection.scalar(query) or 0) != cursor[0]:
            return False
    for stored, board, _ in boards:
        version = connection.scalar(
            select(slack_board.c.version).where(
                slack_board.c.team == board.team, slack_board.c.channel == board.channel
            )
        )
        if (version or 0) != stored.version:
            return False
    return True


def _write(
    connection: Connection, stored: StoredBoard, board: Board, due_at: datetime | None
) -> None:
    bare = replace(board, incidents={})
    row = {
        "team": board.team,
        "channel": board.channel,
        "version": stored.version + 1,
        "body": _BOARD.dump_json(bare).decode(),
        "due_at": due_at,
    }
    if stored.version:
        connection.execute(
            update(slack_board)
            .where(slack_board.c.team == board.team, slack_board.c.channel == board.channel)
            .values(row)
        )
    else:
        connection.execute(insert_into(slack_board, connection.dialect.name).values(row))
    old = stored.board.incidents
    changed = [each for key, each in board.incidents.items() if old.get(key) != each]
    upsert(connection, slack_incident, [_incident_row(each) for each in changed])
    for key in old.keys() - board.incidents.keys():
        connection.execute(
            delete(slack_incident).where(
                slack_incident.c.team == board.team,
                slack_incident.c.channel == board.channel,
                slack_incident.c.key == key,
            )
        )


def _incident_row(each: Incident) -> dict[str, object]:
    return {
        "team": each.team,
        "channel": each.channel,
        "key": each.key,
        "id": each.id,
        "state": each.state.value,
        "at": each.last_at,
        "body": _INCIDENT.dump_json(each).decode(),
    }
