"""Runs: look, plan, carry out. Everything that writes to a vendor goes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from toolkit.app.costs import write_calls
from toolkit.app.doubles import find_doubles
from toolkit.app.effects_run import Acts, Wish, check_wish, is_carried_out, plan_wish
from toolkit.app.metrics_stage import own_kinds
from toolkit.app.observe import (
    NotesChoice,
    Progress,
)
from toolkit.app.observe_dirty import Dirty, DirtyObserver
from toolkit.app.reopening import reopen_conflicts
from toolkit.app.rule_work import contacts_met
from toolkit.app.run_bench import Look, RunBench
from toolkit.app.run_book import RunRecord
from toolkit.app.stored_view import births_in
from toolkit.errors import PlanChangedError
from toolkit.executor.context import RunContext
from toolkit.executor.objections import child_objection
from toolkit.executor.run import refuse
from toolkit.executor.together import apply_together
from toolkit.executor.undo import plan_undo
from toolkit.model.ids import Kind, LinkId
from toolkit.model.outcomes import Outcome, OutcomeState, RunReport
from toolkit.model.plan import Create, Delete, Finding, Plan, Unlink, Update
from toolkit.planner.births import birth_sides


class Runner(RunBench):
    """Carries out the runs of one connection, one at a time."""

    def request_stop(self) -> None:
        """Running writes finish, nothing new starts."""
        self._stop.set()

    async def preview(
        self, *, full: bool, notes: NotesChoice, progress: Progress | None
    ) -> Plan:
        """Look and plan."""
        await self._prepare()
        links = self._parking.awake()
        picture = await self._observe(links, full=full, notes=notes, progress=progress)
        return self._plan(picture, self._parking.without_edited(links))

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
        with self._running(verb) as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            self._parking.wake(everything=False)
            links = self._parking.awake()
            picture = await self._observe(links, full=full, notes=notes, progress=progress)
            run.add_minimum(picture.minimum_calls)
            plan = self._plan(picture, self._parking.wake_edited(links))
            if approve is not None and not self._automations.release(approve):
                plan = self._approved(plan, approve)
            on_plan(plan)
            look = Look(picture.observed_at)
            await self._carry_out(run, plan, look, progress=progress)
            self._store.sync_conflicts(run.id, plan.conflicts)
            self._note_first_sync(run)
            await self._automate(run, look)
            await self._show_figures(run)
        return run.reported()

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
        if approve is not None and not self._automations.holds(approve):
            plan = self._approved(plan, approve)
        with self._running("apply") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            self._parking.wake(everything=False)
            if approve is not None:
                self._automations.release(approve)
            look = Look(plan.made_at or self._parts.now(), max_age_s=-1.0, places=())
            await self._carry_out(run, plan, look, progress=progress)
            await self._automate(run, look)
            await self._show_figures(run)
        return run.reported()

    async def resolve(self, *, is_approved: bool = False) -> RunReport:
        """Write the stored choices: only the pairs concerned are read.

        Args:
            is_approved: Somebody else agreed to just these choices: their number alone is no
                reason to hold them back. Deletions and new records stay held.
        """
        with self._running("resolve") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            resolutions = self._store.resolutions()
            concerned = {each.link_id for each in resolutions}
            links = [link for link in self._store.links() if link.id in concerned]
            picture = await self._observer(None).observe_only(links)
            run.add_minimum(picture.minimum_calls)
            plan = self._plan(picture, self._store.links())
            if is_approved and plan.held and all(isinstance(op, Update) for op in plan.held):
                plan = self._approved(plan, plan.approval)
            look = Look(picture.observed_at, places=picture.places)
            await self._carry_out(run, plan, look, progress=None)
            self._store.sync_conflicts(run.id, plan.conflicts, looked_at=concerned)
            await self._automate(run, look, seen=contacts_met(run.outcomes, links))
            await self._show_figures(run)
        return run.reported()

    async def undo(self, run_id: str, *, progress: Progress | None) -> RunReport:
        """Reverse a finished run, checking every record first."""
        target = self._store.get_run(run_id)
        with self._running("undo") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            entries = self._store.list_journal(run=target.id, newest_first=False)
            # The day's figures are nobody's deed: the next look sets them right.
            outcomes = [each.outcome for each in entries if each.kind is not Kind.METRIC]
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
                birth_sides=birth_sides(self._parts.config.policy),
            )
            look = Look(self._parts.now(), max_age_s=-1.0, places=())
            await self._carry_out(run, plan, look, progress=progress, carry=apply_together)
            if births_in(run.outcomes):
                # What an undo had removed on both sides is made anew; its twin follows.
                await self._hand(run, look).follow(run.outcomes)
            apart = {op.link_id for op in plan.operations if isinstance(op, Unlink)}
            reopened = reopen_conflicts(self._store, run.outcomes)
            run.plan = replace(plan, conflicts=tuple(reopened))
            self._store.sync_conflicts(run.id, reopened, looked_at=apart)
        return run.reported()

    async def retry(self, *, progress: Progress | None) -> RunReport:
        """Wake every parked pair, then sync."""
        self._parking.wake(everything=True)
        self._ping_pong.forgive()
        self._automations.try_again()
        return await self.sync(
            full=False, notes="due", approve=None, progress=progress, verb="retry"
        )

    async def preview_wish(self, wish: Wish) -> Plan:
        """What a person's wish comes to, from what was seen last."""
        check_wish(wish)
        await self._prepare()
        act = Acts(self._store).open(wish, self._parts.now())
        plan = plan_wish(self._parts, act, own_kinds=own_kinds(self._sides))
        return replace(plan, estimated_calls=write_calls(self._sides, plan.writes))

    async def carry_wish(
        self, wish: Wish, *, approve: str | None, progress: Progress | None
    ) -> RunReport:
        """Do what a person asks for; rules answer it as they answer a sync."""
        check_wish(wish)
        with self._running(wish.verb) as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            self._parking.wake(everything=False)
            acts, look = Acts(self._store), Look(self._parts.now(), max_age_s=-1.0, places=())
            act = acts.open(wish, look.at)
            plan = plan_wish(self._parts, act, own_kinds=own_kinds(self._sides))
            if approve is not None:
                plan = self._approved(plan, approve)
            plan = await self._spare_parents(plan, self._context(run, look))
            recovered = len(run.outcomes)
            plan = await self._refuse_doubles(run, plan, look)
            await self._carry_out(run, plan, look, progress=progress, carry=apply_together)
            outcomes = run.outcomes[recovered:]
            await self._hand(run, look).follow(outcomes)
            await self._introduce(run, born_contacts(outcomes))
            if is_carried_out(plan, outcomes):
                acts.close(act)
            await self._automate(run, look)
            await self._show_figures(run)
        return run.reported()

    async def look(self, dirty: Sequence[Dirty]) -> None:
        """Read these records anew, and remember what they hold; writes to no vendor."""
        await self._prepare()
        observer = DirtyObserver(sides=self._sides, store=self._store, now=self._parts.now)
        await observer.observe(dirty, self._parking.awake())

    async def drain(self, dirty: Sequence[Dirty]) -> RunReport:
        """Bring what events told of in step; the same planner as a full comparison.

        A second call with the same records writes nothing.
        """
        with self._running("drain") as run:
            run.add_minimum(await self._prepare())
            await self._recover(run)
            self._parking.wake(everything=False)
            look, met = await self._bring_in_step(run, dirty)
            await self._automate(run, look, seen=contacts_met(run.outcomes, met))
        return run.reported()

    async def _spare_parents(self, plan: Plan, context: RunContext) -> Plan:
        """Without contacts on which something hangs that stands nowhere else.

        Both sides are asked first: a contact is deleted on both or on neither.
        """
        found: dict[LinkId, Finding] = {}
        for op in plan.operations:
            if isinstance(op, Delete) and (reason := await child_objection(op, context)):
                found[op.link_id] = Finding(op.kind, op.side, op.id, reason.capitalize())
        kept = tuple(op for op in plan.operations if op.link_id not in found)
        return replace(plan, operations=kept, findings=(*plan.findings, *found.values()))

    async def _refuse_doubles(self, run: RunRecord, plan: Plan, look: Look) -> Plan:
        """Without new contacts who are there already; each is told as failed."""
        before = dict(self._parts.meter.calls)
        reasons = await find_doubles(plan, self._parts, self._sides)
        # That they are looked for before they are made cannot be spared.
        run.add_minimum(self._parts.meter.since(before))
        context = self._context(run, look)
        for op in plan.operations:
            if isinstance(op, Create) and op.link_id in reasons:
                run.outcomes.append(refuse(op, reasons[op.link_id], context))
        kept = tuple(op for op in plan.operations if op.link_id not in reasons)
        return replace(plan, operations=kept)

    async def _introduce(self, run: RunRecord, born: Sequence[Dirty]) -> None:
        """A contact made here is met as one that somebody typed in: a partner may be there.

        What a crash leaves undone of it, the next comparison does.
        """
        if born:
            await self._bring_in_step(run, born)


def born_contacts(outcomes: Iterable[Outcome]) -> list[Dirty]:
    """Contacts that were made without a twin."""
    return [
        Dirty(each.operation.side, Kind.CONTACT, each.id)
        for each in outcomes
        if each.state is OutcomeState.DONE
        and isinstance(each.operation, Create)
        and each.operation.kind is Kind.CONTACT
        and each.operation.is_birth
        and each.id is not None
    ]
