"""What a channel is told now: alerts that are due, storms, escalations, digests. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from bot.alerts.routing import find_mute
from toolkit.model.chat_alerts import AlertState, Board, Habits, Incident, Occurrence, Storm
from toolkit.model.events import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toolkit.model.chat_alerts import Mute

What = Literal["root", "repeats", "news", "storm", "folded", "escalated", "digest"]
_KEPT: Final = timedelta(days=1)
_LOOK_AGAIN: Final = timedelta(minutes=1)
_MOST_ESCALATIONS: Final = 2
_LOUD_ROOM: Final = 2
"""So many times as many waiting messages as others do repetitions of a critical alert bear."""
_LOUDEST_FIRST: Final = {severity: -place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to be said in a channel.

    Attributes:
        alert: What it is about; None for a storm and a digest.
        key: Of `news`: which.
        channel: Where else than in the board's channel it is said; empty for there.
    """

    what: What
    alert: Incident | None = None
    key: str = ""
    who: str = ""
    channel: str = ""
    more: int = 0
    fresh: tuple[Occurrence, ...] = ()
    folded: tuple[tuple[Incident, int], ...] = ()
    storm: Storm | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Round:
    """One look at a board."""

    board: Board
    habits: Habits
    now: datetime
    storm: Storm
    waiting: int = 0
    says: list[Say] = field(default_factory=list)
    folded: list[tuple[Incident, int]] = field(default_factory=list)


def tell(
    board: Board, mutes: Sequence[Mute], *, habits: Habits, now: datetime, waiting: int = 0
) -> tuple[Board, tuple[Say, ...]]:
    """Everything that is due, and the board once it is said; a second call says nothing.

    Args:
        board: The channel's.
        mutes: In force or not.
        habits: The channel's.
        now: Aware.
        waiting: Messages that the channel has yet to take.
    """
    look = _Round(board, habits, now, _aged(board.storm, habits, now), waiting)
    valid = [each for each in mutes if each.until > now]
    incidents = dict(board.incidents)
    for key, alert in sorted(incidents.items(), key=_order):
        incidents[key] = _escalated(look, _told(look, alert, valid))
    _tell_storm(look)
    kept = {key: each for key, each in incidents.items() if not _is_old(each, now)}
    digest, day = _digest(look)
    after = replace(board, incidents=kept, storm=look.storm, digest=digest, digested_on=day)
    return after, tuple(look.says)


def next_due(board: Board, *, habits: Habits, now: datetime) -> datetime | None:
    """When `tell` will have something to say; None where only a new event can change that."""
    times = [each.due_at for each in board.incidents.values() if each.due_at is not None]
    times += [due for each in board.incidents.values() if (due := _escalates_at(each, habits))]
    if board.storm.began_at is not None and board.storm.last_at is not None:
        times.append(board.storm.last_at + habits.storm_span)
        if board.storm.events > board.storm.shown and board.storm.shown_at is not None:
            times.append(board.storm.shown_at + timedelta(seconds=habits.edit_s))
    if (digest := next_digest(board, habits, now)) is not None:
        times.append(digest)
    return min(times, default=None)


def quiet_until(habits: Habits, now: datetime) -> datetime | None:
    """The end of the quiet hours that we are in; None outside of them."""
    begin, end = habits.quiet_from, habits.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(ZoneInfo(habits.zone))
    clock = local.time()
    is_over_midnight = begin > end
    hours = (clock >= begin, clock < end)
    if not (any(hours) if is_over_midnight else all(hours)):
        return None
    days = 1 if is_over_midnight and clock >= begin else 0
    return _at(local, end, days)


def next_digest(board: Board, habits: Habits, now: datetime) -> datetime | None:
    """When the next digest is due, which may have passed; None where none is wanted."""
    if habits.digest_at is None or not habits.digest_days:
        return None
    local = now.astimezone(ZoneInfo(habits.zone))
    for days in range(8):
        at = _at(local, habits.digest_at, days)
        day = at.astimezone(ZoneInfo(habits.zone)).date()
        is_new = board.digested_on is None or day > board.digested_on
        if is_new and day.weekday() in habits.digest_days:
            return at
    return None


def _at(local: datetime, clock: time, days: int) -> datetime:
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, clock, tzinfo=local.tzinfo).astimezone(local.tzinfo)


def _order(item: tuple[str, Incident]) -> tuple[int, datetime, str]:
    """The loudest first, and of equals what was told longest ago."""
    key, alert = item
    return _LOUDEST_FIRST[alert.severity], alert.shown_at or alert.first_at, key


def _is_old(alert: Incident, now: datetime) -> bool:
    """Whether nothing more will come of it: it is over, or was news long ago."""
    is_over = alert.state is AlertState.RESOLVED or not alert.open
    return is_over and alert.due_at is None and now - alert.last_at > _KEPT


