"""What every run is made of: sides made ready, a look, a plan, its carrying out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from toolkit.app.automating import Automations
from toolkit.app.costs import check_calls, write_calls
from toolkit.app.finding_book import put_findings
from toolkit.app.ghosts import Ghosts
from toolkit.app.live import check_live
from toolkit.app.memo_names import FIRST_SYNC
from toolkit.app.metrics_stage import own_kinds, show_figures
from toolkit.app.observe import (
    NEVER,
    NotesChoice,
    Observer,
    Picture,
    Place,
    Progress,
    Scope,
)
from toolkit.app.observe_dirty import Dirty, DirtyObserver, links_of
from toolkit.app.parking import Parking, findings_of
from toolkit.app.ping_pong import PingPong
from toolkit.app.ready import ready_sides
from toolkit.app.rule_hand import RuleHand
from toolkit.app.rule_work import RuleWork
from toolkit.app.run_book import RunBook, RunRecord
from toolkit.app.run_facts import (
    contacts_with_news,
    created_contacts,
    told_together,
    was_sent,
    written_choices,
)
from toolkit.app.wiring import Parts
from toolkit.errors import PlanChangedError
from toolkit.executor.context import RunContext
from toolkit.executor.recover import recover
from toolkit.executor.run import apply_plan
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.links import Link, LinkState, Resolution
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Plan
from toolkit.planner.plan import approve as approve_plan
from toolkit.planner.plan import plan_sync
from toolkit.sides.listing import SidePort

Carry = Callable[[Plan, RunContext], Awaitable[list[Outcome]]]
"""What carries a plan out: `apply_plan`, or `apply_together` where both sides are written."""


@dataclass(frozen=True, slots=True)
class Look:
    """When and how a plan's picture was taken.

    Attributes:
        max_age_s: What was seen longer ago is read again before it is written.
        places: The records that were looked at; None: all of them.
    """

    at: datetime
    max_age_s: float = 60.0
    places: Collection[Place] | None = None


class RunBench:
    """One connection's sides, memory and habits, as every run uses them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._sides: dict[Side, SidePort] = {}
        self._kinds = tuple(kind for kind in Kind if kind in parts.config.mapping.kinds)
        self._book = RunBook(parts)
        self._parking = Parking(parts.store, now=parts.now, policy=parts.config.policy)
        self._ping_pong = PingPong(parts.store, now=parts.now)
        self._automations = Automations(parts)
        self._stop = asyncio.Event()

    @contextmanager
    def named(self, once: str) -> Iterator[None]:
        """Runs of this block are begun for this act; see `OnceBook`."""
        self._book.once = once
        try:
            yield
        finally:
            self._book.once = ""

    @contextmanager
    def _running(self, verb: str) -> Iterator[RunRecord]:
        check_live(self._parts)
        self._stop.clear()
        try:
            with self._book.running(verb) as run:
                yield run
        finally:
            self._automations.conclude()

    async def _prepare(self) -> dict[Side, int]:
        """Build the sides; answers the fewest calls that could have taught them."""
        self._sides, calls = await ready_sides(self._parts)
        return calls

    def _observer(self, progress: Progress | None) -> Observer:
        return Observer(
            sides=self._sides,
            store=self._store,
            kinds=self._kinds,
            now=self._parts.now,
            progress=progress or (lambda _what, _done, _total: None),
        )

    async def _observe(
        self, links: list[Link], *, full: bool, notes: NotesChoice, progress: Progress | None
    ) -> Picture:
        hours = self._parts.config.sync.notes_max_age_h
        scope = Scope(is_full=full, notes=notes, notes_max_age=timedelta(hours=hours))
        return await self._observer(progress).observe(scope, links)

    def _plan(self, picture: Picture, links: list[Link]) -> Plan:
        config = self._parts.config
        planned = {link.id for link in links}
        parked = self._store.links(states=[LinkState.PARKED])
        plan = plan_sync(
            connection=config.name,
            config_digest=config.digest,
            policy=config.policy,
            links=links,
            # Half pairs that rest no longer: their next create keeps the pair's name.
            refused=[each for each in parked if each.id not in planned],
            observation=picture.observation,
            resolutions=self._store.resolutions(),
            is_first_run=self._store.get_memo(FIRST_SYNC) is None,
            known_counts=picture.known_counts,
        )
        estimate = dict.fromkeys(Side, 0)
        for side, count in write_calls(self._sides, plan.writes).items():
            estimate[side] = count
        findings = (*plan.findings, *findings_of(links))
        return replace(
            plan, findings=findings, made_at=picture.observed_at, estimated_calls=estimate
        )

    def _note_first_sync(self, run: RunRecord) -> None:
        """A first sync that was cut short goes on as one: its creates trip no brake."""
        is_whole = all(
            outcome.state is OutcomeState.DONE
            or (outcome.state is OutcomeState.FAILED and not outcome.is_retryable)
            for outcome in run.outcomes
        )
        if is_whole and self._store.get_memo(FIRST_SYNC) is None:
            self._store.put_memo(FIRST_SYNC, run.id)

    def _approved(self, plan: Plan, approval: str) -> Plan:
        """The plan with its held part released; an approval works once."""
        released = approve_plan(plan, approval)
        memo = f"approved.{plan.approval}"
        if self._store.get_memo(memo) is not None:
            raise PlanChangedError(
                "This approval was used already",
                unchanged="Nothing was written",
                remedy="Loosen the brake in the settings if the same work comes back",
            )
        self._store.put_memo(memo, self._parts.now().isoformat())
        return released

    async def _recover(self, run: RunRecord) -> None:
        self._automations.begin(run.id)
        context = self._context(run, Look(self._parts.now()))
        calls = dict(self._parts.meter.calls)
        run.outcomes += await recover(context)
        # Looking up what a dead run left cannot be spared.
        run.add_minimum(self._parts.meter.since(calls))

    def _context(self, run: RunRecord, look: Look) -> RunContext:
        context = RunContext(
            run_id=run.id,
            ports=self._sides,
            ledger=self._store,
            now=self._parts.now,
            observed_at=look.at,
            max_age_s=look.max_age_s,
            stop=self._stop,
        )
        if run.progress is not None:
            context.progress = run.progress
        return context

    async def _carry_out(
        self,
        run: RunRecord,
        plan: Plan,
        look: Look,
        *,
        progress: Progress | None,
        carry: Carry = apply_plan,
    ) -> None:
        plan, loops = self._ping_pong.stop_loops(plan)
        run.loops |= loops
        run.plan, run.progress = plan, progress
        resolutions = self._store.resolutions()
        context = self._context(run, look)
        context.lost = {(each.link_id, each.field): each for each in plan.lost}
        outcomes = await carry(plan, context)
        run.outcomes += outcomes
        run.writes_sent += context.writes_sent
        run.add_minimum(
            write_calls(self._sides, [o.operation for o in outcomes if was_sent(o)])
        )
        run.add_minimum(
            check_calls(
                self._sides, outcomes, kinds=self._kinds, is_checked=look.max_age_s <= 0
            )
        )
        self._note_rests(run, plan, outcomes, places=look.places)
        self._remember(run, plan, outcomes, resolutions)

    async def _automate(
        self, run: RunRecord, look: Look, *, seen: Collection[LinkId] = ()
    ) -> None:
        """Do what rules ask for in answer to what was written.

        Args:
            run: Told what was done.
            look: When the systems were seen.
            seen: Contacts that were seen, where not everything was.
        """
        hand = self._hand(run, look)
        work = run.rules = RuleWork(
            run.id, is_look=look.places is None, seen=seen, own_kinds=own_kinds(self._sides)
        )
        await self._automations.carry_on(work, hand)
        if work.findings or hand.outcomes:
            config, found = self._parts.config, tuple(work.findings)
            plan = Plan(config.name, config.digest, findings=found)
            self._note_rests(run, plan, hand.outcomes, places=())

    def _hand(self, run: RunRecord, look: Look) -> RuleHand:
        return RuleHand(
            self._parts,
            run,
            sides=self._sides,
            context=lambda max_age_s: self._context(run, Look(look.at, max_age_s)),
        )

    def _note_rests(
        self,
        run: RunRecord,
        plan: Plan,
        outcomes: Sequence[Outcome],
        *,
        places: Collection[Place] | None,
    ) -> None:
        """What was refused rests, and people find it beside what the plan found."""
        refused = {o.operation.link_id for o in outcomes if o.state is OutcomeState.FAILED}
        resting = self._parking.remember(refused)
        run.resting = [f"{f.kind} {f.side.label} {f.id}: {f.reason}" for f in resting]
        put_findings(self._store, run.id, plan, resting=resting, seen=places)

    async def _show_figures(self, run: RunRecord) -> None:
        await show_figures(
            self._parts,
            run,
            sides=self._sides,
            context=lambda: self._context(run, Look(self._parts.now())),
        )

    def _remember(
        self,
        run: RunRecord,
        plan: Plan,
        outcomes: Sequence[Outcome],
        resolutions: Sequence[Resolution],
    ) -> None:
        """Keep what the next run and a person must know of this one."""
        resolved = written_choices(plan, outcomes, resolutions)
        run.resolved += resolved
        self._store.mark_resolved(resolved)
        # A contact we have just created has no notes but those we write.
        self._store.put_note_reads(created_contacts(outcomes), self._parts.now())
        Ghosts(self._store, now=self._parts.now).add_deleted(run.outcomes)
        # Where a note was edited, or a contact could not be deleted for one, it is read now.
        self._store.put_note_reads(contacts_with_news(outcomes), NEVER)

    async def _bring_in_step(
        self, run: RunRecord, dirty: Sequence[Dirty]
    ) -> tuple[Look, list[Link]]:
        """Look at these records and at whoever might be their partner, plan, carry out.

        What an earlier plan of the run left for people is told with this one's.
        """
        links = self._parking.awake()
        observer = DirtyObserver(sides=self._sides, store=self._store, now=self._parts.now)
        picture = await observer.observe(dirty, links)
        run.add_minimum(picture.minimum_calls)
        plan = self._plan(picture, self._parking.wake_edited(links))
        look, earlier = Look(picture.observed_at, places=picture.places), run.plan
        await self._carry_out(run, plan, look, progress=None)
        if earlier is not None:
            run.plan = told_together(earlier, plan)
        looked_at = links_of(dirty, links)
        self._store.sync_conflicts(run.id, plan.conflicts, looked_at=looked_at)
        return look, [link for link in links if link.id in looked_at]
