"""How a connection is doing, in a few figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from toolkit.model.cards import SyncCard
from toolkit.store import InboxState

if TYPE_CHECKING:
    from toolkit.app.live import Switched
    from toolkit.store import ConnectionStore, RunEntry

_HOURS: Final = 24
_LATELY: Final = 200
"""Runs looked through for the failures of a day."""


def sync_card(view: Switched) -> SyncCard:
    """Lag, queue, failures and what was written in the last day, from the store alone."""
    store, now = view.store, view.now()
    runs, counts = store.list_runs(_LATELY), store.inbox_counts()
    waiting = counts.oldest_pending_at
    return SyncCard(
        connection=view.config.name,
        synced_at=last_done_at(runs),
        lag_s=max(0.0, (now - waiting).total_seconds()) if waiting else 0.0,
        queued=counts.states[InboxState.PENDING],
        failures=counts.states[InboxState.FAILED] + _failed(runs, now),
        conflicts=len(store.list_conflicts()),
        is_paused=store.get_switch().is_paused,
        hourly=_hourly(store, now),
    )


def last_done_at(runs: Iterable[RunEntry]) -> datetime | None:
    """When the last good run ended, of runs with the newest first; None for never."""
    return next((each.ended_at for each in runs if each.verdict == "done"), None)


def _failed(runs: Iterable[RunEntry], now: datetime) -> int:
    since = now - timedelta(hours=_HOURS)
    return sum(each.verdict.startswith("failed") and each.started_at > since for each in runs)


def _hourly(store: ConnectionStore, now: datetime) -> tuple[int, ...]:
    since = now - timedelta(hours=_HOURS)
    counts = [0] * _HOURS
    for at in store.list_write_times(since=since):
        counts[min(_HOURS - 1, int((at - since).total_seconds() // 3600))] += 1
    return tuple(counts)
