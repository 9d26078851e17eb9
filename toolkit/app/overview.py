"""Everything the dashboard shows of one connection, read from the store: no call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from toolkit.app.metrics_day import MetricsBook
from toolkit.app.status import is_ticking, look_at_connection
from toolkit.model.ids import Kind, Side

if TYPE_CHECKING:
    from toolkit.app.day_figures import Dashboard
    from toolkit.app.live import Switched
    from toolkit.app.status import ConnectionStatus
    from toolkit.store import RunEntry

_RUNS: Final = 40
COUNTED: Final = (Kind.CONTACT, Kind.TASK, Kind.NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How a connection stands and how it came there.

    Attributes:
        at: When this was read.
        status: Of this moment.
        history: Its days and weeks, oldest first.
        seen: Side -> kind -> records that were seen there last.
        runs: Newest first.
    """

    at: datetime
    status: ConnectionStatus
    history: Dashboard
    seen: Mapping[Side, Mapping[Kind, int]]
    runs: tuple[RunEntry, ...]


def read_overview(view: Switched, *, days: int) -> Overview:
    """A connection's overview.

    Args:
        view: Its settings beside its memory.
        days: How many days of history, newest ones.
    """
    now, store = view.now(), view.store
    return Overview(
        at=now,
        status=look_at_connection(view, now, is_served=is_ticking(view, now)),
        history=MetricsBook(view.config, store, now=view.now).read(days),
        seen={
            side: {kind: store.observed_count(side, kind) for kind in COUNTED} for side in Side
        },
        runs=tuple(store.list_runs(_RUNS)),
    )