def _told(look: _Round, alert: Incident, mutes: Sequence[Mute]) -> Incident:
    if alert.due_at is None or alert.due_at > look.now:
        return alert
    if alert.shown_at is None and alert.state is AlertState.RESOLVED:
        # It came and went unseen, in the night or within a minute; the digest counts it.
        return replace(alert, shown=alert.count, fresh=(), due_at=None, pending="")
    later = _silent_until(look, alert, mutes)
    if later is not None:
        return replace(alert, due_at=later)
    if alert.is_folded and look.storm.began_at is None:
        # The storm is over: what goes on gets a message of its own after all.
        alert = replace(alert, is_folded=False, shown_at=None)
    if _is_crowded(look, alert):
        return replace(alert, due_at=look.now + timedelta(seconds=look.habits.edit_s))
    more = alert.count - alert.shown
    if alert.is_folded or _must_fold(look, alert):
        look.folded.append((alert, more))
        alert = replace(alert, is_folded=True, folded=alert.folded + more)
    elif alert.shown_at is None:
        look.storm = replace(look.storm, roots=(*look.storm.roots, look.now))
        look.says.append(Say("root", alert))
    else:
        look.says += _edited(alert, more)
    return replace(
        alert, shown=alert.count, shown_at=look.now, fresh=(), due_at=None, pending=""
    )


def _edited(alert: Incident, more: int) -> list[Say]:
    says = [Say("root", alert)]
    if more > 0:
        says.append(Say("repeats", alert, more=more, fresh=alert.fresh))
    if alert.pending:
        says.append(Say("news", alert, key=alert.pending))
    return says


def _silent_until(look: _Round, alert: Incident, mutes: Sequence[Mute]) -> datetime | None:
    muted = find_mute(mutes, alert)
    # Sleep may be broken for what stops everything, and for nothing else.
    is_critical = alert.severity is Severity.CRITICAL
    end = muted.until if muted else None if is_critical else quiet_until(look.habits, look.now)
    # A silence may be lifted before its time, so it is looked at again in between.
    return None if end is None else min(end, look.now + _LOOK_AGAIN)


def _is_crowded(look: _Round, alert: Incident) -> bool:
    """Whether what it has to say can wait for what is said already."""
    joins_storm = look.storm.began_at is not None and _must_fold(look, alert)
    is_repetition = alert.shown_at is not None or joins_storm
    # What stops everything goes first, but its hundredth repetition is no news either.
    most = look.habits.crowd * (_LOUD_ROOM if alert.severity is Severity.CRITICAL else 1)
    is_behind = look.waiting + len(look.says) >= most
    return is_repetition and not alert.pending and is_behind


def _must_fold(look: _Round, alert: Incident) -> bool:
    if alert.shown_at is not None or alert.severity is Severity.CRITICAL:
        return False
    return look.storm.began_at is not None or len(look.storm.roots) >= look.habits.storm_roots


def _aged(storm: Storm, habits: Habits, now: datetime) -> Storm:
    roots = tuple(at for at in storm.roots if now - at < habits.storm_span)
    return replace(storm, roots=roots)


def _tell_storm(look: _Round) -> None:
    storm = look.storm
    if look.folded:
        is_new = storm.began_at is None
        fresh = sum(alert.shown_at is None for alert, _ in look.folded)
        storm = replace(
            storm,
            began_at=storm.began_at or look.now,
            last_at=look.now if fresh else storm.last_at,
            number=storm.number + is_new,
            alerts=fresh if is_new else storm.alerts + fresh,
            events=sum(more for _, more in look.folded) + (0 if is_new else storm.events),
            shown=0 if is_new else storm.shown,
            shown_at=None if is_new else storm.shown_at,
        )
    elif storm.began_at is not None and _is_calm(storm, look):
        look.storm = replace(storm, began_at=None, roots=())
        look.says.append(Say("storm", storm=look.storm))
        return
    look.storm = _shown_storm(look, storm)


def _is_calm(storm: Storm, look: _Round) -> bool:
    return storm.last_at is not None and look.now - storm.last_at >= look.habits.storm_span


def _shown_storm(look: _Round, storm: Storm) -> Storm:
    """The storm's message is edited as rarely as any other; its thread takes all at once."""
    if look.folded:
        look.says.append(Say("folded", folded=tuple(look.folded), storm=storm))
    pause = timedelta(seconds=look.habits.edit_s)
    is_due = storm.shown_at is None or look.now - storm.shown_at >= pause
    if storm.began_at is None or storm.events == storm.shown or not is_due:
        return storm
    storm = replace(storm, shown=storm.events, shown_at=look.now)
    look.says.insert(0, Say("storm", storm=storm))
    return storm


def _escalates_at(alert: Incident, habits: Habits) -> datetime | None:
    target = (habits.on_duty, habits.second_channel)
    is_waiting = alert.severity is Severity.CRITICAL and alert.state is AlertState.OPEN
    if not is_waiting or not alert.open or alert.escalated >= _MOST_ESCALATIONS:
        return None
    if not target[alert.escalated]:
        return None
    return alert.first_at + timedelta(seconds=habits.escalate_s * (alert.escalated + 1))


def _escalated(look: _Round, alert: Incident) -> Incident:
    at = _escalates_at(alert, look.habits)
    if at is None or at > look.now:
        return alert
    target = (look.habits.on_duty, look.habits.second_channel)[alert.escalated]
    look.says.append(Say("escalated", alert, key="escalated", channel=target))
    return replace(alert, escalated=alert.escalated + 1)


def _digest(look: _Round) -> tuple[Mapping[str, int], date | None]:
    board = look.board
    at = next_digest(board, look.habits, look.now)
    if at is None or at > look.now:
        return board.digest, board.digested_on
    day = look.now.astimezone(ZoneInfo(look.habits.zone)).date()
    if board.digest:
        look.says.append(Say("digest", counts=board.digest, key=day.isoformat()))
    return {}, day
