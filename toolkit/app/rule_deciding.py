"""From firings that wait to what they ask for: worked out once, then it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from toolkit.app.happenings import Telling
from toolkit.app.rule_facts import FactBook, read_facts
from toolkit.app.rule_memory import ParkedRule, RuleMemory
from toolkit.app.rule_work import ARROW
from toolkit.app.wiring import Parts
from toolkit.mapping.context import Context
from toolkit.model.automation import Firing
from toolkit.model.events import EventKind, Subject
from toolkit.model.ids import Kind, RunId
from toolkit.rules.evaluate import evaluate
from toolkit.rules.spec import Frame, Rule
from toolkit.store.firings import FiringEntry, FiringState


class Decider:
    """Works out what firings ask for.

    Args:
        parts: Of the connection.
        rules: Those in force, by name.
        memory: Where loops are remembered.
        context: What is known of the location.
    """

    def __init__(
        self,
        parts: Parts,
        rules: Mapping[str, Rule],
        memory: RuleMemory,
        *,
        context: Context,
    ) -> None:
        self._parts = parts
        self._store = parts.store
        self._rules = rules
        self._memory = memory
        self._context = context

    async def decide(
        self, entries: Sequence[FiringEntry], *, run_id: RunId
    ) -> list[FiringEntry]:
        """Give effects to those that have none yet, and remember them.

        They stand from then on: what is written for one of them changes no other, and a
        run that goes on after a crash asks for the same.

        Returns:
            All of them; those that came to nothing have ended.
        """
        fresh = [replace(each, run_id=run_id) for each in entries if not each.is_decided]
        if not fresh:
            return list(entries)
        # A user's function is waited for, so the loop must go on meanwhile.
        decided, turns = await asyncio.to_thread(self._decide, fresh)
        return self._kept(entries, decided, turns)

    def decide_at_once(self, entries: Sequence[FiringEntry]) -> list[FiringEntry]:
        """The same, for rules that ask no function of the user."""
        fresh = [each for each in entries if not each.is_decided]
        return self._kept(entries, *self._decide(fresh)) if fresh else list(entries)

    def _kept(
        self,
        entries: Sequence[FiringEntry],
        decided: Sequence[FiringEntry],
        turns: Mapping[str, int],
    ) -> list[FiringEntry]:
        self._park_loops(decided)
        self._store.put_entries(decided, turns=turns)
        new = {each.key: each for each in decided}
        return [new.get(each.key, each) for each in entries]

    def _decide(self, fresh: Sequence[FiringEntry]) -> tuple[list[FiringEntry], dict[str, int]]:
        contacts = {each.firing.happening.contact for each in fresh}
        book = read_facts(self._store, [each for each in contacts if each is not None])
        evaluator = Evaluator(
            self._parts, self._rules, book, self._store.get_turns(), context=self._context
        )
        return [self._decided(each, evaluator) for each in fresh], evaluator.moved

    def _decided(self, entry: FiringEntry, evaluator: Evaluator) -> FiringEntry:
        firing = evaluator.evaluate(entry.firing)
        decided = replace(entry, firing=firing, is_decided=True)
        state, reason = _judged(firing)
        if state is FiringState.WAITING:
            return decided
        return replace(decided, state=state, reason=reason, ended_at=self._parts.now())

    def _park_loops(self, entries: Iterable[FiringEntry]) -> None:
        """A rule that led to itself rests, and people hear of it."""
        for entry in entries:
            firing = entry.firing
            if entry.state is not FiringState.REFUSED or firing.rule in self._memory.parked():
                continue
            chain, now = loop_of(firing), self._parts.now()
            self._memory.park(ParkedRule(firing.rule, chain, firing.happening.key, now))
            contact = firing.happening.contact
            event = Telling(self._parts.config.name, entry.run_id, now).event(
                EventKind.LOOP_PARKED,
                "rule",
                firing.rule,
                subjects=(Subject(Kind.CONTACT, contact),) if contact else (),
                facts={"rule": firing.rule, "loop": ARROW.join(chain)},
                once=f"loop:{firing.id}",
            )
            self._store.feed.append_events([event])


class Evaluator:
    """Asks rules, with one picture of the contacts.

    Args:
        parts: Of the connection.
        rules: Those in force, by name.
        book: The contacts.
        turns: Rule -> how often its round robin was asked so far.
        context: What is known of the location.

    Attributes:
        moved: Rule -> how often it will have been asked then.
    """

    def __init__(
        self,
        parts: Parts,
        rules: Mapping[str, Rule],
        book: FactBook,
        turns: Mapping[str, int],
        *,
        context: Context,
    ) -> None:
        self._rules = rules
        self._book = book
        self._turns = turns
        self.moved: dict[str, int] = {}
        self.frame: Frame = parts.config.automation.frame(
            now=parts.now(), turn=self._turn, context=context
        )

    def evaluate(self, firing: Firing) -> Firing:
        """The firing with its effects, or with what went wrong."""
        happening = firing.happening
        facts = self._book.find(happening.contact)
        found = evaluate(self._rules[firing.rule], happening, facts, self.frame)
        if found.turns:
            self.moved[firing.rule] = self._turn(firing.rule) + found.turns
        return found

    def _turn(self, rule: str) -> int:
        return self.moved.get(rule, self._turns.get(rule, 0))


def loop_of(firing: Firing) -> tuple[str, ...]:
    """The rules that lead from this one back to itself, it first and last."""
    chain = firing.happening.chain
    start = chain.index(firing.rule) if firing.rule in chain else len(chain)
    return (*chain[start:], firing.rule)


def _judged(firing: Firing) -> tuple[FiringState, str]:
    if firing.problem:
        return FiringState.FAILED, firing.problem
    if not firing.effects:
        return FiringState.SKIPPED, "there was nothing to do"
    if firing.rule in firing.happening.chain:
        loop = ARROW.join(loop_of(firing))
        return FiringState.REFUSED, f"the rules led back to this one: {loop}"
    return FiringState.WAITING, ""
