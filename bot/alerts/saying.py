"""What is to be said becomes messages with names, ready for the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import alerts as views
from toolkit.model.chat_alerts import AlertState, Board, Incident, Storm
from toolkit.model.chat_messages import LATER, URGENT, USUAL, Outgoing
from toolkit.model.events import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.alerts.telling import Say
    from bot.views.blocks import Message
    from bot.words import Voice

_BROADCAST = frozenset({"resolved", "reopened"})


def outgoing(board: Board, says: Sequence[Say], voice: Voice) -> list[Outgoing]:
    """Messages for a channel, in order; the same says give the same names.

    Args:
        board: As it is once they are said.
        says: From `tell` or a step.
        voice: The channel's language and zone.
    """
    return [_message(board, each, voice) for each in says]


def _message(board: Board, each: Say, voice: Voice) -> Outgoing:
    if each.alert is not None:
        return _about_alert(board, each, each.alert, voice)
    if each.what == "digest":
        slot = f"digest:{board.team}:{board.channel}:{each.key}"
        return _out(board, slot, views.digest(voice, each.counts), rank=LATER)
    storm = each.storm or Storm()
    slot = f"storm:{board.team}:{board.channel}:{storm.number}"
    if each.what == "folded":
        named = f"{slot}:{storm.alerts}:{storm.events}"
        body = views.folded(voice, each.folded)
        out = _out(board, named, body, parent=slot, rank=LATER)
        # Whoever adds up what was told finds here how many events this message stands for.
        told = out.payload["metadata"]["event_payload"]
        told["count"] = sum(more for _, more in each.folded)
        return out
    return _out(board, slot, views.storm(voice, storm), rank=URGENT)


def _about_alert(board: Board, each: Say, alert: Incident, voice: Voice) -> Outgoing:
    rank = URGENT if alert.severity is Severity.CRITICAL else USUAL
    match each.what:
        case "root":
            return _out(board, alert.slot, views.root(voice, alert), alert=alert, rank=rank)
        case "repeats":
            slot = f"{alert.slot}:r{alert.count}"
            body = views.repeats(voice, each.fresh, more=each.more)
            return _out(board, slot, body, parent=alert.slot, rank=LATER)
        case "escalated":
            slot = f"{alert.slot}:e{alert.escalated}"
            body = views.news(voice, alert, "escalated")
            return _out(board, slot, body, rank=URGENT, channel=each.channel)
        case _:
            slot = f"{alert.slot}:{each.key}:{each.who}:{alert.count}"
            body = views.news(voice, alert, each.key, who=each.who)
            parent = f"storm:{board.team}:{board.channel}:{board.storm.number}"
            thread = parent if alert.is_folded else alert.slot
            out = _out(board, slot, body, parent=thread, rank=rank)
            return _broadcast(out) if each.key in _BROADCAST else out


def _broadcast(out: Outgoing) -> Outgoing:
    """A change of state is shown in the channel too; repetitions stay in the thread."""
    payload = {**out.payload, "reply_broadcast": True}
    return Outgoing(out.slot, out.team, out.channel, payload, out.parent, out.rank)


def _out(  # noqa: PLR0913 — one message, said in full
    board: Board,
    slot: str,
    body: Message,
    *,
    parent: str = "",
    rank: int = USUAL,
    channel: str = "",
    alert: Incident | None = None,
) -> Outgoing:
    payload = body.payload() | _metadata(slot, alert)
    return Outgoing(slot, board.team, channel or board.channel, payload, parent, rank)


def _metadata(slot: str, alert: Incident | None) -> dict[str, Any]:
    told: dict[str, Any] = {"slot": slot}
    if alert is not None:
        # What a storm's thread has told is counted there.
        is_over = alert.state is AlertState.RESOLVED
        told |= {"alert": alert.id, "count": alert.count - alert.folded, "is_resolved": is_over}
    return {"metadata": {"event_type": "hightonic_message", "event_payload": told}}
