"""Records in no link yet: joined to their partner, created across, or explained."""

from __future__ import annotations

from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Join
from toolkit.model.records import Record
from toolkit.planner.creates import plan_create
from toolkit.planner.draft import Draft
from toolkit.planner.fields import SIDES
from toolkit.planner.match_keys import match_by_keys
from toolkit.planner.matching import (
    Match,
    Newcomers,
    list_newcomers,
    match_by_content,
    match_by_correlation,
)
from toolkit.planner.pairs import merge_pair
from toolkit.planner.revival import revive_pairs
from toolkit.planner.scene import Pair, Scene, View

_KEPT_APART = {
    LinkState.HALF: "Its contact is being created and not confirmed yet",
    LinkState.UNLINKED: "Its contact is kept apart from the other side",
    LinkState.PARKED: "Its contact is parked",
    LinkState.DELETED: "Its contact was deleted",
}


def plan_newcomers(scene: Scene, draft: Draft, kind: Kind) -> None:
    """Draft everything that concerns unlinked records of one kind.

    Contacts come before their tasks and notes: children need the links planned here.
    """
    newcomers = list_newcomers(scene, kind)
    if not any(newcomers.waiting.values()):
        return
    revive_pairs(scene, newcomers)
    match_by_correlation(scene, newcomers)
    match_by_keys(scene, newcomers)
    if kind.has_parent:
        match_by_content(scene, newcomers, _linked_contacts(scene, draft))
    draft.ambiguities.extend(newcomers.ambiguities)
    for match in newcomers.matches:
        _join(scene, draft, match)
    _refuse_blocked(draft, newcomers)
    for side in SIDES:
        if scene.fields[kind].policy.direction.writes(side.other):
            for record in newcomers.waiting[side].values():
                _create(scene, draft, record)


def _linked_contacts(scene: Scene, draft: Draft) -> dict[tuple[Side, RecordId], LinkId]:
    found = {
        (side, record_id): link.id
        for side in SIDES
        for record_id, link in scene.known(Kind.CONTACT, side).items()
        if link.state is LinkState.LIVE and link.id not in draft.leaving
    }
    return found | draft.newborn


def _refuse_blocked(draft: Draft, newcomers: Newcomers) -> None:
    if newcomers.kind is Kind.CONTACT:
        reason = "Its contact may be a duplicate and waits for a person"
        draft.refused.update(dict.fromkeys(newcomers.blocked, reason))


def _join(scene: Scene, draft: Draft, match: Match) -> None:
    one, two = match.highlevel, match.timetonic
    link_id, key = _name_match(scene, match)
    pair = Pair(
        link_id=link_id,
        kind=one.kind,
        highlevel=View(Side.HIGHLEVEL, one.id, one, {}, one.parent_id),
        timetonic=View(Side.TIMETONIC, two.id, two, {}, two.parent_id),
        base={},
        is_first_match=True,
    )
    parent = None
    if one.kind.has_parent:
        parent, _ = _find_parent(scene, draft, one)
        other, reason = _find_parent(scene, draft, two)
        if parent is None or parent != other:
            draft.find(two, reason or "Its twin in HighLevel hangs on another contact")
            return
    draft.find_problems((one, two))
    if one.kind is Kind.CONTACT:
        draft.newborn[Side.HIGHLEVEL, one.id] = draft.newborn[Side.TIMETONIC, two.id] = link_id
    draft.operations.append(
        Join(
            link_id=link_id,
            kind=one.kind,
            highlevel_id=one.id,
            timetonic_id=two.id,
            correlation=key,
            base=merge_pair(scene, draft, pair),
            parent=parent,
            by=match.by,
        )
    )


def _name_match(scene: Scene, match: Match) -> tuple[LinkId, CorrelationKey]:
    """The pair is named after its origin; matched by other evidence, after HighLevel's."""
    one, two = match.highlevel, match.timetonic
    if match.link is not None:
        return match.link.id, match.link.correlation
    origin = one if match.correlation in (None, two.correlation) else two
    link_id, key, _ = scene.identity(origin)
    return link_id, match.correlation or key


def _create(scene: Scene, draft: Draft, record: Record) -> None:
    draft.find_problems([record])
    parent = None
    if record.kind.has_parent:
        parent, reason = _find_parent(scene, draft, record)
        if parent is None:
            draft.find(record, f"{reason}, so this {record.kind} is not created")
            return
    link_id, key, generation = scene.identity(record)
    is_planned = plan_create(
        scene,
        draft,
        kind=record.kind,
        origin=View(record.side, record.id, record, {}, record.parent_id),
        link_id=link_id,
        correlation=key,
        generation=generation,
        parent=parent,
    )
    if record.kind is not Kind.CONTACT:
        return
    if is_planned:
        draft.newborn[record.side, record.id] = link_id
    else:
        draft.refused[record.side, record.id] = "Its contact cannot be created"


def _find_parent(scene: Scene, draft: Draft, record: Record) -> tuple[LinkId | None, str]:
    """The link of the contact a record hangs on, or why there is none."""
    if record.parent_id is None:
        return None, "It hangs on no contact"
    who = (record.side, record.parent_id)
    if who in draft.newborn:
        return draft.newborn[who], ""
    if who in draft.refused:
        return None, draft.refused[who]
    link = scene.known(Kind.CONTACT, record.side).get(record.parent_id)
    if link is None:
        return None, "Its contact is not linked to the other side"
    return _accept_parent(draft, link)


def _accept_parent(draft: Draft, link: Link) -> tuple[LinkId | None, str]:
    if link.state is not LinkState.LIVE:
        return None, _KEPT_APART[link.state]
    if link.id in draft.leaving:
        return None, "Its contact went away on the other side"
    return link.id, ""
