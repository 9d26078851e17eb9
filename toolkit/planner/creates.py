"""Building the create of a missing twin, and the reasons not to."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from toolkit.model.ids import CorrelationKey, Kind, LinkId, Side
from toolkit.model.plan import Create
from toolkit.model.policy import KindPolicy
from toolkit.model.values import Value
from toolkit.planner.draft import Draft
from toolkit.planner.fields import is_blank
from toolkit.planner.scene import Scene, View


def plan_create(  # noqa: PLR0913 — a create names all it is made of
    scene: Scene,
    draft: Draft,
    *,
    kind: Kind,
    origin: View,
    link_id: LinkId,
    correlation: CorrelationKey,
    generation: int,
    parent: LinkId | None,
) -> bool:
    """Draft the twin of `origin` on the other side.

    Fields that do not flow there are left out of `shown` as well: remembered as agreed,
    the new record's blank would look like somebody erasing the origin's value.

    Returns:
        False when the vendor would refuse it; a finding says why.
    """
    fields, side = scene.fields[kind], origin.side.other
    found = origin.values()
    flowing = [name for name in (*fields.compared, *fields.riders[side]) if name in found]
    shown: dict[str, Value] = {
        name: found[name] for name in flowing if fields.may_write(name, side)
    }
    values = {name: value for name, value in shown.items() if not is_blank(value)}
    refusal = create_refusal(fields.policy, values.keys()) if side is Side.HIGHLEVEL else ""
    if refusal:
        if origin.record is not None:
            draft.find(origin.record, refusal)
        return False
    if kind is Kind.CONTACT:
        draft.reborn.add(link_id)
    draft.operations.append(
        Create(
            link_id=link_id,
            kind=kind,
            side=side,
            origin_id=origin.id,
            correlation=correlation,
            values=values,
            shown=shown,
            parent=parent,
            generation=generation,
        )
    )
    return True


def create_refusal(policy: KindPolicy, given: AbstractSet[str]) -> str:
    """Why HighLevel would not create a record with these fields; empty if it would."""
    if missing := policy.needed_on_highlevel - given:
        return f"HighLevel needs {' and '.join(sorted(missing))} to create it"
    required = policy.required_on_highlevel
    if required and not required & given:
        return f"HighLevel needs at least one of {', '.join(sorted(required))} to create it"
    return ""
