"""Pairs that fell apart by a deletion and whose missing record a person added again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from toolkit.model.ids import RecordId, Side
from toolkit.model.links import Link, LinkState, deletion_reason
from toolkit.model.records import Record
from toolkit.model.values import Value
from toolkit.planner.fields import SIDES, is_blank
from toolkit.planner.match_keys import Holders, index_holders
from toolkit.planner.matching import Match, Newcomers
from toolkit.planner.scene import Scene


def revive_pairs(scene: Scene, newcomers: Newcomers) -> None:
    """Link a record that was added again to the survivor of its pair.

    It counts where it is the only new record with the pair's key, or shares a match key
    with the survivor and with nobody else. Pairs that an undo set apart stay apart.
    """
    for side in SIDES:
        if newcomers.waiting[side]:
            fallen = _fallen(scene, newcomers, side)
            if fallen:
                _revive_by_correlation(scene, newcomers, side=side, fallen=fallen)
                _revive_by_keys(scene, newcomers, side=side, fallen=fallen)


def _fallen(scene: Scene, newcomers: Newcomers, side: Side) -> dict[RecordId, Link]:
    """Survivor's id -> its pair, for pairs that lost their record on `side`."""
    alive = scene.records(newcomers.kind, side.other)
    gone_there = scene.gone(newcomers.kind, side.other)
    reason = deletion_reason((side,))
    return {
        record_id: link
        for record_id, link in scene.known(newcomers.kind, side.other).items()
        if link.state is LinkState.UNLINKED
        and link.reason == reason
        and record_id in alive
        and record_id not in gone_there
        and link.id_on(side) not in scene.records(newcomers.kind, side)
    }


def _revive_by_correlation(
    scene: Scene, newcomers: Newcomers, *, side: Side, fallen: dict[RecordId, Link]
) -> None:
    owners = {link.correlation: survivor for survivor, link in fallen.items()}
    bearers: dict[RecordId, list[Record]] = defaultdict(list)
    for record in newcomers.waiting[side].values():
        if record.correlation is not None and record.correlation in owners:
            bearers[owners[record.correlation]].append(record)
    for survivor, records in bearers.items():
        if len(records) == 1:
            _revive(scene, newcomers, records[0], link=fallen.pop(survivor), by="correlation")


def _revive_by_keys(
    scene: Scene, newcomers: Newcomers, *, side: Side, fallen: dict[RecordId, Link]
) -> None:
    keys = scene.fields[newcomers.kind].policy.match_keys
    index = {key: index_holders(scene, newcomers, key) for key in keys} if fallen else {}
    for record in list(newcomers.waiting[side].values()):
        found = _survivor_of(record, index, fallen)
        if found is not None:
            survivor, key = found
            _revive(scene, newcomers, record, link=fallen.pop(survivor), by=key)


def _survivor_of(
    record: Record,
    index: Mapping[str, Mapping[Value, Holders]],
    fallen: Mapping[RecordId, Link],
) -> tuple[RecordId, str] | None:
    """The one survivor that shares a key; None where any key names somebody else too."""
    side, named = record.side, None
    for key, by_value in index.items():
        value = record.values.get(key)
        if is_blank(value):
            continue
        others = by_value[value].ids[side.other]
        if not others:
            continue
        (survivor, *more) = sorted(others)
        if more or survivor not in fallen or (named and named[0] != survivor):
            return None
        named = named or (survivor, key)
    if named is None:
        return None
    # What stood there before the deletion may still be remembered; it is no rival.
    mine = {record.id, fallen[named[0]].id_on(side)}
    values = ((key, record.values.get(key)) for key in index)
    is_alone = all(index[key][v].ids[side] <= mine for key, v in values if not is_blank(v))
    return named if is_alone else None


def _revive(scene: Scene, newcomers: Newcomers, record: Record, *, link: Link, by: str) -> None:
    side = record.side
    twin = scene.records(newcomers.kind, side.other)[link.id_on(side.other) or RecordId("")]
    both = {side: record, side.other: twin}
    del newcomers.waiting[side][record.id]
    newcomers.matches.append(
        Match(both[Side.HIGHLEVEL], both[Side.TIMETONIC], by, link.correlation, link)
    )
