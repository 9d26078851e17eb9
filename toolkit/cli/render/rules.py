"""Rules and what fired, as tables and as JSON; no personal values unless asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.app.plan_counts import plan_summary
from toolkit.cli.render.log import show_moment
from toolkit.cli.render.plan import render_writes
from toolkit.cli.render.rules_held import render_held
from toolkit.cli.render.words import bullet_list, count, show_counts, table
from toolkit.model.automation import Firing

if TYPE_CHECKING:
    from toolkit.app.rule_preview import RulesPreview
    from toolkit.app.rules_desk import RuleEntry
    from toolkit.model.outcomes import HeldRules
    from toolkit.store.firings import FiringEntry

MOST_PROBLEMS = 10


def render_rules(
    entries: Sequence[RuleEntry], held: Sequence[HeldRules]
) -> Iterator[RenderableType]:
    """One line a rule."""
    if not entries:
        yield Text("This connection has no rules yet. Begin with a recipe in hightonic.yaml:")
        yield Text("  recipes: {welcome_tasks: true}")
        return
    made = table("Rule", "From", "Waits for", "Firings", "State", whole=("Rule",))
    for each in entries:
        made.add_row(
            each.rule.name,
            f"recipe {each.rule.recipe}" if each.rule.recipe else each.rule.place(),
            ", ".join(dict.fromkeys(when.trigger.value for when in each.rule.when)),
            show_counts({state.value: n for state, n in each.counts.items()}) or "-",
            _state(each),
        )
    yield made
    yield from _parked(entries)
    yield from render_held(held)


def _state(entry: RuleEntry) -> str:
    if not entry.rule.is_enabled:
        return "off"
    return "parked" if entry.parked else "on"


def _parked(entries: Iterable[RuleEntry]) -> Iterator[RenderableType]:
    for each in entries:
        if each.parked is not None:
            yield bullet_list(
                f"Parked, for it led to itself: {' -> '.join(each.parked.chain)}",
                [
                    "To break the loop: change one of these rules in hightonic.yaml",
                    f"If it is none:     hightonic rules unpark {each.rule.name}",
                ],
            )


def rules_json(entries: Iterable[RuleEntry], held: Iterable[HeldRules]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "rules": [rule_json(each) for each in entries],
        "held": [
            {
                "approval": each.approval,
                "rules": dict(each.rules),
                "operations": each.operations,
                "brakes": list(each.brakes),
            }
            for each in held
        ],
    }


def rule_json(entry: RuleEntry) -> dict[str, Any]:
    """One rule with its own text."""
    parked = entry.parked
    return {
        "name": entry.rule.name,
        "recipe": entry.rule.recipe or None,
        "place": entry.rule.place(),
        "state": _state(entry),
        "firings": {state.value: number for state, number in entry.counts.items()},
        "loop": list(parked.chain) if parked else None,
        "rule": dict(entry.rule.source),
    }


def render_rule(entry: RuleEntry) -> Iterator[RenderableType]:
    """The rule as the file would have it."""
    yield Text(f"{entry.rule.name} ({_state(entry)})", style="bold")
    yield Text(_as_yaml(entry.rule.source))
    yield from _parked([entry])


def _as_yaml(source: object) -> str:
    import io

    from ruamel.yaml import YAML

    writer = YAML(typ="safe")
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # its stub says None
    written = io.StringIO()
    writer.dump(source, written)
    return written.getvalue().rstrip()


def render_preview(
    preview: RulesPreview, *, with_values: bool = False
) -> Iterator[RenderableType]:
    """What rules would do, under a heading of its own."""
    acting = [each for each in preview.firings if not each.problem]
    if not preview.firings:
        yield Text("Rules would have nothing to do.")
        return
    if acting:
        rules = show_counts(Counter(each.rule for each in acting))
        yield Text(f"Rules would then answer {count(len(acting), 'happening')} ({rules}):")
    plan = preview.plan
    whole = replace(plan, operations=(*plan.operations, *plan.held))
    yield from render_writes(whole, with_values=with_values)
    if plan.brakes:
        yield bullet_list(
            "A brake would hold this back, and the sync that meets it says how to release it",
            [each.reason for each in plan.brakes],
        )
    if plan.findings:
        reasons = Counter(each.reason for each in plan.findings).most_common(MOST_PROBLEMS)
        yield bullet_list("Left alone", [f"{n:,} x {reason}" for reason, n in reasons])
    messages: Counter[str] = Counter(
        each.channel for firing in acting for each in firing.effects if each.effect == "send"
    )
    if messages:
        yield Text(f"Messages sent: {show_counts(messages)}")
    if preview.problems:
        yield bullet_list("These would fail", _problems(preview.problems))


def _problems(firings: Iterable[Firing]) -> list[str]:
    counts = Counter(f"rule {each.rule}: {each.problem}" for each in firings)
    return [f"{number:,} x {line}" for line, number in counts.most_common(MOST_PROBLEMS)]


def preview_json(preview: RulesPreview) -> dict[str, Any]:
    """The counts for machines; no personal values."""
    acting = [each for each in preview.firings if not each.problem]
    return {
        "firings": dict(Counter(each.rule for each in acting)),
        "plan": plan_summary(preview.plan),
        "problems": _problems(preview.problems),
    }


def render_firings(entries: Sequence[FiringEntry]) -> Iterator[RenderableType]:
    """One line a firing, newest first."""
    if not entries:
        yield Text("Nothing has fired that fits.")
        return
    made = table(
        "When (UTC)", "Rule", "Answered", "State", "Asked for", "Why", whole=("When (UTC)",)
    )
    for each in entries:
        happening = each.firing.happening
        made.add_row(
            show_moment(happening.at),
            each.firing.rule,
            happening.trigger.value,
            each.state.value,
            show_counts(Counter(effect.effect for effect in each.firing.effects)) or "-",
            _why(each),
        )
    yield made


def _why(entry: FiringEntry) -> str:
    if entry.state.value == "held":
        return f"hightonic sync --approve {entry.reason}"
    later = f"tried again after {show_moment(entry.not_before)}" if entry.not_before else ""
    return "; ".join(filter(None, (entry.reason, later))) or "-"


def firings_json(entries: Iterable[FiringEntry]) -> list[dict[str, Any]]:
    """The same for machines; effects by their sort, without their values."""
    return [
        {
            "rule": each.firing.rule,
            "happening": each.firing.happening.key,
            "trigger": each.firing.happening.trigger.value,
            "at": _stamp(each.firing.happening.at),
            "contact": each.firing.happening.contact,
            "chain": list(each.firing.happening.chain),
            "state": each.state.value,
            "reason": each.reason,
            "effects": [effect.effect for effect in each.firing.effects],
            "tries": each.tries,
            "not_before": _stamp(each.not_before),
            "ended_at": _stamp(each.ended_at),
            "run_id": each.run_id or None,
        }
        for each in entries
    ]


def _stamp(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at is not None else None
