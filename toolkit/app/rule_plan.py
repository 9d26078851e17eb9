"""Firings as a plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from toolkit.app.stored_view import observe_pairs
from toolkit.app.wiring import Parts
from toolkit.model.automation import Firing
from toolkit.model.ids import Kind, LinkId
from toolkit.model.links import Link
from toolkit.model.plan import Plan
from toolkit.planner.births import birth_ids
from toolkit.planner.effects import plan_effects
from toolkit.planner.scene import Observation


def plan_firings(
    parts: Parts,
    firings: Sequence[Firing],
    links: Mapping[LinkId, Link],
    *,
    own_kinds: Collection[Kind],
    observation: Observation | None = None,
) -> Plan:
    """What firings that are decided ask for, as a plan with its brakes.

    Args:
        parts: Of the connection.
        firings: In the order in which they take effect.
        links: Every pair.
        own_kinds: Kinds of our own whose table the book has.
        observation: What the pairs show; None: what was seen last.
    """
    config = parts.config
    contacts = config.mapping.kinds.get(Kind.CONTACT)
    names = list(birth_ids(config.scope, firings))
    return plan_effects(
        connection=config.name,
        config_digest=config.digest,
        policy=config.policy,
        links=links.values(),
        firings=firings,
        observation=observation or observe_pairs(parts.store, firings, links.values()),
        known=parts.store.list_done(names),
        own_kinds=own_kinds,
        archive_tag=contacts.archive_tag if contacts is not None else "",
    )
