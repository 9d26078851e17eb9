"""The planner's front door: links and observations in, a plan out.

Pure: no clock, no network, no chance. The same input, in whatever order, gives the same
plan to the byte, so what was previewed is what is applied.
"""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.model.ids import Digest
from toolkit.model.links import Link, Resolution
from toolkit.model.plan import Ambiguity, Conflict, Finding, Operation, Plan
from toolkit.model.policy import SyncPolicy
from toolkit.planner.draft import Draft
from toolkit.planner.linked import plan_linked
from toolkit.planner.newcomers import plan_newcomers
from toolkit.planner.order import ordered
from toolkit.planner.rollups import add_rollups
from toolkit.planner.safety import KnownCounts, apply_brakes, approve
from toolkit.planner.scene import Observation, Scene

__all__ = ["KnownCounts", "Observation", "approve", "plan_sync"]


def plan_sync(  # noqa: PLR0913 — one argument per thing a plan depends on
    *,
    connection: str,
    config_digest: Digest,
    policy: SyncPolicy,
    links: Iterable[Link],
    observation: Observation,
    is_first_run: bool,
    refused: Iterable[Link] = (),
    resolutions: Iterable[Resolution] = (),
    known_counts: KnownCounts | None = None,
) -> Plan:
    """Decide what to write so that both sides agree.

    Planned again after the plan was applied, it finds nothing to do; conflicts,
    ambiguities and findings are listed every time until somebody settles them.

    Args:
        connection: Name of the connection.
        config_digest: Digest of the mapping, filters and policies in force.
        policy: What the user decided.
        links: Every stored link of the connection, in every state: known ids are never
            created again, and task counts are taken from links.
        refused: Half pairs, in none of the links, whose create may be tried again; the
            pair keeps its name.
        observation: What both sides show. Give both records of a pair, as last seen,
            where one of them may have changed.
        is_first_run: The connection never finished a run; no brake on creates.
        resolutions: People's choices; those whose values moved on are ignored.
        known_counts: Records per kind and side at the last complete look.
    """
    scene = Scene(policy, observation, links=links, refused=refused, resolutions=resolutions)
    draft = Draft()
    for kind in scene.kinds():
        plan_linked(scene, draft, kind)
        plan_newcomers(scene, draft, kind)
    operations: list[Operation] = [*draft.operations, *draft.build_updates(scene.fields)]
    braked = apply_brakes(
        scene, operations, is_first_run=is_first_run, known_counts=known_counts or {}
    )
    return Plan(
        connection=connection,
        config_digest=config_digest,
        operations=ordered(add_rollups(scene, draft, braked.operations)),
        held=ordered(braked.held),
        conflicts=tuple(sorted(draft.conflicts, key=_conflict_order)),
        ambiguities=tuple(sorted(draft.ambiguities, key=_ambiguity_order)),
        findings=tuple(sorted(draft.findings, key=_finding_order)),
        brakes=braked.brakes,
        lost=tuple(sorted(draft.lost, key=_conflict_order)),
    )


def _conflict_order(conflict: Conflict) -> tuple[str, str, str]:
    return conflict.kind, conflict.link_id, conflict.field


def _ambiguity_order(found: Ambiguity) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    return found.kind, found.key, found.highlevel_ids, found.timetonic_ids


def _finding_order(finding: Finding) -> tuple[str, str, str, str, str]:
    return finding.kind, finding.side, finding.id, finding.field, finding.reason
