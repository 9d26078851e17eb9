"""Which message of which channel is sent next, and who has taken it. Inside a transaction."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, or_, select, text, update

from toolkit.model.chat_messages import Flight
from toolkit.store.schema_slack import slack_channel, slack_message
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

# Named with their table, and not bound: only so does SQLite take the partial index for them,
# without which every look would read all that was ever sent.
_TO_SEND: Final = text("slack_message.state = 'waiting'")
_FLYING: Final = text("flying.state = 'waiting'")
_CLAIM: Final = timedelta(seconds=60)
_LOOKED_AT: Final = 20


def free_channels(
    connection: Connection, now: datetime, limit: int
) -> Iterable[tuple[str, str]]:
    """Channels with something to say and nothing under way, the longest waiting first."""
    table, pause = slack_message, slack_channel
    flying = table.alias("flying")
    # Found once and joined: asked for every waiting message anew, what waits would be read
    # as often as it has messages.
    busy = (
        select(flying.c.team, flying.c.channel)
        .where(flying.c.claimed_until > now, _FLYING)
        .distinct()
        .subquery("busy")
    )
    same = and_(pause.c.team == table.c.team, pause.c.channel == table.c.channel)
    same_busy = and_(busy.c.team == table.c.team, busy.c.channel == table.c.channel)
    query = (
        select(table.c.team, table.c.channel)
        .select_from(table.outerjoin(pause, same).outerjoin(busy, same_busy))
        .where(
            _TO_SEND,
            or_(table.c.not_before.is_(None), table.c.not_before <= now),
            or_(pause.c.next_at.is_(None), pause.c.next_at <= now),
            busy.c.channel.is_(None),
        )
        .group_by(table.c.team, table.c.channel)
        .order_by(func.min(table.c.rank), func.min(table.c.seq))
        .limit(limit)
    )
    return [(row.team, row.channel) for row in connection.execute(query)]


def take_next(connection: Connection, team: str, channel: str, now: datetime) -> Flight | None:
    """The channel's next message whose thread, if it has one, has begun."""
    parent = slack_message.alias("parent")
    query = (
        select(slack_message, parent.c.ts.label("parent_ts"), parent.c.state.label("begun"))
        .select_from(slack_message.outerjoin(parent, parent.c.slot == slack_message.c.parent))
        .where(
            slack_message.c.team == team,
            slack_message.c.channel == channel,
            _TO_SEND,
            or_(slack_message.c.not_before.is_(None), slack_message.c.not_before <= now),
        )
        .order_by(slack_message.c.rank, slack_message.c.seq)
        .limit(_LOOKED_AT)
    )
    for row in connection.execute(query).mappings():
        # A thread that will never begin must not keep what was to be said in it.
        if row["parent"] and not row["parent_ts"] and row["begun"] == "waiting":
            continue
        return _claimed(connection, row, now)
    return None


def _claimed(connection: Connection, row: RowMapping, now: datetime) -> Flight:
    # A claim that ran out is a process that died in the middle of its call.
    is_unsure = not row["ts"] and (row["is_unsure"] or row["claimed_until"] is not None)
    since = row["since"] or now
    connection.execute(
        update(slack_message)
        .where(slack_message.c.seq == row["seq"])
        .values(claimed_until=now + _CLAIM, since=since, is_unsure=is_unsure)
    )
    return Flight(
        slot=row["slot"],
        team=row["team"],
        channel=row["channel"],
        payload=json.loads(row["payload"]),
        version=row["version"],
        place=row["place"],
        ts=row["ts"],
        parent_ts=row["parent_ts"] or "",
        tries=row["tries"],
        is_unsure=is_unsure,
        since=since,
    )


def pause_channel(connection: Connection, flight: Flight, until: datetime) -> None:
    """A message's channel takes nothing before then."""
    row = {"team": flight.team, "channel": flight.channel, "next_at": until, "problem": ""}
    upsert(connection, slack_channel, [row], changing=("next_at",))
