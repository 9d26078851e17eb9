"""What people do with an alert: look after it, close it, hand it over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.alerts.telling import Say
from toolkit.model.chat_alerts import AlertState, Board, Incident

if TYPE_CHECKING:
    from datetime import datetime

Step = tuple[Board, tuple[Say, ...]]


def acknowledge(board: Board, id_: str, *, user: str) -> Step:
    """Somebody looks after it; it is not escalated any more. A second time says nothing."""
    alert = _find(board, id_)
    if alert is None or alert.state is not AlertState.OPEN:
        return board, ()
    return _stepped(board, replace(alert, state=AlertState.ACKED, acked_by=user), "acked", user)


def resolve(board: Board, id_: str, *, user: str, now: datetime) -> Step:
    """Somebody closes it; the next event of its kind opens it again."""
    alert = _find(board, id_)
    if alert is None or alert.state is AlertState.RESOLVED:
        return board, ()
    ended = replace(
        alert, state=AlertState.RESOLVED, resolved_at=now, acked_by=user, open=0, due_at=None
    )
    return _stepped(board, ended, "resolved", user)


def assign(board: Board, id_: str, *, to: str) -> Step:
    """It is given to somebody, who is named in its thread."""
    alert = _find(board, id_)
    if alert is None or alert.assigned_to == to:
        return board, ()
    return _stepped(board, replace(alert, assigned_to=to), "assigned", to)


def _find(board: Board, id_: str) -> Incident | None:
    return next((each for each in board.incidents.values() if each.id == id_), None)


def _stepped(board: Board, alert: Incident, key: str, who: str) -> Step:
    after = replace(board, incidents={**board.incidents, alert.key: alert})
    says = (Say("news", alert, key=key, who=who),)
    # In a storm it has no message of its own that could be edited.
    return after, says if alert.is_folded else (Say("root", alert), *says)
