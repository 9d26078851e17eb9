"""What a person should look at, kept from run to run."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from toolkit.app.observe import Place
from toolkit.app.parking import is_resting
from toolkit.model.ids import RunId, Side
from toolkit.model.plan import Ambiguity, Finding, Plan
from toolkit.store import ConnectionStore


def put_findings(
    store: ConnectionStore,
    run_id: RunId,
    plan: Plan,
    *,
    resting: Sequence[Finding],
    seen: Collection[Place] | None,
) -> None:
    """Keep a plan's findings; of records it did not look at, what was said before stands.

    Args:
        store: Where they are kept.
        run_id: The run that found them.
        plan: With its findings and ambiguities.
        resting: One for each pair that rests now; they replace all earlier ones.
        seen: The records the plan looked at; None: all of them.
    """
    found = [each for each in plan.findings if not is_resting(each)]
    doubts = list(plan.ambiguities)
    before, doubted = store.list_findings(), store.list_ambiguities()
    if seen is not None:
        places = frozenset(seen)
        found += [each for each in before if not _is_told_anew(each, places)]
        doubts += [
            each for each in doubted if each not in doubts and not places_of(each) & places
        ]
    told = [*found, *resting]
    # Of an idle service every drain would otherwise write the same lines again.
    if (set(told), set(doubts)) != (set(before), set(doubted)):
        store.put_findings(run_id, told, doubts)


def _is_told_anew(finding: Finding, seen: Collection[Place]) -> bool:
    return is_resting(finding) or (finding.kind, finding.side, finding.id) in seen


def places_of(doubt: Ambiguity) -> frozenset[Place]:
    """The records that may be one."""
    ids = ((Side.HIGHLEVEL, doubt.highlevel_ids), (Side.TIMETONIC, doubt.timetonic_ids))
    return frozenset((doubt.kind, side, each) for side, found in ids for each in found)
