"""Rules as people look after them: what there is, what fired, what is parked."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from toolkit.app.rule_memory import ParkedRule, RuleMemory
from toolkit.app.rule_preview import RulePreviewer, RulesPreview
from toolkit.app.surroundings import load_surroundings
from toolkit.app.wiring import Parts
from toolkit.errors import UseError
from toolkit.mapping.suggest import did_you_mean
from toolkit.model.outcomes import HeldRules
from toolkit.model.plan import Plan
from toolkit.rules.spec import Rule
from toolkit.store.firings import FiringEntry, FiringState


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule and how it has fared.

    Attributes:
        counts: Its firings by state, those with any.
        parked: Why it rests; None where it works.
    """

    rule: Rule
    counts: Mapping[FiringState, int]
    parked: ParkedRule | None = None


class RulesDesk:
    """The rules of one connection; `Connection.rules` gives it.

    Args:
        parts: Of the connection.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._rules = parts.config.automation.rules
        self._memory = RuleMemory(parts.store)

    def list(self) -> Sequence[RuleEntry]:
        """Every rule, recipes' first, then in the file's order; also disabled ones."""
        parked, counts = self._memory.parked(), self._store.count_firings()
        return [self._entry(rule, parked, counts) for rule in self._rules]

    def get(self, name: str) -> RuleEntry:
        """One rule.

        Raises:
            UseError: There is no such rule.
        """
        return self._entry(self._rule(name), self._memory.parked(), self._store.count_firings())

    def held(self) -> Sequence[HeldRules]:
        """What brakes hold, with the approval that releases it."""
        return self._memory.held()

    def firings(
        self,
        rule: str | None = None,
        *,
        states: Collection[FiringState] | None = None,
        limit: int | None = 50,
    ) -> Sequence[FiringEntry]:
        """What fired, newest first; also of rules that are gone.

        Args:
            rule: Of this rule; None for all.
            states: In one of these states; None for all.
            limit: At most so many.
        """
        return self._store.list_firings(rule=rule, states=states, limit=limit)

    def unpark(self, name: str) -> bool:
        """Let a parked rule work again from the next run on; whether it was parked.

        What happened meanwhile is then answered.

        Raises:
            UseError: There is no such rule.
        """
        return self._memory.unpark(self._rule(name).name)

    def retry(self, name: str | None = None) -> int:
        """Let failed firings be tried again by the next run; how many.

        Args:
            name: Of this rule; None for all.

        Raises:
            UseError: There is no such rule.
        """
        return self._store.retry_firings(None if name is None else self._rule(name).name)

    async def preview(self, name: str, *, most: int | None = None) -> RulesPreview:
        """What a rule would ask for if its moment came now.

        Calls nobody where the location was asked within a day.

        Args:
            name: The rule; it may be switched off.
            most: For so many contacts at most; None for every one.

        Raises:
            UseError: There is no such rule.
        """
        rule = self._rule(name)
        previewer = await self._previewer()
        # Conditions may be functions of the user's, which are waited for.
        return await asyncio.to_thread(previewer.of, rule, most=most)

    async def preview_after(self, plan: Plan) -> RulesPreview:
        """What rules would ask for once a plan was carried out."""
        previewer = await self._previewer()
        return await asyncio.to_thread(previewer.after, plan)

    async def _previewer(self) -> RulePreviewer:
        parts = self._parts
        found = await load_surroundings(
            parts.config,
            highlevel=parts.highlevel,
            timetonic=parts.timetonic,
            store=parts.store,
        )
        return RulePreviewer(parts, found.context)

    def _rule(self, name: str) -> Rule:
        found = self._parts.config.automation.get_rule(name)
        if found is not None:
            return found
        names = [rule.name for rule in self._rules]
        raise UseError(
            f"There is no rule `{name}`",
            unchanged="Nothing was changed",
            remedy=did_you_mean(name, names) if names else "This connection has no rules",
        )

    def _entry(
        self,
        rule: Rule,
        parked: Mapping[str, ParkedRule],
        counts: Mapping[tuple[str, FiringState], int],
    ) -> RuleEntry:
        mine = {state: count for (name, state), count in counts.items() if name == rule.name}
        return RuleEntry(rule, mine, parked.get(rule.name))
