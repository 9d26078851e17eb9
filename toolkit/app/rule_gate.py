"""Brakes of rules: what asks for too much is put aside until a person approves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.app.happenings import Telling, tell_plan
from toolkit.app.rule_endings import causes_of
from toolkit.app.rule_memory import RuleMemory
from toolkit.app.rule_plan import plan_firings
from toolkit.app.rule_work import RuleWork
from toolkit.app.wiring import Parts
from toolkit.model.automation import Trigger
from toolkit.model.ids import LinkId
from toolkit.model.links import Link
from toolkit.model.outcomes import HeldRules
from toolkit.model.plan import Plan
from toolkit.planner.order import ordered
from toolkit.store.firings import FiringEntry, FiringState


class RuleGate:
    """Tells apart what may be done and what must wait.

    Args:
        parts: Of the connection.
        memory: Where what is held is remembered.
        work: The run's; told what is held.
    """

    def __init__(self, parts: Parts, memory: RuleMemory, work: RuleWork) -> None:
        self._parts = parts
        self._store = parts.store
        self._memory = memory
        self._work = work

    def open_for(
        self, entries: Sequence[FiringEntry]
    ) -> tuple[Sequence[FiringEntry], Plan, Mapping[LinkId, Link]]:
        """What no brake holds: firings, their plan, and the pairs it was made from.

        Of a rule of which one write is held, nothing is written.
        """
        links = {link.id: link for link in self._store.links()}
        plan = self._plan(entries, links)
        if plan.held and entries[0].is_approved:
            released = ordered((*plan.operations, *plan.held))
            return entries, replace(plan, operations=released, held=(), brakes=()), links
        while plan.held:
            for group, its_plan in self._at_fault(entries, plan, links):
                self._hold(group, its_plan)
                gone = {each.key for each in group}
                entries = [each for each in entries if each.key not in gone]
            plan = self._plan(entries, links)
        return entries, plan, links

    def _at_fault(
        self,
        entries: Sequence[FiringEntry],
        plan: Plan,
        links: Mapping[LinkId, Link],
    ) -> list[tuple[Sequence[FiringEntry], Plan]]:
        """Firings to hold: rule by rule those that are too many alone, else all together.

        A rule that asks for little is not held for another one that asks for much.
        """
        rules = {_rule_of(cause) for each in plan.held for cause in causes_of(each)}
        if {each.firing.rule for each in entries} == rules and len(rules) == 1:
            return [(entries, plan)]
        groups = [[e for e in entries if e.firing.rule == rule] for rule in sorted(rules)]
        planned = [(group, self._plan(group, links)) for group in groups]
        alone = [(group, its_plan) for group, its_plan in planned if its_plan.held]
        if alone:
            return [*alone]
        together = [each for group in groups for each in group]
        return [(together, self._plan(together, links))]

    def _plan(self, entries: Sequence[FiringEntry], links: Mapping[LinkId, Link]) -> Plan:
        firings = [each.firing for each in entries]
        return plan_firings(self._parts, firings, links, own_kinds=self._work.own_kinds)

    def _hold(self, entries: Sequence[FiringEntry], plan: Plan) -> None:
        """Put firings aside until a person approves; said in the feed and in the report."""
        whole = replace(plan, operations=(), held=(*plan.operations, *plan.held))
        approval = whole.approval
        held = [
            replace(each, state=FiringState.HELD, reason=approval, run_id=self._work.run_id)
            for each in entries
        ]
        self._supersede(entries)
        rules = Counter(each.firing.rule for each in entries)
        brakes = tuple(each.reason for each in plan.brakes)
        self._memory.hold(HeldRules(approval, dict(rules), len(whole.held), brakes))
        self._store.put_entries(held)
        self._work.note(held)
        telling = Telling(self._parts.config.name, self._work.run_id, self._parts.now())
        events = [
            replace(each, facts={**each.facts, "rules": ", ".join(sorted(rules))})
            for each in tell_plan(telling, whole)
        ]
        self._store.feed.append_events(events)

    def _supersede(self, entries: Sequence[FiringEntry]) -> None:
        """A schedule's next turn takes the place of one that is held: it asks the same anew."""
        turned = {
            (each.firing.rule, each.firing.happening.contact)
            for each in entries
            if each.firing.happening.trigger is Trigger.SCHEDULE
        }
        if not turned:
            return
        held = self._store.list_firings(states=[FiringState.HELD])
        stale = [
            replace(
                each,
                state=FiringState.SKIPPED,
                reason="the schedule's next turn came before anybody approved",
                ended_at=self._parts.now(),
                run_id=self._work.run_id,
            )
            for each in held
            if each.firing.happening.trigger is Trigger.SCHEDULE
            and (each.firing.rule, each.firing.happening.contact) in turned
        ]
        self._store.put_entries(stale)
        gone = {each.key for each in stale}
        for approval in {each.reason for each in held if each.key in gone}:
            left = [e for e in held if e.reason == approval and e.key not in gone]
            if not left:
                self._memory.let_go(approval)


def _rule_of(cause: str) -> str:
    return cause.partition("/")[0]
