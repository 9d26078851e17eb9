"""Messages on their way to Slack: one queue, paced per channel, shared by all processes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, delete, func, select, update

from toolkit.model.chat_messages import Flight, Lost, Outgoing
from toolkit.model.values import canonical_json
from toolkit.store.schema_slack import IS_TO_SEND, slack_channel, slack_message
from toolkit.store.shelf import moment
from toolkit.store.slack_claims import free_channels, pause_channel, take_next
from toolkit.store.transactions import chunked, insert_into, upsert, wait_for_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Case, Connection

    from toolkit.store.shelf import Surroundings
    from toolkit.store.transactions import Transactions

_ERROR: Final = 200


class SlackOutbox:
    """Keeps what every message shall say, and who is sending it.

    Args:
        transactions: Of the store.
        surroundings: The clock.
    """

    def __init__(self, transactions: Transactions, surroundings: Surroundings) -> None:
        self._transactions = transactions
        self._surroundings = surroundings

    def put(self, messages: Sequence[Outgoing]) -> None:
        """Messages shall say this from now on; the same again changes nothing."""
        with self._transactions.adding() as connection:
            put_messages(connection, messages, at=self._surroundings.clock())

    def claim(self, *, pace_s: float = 1.0, limit: int = 50) -> list[Flight]:
        """Take the next message of every channel that is free; each goes to one process.

        A channel is free when its pause is over and nothing of it is under way, so order
        within a channel stands.

        Args:
            pace_s: Pause of a channel after this message (Slack: one a second).
            limit: At most so many channels.
        """
        with self._transactions.adding() as connection:
            wait_for_turn(connection, "slack outbox")
            now = moment(connection, self._surroundings, given=None)
            taken = []
            for team, channel in free_channels(connection, now, limit):
                flight = take_next(connection, team, channel, now)
                if flight is not None:
                    taken.append(flight)
                    pause_channel(connection, flight, now + timedelta(seconds=pace_s))
            return taken

    def settle(self, flight: Flight, *, place: str, ts: str) -> None:
        """It is said. An edit that came meanwhile waits to be sent."""
        with self._transactions.adding() as connection:
            connection.execute(
                update(slack_message)
                .where(slack_message.c.slot == flight.slot)
                .values(
                    place=place,
                    ts=ts,
                    sent_version=flight.version,
                    state=_waiting_if_newer(flight.version),
                    tries=0,
                    is_unsure=False,
                    since=None,
                    claimed_until=None,
                    error="",
                )
            )

    def defer(
        self, flight: Flight, *, wait_s: float, error: str, is_unsure: bool = False
    ) -> None:
        """It is not said, or nobody knows; it is tried again after a pause."""
        with self._transactions.adding() as connection:
            now = moment(connection, self._surroundings, given=None)
            connection.execute(
                update(slack_message)
                .where(slack_message.c.slot == flight.slot)
                .values(
                    not_before=now + timedelta(seconds=wait_s),
                    tries=flight.tries + 1,
                    is_unsure=is_unsure,
                    since=(flight.since or now) if is_unsure else None,
                    claimed_until=None,
                    error=error[:_ERROR],
                )
            )

    def hold_channel(self, team: str, channel: str, *, wait_s: float) -> None:
        """Slack asked for a pause in this channel."""
        with self._transactions.adding() as connection:
            now = moment(connection, self._surroundings, given=None)
            until = now + timedelta(seconds=wait_s)
            row = {"team": team, "channel": channel, "next_at": until, "problem": ""}
            upsert(connection, slack_channel, [row], changing=("next_at",))

    def forget_post(self, flight: Flight) -> None:
        """The message is gone from Slack: it is posted anew."""
        self._change(flight, ts="", place="", claimed_until=None)

    def leave_thread(self, flight: Flight) -> None:
        """Its thread is gone from Slack: it is posted in the channel."""
        self._change(flight, parent="", claimed_until=None)

    def reroute(self, flight: Flight, *, channel: str, problem: str) -> bool:
        """Its channel takes nothing: send it to another one; True where that is new.

        All that waits for the closed channel goes along.
        """
        closed = {"team": flight.team, "channel": flight.channel}
        with self._transactions.adding() as connection:
            known = connection.scalar(
                select(slack_channel.c.problem).where(
                    slack_channel.c.team == flight.team,
                    slack_channel.c.channel == flight.channel,
                )
            )
            connection.execute(
                update(slack_message)
                .where(
                    slack_message.c.team == flight.team,
                    slack_message.c.channel == flight.channel,
                    IS_TO_SEND,
                )
                .values(channel=channel, ts="", place="", claimed_until=None, is_unsure=False)
            )
            row = {**closed, "next_at": None, "problem": problem[:_ERROR]}
            upsert(connection, slack_channel, [row], changing=("problem",))
        return not known

    def give_up(self, flight: Flight, *, error: str) -> None:
        """It cannot be said; it is kept, with the reason, and tried no more.

        What it was changed to meanwhile is another text, and waits to be sent.
        """
        state = _waiting_if_newer(flight.version, otherwise="dead")
        self._change(flight, state=state, error=error[:_ERROR], claimed_until=None)

    def count_waiting(self, team: str, channel: str) -> int:
        """How many messages a channel has yet to take."""
        query = select(func.count()).where(
            slack_message.c.team == team, slack_message.c.channel == channel, IS_TO_SEND
        )
        with self._transactions.reading() as connection:
            return connection.scalar(query.select_from(slack_message)) or 0

    def find_ts(self, slot: str) -> tuple[str, str] | None:
        """Channel and id of a message that was posted; None before that."""
        query = select(slack_message.c.place, slack_message.c.ts).where(
            slack_message.c.slot == slot
        )
        with self._transactions.reading() as connection:
            row = connection.execute(query).first()
        return (row.place, row.ts) if row is not None and row.ts else None

    def counts(self) -> dict[str, int]:
        """State -> messages: `waiting`, `sent`, `dead`."""
        query = select(slack_message.c.state, func.count()).group_by(slack_message.c.state)
        with self._transactions.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def list_lost(self, limit: int = 100) -> list[Lost]:
        """Messages that were given up, newest first."""
        query = (
            select(slack_message)
            .where(slack_message.c.state == "dead")
            .order_by(slack_message.c.seq.desc())
            .limit(limit)
        )
        with self._transactions.reading() as connection:
            return [
                Lost(row["slot"], row["team"], row["channel"], row["error"], row["at"])
                for row in connection.execute(query).mappings()
            ]

    def prune(self, older_than: datetime) -> int:
        """Forget messages that were sent before a time; later edits post them anew."""
        statement = delete(slack_message).where(
            slack_message.c.at < older_than, slack_message.c.state == "sent"
        )
        with self._transactions.adding() as connection:
            return connection.execute(statement).rowcount

    def _change(self, flight: Flight, **values: object) -> None:
        with self._transactions.adding() as connection:
            connection.execute(
                update(slack_message)
                .where(slack_message.c.slot == flight.slot)
                .values(**values)
            )


def put_messages(connection: Connection, messages: Sequence[Outgoing], *, at: datetime) -> None:
    """Inside a transaction: see `SlackOutbox.put`."""
    statement = insert_into(slack_message, connection.dialect.name)
    new = statement.excluded
    is_other = slack_message.c.payload != new.payload
    changed = statement.on_conflict_do_update(
        index_elements=["slot"],
        set_={
            "payload": new.payload,
            "rank": new.rank,
            "not_before": new.not_before,
            "version": slack_message.c.version + 1,
            "state": "waiting",
            "at": new.at,
        },
        where=is_other,
    )
    # One statement may not touch a row twice, and the last text of a message is the one.
    rows = {each.slot: _row(each, at) for each in messages}
    for chunk in chunked(rows.values()):
        connection.execute(changed, chunk)


def _row(each: Outgoing, at: datetime) -> dict[str, Any]:
    return {
        "slot": each.slot,
        "team": each.team,
        "channel": each.channel,
        "place": "",
        "parent": each.parent,
        "rank": each.rank,
        "payload": canonical_json(dict(each.payload)),
        "version": 1,
        "sent_version": 0,
        "ts": "",
        "state": "waiting",
        "tries": 0,
        "is_unsure": False,
        "since": None,
        "not_before": each.not_before,
        "claimed_until": None,
        "error": "",
        "at": at,
    }


def _waiting_if_newer(version: int, *, otherwise: str = "sent") -> Case[str]:
    return case((slack_message.c.version > version, "waiting"), else_=otherwise)
