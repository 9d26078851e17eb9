"""Carries out what rules ask for as part of a run: written, counted, and followed by twins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from toolkit.app.costs import check_calls, write_calls
from toolkit.app.run_book import RunRecord
from toolkit.app.twins import plan_twins
from toolkit.app.wiring import Parts
from toolkit.executor.context import RunContext
from toolkit.executor.run import apply_plan
from toolkit.model.ids import Kind, Side
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Plan
from toolkit.sides.listing import SidePort

_TRUSTED_S = 60.0
_AT_ONCE = -1.0
"""No picture is young enough: every record is read again before it is written."""


class RuleHand:
    """Writes plans within one run.

    Args:
        parts: Of the connection.
        run: The run; told what was done and what it could not have been done without.
        sides: Ready.
        context: Makes a context for these many seconds of trust in what was seen.
    """

    def __init__(
        self,
        parts: Parts,
        run: RunRecord,
        *,
        sides: Mapping[Side, SidePort],
        context: Callable[[float], RunContext],
    ) -> None:
        self._parts = parts
        self._run = run
        self._sides = sides
        self._context = context
        self._kinds: Collection[Kind] = parts.config.mapping.kinds.keys()
        self.outcomes: list[Outcome] = []

    async def write(self, plan: Plan, *, is_checked: bool) -> Sequence[Outcome]:
        """Write it; `is_checked` reads every record again first."""
        context = self._context(_AT_ONCE if is_checked else _TRUSTED_S)
        outcomes = await apply_plan(plan, context)
        run = self._run
        run.outcomes += outcomes
        run.writes_sent += context.writes_sent
        self.outcomes += outcomes
        sent = [o.operation for o in outcomes if o.state is not OutcomeState.SKIPPED]
        run.add_minimum(write_calls(self._sides, sent))
        run.add_minimum(
            check_calls(self._sides, outcomes, kinds=self._kinds, is_checked=is_checked)
        )
        return outcomes

    async def follow(self, outcomes: Sequence[Outcome]) -> None:
        """Give records that were made just now their twins, and contacts their counts.

        What a crash leaves undone of it, the next comparison does.
        """
        config, store = self._parts.config, self._parts.store
        plan = plan_twins(config, store, outcomes, store.links())
        if plan is not None and plan.operations:
            await self.write(plan, is_checked=False)

    def is_stopped(self) -> bool:
        """Whether the run was asked to end early."""
        return self._context(0.0).stop.is_set()
