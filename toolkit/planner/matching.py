"""Finding partners among records that are in no link yet. Never guesses.

Three kinds of evidence, strongest first: our own correlation key in the remote record,
the kind's match keys (contacts), equal content under one contact (tasks, notes). Only a
partner that is unique on both sides counts; everything else is listed for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link
from toolkit.model.plan import Ambiguity
from toolkit.model.records import Record
from toolkit.model.values import correlation_key
from toolkit.planner.fields import SIDES
from toolkit.planner.scene import Scene

KEY_GENERATIONS = 3
"""Generations of a correlation key that are tried when only the record's id is known."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two records that are one.

    Attributes:
        link: Their pair, where it fell apart by a deletion and is to live again.
    """

    highlevel: Record
    timetonic: Record
    by: str
    correlation: CorrelationKey | None = None
    link: Link | None = None


@dataclass(slots=True)
class Newcomers:
    """Unlinked records of one kind, as they are told apart.

    Attributes:
        waiting: Side -> records without a partner so far.
        matches: Pairs found.
        ambiguities: What a person must look at.
        blocked: Records named there; nothing is written for them.
    """

    kind: Kind
    waiting: dict[Side, dict[RecordId, Record]]
    matches: list[Match] = field(default_factory=list)
    ambiguities: list[Ambiguity] = field(default_factory=list)
    blocked: set[tuple[Side, RecordId]] = field(default_factory=set)

    def match(self, found: Match) -> None:
        """Take two records as one."""
        del self.waiting[Side.HIGHLEVEL][found.highlevel.id]
        del self.waiting[Side.TIMETONIC][found.timetonic.id]
        self.matches.append(found)

    def block(self, ids: Mapping[Side, Iterable[RecordId]], *, key: str, reason: str) -> None:
        """List records that may be one; those among them that are new wait."""
        named = {side: tuple(sorted(ids[side], key=id_order)) for side in SIDES}
        self.ambiguities.append(
            Ambiguity(self.kind, key, named[Side.HIGHLEVEL], named[Side.TIMETONIC], reason)
        )
        for side in SIDES:
            for record_id in named[side]:
                if self.waiting[side].pop(record_id, None) is not None:
                    self.blocked.add((side, record_id))


def id_order(record_id: RecordId) -> tuple[int, str]:
    """Numbers as text in number order: TimeTonic row ids grow with time."""
    return len(record_id), record_id


def list_newcomers(scene: Scene, kind: Kind) -> Newcomers:
    """Observed records that stand in no link and are not a lost create's result.

    A record that bears the key of a link which still lacks an id on its side is the
    answer that link waits for (or the rest of one that was given up): recovery owns it.
    """
    waiting: dict[Side, dict[RecordId, Record]] = {}
    for side in SIDES:
        records, known = scene.records(kind, side), scene.known(kind, side)
        waiting[side] = {}
        for record_id in sorted(records.keys() - known.keys(), key=id_order):
            record = records[record_id]
            owner = scene.correlations.get(record.correlation) if record.correlation else None
            if owner is None or owner.id_on(side) is not None:
                waiting[side][record_id] = record
    return Newcomers(kind, waiting)


def match_by_correlation(scene: Scene, newcomers: Newcomers) -> None:
    """Pair records of which one bears the key that names the other."""
    waiting = [record for side in SIDES for record in newcomers.waiting[side].values()]
    bearers: dict[CorrelationKey, list[Record]] = {}
    for record in waiting:
        # A copied row keeps the key of the row it was copied from; it names nothing.
        if record.correlation and record.correlation not in scene.correlations:
            bearers.setdefault(record.correlation, []).append(record)
    if bearers:
        for record in waiting:
            for key in _keys_of(scene, record):
                if key in bearers and key != record.correlation:
                    bearers[key].append(record)
    for key in sorted(bearers):
        _settle_bearers(newcomers, key, bearers[key])


def _keys_of(scene: Scene, record: Record) -> list[CorrelationKey]:
    return [
        correlation_key(
            scope=scene.policy.scope,
            kind=record.kind,
            origin=record.side,
            origin_id=record.id,
            generation=generation,
        )
        for generation in range(KEY_GENERATIONS)
    ]


def _settle_bearers(newcomers: Newcomers, key: CorrelationKey, records: list[Record]) -> None:
    ids: dict[Side, list[RecordId]] = {side: [] for side in SIDES}
    for record in records:
        ids[record.side].append(record.id)
    if any(
        record_id not in newcomers.waiting[side] for side in SIDES for record_id in ids[side]
    ):
        return
    ones, twos = ids[Side.HIGHLEVEL], ids[Side.TIMETONIC]
    if len(ones) == 1 and len(twos) == 1:
        one = newcomers.waiting[Side.HIGHLEVEL][ones[0]]
        two = newcomers.waiting[Side.TIMETONIC][twos[0]]
        newcomers.match(Match(one, two, "correlation", key))
    elif len(records) > 1:
        newcomers.block(
            ids, key="correlation", reason="Several records bear the key of one pair"
        )


def match_by_content(
    scene: Scene, newcomers: Newcomers, parents: Mapping[tuple[Side, RecordId], LinkId]
) -> None:
    """Pair children of one contact whose two-way fields are equal, in id order.

    Of k equal ones on one side and n on the other, min(k, n) are paired; which of them
    with which makes no difference, as nothing tells them apart.

    Args:
        scene: What is known.
        newcomers: Records of one kind; matches are moved out of `waiting`.
        parents: Contact record -> its link, for contacts that have one.
    """
    groups: dict[tuple[LinkId, Digest], dict[Side, list[Record]]] = {}
    fields = scene.fields[newcomers.kind]
    if not all(newcomers.waiting.values()):
        return
    for side in SIDES:
        for record in newcomers.waiting[side].values():
            parent = parents.get((side, record.parent_id)) if record.parent_id else None
            if parent is not None:
                group = groups.setdefault(
                    (parent, fields.content_digest(record.values)),
                    {each: [] for each in SIDES},
                )
                group[side].append(record)
    for group in groups.values():
        for one, two in zip(group[Side.HIGHLEVEL], group[Side.TIMETONIC], strict=False):
            newcomers.match(Match(one, two, "content"))
