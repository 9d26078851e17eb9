"""What rules would do after a plan, or if their moment came now; nothing is kept or written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from toolkit.app.memo_names import FIRST_SYNC
from toolkit.app.rule_deciding import Evaluator
from toolkit.app.rule_facts import FactBook, read_facts
from toolkit.app.rule_listening import Listener, Parents, Told, to_line
from toolkit.app.rule_memory import RuleMemory
from toolkit.app.rule_plan import plan_firings
from toolkit.app.wiring import Parts
from toolkit.executor.settle import Ending, settle
from toolkit.mapping.context import Context
from toolkit.model.automation import Firing
from toolkit.model.ids import LinkId, RecordId, RunId
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Plan
from toolkit.planner.effects import OWN_KINDS
from toolkit.planner.scene import Observation
from toolkit.rules.due import due, waits_for_time
from toolkit.rules.evaluate import touched
from toolkit.rules.spec import Rule

_IMAGINED: Final = RunId("~")
"""Sorts after every run there was."""
_AS_AGREED: Final = Observation({})


@dataclass(frozen=True, slots=True)
class RulesPreview:
    """What rules would ask for, one round of it: what that wakes in turn is not shown.

    Attributes:
        firings: Those that would act, or could not be worked out.
        plan: What would be written, and what a brake would hold.
    """

    firings: tuple[Firing, ...]
    plan: Plan

    @property
    def problems(self) -> tuple[Firing, ...]:
        """Firings that could not be worked out."""
        return tuple(each for each in self.firings if each.problem)


class RulePreviewer:
    """Imagines what rules would do.

    Args:
        parts: Of the connection.
        context: What is known of the location.
    """

    def __init__(self, parts: Parts, context: Context) -> None:
        self._parts = parts
        self._store = parts.store
        self._context = context
        self._rules = {
            rule.name: rule for rule in parts.config.automation.rules if rule.is_enabled
        }

    def after(self, plan: Plan) -> RulesPreview:
        """What rules would ask for once this plan was carried out, and what waits already."""
        if not self._rules:
            return self._previewed((), {})
        links = {link.id: link for link in self._store.links()}
        told = list(self._imagine(plan, links))
        book = FactBook.of(links.values(), self._store.first_lines(list(links)))
        evaluator = self._evaluator(book)
        waiting = self._store.take_waiting(self._parts.now())
        known = [each.firing for each in waiting if each.firing.rule in self._rules]
        new = {
            firing.id: firing
            for firing in (*self._woken(told, links), *self._brought_by_time(book, evaluator))
        }
        asked = [
            each if each.effects else evaluator.evaluate(each)
            for each in (*known, *self._fresh(new))
        ]
        return self._previewed(asked, links)

    def of(self, rule: Rule, *, most: int | None = None) -> RulesPreview:
        """What a rule would ask for if its moment came now.

        Args:
            rule: Also one that is switched off.
            most: For so many contacts at most; None for every one.
        """
        links = {link.id: link for link in self._store.links()}
        book = read_facts(self._store, None)
        frame = self._evaluator(book).frame
        contacts = islice(book.contacts(), most)
        return self._previewed(list(touched(rule, contacts, frame)), links)

    def _imagine(self, plan: Plan, links: dict[LinkId, Link]) -> Iterator[Told]:
        """The journal as the plan would write it; `links` become what they would be."""
        start, now = self._store.newest_line(), self._parts.now()
        for number, operation in enumerate(plan.operations, 1):
            made = RecordId(f"new-{number}") if isinstance(operation, Create) else None
            outcome = Outcome(operation, OutcomeState.DONE, id=made)
            after = settle(links.get(operation.link_id), Ending(outcome), now=now).link
            if after is not None:
                links[after.id] = after
            yield Told(start + number, _IMAGINED, now, outcome)

    def _woken(self, told: Sequence[Told], links: Mapping[LinkId, Link]) -> Iterator[Firing]:
        if self._store.get_memo(FIRST_SYNC) is None:
            return  # the first sync wakes nothing
        listener = Listener(self._parts, self._rules, {})
        parents = Parents(links.get)
        reader = listener.reader({}, {})
        yield from listener.woken(reader.read(to_line(each, parents) for each in told))

    def _brought_by_time(self, book: FactBook, evaluator: Evaluator) -> Iterator[Firing]:
        since = RuleMemory(self._store).since()
        timed = [
            (rule, since[rule.name].at)
            for rule in self._rules.values()
            if waits_for_time(rule) and rule.name in since
        ]
        for facts in book.contacts() if timed else ():
            for rule, begun in timed:
                for happening in due(rule, facts, evaluator.frame, since=begun):
                    yield Firing(rule.name, happening)

    def _fresh(self, firings: Mapping[str, Firing]) -> list[Firing]:
        """Those that were not answered before."""
        return [
            each
            for each in firings.values()
            if self._store.find_firing(each.rule, each.happening.key) is None
        ]

    def _evaluator(self, book: FactBook) -> Evaluator:
        turns = self._store.get_turns()
        return Evaluator(self._parts, self._rules, book, turns, context=self._context)

    def _previewed(
        self, firings: Iterable[Firing], links: Mapping[LinkId, Link]
    ) -> RulesPreview:
        acting = tuple(each for each in firings if each.effects or each.problem)
        plan = plan_firings(
            self._parts, acting, links, own_kinds=OWN_KINDS, observation=_AS_AGREED
        )
        return RulesPreview(acting, plan)
