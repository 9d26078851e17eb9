"""Rules as entries: what there is, what they would do, what they did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from toolkit.app.catalog.entry import Input
from toolkit.app.catalog.use_case import Nothing, UseCase
from toolkit.app.rule_preview import RulesPreview
from toolkit.app.rules_desk import RuleEntry, RulesDesk
from toolkit.model.automation import Trigger
from toolkit.model.ids import LinkId
from toolkit.model.outcomes import HeldRules
from toolkit.model.plan import Plan
from toolkit.store.firings import FiringEntry, FiringState

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts


class RuleInput(Input):
    """Which rule."""

    rule: str


class SomeRuleInput(Input):
    """Which rule; all of them without one."""

    rule: str | None = None


class FiringsInput(SomeRuleInput):
    """Which firings."""

    states: tuple[FiringState, ...] | None = None
    limit: int = Field(50, ge=1, le=1000)


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule and how it has fared.

    Attributes:
        waits_for: Its triggers.
        loop: The rules through which it led to itself, where it rests for that.
        source: As the settings would say it.
    """

    name: str
    recipe: str
    place: str
    is_enabled: bool
    waits_for: tuple[Trigger, ...]
    firings: dict[FiringState, int]
    loop: tuple[str, ...]
    source: dict[str, Any]

    @classmethod
    def of(cls, entry: RuleEntry) -> RuleShown:
        """As the desk knows it."""
        rule = entry.rule
        return cls(
            name=rule.name,
            recipe=rule.recipe,
            place=rule.place(),
            is_enabled=rule.is_enabled,
            waits_for=tuple(dict.fromkeys(each.trigger for each in rule.when)),
            firings=dict(entry.counts),
            loop=entry.parked.chain if entry.parked else (),
            source=dict(rule.source),
        )


@dataclass(frozen=True, slots=True)
class FiringShown:
    """One rule that answered something; effects by their sort, without values."""

    rule: str
    happening: str
    trigger: Trigger
    at: datetime
    contact: LinkId | None
    state: FiringState
    reason: str
    tries: int
    run_id: str
    effects: dict[str, int]

    @classmethod
    def of(cls, entry: FiringEntry) -> FiringShown:
        """As remembered."""
        firing, happening = entry.firing, entry.firing.happening
        return cls(
            rule=firing.rule,
            happening=happening.key,
            trigger=happening.trigger,
            at=happening.at,
            contact=happening.contact,
            state=entry.state,
            reason=entry.reason,
            tries=entry.tries,
            run_id=entry.run_id,
            effects=dict(Counter(each.effect for each in firing.effects)),
        )


@dataclass(frozen=True, slots=True)
class PreviewShown:
    """What a rule would do now: firings by rule, what would fail, and the plan."""

    firings: dict[str, int]
    problems: tuple[str, ...]
    plan: Plan

    @classmethod
    def of(cls, preview: RulesPreview) -> PreviewShown:
        """As imagined."""
        acting = Counter(each.rule for each in preview.firings if not each.problem)
        problems = tuple(dict.fromkeys(each.problem for each in preview.problems))
        return cls(dict(acting), problems, preview.plan)


async def _list(parts: Parts, _given: Nothing) -> list[RuleShown]:
    return [RuleShown.of(each) for each in RulesDesk(parts).list()]


async def _get(parts: Parts, given: RuleInput) -> RuleShown:
    return RuleShown.of(RulesDesk(parts).get(given.rule))


async def _held(parts: Parts, _given: Nothing) -> list[HeldRules]:
    return list(RulesDesk(parts).held())


async def _firings(parts: Parts, given: FiringsInput) -> list[FiringShown]:
    found = RulesDesk(parts).firings(given.rule, states=given.states, limit=given.limit)
    return [FiringShown.of(each) for each in found]


async def _preview(parts: Parts, given: RuleInput) -> PreviewShown:
    return PreviewShown.of(await RulesDesk(parts).preview(given.rule))


async def _unpark(parts: Parts, given: RuleInput) -> bool:
    return RulesDesk(parts).unpark(given.rule)


async def _retry(parts: Parts, given: SomeRuleInput) -> int:
    return RulesDesk(parts).retry(given.rule)


_ONE: Final = {"rule": "RULE_NAME"}


def _case(name: str, summary: str, run: Any, output: Any, **more: Any) -> UseCase:  # noqa: ANN401 — as UseCase
    return UseCase(f"rules.{name}", summary, run, output, group="rules", **more)


RULES: Final = (
    _case("list", "Every rule, those of recipes first.", _list, list[RuleShown]),
    _case(
        "get",
        "One rule in full, as the settings would say it.",
        _get,
        RuleShown,
        input=RuleInput,
        example=_ONE,
    ),
    _case(
        "held",
        "What brakes hold of rules, with the approval that releases it.",
        _held,
        list[HeldRules],
    ),
    _case(
        "firings",
        "What fired, newest first, and what became of it.",
        _firings,
        list[FiringShown],
        input=FiringsInput,
        example={"limit": 10},
    ),
    _case(
        "preview",
        "What a rule would do if its moment came now for every contact.",
        _preview,
        PreviewShown,
        input=RuleInput,
        example=_ONE,
        calls=None,
    ),
    _case(
        "unpark",
        "Let a rule that led to itself work again.",
        _unpark,
        bool,
        input=RuleInput,
        example=_ONE,
        is_write=True,
    ),
    _case(
        "retry",
        "Let failed firings be tried again by the next run.",
        _retry,
        int,
        input=SomeRuleInput,
        example=_ONE,
        is_write=True,
    ),
)
