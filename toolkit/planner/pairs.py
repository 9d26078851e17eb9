"""A whole pair, field by field: what to write where, what to remember, what to ask."""

from __future__ import annotations

from toolkit.model.ids import Side
from toolkit.model.plan import Conflict
from toolkit.model.policy import FieldPolicy
from toolkit.model.values import Value
from toolkit.planner.draft import Draft, Edit
from toolkit.planner.fields import SIDES, is_blank, is_same
from toolkit.planner.scene import Pair, Scene
from toolkit.planner.three_way import Agreed, Clash, Spread, merge_field


def merge_pair(scene: Scene, draft: Draft, pair: Pair) -> dict[str, Value]:
    """Merge every compared field of a pair into the draft.

    Returns:
        Field -> value both sides were found to agree on, to be remembered as base.
    """
    fields = scene.fields[pair.kind]
    agreed: dict[str, Value] = {}
    draft.pairs[pair.link_id] = pair
    for name in fields.compared:
        if not _is_mergeable(pair, name):
            continue
        field = fields.policy.fields[name]
        if pair.is_first_match and _agrees(pair, name):
            agreed[name] = pair.highlevel.now(name)
            continue
        verdict = merge_field(pair, field, writable=fields.writable[name], policy=scene.policy)
        if isinstance(verdict, Agreed):
            agreed[name] = verdict.value
        else:
            _follow(scene, draft, pair=pair, field=field, verdict=verdict)
    return agreed


def _follow(
    scene: Scene,
    draft: Draft,
    *,
    pair: Pair,
    field: FieldPolicy,
    verdict: Spread | Clash | None,
) -> None:
    match verdict:
        case Spread():
            _spread(scene, draft, pair=pair, field=field, spread=verdict)
        case Clash():
            _ask(scene, draft, pair=pair, field=field)
        case None:
            pass


def _is_mergeable(pair: Pair, name: str) -> bool:
    """An unreadable value is some person's text: never overwritten, only reported.

    Where nothing was agreed yet, a field not observed on one side is unknown, not blank.
    """
    if pair.highlevel.is_unreadable(name) or pair.timetonic.is_unreadable(name):
        return False
    return not pair.is_first_match or (pair.highlevel.has(name) and pair.timetonic.has(name))


def _agrees(pair: Pair, name: str) -> bool:
    return is_same(pair.highlevel.now(name), pair.timetonic.now(name))


def _spread(
    scene: Scene, draft: Draft, *, pair: Pair, field: FieldPolicy, spread: Spread
) -> None:
    """Write one field's merged value to the sides that lack it."""
    for side, value in spread.values.items():
        target, source = pair.on(side), pair.on(side.other)
        if reason := update_refusal(scene, pair, field=field, side=side, value=value):
            record = target.record or source.record
            if record is not None:
                draft.find(record, reason, field=field.name)
            continue
        if spread.is_lossy:
            draft.lost.append(_conflict(pair, field.name))
        # Where both sides are written, neither shows the merged value yet: the pair keeps
        # its base until the second write is done, so a failure in between loses nothing.
        edit = Edit(before=target.now(field.name), after=value, other=source.now(field.name))
        draft.write(pair, side, name=field.name, edit=edit)


def update_refusal(
    scene: Scene, pair: Pair, *, field: FieldPolicy, side: Side, value: Value
) -> str:
    """Why the vendor would not take the value in an existing record; empty if it would."""
    if side in field.create_only_on:
        return (
            f"{side.label} takes this field only when a {pair.kind} is created; "
            f"change it there by hand"
        )
    needed = scene.fields[pair.kind].policy.needed_on_highlevel
    if side is Side.HIGHLEVEL and field.name in needed and is_blank(value):
        return f"{side.label} keeps no {pair.kind} without it; it stays as it was there"
    return ""


def _ask(scene: Scene, draft: Draft, *, pair: Pair, field: FieldPolicy) -> None:
    """Apply a person's stored choice, or list the conflict."""
    conflict = _conflict(pair, field.name)
    chosen = scene.resolution(pair.link_id, field.name, conflict.fingerprint)
    if chosen is None:
        draft.conflicts.append(conflict)
        return
    values = {
        side: chosen.value
        for side in SIDES
        if not is_same(pair.on(side).now(field.name), chosen.value)
    }
    _spread(scene, draft, pair=pair, field=field, spread=Spread(values))


def _conflict(pair: Pair, name: str) -> Conflict:
    return Conflict(
        link_id=pair.link_id,
        kind=pair.kind,
        field=name,
        highlevel_id=pair.highlevel.id,
        timetonic_id=pair.timetonic.id,
        base=pair.base.get(name),
        highlevel=pair.highlevel.now(name),
        timetonic=pair.timetonic.now(name),
    )
