"""The day's figures, taken once a run from what is stored: no call, no second look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from toolkit.app.budget import Budget
from toolkit.app.census import take_census
from toolkit.app.config import ConnectionConfig
from toolkit.app.day_figures import (
    ApiUse,
    Census,
    Dashboard,
    DayFigures,
    SyncHealth,
    calls_left,
    figures_from_json,
    figures_to_json,
    sum_weeks,
)
from toolkit.app.figures import FigureBook
from toolkit.app.funnel import Funnel, count_steps
from toolkit.app.gap import COMPARED, Compared
from toolkit.app.happenings import Telling
from toolkit.app.memo_names import FIRST_SYNC
from toolkit.model.events import Event, EventKind, Fact
from toolkit.model.ids import RunId, Side
from toolkit.store import ConnectionStore

KEPT: Final = timedelta(days=731)
"""How long days are kept: two years, one of them a leap year."""


class MetricsBook:
    """Takes and keeps the figures of one connection.

    Args:
        config: For the won stages, the zone and the budget.
        store: What is counted, and where it is kept.
        now: Aware.
    """

    def __init__(
        self, config: ConnectionConfig, store: ConnectionStore, *, now: Callable[[], datetime]
    ) -> None:
        self._config = config
        self._store = store
        self._now = now

    def take(self, health: SyncHealth, *, sent: Mapping[Side, int]) -> DayFigures:
        """Count today anew and keep it; days that ended are only added to.

        A second call at once counts nothing twice: the journal is read from the line that
        was read last.

        Args:
            health: The run that is about to end; what only the store knows is filled in.
            sent: Calls of that run, which are in no month's count yet.
        """
        at = self._now()
        last = self._last()
        until = self._store.journal_end()
        days = self._counted(last, until)
        today = at.astimezone(self._zone()).date()
        before = days.get(today) or DayFigures(day=today, at=at)
        days[today] = replace(
            before,
            at=at,
            census=self._census(at),
            health=self._health(health, last),
            api=self._api(at, last, sent),
            journal_seq=until,
        )
        self._store.put_metrics([(day, figures_to_json(each)) for day, each in days.items()])
        if last is None or last.day < today:
            self._store.prune_metrics(today - KEPT)
            self._tell(last)
        return days[today]

    def read(self, days: int) -> Dashboard:
        """The newest so many days on which the connection ran."""
        found = tuple(map(figures_from_json, self._store.list_metrics(limit=days)))
        return Dashboard(found, tuple(sum_weeks(found)))

    def _last(self) -> DayFigures | None:
        return self.read(1).latest

    def _counted(self, last: DayFigures | None, until: int) -> dict[date, DayFigures]:
        """The days that get new or won contacts, today among them where it is kept."""
        after = last.journal_seq if last else 0
        funnel = self._funnel(after, until)
        kept = self._kept(funnel, last)
        for day in funnel.days:
            known = kept.get(day) or _unlooked(day, last, at=self._now())
            kept[day] = known.with_steps(new=funnel.new[day], won=funnel.won[day], seq=until)
        return kept

    def _funnel(self, after: int, until: int) -> Funnel:
        first_run = self._store.get_memo(FIRST_SYNC)
        if first_run is None or until <= after:
            return Funnel()
        return count_steps(
            self._store.list_steps(after, until=until),
            won=self._config.metrics.won,
            zone=self._zone(),
            first_run=RunId(first_run),
        )

    def _kept(self, funnel: Funnel, last: DayFigures | None) -> dict[date, DayFigures]:
        """The newest day, and the earlier ones that are added to."""
        kept = {} if last is None else {last.day: last}
        if funnel.days and (last is None or funnel.days[0] < last.day):
            stored = map(figures_from_json, self._store.list_metrics(since=funnel.days[0]))
            kept |= {each.day: each for each in stored if each.day in funnel.days}
        return kept

    def _census(self, at: datetime) -> Census:
        names = self._owner_names()
        return take_census(
            self._store.list_live(),
            now=at,
            owner_name=lambda owner_id: names.get(owner_id, owner_id),
        )

    def _health(self, health: SyncHealth, last: DayFigures | None) -> SyncHealth:
        compared = Compared.from_json(self._store.get_memo(COMPARED))
        untold = compared.untold if compared else {}
        return replace(
            health,
            equal_at=health.equal_at or (last.health.equal_at if last else ""),
            conflicts=len(self._store.list_conflicts()),
            webhook_gap={side.value: count for side, count in untold.items()},
        )

    def _api(self, at: datetime, last: DayFigures | None, sent: Mapping[Side, int]) -> ApiUse:
        booked = f"{at:%Y-%m}"
        month = {
            side.value: self._store.calls_in_month(side, booked) + sent.get(side, 0)
            for side in Side
        }
        before: Mapping[str, int] = {}
        if last is not None and f"{last.at:%Y-%m}" == booked:
            is_today = last.day == at.astimezone(self._zone()).date()
            spent = last.api.today if is_today else {}
            before = {
                name: count - spent.get(name, 0) for name, count in last.api.month.items()
            }
        today = {name: max(0, count - before.get(name, 0)) for name, count in month.items()}
        return ApiUse(today=today, month=month, left=self._left(at, month))

    def _left(self, at: datetime, month: Mapping[str, int]) -> dict[str, int]:
        left: dict[str, int] = {}
        told = FigureBook(self._store).read().left_today
        if told is not None:
            left[calls_left(Side.HIGHLEVEL, "day")] = told
        limit = self._config.schedule.monthly_calls
        if limit is not None:
            budget = Budget(limit, month[Side.TIMETONIC.value], at)
            left[calls_left(Side.TIMETONIC, "month")] = budget.left
        return left

    def _known(self) -> dict[str, Any]:
        """What was learnt of the HighLevel account, however old."""
        memo = self._store.get_memo("surroundings.highlevel")
        return memo if isinstance(memo, dict) else {}

    def _zone(self) -> tzinfo:
        return ZoneInfo(self._config.sync.time_zone or self._known().get("tz") or "UTC")

    def _owner_names(self) -> dict[str, str]:
        users = self._known().get("users", ())
        return {user["id"]: user["name"] for user in users if user.get("name")}

    def _tell(self, ended: DayFigures | None) -> None:
        """The last day looked at is whole now: front ends may draw its digest."""
        if ended is not None:
            telling = Telling(self._config.name, RunId(""), self._now())
            self._store.feed.append_events([tell_day(telling, ended)])


def _unlooked(day: date, last: DayFigures | None, *, at: datetime) -> DayFigures:
    """A day on which events alone were worked on: its census is the one before it."""
    if last is None:
        return DayFigures(day=day, at=at)
    return replace(last, day=day, at=at, new_contacts=0, won_contacts=0)


def tell_day(telling: Telling, figures: DayFigures) -> Event:
    """A day that has ended, in counts; told once."""
    census = figures.census
    facts: dict[str, Fact] = {
        "day": figures.day.isoformat(),
        "contacts": census.contacts,
        "new_contacts": figures.new_contacts,
        "won_contacts": figures.won_contacts,
        "tasks": census.tasks,
        "open_tasks": census.open_tasks,
        "overdue_tasks": census.overdue_tasks,
        "notes": census.notes,
        "appointments": census.appointments,
        "conflicts": figures.health.conflicts,
        "failures": figures.health.failures,
    }
    facts |= {f"calls_{side}": count for side, count in figures.api.today.items()}
    day = figures.day.isoformat()
    return telling.event(EventKind.METRICS_TAKEN, day, facts=facts, once=f"metrics:{day}")
