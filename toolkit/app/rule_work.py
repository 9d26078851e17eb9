"""What one run does for rules, for its report."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from toolkit.app.rule_memory import ParkedRule
from toolkit.model.ids import Kind, LinkId, RunId
from toolkit.model.links import Link
from toolkit.model.outcomes import HeldRules, Outcome, RuleTally
from toolkit.model.plan import Create, Finding
from toolkit.store.firings import FiringEntry, FiringState

ARROW = " -> "


@dataclass(slots=True)
class RuleWork:
    """What one run does for rules.

    Attributes:
        is_look: The run saw everything, so moments that come by themselves are looked for.
        seen: Contacts whose records the run itself has just read.
        own_kinds: Kinds of our own whose table the book has.
        met: Firings that were dealt with, as they stand now.
        findings: What could not be planned.
        held: What brakes hold, this run's and older ones'.
        parked: Rules that rest.
    """

    run_id: RunId
    is_look: bool = False
    seen: Collection[LinkId] = ()
    own_kinds: Collection[Kind] = ()
    met: dict[tuple[str, str], FiringEntry] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    held: list[HeldRules] = field(default_factory=list)
    parked: list[ParkedRule] = field(default_factory=list)

    def note(self, entries: Iterable[FiringEntry]) -> None:
        """These were dealt with; the last word on each counts."""
        self.met.update((each.key, each) for each in entries)

    def tallies(self) -> dict[str, RuleTally]:
        """Rule -> counts, sorted by name."""
        counts: dict[str, RuleTally] = {}
        for (rule, _), entry in sorted(self.met.items()):
            tally = counts.setdefault(rule, RuleTally())
            setattr(tally, entry.state.value, getattr(tally, entry.state.value) + 1)
        return counts

    def failures(self) -> list[str]:
        """One line per rule and reason, most frequent first; without values.

        A rule about how runs end does not make one end badly: it would wake itself for ever.
        """
        lines: dict[str, int] = {}
        for (rule, _), entry in self.met.items():
            is_about_a_contact = entry.firing.happening.trigger.has_contact
            if entry.state is FiringState.FAILED and is_about_a_contact:
                line = f"rule {rule}: {entry.reason}"
                lines[line] = lines.get(line, 0) + 1
        ranked = sorted(lines.items(), key=lambda item: (-item[1], item[0]))
        return [f"{count} x {line}" for line, count in ranked]

    def loops(self) -> tuple[str, ...]:
        """One line for each rule that rests."""
        return tuple(f"{each.rule}: {ARROW.join(each.chain)}" for each in self.parked)


def contacts_met(outcomes: Iterable[Outcome], links: Iterable[Link]) -> set[LinkId]:
    """Contacts that were read or written just now: those of the pairs, and new ones."""
    found = {link.parent or link.id for link in links}
    for outcome in outcomes:
        operation = outcome.operation
        if operation.kind is Kind.CONTACT:
            found.add(operation.link_id)
        elif isinstance(operation, Create) and operation.parent is not None:
            found.add(operation.parent)
    return found
