"""Match keys: e-mail first, then phone; unique on both sides or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from toolkit.model.ids import RecordId, Side
from toolkit.model.links import LinkState
from toolkit.model.values import Value, Values
from toolkit.planner.fields import SIDES, is_blank
from toolkit.planner.matching import Match, Newcomers
from toolkit.planner.scene import Scene, shown_by


@dataclass(slots=True)
class Holders:
    """Everyone who has one value of one key, new or known."""

    ids: dict[Side, set[RecordId]] = field(default_factory=lambda: {s: set() for s in SIDES})

    def __len__(self) -> int:
        return sum(map(len, self.ids.values()))

    def is_one_each(self) -> bool:
        """Exactly one on each side."""
        return all(len(ids) == 1 for ids in self.ids.values())

    def all(self) -> Iterator[tuple[Side, RecordId]]:
        """Side and id of each."""
        return ((side, record_id) for side in SIDES for record_id in self.ids[side])


def match_by_keys(scene: Scene, newcomers: Newcomers) -> None:
    """Pair new records by the kind's match keys, strongest first.

    A value held by anyone else besides the two, linked records included, pairs nobody:
    the new holders are listed and neither linked nor created.
    """
    keys = scene.fields[newcomers.kind].policy.match_keys
    if not keys or not any(newcomers.waiting.values()):
        return
    index = {key: index_holders(scene, newcomers, key) for key in keys}
    for position, key in enumerate(keys):
        candidates = []
        for value in sorted(index[key], key=repr):
            holders = index[key][value]
            fresh = [who for who in holders.all() if who[1] in newcomers.waiting[who[0]]]
            if not fresh or len(holders) == 1:
                continue
            if len(fresh) == len(holders) and holders.is_one_each():
                candidates.append((fresh[0][1], fresh[1][1]))
            elif _concerns_both(scene, newcomers, holders):
                newcomers.block(holders.ids, key=key, reason=_crowd_reason(holders, len(fresh)))
        _settle(newcomers, candidates, key=key, index=index, weaker=keys[position + 1 :])


def index_holders(scene: Scene, newcomers: Newcomers, key: str) -> dict[Value, Holders]:
    """Value -> holders, for the values that new records have."""
    index: dict[Value, Holders] = {}
    for side in SIDES:
        for record in newcomers.waiting[side].values():
            value = record.values.get(key)
            if not is_blank(value):
                index.setdefault(value, Holders()).ids[side].add(record.id)
    for side in SIDES:
        for record_id, values in _others(scene, newcomers, side):
            value = values.get(key)
            if not is_blank(value) and value in index:
                index[value].ids[side].add(record_id)
    return index


def _others(
    scene: Scene, newcomers: Newcomers, side: Side
) -> Iterator[tuple[RecordId, Values]]:
    """Records that are not waiting: as observed, else as their link remembers them."""
    records = scene.records(newcomers.kind, side)
    waiting, gone = newcomers.waiting[side], scene.gone(newcomers.kind, side)
    for record_id, record in records.items():
        if record_id not in waiting:
            yield record_id, record.values
    listing = scene.observation.listing(newcomers.kind, side)
    if listing is not None and listing.is_complete:
        return
    for record_id, link in scene.known(newcomers.kind, side).items():
        if link.state is LinkState.DELETED or record_id in records:
            continue
        if record_id not in gone:
            yield record_id, shown_by(link, side)


def _concerns_both(scene: Scene, newcomers: Newcomers, holders: Holders) -> bool:
    """Look-alikes on a side whose new records stay there anyway bother nobody."""
    policy = scene.fields[newcomers.kind].policy
    return any(
        policy.direction.writes(side.other)
        for side in SIDES
        if any(record_id in newcomers.waiting[side] for record_id in holders.ids[side])
    )


def _crowd_reason(holders: Holders, fresh: int) -> str:
    if fresh < len(holders):
        return "A probable duplicate of a record that is linked already or kept apart"
    return "Several new records share this value, so none of them is matched or created"


def _settle(
    newcomers: Newcomers,
    candidates: list[tuple[RecordId, RecordId]],
    *,
    key: str,
    index: Mapping[str, Mapping[Value, Holders]],
    weaker: tuple[str, ...],
) -> None:
    """Link the candidates that no weaker key contradicts; list the others.

    All are judged before any is listed, so the order of records decides nothing.
    """
    disputed = []
    for one, two in candidates:
        pair = {Side.HIGHLEVEL: one, Side.TIMETONIC: two}
        rivals = _rivals(newcomers, pair, index=index, weaker=weaker)
        if len(rivals) == 0:
            match = Match(
                newcomers.waiting[Side.HIGHLEVEL][one],
                newcomers.waiting[Side.TIMETONIC][two],
                key,
            )
            newcomers.match(match)
        else:
            disputed.append((pair, rivals))
    for pair, rivals in disputed:
        ids = {side: rivals.ids[side] | {pair[side]} for side in SIDES}
        newcomers.block(
            ids, key=key, reason="One key names one partner and another key names another"
        )


def _rivals(
    newcomers: Newcomers,
    pair: Mapping[Side, RecordId],
    *,
    index: Mapping[str, Mapping[Value, Holders]],
    weaker: tuple[str, ...],
) -> Holders:
    """Records across that a weaker key names instead of the partner."""
    rivals = Holders()
    for key in weaker:
        for side, record_id in pair.items():
            value = newcomers.waiting[side][record_id].values.get(key)
            across = index[key][value].ids[side.other] if value in index[key] else set()
            if across and pair[side.other] not in across:
                rivals.ids[side.other] |= across
    return rivals
