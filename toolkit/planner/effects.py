"""What rules ask for, as operations: the same plan, brakes and approval as a sync has.

Pure. A value set by a rule is written to both sides of a pair, as a conflict settled by a
person's value is; what a rule adds to begins on one side and gets its twin from the
ordinary planner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from toolkit.model.automation import Firing
from toolkit.model.ids import Digest, Kind, LinkId
from toolkit.model.links import Link
from toolkit.model.plan import Plan
from toolkit.model.policy import SyncPolicy
from toolkit.planner.effect_desk import EffectDesk
from toolkit.planner.order import ordered
from toolkit.planner.safety import apply_brakes
from toolkit.planner.scene import Observation, Scene

OWN_KINDS = frozenset(kind for kind in Kind if not kind.is_paired)
"""Kinds that stand in TimeTonic only."""

_NOTHING = Observation({})


def plan_effects(  # noqa: PLR0913 — one argument per thing a plan depends on
    *,
    connection: str,
    config_digest: Digest,
    policy: SyncPolicy,
    links: Iterable[Link],
    firings: Sequence[Firing],
    observation: Observation = _NOTHING,
    known: Collection[LinkId] = frozenset(),
    own_kinds: Collection[Kind] = OWN_KINDS,
    archive_tag: str = "archived",
) -> Plan:
    """Turn what rules ask for into operations.

    Planned again after it was applied, it finds nothing to do. What cannot be done is a
    finding that names the rule; nothing is guessed. `Send` is not planned here.

    Args:
        connection: Name of the connection.
        config_digest: Digest of the mapping, filters and policies in force.
        policy: What the user decided.
        links: Every stored link of the connection, in every state.
        firings: In the order in which they take effect: a later one sees what an earlier
            one set.
        observation: The pairs' records as seen last; without them a pair is taken to
            show what it agreed on.
        known: Names out of `births.birth_ids` that were made before.
        own_kinds: Kinds of our own whose table the book has.
        archive_tag: Marks an archived contact.
    """
    desk = EffectDesk(
        Scene(policy, observation, links=links), frozenset(known), own_kinds, archive_tag
    )
    for firing in firings:
        for effect in firing.effects:
            desk.take(firing, effect)
    operations = desk.operations()
    braked = apply_brakes(desk.scene, operations, is_first_run=False, known_counts={})
    return Plan(
        connection=connection,
        config_digest=config_digest,
        operations=ordered(braked.operations),
        held=ordered(braked.held),
        findings=tuple(dict.fromkeys(desk.findings)),
        brakes=braked.brakes,
    )
