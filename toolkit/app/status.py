"""How a home stands: who works, what ran last, how far behind, what is left to spend.

Reads the store alone; calls no service, claims nothing, and works beside whoever works.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from toolkit.app.comparing import budget_of, period_minutes
from toolkit.app.config import ConnectionConfig, load_config
from toolkit.app.figures import FigureBook, lag_s
from toolkit.app.live import Switched, WriteLeave, may_write
from toolkit.app.service import TICKED, slot_of
from toolkit.app.setup_desk import open_state
from toolkit.model.ids import Side
from toolkit.store import ConnectionStore, InboxState, RunEntry, Store, find_holder
from toolkit.store.shelf import utc_now

if TYPE_CHECKING:
    from toolkit.app.budget import Budget
    from toolkit.app.home import Home

_TICKS_WITHIN_S: Final = 15.0
_BEATS_WITHIN: Final = timedelta(seconds=60)
_RUNS_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Who works.

    Attributes:
        is_running: `hightonic serve` looked at its connections within the last seconds.
        processes: Whoever holds the home, and workers heard of within a minute.
    """

    is_running: bool
    processes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionStatus:
    """How one connection stands.

    Attributes:
        leave: Whether it writes, and if not, why.
        runs: The newest first.
        lag_s: Since both sides were last known to be equal; None where they never were.
        waiting: Events in the inbox to be worked on.
        failed: Events given up.
        oldest_waiting_at: When the first of the waiting ones came.
        conflicts: Fields that wait for a person.
        left_today: HighLevel calls left today, as the vendor said last; None where unknown.
        calls: Calls sent this month, by side.
        budget: TimeTonic's month; None without a limit in the settings.
        every_minutes: Between comparisons, as the budget allows.
        next_sync_at: None where no service runs, or the connection is paused.
    """

    name: str
    leave: WriteLeave
    is_paused: bool
    runs: tuple[RunEntry, ...]
    lag_s: float | None
    waiting: int
    failed: int
    oldest_waiting_at: datetime | None
    conflicts: int
    left_today: int | None
    calls: dict[Side, int]
    budget: Budget | None
    every_minutes: int
    next_sync_at: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """How a home stands at one moment."""

    at: datetime
    service: ServiceStatus
    connections: tuple[ConnectionStatus, ...]


@dataclass(frozen=True, slots=True)
class _View:
    """A connection's settings beside its memory."""

    config: ConnectionConfig
    store: ConnectionStore
    now: Callable[[], datetime]


def look_at_status(
    home: Home, name: str | None = None, *, clock: Callable[[], datetime] = utc_now
) -> Status:
    """The status of one connection, or (None) of all.

    Raises:
        ConfigError: The settings cannot be used.
        UseError: No such connection.
        StateError: The state cannot be opened.
    """
    config = load_config(home.config_path)
    chosen = config.connections.values() if name is None else [config.get_connection(name)]
    now = clock()
    home.create()
    with open_state(home, clock=clock) as store:
        views = [_View(each, store.connection(each.name), clock) for each in chosen]
        service = _service(home, store, views, now=now)
        found = tuple(
            look_at_connection(view, now, is_served=service.is_running) for view in views
        )
        return Status(now, service, found)


def is_ticking(view: Switched, now: datetime) -> bool:
    """Whether a service looked at a connection within the last seconds."""
    return bool(view.store.get_memo(TICKED, max_age_s=_TICKS_WITHIN_S, now=now))


def next_slot_at(connection: str, now: datetime, *, every_minutes: int) -> datetime:
    """When the connection's next period begins, to the second."""
    begun = now.replace(microsecond=0)
    slot = slot_of(connection, begun, every_minutes=every_minutes)

    def slot_after(seconds: int) -> int:
        later = begun + timedelta(seconds=seconds)
        return slot_of(connection, later, every_minutes=every_minutes)

    wait_s = bisect_left(range(every_minutes * 60 + 1), slot + 1, key=slot_after)
    return begun + timedelta(seconds=wait_s)


def _service(home: Home, store: Store, views: list[_View], *, now: datetime) -> ServiceStatus:
    ticks = [is_ticking(view, now) for view in views]
    holder = find_holder(home.path)
    names = [f"{holder.purpose} (pid {holder.pid})"] if holder else []
    workers = store.workers.list_workers()
    names += [
        f"{each.role} {each.executor_id}"
        for each in workers
        if now - each.beat_at < _BEATS_WITHIN
    ]
    return ServiceStatus(is_running=any(ticks), processes=tuple(names))


def look_at_connection(view: Switched, now: datetime, *, is_served: bool) -> ConnectionStatus:
    """The status of one connection.

    Args:
        view: Its settings beside its memory, such as its `Parts`.
        now: Aware.
        is_served: Whether a service works on it.
    """
    store, config = view.store, view.config
    figures, inbox = FigureBook(store).read(), store.inbox_counts()
    minutes = period_minutes(config, store, now)
    is_paused = store.get_switch().is_paused
    is_awaited = is_served and not is_paused
    return ConnectionStatus(
        name=config.name,
        leave=may_write(view),
        is_paused=is_paused,
        runs=tuple(store.list_runs(_RUNS_SHOWN)),
        lag_s=lag_s(figures, now),
        waiting=inbox.states[InboxState.PENDING],
        failed=inbox.states[InboxState.FAILED],
        oldest_waiting_at=inbox.oldest_pending_at,
        conflicts=len(store.list_conflicts()),
        left_today=figures.left_today,
        calls={side: store.calls_in_month(side, f"{now:%Y-%m}") for side in Side},
        budget=budget_of(config, store, now),
        every_minutes=minutes,
        next_sync_at=next_slot_at(config.name, now, every_minutes=minutes)
        if is_awaited
        else None,
    )
