"""The stage after a run's own writes: what happened wakes rules, and what they ask for is done.

In rounds, because what a rule writes may wake another one. A firing is remembered before
anything is written for it and marked after, so a run that dies goes on where it stopped.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from toolkit.app.happenings import Telling, tell_plan
from toolkit.app.mailbox import messages_of
from toolkit.app.rule_deciding import Decider
from toolkit.app.rule_endings import Aftermath, causes_of, links_touched
from toolkit.app.rule_listening import FIRST_SYNC, Listener
from toolkit.app.rule_memory import RuleMemory, Since
from toolkit.app.rule_work import RuleWork
from toolkit.app.stored_view import observe_pairs
from toolkit.app.surroundings import load_surroundings
from toolkit.app.wiring import Parts
from toolkit.errors import HightonicError
from toolkit.mapping.context import Context
from toolkit.model.automation import Firing, Trigger
from toolkit.model.ids import Kind, LinkId, RunId
from toolkit.model.links import Link
from toolkit.model.outcomes import HeldRules, Outcome
from toolkit.model.plan import Plan
from toolkit.planner.births import birth_ids
from toolkit.planner.effects import plan_effects
from toolkit.planner.order import ordered
from toolkit.planner.scene import Observation
from toolkit.store.firings import FiringEntry, FiringState

_log = logging.getLogger(__name__)

ENDINGS: Final = frozenset({Trigger.RUN_FAILED, Trigger.RUN_RECOVERED})


class Hand(Protocol):
    """Carries plans out within a run."""

    async def write(self, plan: Plan, *, is_checked: bool) -> Sequence[Outcome]:
        """Write it; `is_checked` reads every record again first."""
        ...

    async def follow(self, outcomes: Sequence[Outcome]) -> None:
        """Give records that were made just now their twins, and contacts their counts."""
        ...

    def is_stopped(self) -> bool:
        """Whether the run was asked to end early."""
        ...


class Automations:
    """The rules of one connection at work.

    Args:
        parts: Of the connection.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._memory = RuleMemory(parts.store)
        self._rules = {
            rule.name: rule for rule in parts.config.automation.rules if rule.is_enabled
        }
        self._functions = parts.config.automation.scripts.functions
        self._since: Mapping[str, Since] = {}

    def begin(self, run_id: RunId) -> None:
        """See since when each rule counts; without rules nothing is looked up."""
        if self._rules:
            rules = list(self._rules.values())
            self._since = self._memory.begin(rules, run_id, self._parts.now())

    def holds(self, approval: str) -> bool:
        """Whether this approval names what a brake holds of rules."""
        return bool(self._rules) and bool(self._store.list_firings(approval=approval, limit=1))

    def try_again(self) -> None:
        """Let failed firings, and those that wait for another try, be due at once."""
        if self._rules:
            self._store.retry_firings()

    def release(self, approval: str) -> bool:
        """Let the run that begins do what this approval names; whether it names anything."""
        if not self._rules or not self._store.release_firings(approval):
            return False
        self._memory.let_go(approval)
        return True

    async def carry_on(self, work: RuleWork, hand: Hand) -> None:
        """Do what rules ask for, until they ask for nothing more.

        A second call finds nothing to do.
        """
        if not self._rules or self._store.get_memo(FIRST_SYNC) is None:
            return
        listener = Listener(self._parts, self._rules, self._since)
        listener.read_journal()
        listener.read_feed()
        if work.is_look:
            await listener.look_at_the_clock(await self._context())
        done: set[tuple[str, str]] = set()
        # A chain holds each rule once, so this many rounds are enough for all of them.
        for _ in range(len(self._rules) + 2):
            due = [each for each in self._due() if each.key not in done]
            if not due or hand.is_stopped():
                break
            done |= {each.key for each in due}
            context = await self._context()
            decider = Decider(self._parts, self._rules, self._memory, context=context)
            decided = await decider.decide(due, run_id=work.run_id)
            work.note(each for each in decided if each.state.is_ended)
            waiting = [each for each in decided if not each.state.is_ended]
            await self._carry_out([e for e in waiting if e.is_approved], work, hand)
            await self._carry_out([e for e in waiting if not e.is_approved], work, hand)
            listener.read_journal()
        work.held = self._memory.held()
        work.parked = list(self._memory.parked().values())

    def conclude(self) -> None:
        """Tell at once how a run ended, where rules say so; the run may well have failed.

        Such rules only send messages: there is no contact to act on. With functions of the
        user's among them they wait for the next run, since this one waits for nobody.
        """
        whens = (each.trigger for rule in self._rules.values() for each in rule.when)
        if not any(each in ENDINGS for each in whens) or self._functions:
            return
        try:
            self._tell_ending()
        except HightonicError as error:
            # The run itself has ended, and its own error must not be hidden by this one.
            extra = {"connection": self._parts.config.name, "error": type(error).__name__}
            _log.warning("rules not told how a run ended", extra=extra)

    def _tell_ending(self) -> None:
        since = self._since or self._memory.since()
        if not self._rules.keys() <= since.keys():
            return
        Listener(self._parts, self._rules, since).read_feed()
        due = [e for e in self._due() if e.firing.happening.trigger in ENDINGS]
        decider = Decider(self._parts, self._rules, self._memory, context=Context())
        decided = decider.decide_at_once(due)
        now = self._parts.now()
        told = [
            replace(each, state=FiringState.DONE, ended_at=now)
            for each in decided
            if not each.state.is_ended
        ]
        self._send(told)
        self._store.put_entries(told)

    async def _context(self) -> Context:
        """What the run has learnt of the location at its beginning; calls nobody."""
        parts = self._parts
        found = await load_surroundings(
            parts.config,
            highlevel=parts.highlevel,
            timetonic=parts.timetonic,
            store=parts.store,
        )
        return found.context

    def _due(self) -> list[FiringEntry]:
        parked = self._memory.parked().keys()
        waiting = self._store.take_waiting(self._parts.now(), without=parked)
        return [each for each in waiting if each.firing.rule in self._rules]

    async def _carry_out(
        self, entries: Sequence[FiringEntry], work: RuleWork, hand: Hand
    ) -> None:
        if not entries:
            return
        entries, plan, links = self._passed(entries, work)
        outcomes: Sequence[Outcome] = ()
        if plan.operations:
            is_checked = not work.is_look and not self._was_seen(entries, work, links)
            outcomes = await hand.write(plan, is_checked=is_checked)
            await hand.follow(outcomes)
        aftermath = Aftermath(
            outcomes,
            plan.findings,
            links,
            work.run_id,
            now=self._parts.now(),
            is_stopped=hand.is_stopped(),
        )
        ended = aftermath.endings(entries)
        self._send(ended)
        self._store.put_entries(ended)
        work.note(ended)
        work.findings += plan.findings

    def _send(self, entries: Iterable[FiringEntry]) -> None:
        """Put messages of firings that are done into the box; twice is once."""
        done = [each.firing for each in entries if each.state is FiringState.DONE]
        messages = messages_of(done)
        if messages and self._parts.mailbox is not None:
            self._parts.mailbox.put(messages)

    def _passed(
        self, entries: Sequence[FiringEntry], work: RuleWork
    ) -> tuple[Sequence[FiringEntry], Plan, Mapping[LinkId, Link]]:
        """What no brake holds: firings, their plan, and the pairs it was made from.

        Of a rule of which one write is held, nothing is written.
        """
        links = {link.id: link for link in self._store.links()}
        plan = self._plan(entries, links, work)
        if plan.held and entries[0].is_approved:
            released = ordered((*plan.operations, *plan.held))
            return entries, replace(plan, operations=released, held=(), brakes=()), links
        while plan.held:
            for group in self._at_fault(entries, plan, links, work):
                self._hold(group, self._plan(group, links, work), work)
                gone = {each.key for each in group}
                entries = [each for each in entries if each.key not in gone]
            plan = self._plan(entries, links, work)
        return entries, plan, links

    def _at_fault(
        self,
        entries: Sequence[FiringEntry],
        plan: Plan,
        links: Mapping[LinkId, Link],
        work: RuleWork,
    ) -> list[list[FiringEntry]]:
        """Firings to hold: rule by rule those that are too many alone, else all together.

        A rule that asks for little is not held for another one that asks for much.
        """
        rules = {_rule_of(cause) for each in plan.held for cause in causes_of(each)}
        groups = [[e for e in entries if e.firing.rule == rule] for rule in sorted(rules)]
        alone = [group for group in groups if self._plan(group, links, work).held]
        return alone or [[each for group in groups for each in group]]

    def _plan(
        self, entries: Sequence[FiringEntry], links: Mapping[LinkId, Link], work: RuleWork
    ) -> Plan:
        firings = [each.firing for each in entries]
        return plan_firings(self._parts, firings, links, own_kinds=work.own_kinds)

    def _hold(self, entries: Sequence[FiringEntry], plan: Plan, work: RuleWork) -> None:
        """Put firings aside until a person approves; said in the feed and in the report."""
        whole = replace(plan, operations=(), held=(*plan.operations, *plan.held))
        approval = whole.approval
        held = [
            replace(each, state=FiringState.HELD, reason=approval, run_id=work.run_id)
            for each in entries
        ]
        rules = Counter(each.firing.rule for each in entries)
        brakes = tuple(each.reason for each in plan.brakes)
        self._memory.hold(HeldRules(approval, dict(rules), len(whole.held), brakes))
        self._store.put_entries(held)
        work.note(held)
        telling = Telling(self._parts.config.name, work.run_id, self._parts.now())
        events = [
            replace(each, facts={**each.facts, "rules": ", ".join(sorted(rules))})
            for each in tell_plan(telling, whole)
        ]
        self._store.feed.append_events(events)

    def _was_seen(
        self, entries: Sequence[FiringEntry], work: RuleWork, links: Mapping[LinkId, Link]
    ) -> bool:
        touched = (links[each] for each in links_touched(entries) if each in links)
        return all((each.parent or each.id) in work.seen for each in touched)


def plan_firings(
    parts: Parts,
    firings: Sequence[Firing],
    links: Mapping[LinkId, Link],
    *,
    own_kinds: Collection[Kind],
    observation: Observation | None = None,
) -> Plan:
    """What firings that are decided ask for, as a plan with its brakes.

    Args:
        parts: Of the connection.
        firings: In the order in which they take effect.
        links: Every pair.
        own_kinds: Kinds of our own whose table the book has.
        observation: What the pairs show; None: what was seen last.
    """
    config = parts.config
    contacts = config.mapping.kinds.get(Kind.CONTACT)
    names = list(birth_ids(config.scope, firings))
    return plan_effects(
        connection=config.name,
        config_digest=config.digest,
        policy=config.policy,
        links=links.values(),
        firings=firings,
        observation=observation or observe_pairs(parts.store, firings, links.values()),
        known=parts.store.list_done(names),
        own_kinds=own_kinds,
        archive_tag=contacts.archive_tag if contacts is not None else "",
    )


def _rule_of(cause: str) -> str:
    return cause.partition("/")[0]
