"""The scheduled comparison, and what it teaches: lost webhooks, costs, the month's budget."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from toolkit.app.budget import Budget, stretched_minutes, tell_budget
from toolkit.app.config import ConnectionConfig
from toolkit.app.figures import FigureBook
from toolkit.app.gap import COMPARED, Compared, Found, list_found, measure_gap, tell_gap
from toolkit.app.happenings import Telling, tell_dead_key
from toolkit.app.live import Obstacle, may_write
from toolkit.app.turns import Desk, Turns
from toolkit.engine.port import JSON, Clock
from toolkit.errors import CredentialsError, HightonicError
from toolkit.model.ids import Kind, LinkId, RunId, Side
from toolkit.model.links import Link
from toolkit.model.outcomes import RunReport
from toolkit.model.plan import Create, Join, Plan
from toolkit.store import ConnectionStore

FULL_AT: Final = "schedule.full_at"
_FEW: Final = 300


class Comparer:
    """Carries out scheduled comparisons.

    Args:
        turns: Gives the right to write.
        clock: For ages.
    """

    def __init__(self, turns: Turns, *, clock: Clock) -> None:
        self._turns = turns
        self._clock = clock

    async def compare(self, desk: Desk) -> JSON:
        """Make both sides agree, or only look where the connection may not write.

        Raises:
            HightonicError: The run failed; it is counted and told.
            StateBusyError: It was cut short, or somebody else's turn did not end.
        """
        async with self._turns.take(desk, purpose="scheduled sync") as turn:
            leave = may_write(desk.parts)
            if leave.obstacle is Obstacle.PAUSED:
                return {"state": "paused"}
            if not leave.is_granted:
                return await self._look_only(desk)
            report, noted = await self._sync(desk)
            turn.check_whole(report)
            await asyncio.to_thread(noted.conclude, report)
        desk.rests, desk.rest_until, desk.gone = 0, None, 0
        return {"run": report.run_id, "writes": report.writes_sent, "held": report.held}

    async def _sync(self, desk: Desk) -> tuple[RunReport, _Notes]:
        store = desk.parts.store
        is_full = is_full_due(desk, self._clock.now())
        notes = _Notes(desk, at=self._clock.now(), is_full=is_full)
        report = await desk.runner.sync(
            full=is_full, notes="due", approve=None, progress=None, on_plan=notes.take_plan
        )
        # Only now: what was seen is stored, so a day's next comparison may look at less.
        if is_full:
            await asyncio.to_thread(store.put_memo, FULL_AT, notes.at.isoformat())
        return report, notes

    async def _look_only(self, desk: Desk) -> JSON:
        parts, now = desk.parts, self._clock.now()
        book = FigureBook(parts.store)
        before = dict(parts.meter.calls)
        try:
            plan = await desk.runner.preview(full=False, notes="due", progress=None)
        except HightonicError as error:
            # A preview is no run, so nobody else counts it or tells of it.
            failed = error
            await asyncio.to_thread(lambda: book.note_failure("sync", failed))
            if isinstance(error, CredentialsError):
                telling = Telling(desk.name, RunId(""), now)
                parts.store.feed.append_events([tell_dead_key(telling, error)])
            raise
        finally:
            for side, count in parts.meter.since(before).items():
                parts.store.add_calls(side, f"{now:%Y-%m}", count)
        await asyncio.to_thread(book.note_look)
        return {"state": "plan only", "writes": len(plan.writes)}


class _Notes:
    """What one comparison is remembered for."""

    def __init__(self, desk: Desk, *, at: datetime, is_full: bool) -> None:
        self._config = desk.parts.config
        self._store = desk.parts.store
        self._is_full = is_full
        self._plan: Plan | None = None
        self._found: list[Found] = []
        self.at = at

    def take_plan(self, plan: Plan) -> None:
        """Note what was found, by the pairs as they are before anything is written."""
        links = _links_of(self._store, plan)
        self._plan = plan
        self._found = list_found(plan, links.get, rollups=_rollups(self._config))

    def conclude(self, report: RunReport) -> None:
        """Tell of lost webhooks and of the budget, and remember for the next time."""
        telling = Telling(self._config.name, report.run_id, self.at)
        self._conclude_gap(telling)
        budget = budget_of(self._config, self._store, self.at)
        if budget is not None:
            minutes = period_minutes(self._config, self._store, self.at)
            events = list(tell_budget(telling, budget, minutes=minutes))
            self._store.feed.append_events(events)

    def _conclude_gap(self, telling: Telling) -> None:
        if self._plan is None:
            return
        last = Compared.from_json(self._store.get_memo(COMPARED))
        told = self._store.list_told(last.at if last else self.at)
        senders = {side for side, _, _ in told} | (last.senders if last else set())
        if self._config.webhooks.app_id:
            senders.add(Side.HIGHLEVEL)
        gap = None
        if last is not None and last.config_digest == self._plan.config_digest:
            gap = measure_gap(self._found, told=told.keys(), known=last.keys)
            self._store.feed.append_events(list(tell_gap(telling, gap, senders)))
        compared = Compared.after(
            self._plan, at=self.at, found=self._found, senders=senders, gap=gap
        )
        self._store.put_memo(COMPARED, compared.to_json())


def is_full_due(desk: Desk, now: datetime) -> bool:
    """Whether everything has to be listed and verified again."""
    at = desk.parts.store.get_memo(FULL_AT)
    every = timedelta(hours=desk.parts.config.schedule.full_every_h)
    return at is None or now - datetime.fromisoformat(at) >= every


def budget_of(config: ConnectionConfig, store: ConnectionStore, now: datetime) -> Budget | None:
    """TimeTonic's month as it stands; None where the settings name no limit."""
    limit = config.schedule.monthly_calls
    if limit is None:
        return None
    return Budget(limit, store.calls_in_month(Side.TIMETONIC, f"{now:%Y-%m}"), now)


def period_minutes(config: ConnectionConfig, store: ConnectionStore, now: datetime) -> int:
    """Minutes between comparisons: as in the settings, or longer where the budget asks for it."""
    budget = budget_of(config, store, now)
    if budget is None:
        return config.schedule.every_minutes
    calls_each = FigureBook(store).read().calls_each
    return stretched_minutes(config.schedule.every_minutes, budget, calls_each=calls_each)


def _rollups(config: ConnectionConfig) -> frozenset[str]:
    kinds = config.policy.kinds
    fields = kinds[Kind.CONTACT].fields.values() if Kind.CONTACT in kinds else ()
    return frozenset(each.name for each in fields if each.rollup is not None)


def _links_of(store: ConnectionStore, plan: Plan) -> dict[LinkId, Link]:
    """The pairs a plan changes, and the contacts they hang on."""
    wanted = {
        op.link_id
        for op in (*plan.operations, *plan.held)
        if not isinstance(op, Join) and not (isinstance(op, Create) and op.generation == 0)
    }
    wanted |= {each.link_id for each in plan.conflicts}
    if len(wanted) > _FEW:
        return {link.id: link for link in store.links()}
    links = _read(store, wanted)
    return links | _read(store, {each.parent for each in links.values() if each.parent})


def _read(store: ConnectionStore, wanted: Iterable[LinkId]) -> dict[LinkId, Link]:
    found = (store.get_link(link_id) for link_id in wanted)
    return {link.id: link for link in found if link is not None}
