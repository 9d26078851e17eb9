"""Brakes: too much of one thing waits for a person; the rest goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from toolkit.errors import PlanChangedError
from toolkit.model.ids import Kind, Side
from toolkit.model.plan import BrakeTripped, Create, Delete, Operation, Plan, Unlink, Update
from toolkit.planner.fields import is_blank
from toolkit.planner.order import ordered, side_of
from toolkit.planner.scene import Scene

KnownCounts: TypeAlias = Mapping[Kind, Mapping[Side, int]]
Verb: TypeAlias = Literal["create", "update", "delete", "unlink", "blank", "shrink"]


@dataclass(frozen=True, slots=True)
class Braked:
    """Operations told apart: those that may go on and those that wait."""

    operations: tuple[Operation, ...]
    held: tuple[Operation, ...]
    brakes: tuple[BrakeTripped, ...]


def apply_brakes(
    scene: Scene,
    operations: Sequence[Operation],
    *,
    is_first_run: bool,
    known_counts: KnownCounts,
) -> Braked:
    """Hold back every class of operations that exceeds its limit.

    Args:
        scene: For limits and the number of live links they are measured against.
        operations: The whole plan so far.
        is_first_run: Creates, and updates of pairs matched in this plan, are then what
            the user asked for.
        known_counts: Kind -> side -> records at the last complete look.
    """
    tripped = [
        *_by_verb(scene, operations, is_first_run=is_first_run),
        *_by_blanks(scene, operations),
        *_by_shrinking(scene, operations, known_counts),
    ]
    held = {id(op) for _, found in tripped for op in found}
    orphaned = {op.link_id for op in operations if isinstance(op, Create) and id(op) in held}
    # Our own rows tell of a write: they wait with the one they tell of.
    waiting = {op.link_id for op in operations if id(op) in held}
    held |= {
        id(op)
        for op in operations
        if isinstance(op, Create) and op.parent in (orphaned if op.kind.is_paired else waiting)
    }
    brakes = sorted((brake for brake, _ in tripped), key=_brake_order)
    return Braked(
        operations=tuple(op for op in operations if id(op) not in held),
        held=tuple(op for op in operations if id(op) in held),
        brakes=tuple(brakes),
    )


def approve(plan: Plan, approved_hash: str) -> Plan:
    """The plan with its held operations released.

    Args:
        plan: A plan with brakes tripped.
        approved_hash: The plan's hash, or its `approval`; it fits these held operations
            and no others.

    Raises:
        PlanChangedError: The hash names another plan.
    """
    if approved_hash not in {plan.hash, plan.approval} or not approved_hash:
        raise PlanChangedError(
            "The approval is for another plan than the one that stands now",
            unchanged="Nothing was changed",
            remedy=(
                f"Look at the plan again and approve {plan.approval}"
                if plan.held
                else "Nothing is held back now: run it without an approval"
            ),
        )
    return replace(plan, operations=ordered((*plan.operations, *plan.held)), held=(), brakes=())


_Tripped: TypeAlias = tuple[BrakeTripped, list[Operation]]


def _brake_order(brake: BrakeTripped) -> tuple[str, str, str, str]:
    return brake.kind, brake.side, brake.verb, brake.reason


def _by_verb(
    scene: Scene, operations: Sequence[Operation], *, is_first_run: bool
) -> list[_Tripped]:
    joined = {op.link_id for op in operations if op.op == "join"} if is_first_run else set()
    classes: dict[tuple[Side, Kind, Verb], list[Operation]] = defaultdict(list)
    for op in operations:
        side = side_of(op)
        if side is None or not isinstance(op, Create | Update | Delete | Unlink):
            continue
        if not op.kind.is_paired:
            continue
        if (is_first_run and op.op == "create") or op.link_id in joined:
            continue
        classes[side, op.kind, op.op].append(op)
    tripped: list[_Tripped] = []
    for (side, kind, verb), found in classes.items():
        links = len(scene.live_links[kind])
        limit = _limit(scene, verb, links)
        if len(found) > limit:
            reason = _verb_reason(side, kind, verb=verb, count=len(found), links=links)
            tripped.append((BrakeTripped(side, kind, verb, len(found), limit, reason), found))
    return tripped


def _limit(scene: Scene, verb: Verb, links: int) -> int:
    """Largest count of one class that passes, for this many live links."""
    brakes = scene.policy.brakes
    if verb == "create":
        return max(brakes.create_floor, int(brakes.create_share * links))
    if verb == "update":
        return max(brakes.update_floor, int(brakes.update_share * links))
    if verb == "blank":
        return max(brakes.blank_floor, int(brakes.blank_share * links))
    return min(brakes.delete_cap, max(brakes.delete_floor, int(brakes.delete_share * links)))


def _verb_reason(side: Side, kind: Kind, *, verb: Verb, count: int, links: int) -> str:
    acts = {"create": "created", "update": "changed", "delete": "deleted or archived"}
    if verb == "unlink":
        return f"{count} of {links} linked {kind}s went away in {side.label} at once"
    return f"{count} {kind}s would be {acts[verb]} in {side.label}; {links} are linked"


def _by_blanks(scene: Scene, operations: Sequence[Operation]) -> list[_Tripped]:
    """One field erased in many records looks like a lost column, not like work."""
    classes: dict[tuple[Side, Kind, str], list[Operation]] = defaultdict(list)
    for op in operations:
        if isinstance(op, Update) and op.kind.is_paired:
            for name, value in op.after.items():
                if is_blank(value):
                    classes[op.side, op.kind, name].append(op)
    tripped: list[_Tripped] = []
    for (side, kind, name), found in classes.items():
        limit = _limit(scene, "blank", len(scene.live_links[kind]))
        if len(found) > limit:
            reason = f"The field {name} of {len(found)} {kind}s would be erased in {side.label}"
            brake = BrakeTripped(side, kind, "blank", len(found), limit, reason)
            tripped.append((brake, found))
    return tripped


def _by_shrinking(
    scene: Scene, operations: Sequence[Operation], known_counts: KnownCounts
) -> list[_Tripped]:
    """A side that lost a good part of its records is doubted before it is followed."""
    tripped: list[_Tripped] = []
    for kind, counts in known_counts.items():
        for side, known in counts.items():
            listing = scene.observation.listing(kind, side)
            if listing is None or not listing.is_complete:
                continue
            limit = _shrink_limit(scene, known)
            lost = known - len(listing.records)
            if lost <= limit and (listing.records or known <= 0):
                continue
            found = [op for op in operations if _follows_loss(scene, op, kind=kind, side=side)]
            if found:
                reason = f"{side.label} showed {known} {kind}s before and {known - lost} now"
                brake = BrakeTripped(side, kind, "shrink", lost, limit, reason)
                tripped.append((brake, found))
    return tripped


def _shrink_limit(scene: Scene, known: int) -> int:
    """A share alone would stop the first deletion in a small account."""
    brakes = scene.policy.brakes
    return max(brakes.delete_floor, int(brakes.shrink_share * known))


def _follows_loss(scene: Scene, op: Operation, *, kind: Kind, side: Side) -> bool:
    """Whether the operation stands on a record having gone from `side`."""
    if op.kind is not kind:
        return False
    match op:
        case Delete():
            return op.side is side.other
        case Unlink():
            return side in op.gone
        case Create():
            return op.side is side and op.link_id in scene.links
        case _:
            return False
