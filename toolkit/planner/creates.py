"""Building the create of a missing twin, and the reasons not to."""

from __future__ import annotations

from toolkit.model.ids import CorrelationKey, Kind, LinkId, Side
from toolkit.model.plan import Create
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
    required = fields.policy.required_on_highlevel
    if side is Side.HIGHLEVEL and required and not required & values.keys():
        if origin.record is not None:
            names = ", ".join(sorted(required))
            draft.find(origin.record, f"HighLevel needs at least one of {names} to create it")
        return False
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
