"""What rules ask for, carried out over a world as a run does it: effects, then twins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tests.flows.world import World
from toolkit.app.connection import Connection
from toolkit.app.ready import ready_sides
from toolkit.app.stored_view import observe_pairs
from toolkit.app.twins import plan_twins
from toolkit.app.wiring import Parts
from toolkit.executor.context import RunContext
from toolkit.executor.recover import recover
from toolkit.executor.run import apply_plan
from toolkit.model.automation import (
    ArchiveContact,
    EditTags,
    Effect,
    Firing,
    Happening,
    NewRecord,
    SetFields,
    Trigger,
)
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.outcomes import RunReport
from toolkit.model.plan import Plan
from toolkit.planner.births import birth_ids
from toolkit.planner.effects import plan_effects

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def firing(*effects: Effect, rule: str = "welcome", key: str = "h1") -> Firing:
    """A rule that answered something with these effects."""
    return Firing(rule, Happening(key, Trigger.CONTACT_CREATED, AT), effects)


def a_task(contact: LinkId, title: str = "Welcome call", number: int = 0) -> NewRecord:
    """A task that a rule makes."""
    values = {"title": title, "due_at": "2026-03-04T09:00:00Z", "body": "Ring them"}
    return NewRecord(Kind.TASK, contact, values, number)


def a_note(contact: LinkId) -> NewRecord:
    """A note that a rule makes."""
    return NewRecord(Kind.NOTE, contact, {"body": "Written by a rule"})


def everything(contact: LinkId) -> tuple[Effect, ...]:
    """One effect of each sort."""
    return (
        SetFields(contact, Kind.CONTACT, {"lifecycle_stage": "customer", "source": "rule"}),
        EditTags(contact, add=("welcomed",)),
        a_task(contact),
        a_task(contact, "Second call", 1),
        a_note(contact),
        ArchiveContact(contact, "stale"),
    )


def plan_deeds(parts: Parts, firings: Sequence[Firing], own_kinds: frozenset[Kind]) -> Plan:
    """The plan of effects as a run makes it."""
    links = parts.store.links()
    return plan_effects(
        connection=parts.config.name,
        config_digest=parts.config.digest,
        policy=parts.config.policy,
        links=links,
        firings=firings,
        observation=observe_pairs(parts.store, firings, links),
        known=parts.store.list_done(list(birth_ids(parts.config.scope, firings))),
        own_kinds=own_kinds,
    )


async def carry_out(connection: Connection, firings: Sequence[Firing]) -> RunReport:
    """One run that does nothing but what rules ask for."""
    parts = connection._parts
    sides, _ = await ready_sides(parts)
    with connection._runner._book.running("sync") as run:
        context = RunContext(
            run_id=run.id,
            ports=sides,
            ledger=parts.store,
            now=parts.now,
            observed_at=parts.now(),
        )
        run.outcomes += await recover(context)
        run.plan = plan_deeds(parts, firings, sides[Side.TIMETONIC].list_own_kinds())
        run.outcomes += await apply_plan(run.plan, context)
        twins = plan_twins(parts.config, parts.store, run.outcomes, parts.store.links())
        if twins is not None:
            run.outcomes += await apply_plan(twins, context)
        run.writes_sent = context.writes_sent
    return run.reported()


async def act(world: World, *firings: Firing) -> RunReport:
    """The same in a process's life of its own."""
    async with world.open() as connection:
        return await carry_out(connection, firings)


async def contact_link(world: World, email: str) -> LinkId:
    """The pair of a contact."""
    found = [
        link.id
        for link in await world.links()
        if link.kind is Kind.CONTACT and link.base.get("email") == email
    ]
    assert len(found) == 1
    return found[0]
