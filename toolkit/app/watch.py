"""How the service is doing: what a supervisor asks for readiness, and Prometheus for numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from toolkit.app.comparing import budget_of
from toolkit.app.day_figures import DayFigures
from toolkit.app.figures import FigureBook, Figures, lag_s
from toolkit.app.gap import COMPARED, Compared
from toolkit.app.measures import IntakeCounts, Measures, Readiness
from toolkit.app.measures_day import gauges_of
from toolkit.app.metrics_day import MetricsBook
from toolkit.app.service import TICKED
from toolkit.app.turns import Desk
from toolkit.engine.port import Clock
from toolkit.errors import HightonicError
from toolkit.model.ids import ConnectionName, Side

TICKS_WITHIN_S = 10.0


class Watch:
    """Reads what runs left in the store, so that every process of a service tells the same.

    Args:
        desks: The connections.
        counts: Deliveries that this process took.
        clock: For ages.
    """

    def __init__(
        self, desks: Mapping[ConnectionName, Desk], counts: IntakeCounts, *, clock: Clock
    ) -> None:
        self._desks = desks
        self._counts = counts
        self._clock = clock

    async def readiness(self) -> Readiness:
        """Whether the store can be written, and somebody works; also which key is refused.

        A service whose key is dead takes events all the same, and brings them across once it
        has another one.
        """
        return await asyncio.to_thread(self._looked)

    def measures(self) -> Measures:
        """One reading; a few queries for each connection."""
        runs: dict[tuple[str, str, str], int] = {}
        operations: dict[tuple[str, str, str], int] = {}
        lags: dict[tuple[str], float] = {}
        queue: dict[tuple[str, str], int] = {}
        calls: dict[tuple[str, str], int] = {}
        quota: dict[tuple[str, str, str], float] = {}
        gap: dict[tuple[str, str], int] = {}
        for name, desk in self._desks.items():
            store = desk.parts.store
            figures, now = FigureBook(store).read(), self._clock.now()
            for key, count in figures.runs.items():
                verb, _, state = key.partition("|")
                runs[name, verb, state] = count
            for key, count in figures.operations.items():
                side, _, outcome = key.partition("|")
                operations[name, side, outcome] = count
            lag = lag_s(figures, now)
            lags |= {} if lag is None else {(name,): lag}
            states = store.inbox_counts().states
            queue |= {(name, state.value): count for state, count in states.items()}
            calls |= {(name, side.value): figures.calls.get(side.value, 0) for side in Side}
            quota |= self._quota_left(desk, figures)
            compared = Compared.from_json(store.get_memo(COMPARED))
            untold = compared.untold if compared else {}
            gap |= {(name, side.value): count for side, count in untold.items()}
        return Measures(
            runs=runs,
            operations=operations,
            lag_s=lags,
            queue=queue,
            calls=calls,
            quota_left=quota,
            webhooks=self._counts.results(),
            unknown_events=self._counts.unknown(),
            webhook_gap=gap,
            **gauges_of(self._newest_days()),
        )

    def _newest_days(self) -> Iterator[tuple[str, DayFigures]]:
        for name, desk in self._desks.items():
            parts = desk.parts
            book = MetricsBook(parts.config, parts.store, now=self._clock.now)
            latest = book.read(1).latest
            if latest is not None:
                yield name, latest

    def _quota_left(self, desk: Desk, figures: Figures) -> dict[tuple[str, str, str], float]:
        left: dict[tuple[str, str, str], float] = {}
        if figures.left_today is not None:
            left[desk.name, Side.HIGHLEVEL.value, "day"] = figures.left_today
        budget = budget_of(desk.parts.config, desk.parts.store, self._clock.now())
        if budget is not None:
            left[desk.name, Side.TIMETONIC.value, "month"] = budget.left
        return left

    def _looked(self) -> Readiness:
        if trouble := self._store_trouble():
            return Readiness({"store": trouble})
        return Readiness(
            {"store": "", "engine": self._engine_trouble()},
            outside={"credentials": self._key_trouble()},
        )

    def _store_trouble(self) -> str:
        try:
            for desk in self._desks.values():
                desk.parts.store.put_memo("ready.probe", 1)
        except HightonicError:
            return "the store cannot be written"
        return ""

    def _engine_trouble(self) -> str:
        now = self._clock.now()
        memos = (
            desk.parts.store.get_memo(TICKED, max_age_s=TICKS_WITHIN_S, now=now)
            for desk in self._desks.values()
        )
        return "" if all(memos) else f"nobody has worked for {TICKS_WITHIN_S:.0f} seconds"

    def _key_trouble(self) -> str:
        dead = {
            f"{Side(system).label} refuses the key of `{name}`"
            for name, desk in self._desks.items()
            for system in FigureBook(desk.parts.store).read().dead
        }
        return "; ".join(sorted(dead))
