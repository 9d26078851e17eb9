"""Short spellings of what rules ask for, and of the plan that comes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from tests.unit.planner.builders import (
    APPOINTMENT,
    CONTACT,
    CONTACTS,
    NOTE,
    NOTES,
    TASK,
    TASKS,
    a_field,
    a_kind,
    a_link,
    a_policy,
)
from toolkit.model.automation import Effect, Firing, Happening, Trigger
from toolkit.model.ids import Digest, Kind, LinkId, Side
from toolkit.model.links import Link
from toolkit.model.plan import Create, Finding, Plan, Update
from toolkit.model.policy import Direction, SyncPolicy
from toolkit.planner.effects import OWN_KINDS, plan_effects
from toolkit.planner.plan import Observation

AT = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
APPOINTMENTS = a_kind(APPOINTMENT, a_field("title"), direction=Direction.TO_TIMETONIC)
ALL = a_policy(CONTACTS, TASKS, NOTES, APPOINTMENTS)
ADA = a_link("h1", "1", base={"name": "Ada", "email": "ada@example.org", "tags": ("old",)})
CALL = a_link("t1", "11", TASK, base={"title": "Call", "is_completed": False}, parent=ADA.id)


def fired(*effects: Effect, rule: str = "r", key: str = "h") -> Firing:
    return Firing(rule, Happening(key, Trigger.CONTACT_UPDATED, AT, ADA.id), effects)


def plan_for(
    *firings: Firing,
    links: Iterable[Link] = (ADA, CALL),
    policy: SyncPolicy = ALL,
    observation: Observation = Observation({}),  # noqa: B008 — frozen
    known: Collection[LinkId] = (),
    own_kinds: Collection[Kind] = OWN_KINDS,
) -> Plan:
    return plan_effects(
        connection="demo",
        config_digest=Digest("d"),
        policy=policy,
        links=links,
        firings=firings,
        observation=observation,
        known=known,
        own_kinds=own_kinds,
    )


def updates(plan: Plan) -> dict[Side, Update]:
    found = [op for op in plan.operations if isinstance(op, Update)]
    assert len({(op.link_id, op.side) for op in found}) == len(found)
    return {op.side: op for op in found}


def births(plan: Plan) -> list[Create]:
    return [op for op in plan.operations if isinstance(op, Create)]


def reasons(plan: Plan) -> list[str]:
    return [found.reason.removeprefix("Rule `r` left it alone: ") for found in plan.findings]


def reason_of(plan: Plan) -> str:
    (only,) = plan.findings
    assert isinstance(only, Finding)
    assert plan.operations == ()
    return reasons(plan)[0]


__all__ = ["APPOINTMENT", "CONTACT", "NOTE", "TASK"]
