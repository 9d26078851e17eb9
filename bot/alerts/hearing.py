"""An event reaches a channel: it opens an alert, joins one, or ends one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.alerts.routing import names_it
from bot.alerts.subjects import cause_of, ended_keys, is_lasting, key_of
from toolkit.model.chat_alerts import AlertState, Board, Habits, Incident, Occurrence
from toolkit.model.events import Severity
from toolkit.model.values import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.model.chat_alerts import Route
    from toolkit.model.events import Event

_NEWS_LASTS: Final = timedelta(minutes=10)
"""News that comes after so long a pause is a message of its own."""
_REOPENS_WITHIN: Final = timedelta(days=1)
_MOST_FRESH: Final = 10
_MOST_RULES: Final = 5
_AT_ONCE: Final = frozenset({Severity.ERROR, Severity.CRITICAL})


def hear(
    board: Board, event: Event, routes: Sequence[Route], *, habits: Habits, now: datetime
) -> Board:
    """The board after an event; nothing is said yet, see `tell`.

    Args:
        board: The channel's.
        event: From the feed.
        routes: The rules that sent it here, at least one.
        habits: The channel's.
        now: Aware.
    """
    counted = {**board.digest, event.kind.value: board.digest.get(event.kind.value, 0) + 1}
    board = replace(board, digest=counted)
    ends = [key for key in ended_keys(event) if key in board.incidents]
    if ends:
        return _end(board, ends, event, habits=habits, now=now)
    is_quiet = event.severity is Severity.INFO and not any(
        names_it(route, event) for route in routes
    )
    if is_quiet or ended_keys(event):
        return board
    key = key_of(event)
    alert = _joined(board.incidents.get(key), board, event, now)
    rules = tuple(dict.fromkeys((*alert.rules, *(route.name for route in routes))))
    alert = replace(alert, rules=rules[:_MOST_RULES], due_at=_due(alert, habits, now))
    return replace(board, incidents={**board.incidents, key: alert})


def _end(
    board: Board, keys: Sequence[str], event: Event, *, habits: Habits, now: datetime
) -> Board:
    incidents = dict(board.incidents)
    for key in keys:
        alert = incidents[key]
        if alert.state is AlertState.RESOLVED:
            continue
        left = max(0, alert.open - 1) if event.fields else 0
        state = alert.state if left else AlertState.RESOLVED
        incidents[key] = replace(
            alert,
            open=left,
            state=state,
            pending="" if left else "resolved",
            resolved_at=None if left else now,
            due_at=_due(alert, habits, now) if left else now,
        )
    return replace(board, incidents=incidents)


def _joined(alert: Incident | None, board: Board, event: Event, now: datetime) -> Incident:
    if alert is None:
        alert = _begun(board, event)
    elif _is_over(alert, event, now):
        again = _begun(board, event)
        alert = replace(again, generation=alert.generation + 1)
    is_reopened = alert.state is AlertState.RESOLVED and is_lasting(event.kind)
    each = Occurrence(event.seq, event.at, event.reference, _link_of(event))
    return replace(
        alert,
        count=alert.count + 1,
        open=_opened(alert, event),
        last_at=event.at,
        severity=max(alert.severity, event.severity, key=list(Severity).index),
        fresh=(*alert.fresh, each)[-_MOST_FRESH:],
        cause=cause_of(event) or alert.cause,
        state=AlertState.OPEN if is_reopened else alert.state,
        is_reopened=alert.is_reopened or is_reopened,
        pending="reopened" if is_reopened else alert.pending,
        acked_by="" if is_reopened else alert.acked_by,
        resolved_at=None if is_reopened else alert.resolved_at,
    )


def _begun(board: Board, event: Event) -> Incident:
    key = key_of(event)
    return Incident(
        id=f"a_{digest([board.team, board.channel, key])[:8]}",
        team=board.team,
        channel=board.channel,
        key=key,
        connection=event.connection,
        event=event.kind.value,
        severity=event.severity,
        first_at=event.at,
        last_at=event.at,
    )


def _is_over(alert: Incident, event: Event, now: datetime) -> bool:
    """Whether what comes now is a story of its own."""
    if is_lasting(event.kind):
        ended = alert.resolved_at
        return ended is not None and now - ended > _REOPENS_WITHIN
    return alert.shown_at is not None and now - alert.shown_at > _NEWS_LASTS


def _opened(alert: Incident, event: Event) -> int:
    if not is_lasting(event.kind):
        return 0
    # A condition that is told again stands once; conflicts are told once each.
    return alert.open + 1 if event.kind.value == "conflict_opened" else 1


def _link_of(event: Event) -> str:
    return next((str(each.link_id) for each in event.subjects if each.link_id), "")


def _due(alert: Incident, habits: Habits, now: datetime) -> datetime:
    if alert.shown_at is not None:
        due = max(now, alert.shown_at + timedelta(seconds=habits.edit_s))
    elif alert.severity in _AT_ONCE:
        due = now
    else:
        due = now + timedelta(seconds=habits.group_s)
    return min(due, alert.due_at) if alert.due_at is not None else due
