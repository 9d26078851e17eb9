"""Runs: look, plan, carry out, report. Everything that writes goes through here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from toolkit.app.observe import NEVER, NotesChoice, Observer, Picture, Progress, Scope
from toolkit.app.observe_dirty import Dirty, DirtyObserver, links_of
from toolkit.app.report import (
    brakes_of,
    count_outcomes,
    failures_of,
    report_to_json,
    writes_needed,
)
from toolkit.app.surroundings import load_surroundings
from toolkit.app.wiring import Parts
from toolkit.errors import HightonicError, PlanChangedError
from toolkit.executor.context import RunContext
from toolkit.executor.recover import recover
from toolkit.executor.run import apply_plan
from toolkit.executor.undo import plan_undo
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, LinkId, RunId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState, RunReport
from toolkit.model.plan import Create, Delete, Operation, Plan, Unlink, Update
from toolkit.planner.plan import approve as approve_plan
from toolkit.planner.plan import plan_sync
from toolkit.sides.highlevel import HighLevelSide
from toolkit.sides.highlevel_raw import AppointmentWindow
from toolkit.sides.listing import SidePort
from toolkit.sides.timetonic import TimeTonicSide

_FIRST_SYNC = "first_sync.done"


@dataclass(slots=True)
class _Run:
    """One run while it goes on."""

    id: RunId
    verb: str
    started_at: datetime
    calls_before: dict[Side, int]
    minimum_calls: dict[Side, int]
    outcomes: list[Outcome] = field(default_factory=list)
    plan: Plan | None = None
    writes_sent: int = 0
    report: RunReport | None = None

    def add_minimum(self, calls: dict[Side, int]) -> None:
        """Count calls that could not have been spared."""
        for side, count in calls.items():
            self.minimum_calls[side] += count


class Runner:
    """Carries out the runs of one connection, one at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._sides: dict[Side, SidePort] = {}
        self._kinds = tuple(kind for kind in Kind if kind in parts.config.mapping.kinds)
        self._stop = asyncio.Event()

    def request_stop(self) -> None:
        """Running writes finish, nothing new starts."""
        self._stop.set()

    async def preview(
        self, *, full: bool, notes: NotesChoice, progress: Progress | None
    ) -> Plan:
        """Look and plan."""
        await self._prepare()
        links = self._awake()
        picture = await self._observe(links, full=full, notes=notes, progress=progress)
        return self._plan(picture, links)

    async def sync(  # noqa: PLR0913 — one option per question a sync asks
        self,
        *,
        full: bool,
        notes: NotesChoice,
        approve: str | None,
        progress: Progress | None,
        on_plan: Callable[[Plan], None] = lambda _plan: None,
        verb: str = "sync",
    ) -> RunReport:
        """Recover what died, look, plan, carry out."""
        with self._run(verb) as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            self._wake(everything=False)
            links = self._awake()
            picture = await self._observe(links, full=full, notes=notes, progress=progress)
            run.add_minimum(picture.minimum_calls)
            plan = self._plan(picture, links)
            if approve is not None:
                plan = self._approved(plan, approve)
            on_plan(plan)
            await self._carry_out(run, plan, picture.observed_at, progress=progress)
            self._store.sync_conflicts(run.id, plan.conflicts)
            self._note_first_sync(run)
        return self._reported(run)

    async def apply(
        self, plan: Plan, *, approve: str | None, progress: Progress | None
    ) -> RunReport:
        """Carry out a plan made earlier; everything it would change is read again first."""
        config = self._parts.config
        if plan.connection != config.name or plan.config_digest != config.digest:
            raise PlanChangedError(
                "This plan was made for another connection or another mapping",
                unchanged="Nothing was written",
                remedy="Make a new one with `hightonic plan`",
            )
        if approve is not None:
            plan = self._approved(plan, approve)
        with self._run("apply") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            self._wake(everything=False)
            await self._carry_out(
                run, plan, plan.made_at or self._parts.now(), progress=progress, max_age_s=-1.0
            )
        return self._reported(run)

    async def resolve(self) -> RunReport:
        """Write the stored choices: only the pairs concerned are read."""
        with self._run("resolve") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            resolutions = self._store.resolutions()
            concerned = {each.link_id for each in resolutions}
            links = [link for link in self._store.links() if link.id in concerned]
            picture = await self._observer(None).observe_only(links)
            run.add_minimum(picture.minimum_calls)
            plan = self._plan(picture, self._store.links())
            await self._carry_out(run, plan, picture.observed_at, progress=None)
            self._store.sync_conflicts(run.id, plan.conflicts, looked_at=concerned)
        return self._reported(run)

    async def undo(self, run_id: str, *, progress: Progress | None) -> RunReport:
        """Reverse a finished run, checking every record first."""
        target = self._store.get_run(run_id)
        with self._run("undo") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            entries = self._store.list_journal(run=target.id, newest_first=False)
            outcomes = [each.outcome for each in entries]
            plan = plan_undo(
                self._parts.config.name,
                scope=self._parts.config.scope,
                config_digest=self._parts.config.digest,
                outcomes=[outcome for outcome in outcomes if outcome is not None],
                links={link.id: link for link in self._store.links()},
                archive_tags={
                    kind: mapping.archive_tag
                    for kind, mapping in self._parts.config.mapping.kinds.items()
                },
            )
            now = self._parts.now()
            await self._carry_out(run, plan, now, progress=progress, max_age_s=-1.0)
            apart = {op.link_id for op in plan.operations if isinstance(op, Unlink)}
            self._store.sync_conflicts(run.id, (), looked_at=apart)
        return self._reported(run)

    async def retry(self, *, progress: Progress | None) -> RunReport:
        """Wake every parked pair, then sync."""
        self._wake(everything=True)
        return await self.sync(
            full=False, notes="due", approve=None, progress=progress, verb="retry"
        )

    async def drain(self, dirty: Sequence[Dirty]) -> RunReport:
        """Bring what events told of in step; the same planner as a full comparison.

        A second call with the same records writes nothing.
        """
        with self._run("drain") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            self._wake(everything=False)
            links = self._store.links()
            observer = DirtyObserver(sides=self._sides, store=self._store, now=self._parts.now)
            picture = await observer.observe(dirty, links)
            run.add_minimum(picture.minimum_calls)
            plan = self._plan(picture, links)
            await self._carry_out(run, plan, picture.observed_at, progress=None)
            looked_at = links_of(dirty, links)
            self._store.sync_conflicts(run.id, plan.conflicts, looked_at=looked_at)
        return self._reported(run)

    async def _prepare(self) -> dict[Side, int]:
        """Build the sides; answers the fewest calls that could have taught them."""
        config, parts = self._parts.config, self._parts
        found = await load_surroundings(
            config, highlevel=parts.highlevel, timetonic=parts.timetonic, store=parts.store
        )
        mappings = config.mapping.kinds
        translators = {
            kind: Translator(mapping, found.context) for kind, mapping in mappings.items()
        }
        window = AppointmentWindow(
            config.sync.appointments_past_days, config.sync.appointments_future_days
        )
        self._sides = {
            Side.HIGHLEVEL: HighLevelSide(
                parts.highlevel,
                mappings=mappings,
                translators=translators,
                now=parts.now,
                window=window,
            ),
            Side.TIMETONIC: TimeTonicSide(
                parts.timetonic, mappings=mappings, translators=translators, now=parts.now
            ),
        }
        self._forget_under_new_mapping()
        return found.minimum_calls

    def _forget_under_new_mapping(self) -> None:
        """What was seen through another mapping says nothing under this one."""
        digest = self._parts.config.digest
        if self._store.get_memo("config.digest") == digest:
            return
        for side in Side:
            for kind in Kind:
                ids = self._store.observed_ids(side, kind)
                self._store.forget_observed(side, kind, ids)
        self._store.put_cursor(Side.HIGHLEVEL, Kind.CONTACT, "changed", {})
        self._store.put_note_reads(
            self._store.get_note_reads(), datetime.min.replace(tzinfo=self._parts.now().tzinfo)
        )
        self._store.put_memo("config.digest", digest)

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
        plan = plan_sync(
            connection=config.name,
            config_digest=config.digest,
            policy=config.policy,
            links=links,
            observation=picture.observation,
            resolutions=self._store.resolutions(),
            is_first_run=self._store.get_memo(_FIRST_SYNC) is None,
            known_counts=picture.known_counts,
        )
        estimate = dict.fromkeys(Side, 0)
        for side, count in self._write_calls(plan.writes).items():
            estimate[side] = count
        return replace(plan, made_at=picture.observed_at, estimated_calls=estimate)

    def _note_first_sync(self, run: _Run) -> None:
        """A first sync that was cut short goes on as one: its creates trip no brake."""
        is_whole = all(
            outcome.state is OutcomeState.DONE
            or (outcome.state is OutcomeState.FAILED and not outcome.is_retryable)
            for outcome in run.outcomes
        )
        if is_whole and self._store.get_memo(_FIRST_SYNC) is None:
            self._store.put_memo(_FIRST_SYNC, run.id)

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

    def _wake(self, *, everything: bool) -> None:
        """Parked pairs whose rest is over are kept in step again.

        A create that was refused keeps its half pair, and with it the count of refusals,
        for as long as the record it starts from is there.
        """
        now = self._parts.now()
        parked = self._store.links(states=[LinkState.PARKED])
        rested = [
            replace(link, not_before=now) if everything else link
            for link in parked
            if everything or self._is_rested(link)
        ]
        whole = [replace(each, state=LinkState.LIVE) for each in rested if _is_whole(each)]
        halves = [each for each in rested if not _is_whole(each)]
        orphans = [each.id for each in halves if not self._has_origin(each)]
        self._store.put_links([*whole, *halves])
        self._store.drop_links(orphans)

    def _has_origin(self, half: Link) -> bool:
        ids = ((side, half.id_on(side)) for side in Side)
        return any(i and self._store.get_observed(side, half.kind, i) for side, i in ids)

    def _awake(self) -> list[Link]:
        """The pairs to plan with; half pairs whose rest is over are planned afresh."""
        return [
            replace(link, state=LinkState.LIVE) if self._is_rested(link) else link
            for link in self._store.links()
            if _is_whole(link) or not self._is_rested(link)
        ]

    def _is_rested(self, link: Link) -> bool:
        is_over = link.not_before is not None and link.not_before <= self._parts.now()
        return link.state is LinkState.PARKED and is_over

    async def _recover(self, run: _Run) -> None:
        context = self._context(run, self._parts.now())
        calls = dict(self._parts.meter.calls)
        run.outcomes += await recover(context)
        # Looking up what a dead run left cannot be spared.
        run.add_minimum(self._parts.meter.since(calls))

    def _context(
        self, run: _Run, observed_at: datetime, *, max_age_s: float = 60.0
    ) -> RunContext:
        return RunContext(
            run_id=run.id,
            ports=self._sides,
            ledger=self._store,
            now=self._parts.now,
            observed_at=observed_at,
            max_age_s=max_age_s,
            stop=self._stop,
        )

    async def _carry_out(
        self,
        run: _Run,
        plan: Plan,
        observed_at: datetime,
        *,
        progress: Progress | None,
        max_age_s: float = 60.0,
    ) -> None:
        run.plan = plan
        resolutions = self._store.resolutions()
        context = self._context(run, observed_at, max_age_s=max_age_s)
        if progress is not None:
            context.progress = progress
        outcomes = await apply_plan(plan, context)
        run.outcomes += outcomes
        run.writes_sent = context.writes_sent
        run.add_minimum(self._write_calls([o.operation for o in outcomes if _was_sent(o)]))
        run.add_minimum(self._check_calls(outcomes, is_checked=max_age_s <= 0))
        written = {
            (outcome.operation.link_id, name)
            for outcome in outcomes
            if outcome.state is OutcomeState.DONE and isinstance(outcome.operation, Update)
            for name in outcome.operation.after
        }
        lost = [each for each in plan.lost if (each.link_id, each.field) in written]
        self._store.record_lost(run.id, lost)
        self._store.put_findings(run.id, plan.findings, plan.ambiguities)
        done: dict[LinkId, bool] = {}
        for outcome in outcomes:
            link_id = outcome.operation.link_id
            done[link_id] = done.get(link_id, True) and outcome.state is OutcomeState.DONE
        still_open = {(each.link_id, each.field) for each in plan.conflicts}
        self._store.mark_resolved(
            each
            for each in resolutions
            if done.get(each.link_id) and (each.link_id, each.field) not in still_open
        )
        created = [
            outcome.id
            for outcome in outcomes
            if outcome.state is OutcomeState.DONE
            and isinstance(outcome.operation, Create)
            and outcome.operation.kind is Kind.CONTACT
            and outcome.operation.side is Side.HIGHLEVEL
            and outcome.id is not None
        ]
        # A contact we have just created has no notes but those we write.
        self._store.put_note_reads(created, self._parts.now())
        # A contact that could not be deleted may hold a note nobody has read.
        kept = [
            outcome.operation.id
            for outcome in outcomes
            if isinstance(outcome.operation, Delete)
            and _takes_children_along(outcome.operation)
            and outcome.state is OutcomeState.SKIPPED
        ]
        self._store.put_note_reads(kept, NEVER)

    def _write_calls(self, writes: Sequence[object]) -> dict[Side, int]:
        """Fewest calls that carry these writes, with the batch sizes in force."""
        counts: dict[tuple[Side, Kind, bool], int] = {}
        for write in writes:
            if isinstance(write, Create | Update | Delete):
                key = (write.side, write.kind, isinstance(write, Delete))
                counts[key] = counts.get(key, 0) + 1
        calls = dict.fromkeys(Side, 0)
        for (side, kind, is_delete), count in counts.items():
            size = self._sides[side].batch_size(kind, "delete" if is_delete else "update")
            calls[side] += -(-count // size)
        return calls

    def _check_calls(self, outcomes: Sequence[Outcome], *, is_checked: bool) -> dict[Side, int]:
        """Fewest calls that prove nobody edited the records since they were seen."""
        calls = dict.fromkeys(Side, 0)
        counts: dict[tuple[Side, Kind], int] = {}
        for outcome in outcomes:
            operation = outcome.operation
            # Deletions are always checked, and what hangs on a contact with them.
            if isinstance(operation, Delete) or (is_checked and isinstance(operation, Update)):
                key = (operation.side, operation.kind)
                counts[key] = counts.get(key, 0) + 1
        below = sum(kind in self._kinds for kind in (Kind.TASK, Kind.NOTE))
        calls[Side.HIGHLEVEL] += below * sum(
            _takes_children_along(each.operation) for each in outcomes
        )
        for (side, kind), count in counts.items():
            calls[side] += -(-count // self._sides[side].batch_size(kind, "update"))
        return calls

    @contextmanager
    def _run(self, verb: str) -> Iterator[_Run]:
        parts = self._parts
        self._stop.clear()
        started_at = parts.now()
        run = _Run(
            id=self._store.begin_run(verb, config_digest=parts.config.digest),
            verb=verb,
            started_at=started_at,
            calls_before=dict(parts.meter.calls),
            minimum_calls=dict.fromkeys(Side, 0),
        )
        verdict = "done"
        try:
            yield run
        except HightonicError as error:
            verdict = f"failed: {error.happened}"
            raise
        except BaseException:
            verdict = "interrupted"
            raise
        finally:
            self._finish(run, verdict)

    def _finish(self, run: _Run, verdict: str) -> None:
        plan = run.plan
        calls = self._parts.meter.since(run.calls_before)
        for side, count in calls.items():
            self._store.add_calls(side, f"{run.started_at:%Y-%m}", count)
        conflicts = plan.conflicts if plan else ()
        run.report = RunReport(
            run_id=run.id,
            connection=self._parts.config.name,
            verb=run.verb,
            started_at=run.started_at,
            duration_s=(self._parts.now() - run.started_at).total_seconds(),
            tallies=count_outcomes(run.outcomes, conflicts),
            conflicts=len(conflicts),
            ambiguous=len(plan.ambiguities) if plan else 0,
            findings=len(plan.findings) if plan else 0,
            held=len(plan.held) if plan else 0,
            api_calls=calls,
            minimum_api_calls=run.minimum_calls,
            writes_sent=run.writes_sent,
            writes_needed=writes_needed(run.outcomes),
            plan_hash=plan.hash if plan else "",
            approval=plan.approval if plan else "",
            brakes=brakes_of(plan) if plan else (),
            failures=failures_of(run.outcomes),
        )
        report = json.dumps(report_to_json(run.report), ensure_ascii=False)
        self._store.finish_run(run.id, report, verdict)

    @staticmethod
    def _reported(run: _Run) -> RunReport:
        if run.report is None:
            raise RuntimeError("a finished run has a report")
        return run.report


def _is_whole(link: Link) -> bool:
    return link.highlevel_id is not None and link.timetonic_id is not None


def _takes_children_along(operation: Operation) -> bool:
    """Whether HighLevel deletes tasks and notes together with the record."""
    return (
        isinstance(operation, Delete)
        and operation.kind is Kind.CONTACT
        and operation.side is Side.HIGHLEVEL
        and operation.mode == "delete"
    )


def _was_sent(outcome: Outcome) -> bool:
    return outcome.state is not OutcomeState.SKIPPED
