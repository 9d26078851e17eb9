"""The stage after a run's own writes: what happened wakes rules, and what they ask for is done.

In rounds, because what a rule writes may wake another one. A firing is remembered before
anything is written for it and marked after, so a run that dies goes on where it stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from toolkit.app.mailbox import messages_of
from toolkit.app.memo_names import FIRST_SYNC
from toolkit.app.rule_deciding import Decider
from toolkit.app.rule_endings import Aftermath, links_touched
from toolkit.app.rule_gate import RuleGate
from toolkit.app.rule_listening import Listener
from toolkit.app.rule_memory import RuleMemory, Since
from toolkit.app.rule_work import RuleWork
from toolkit.app.surroundings import load_surroundings
from toolkit.app.wiring import Parts
from toolkit.errors import HightonicError
from toolkit.mapping.context import Context
from toolkit.model.automation import Trigger
from toolkit.model.ids import LinkId, RunId
from toolkit.model.links import Link
from toolkit.model.outcomes import HeldRules, Outcome
from toolkit.model.plan import Plan
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
        work.held = self._standing()
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

    def _standing(self) -> list[HeldRules]:
        """What is held; what a crash left without firings is held by nobody."""
        held = self._memory.held()
        standing = [each for each in held if self.holds(each.approval)]
        for each in held:
            if each not in standing:
                self._memory.let_go(each.approval)
        return standing

    def _due(self) -> list[FiringEntry]:
        parked = self._memory.parked().keys()
        waiting = self._store.take_waiting(self._parts.now(), without=parked)
        return [each for each in waiting if each.firing.rule in self._rules]

    async def _carry_out(
        self, entries: Sequence[FiringEntry], work: RuleWork, hand: Hand
    ) -> None:
        if not entries:
            return
        entries, plan, links = RuleGate(self._parts, self._memory, work).open_for(entries)
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

    def _was_seen(
        self, entries: Sequence[FiringEntry], work: RuleWork, links: Mapping[LinkId, Link]
    ) -> bool:
        touched = (links[each] for each in links_touched(entries) if each in links)
        return all((each.parent or each.id) in work.seen for each in touched)
