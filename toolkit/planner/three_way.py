"""Three-way merge of one field: what each side did since both last agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from toolkit.model.ids import Side
from toolkit.model.policy import ConflictPolicy, FieldPolicy, SyncPolicy
from toolkit.model.values import Value
from toolkit.planner.fields import SIDES, is_blank, is_same
from toolkit.planner.scene import Pair

_MEASURES = (ConflictPolicy.LONGEST, ConflictPolicy.MAX, ConflictPolicy.MIN)


@dataclass(frozen=True, slots=True)
class Agreed:
    """Nothing to write, but this value is worth remembering as agreed."""

    value: Value


@dataclass(frozen=True, slots=True)
class Spread:
    """Write `values`, side by side.

    Attributes:
        is_lossy: A value that a person entered is overwritten.
    """

    values: Mapping[Side, Value]
    is_lossy: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed it differently and a person must choose."""


Verdict: TypeAlias = Agreed | Spread | Clash | None
"""None: nothing happened that concerns the other side."""


def merge_field(
    pair: Pair, field: FieldPolicy, *, writable: frozenset[Side], policy: SyncPolicy
) -> Verdict:
    """Decide one compared field.

    Args:
        pair: Both sides' views.
        field: The field's policy.
        writable: Sides its changes may flow to.
        policy: For the tie-breaking winner and the clock skew.
    """
    changed = [side for side in SIDES if pair.on(side).is_changed(field.name)]
    if not changed:
        return None
    now = {side: pair.on(side).now(field.name) for side in SIDES}
    if is_same(now[Side.HIGHLEVEL], now[Side.TIMETONIC]):
        return Agreed(now[Side.HIGHLEVEL])
    # A one-way field's target may differ for good: its edits stay where they were made.
    sources = [side for side in changed if side.other in writable]
    if not sources:
        return None
    if _merges_as_set(field, now):
        return _merge_sets(pair, field.name, writable=writable)
    if len(sources) == 1:
        (source,) = sources
        return Spread({source.other: now[source]}, is_lossy=source.other in changed)
    return _decide(pair, field, policy=policy)


def _merges_as_set(field: FieldPolicy, now: Mapping[Side, Value]) -> bool:
    if field.is_set:
        return True
    return field.on_conflict is ConflictPolicy.UNION and all(
        isinstance(value, tuple) or value is None for value in now.values()
    )


def _elements(value: Value) -> frozenset[str]:
    if isinstance(value, tuple):
        return frozenset(value)
    return frozenset() if is_blank(value) else frozenset({str(value)})


def _merge_sets(pair: Pair, name: str, *, writable: frozenset[Side]) -> Verdict:
    """Element by element: what either side added is in, what either removed is out.

    Adding wins over removing the same element. Each side is measured against what it
    showed itself, so the server's own spelling is no edit; a difference that a person
    accepted ends when somebody edits the field.
    """
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    for side in SIDES:
        view = pair.on(side)
        if view.has(name):
            shown, now = _elements(view.shown.get(name)), _elements(view.now(name))
            added |= now - shown
            removed |= shown - now
    merged = (_elements(pair.base.get(name)) | added) - (removed - added)
    value: Value = tuple(sorted(merged)) or None
    values = {
        side: value
        for side in SIDES
        if side in writable and not is_same(pair.on(side).now(name), value)
    }
    if values:
        return Spread(values)
    source = next(side for side in SIDES if side.other in writable)
    return Agreed(pair.on(source).now(name))


def _decide(pair: Pair, field: FieldPolicy, *, policy: SyncPolicy) -> Verdict:
    """Both sides changed it, differently, and both may be written."""
    if field.on_conflict is ConflictPolicy.ASK:
        return Clash()
    winner = _winner(pair, field, policy=policy)
    return Spread({winner.other: pair.on(winner).now(field.name)}, is_lossy=True)


def _winner(pair: Pair, field: FieldPolicy, *, policy: SyncPolicy) -> Side:
    if field.on_conflict is ConflictPolicy.HIGHLEVEL:
        return Side.HIGHLEVEL
    if field.on_conflict is ConflictPolicy.TIMETONIC:
        return Side.TIMETONIC
    now = {side: pair.on(side).now(field.name) for side in SIDES}
    # Erasing asks for an unchanged other side; here both were edited, so blank loses.
    for side in SIDES:
        if is_blank(now[side]):
            return side.other
    leader = None
    if field.on_conflict is ConflictPolicy.NEWEST:
        leader = _newest(pair, skew_s=policy.clock_skew_s)
    elif field.on_conflict in _MEASURES:
        leader = _greatest(now, field.on_conflict)
    return leader or policy.first_sync_winner


def _newest(pair: Pair, *, skew_s: float) -> Side | None:
    one, two = pair.highlevel.record, pair.timetonic.record
    if one is None or two is None or one.updated_at is None or two.updated_at is None:
        return None
    lead_s = (one.updated_at - two.updated_at).total_seconds()
    if abs(lead_s) <= skew_s:
        return None
    return Side.HIGHLEVEL if lead_s > 0 else Side.TIMETONIC


def _greatest(now: Mapping[Side, Value], measure: ConflictPolicy) -> Side | None:
    """The side ahead by length or size; None for a tie or values that do not compare."""
    one, two = now[Side.HIGHLEVEL], now[Side.TIMETONIC]
    if measure is ConflictPolicy.LONGEST:
        one, two = len(str(one)), len(str(two))
    try:
        is_ahead, is_behind = one > two, one < two  # type: ignore[operator]
    except TypeError:
        return None
    if is_ahead is is_behind:
        return None
    return Side.HIGHLEVEL if is_ahead is (measure is not ConflictPolicy.MIN) else Side.TIMETONIC
