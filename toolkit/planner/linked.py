"""Pairs that exist: what changed on either side, and what went away."""

from __future__ import annotations

from typing import Literal

from toolkit.model.ids import Kind, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Delete, Rebase, Unlink
from toolkit.model.policy import DeleteMode
from toolkit.model.records import Record
from toolkit.model.values import correlation_key
from toolkit.planner.creates import plan_create
from toolkit.planner.draft import Draft
from toolkit.planner.fields import SIDES
from toolkit.planner.pairs import merge_pair
from toolkit.planner.scene import NO_ID, Scene, View, shown_by


def plan_linked(scene: Scene, draft: Draft, kind: Kind) -> None:
    """Draft everything that concerns the live pairs of one kind."""
    highlevel = scene.records(kind, Side.HIGHLEVEL)
    timetonic = scene.records(kind, Side.TIMETONIC)
    gone = {side: scene.gone(kind, side) for side in SIDES}
    is_any_gone = any(gone.values())
    is_quiet = scene.fields[kind].is_quiet
    for link in scene.live_links[kind]:
        if is_any_gone and any(link.id_on(side) in gone[side] for side in SIDES):
            _plan_gone(scene, draft, link)
            continue
        one = highlevel.get(link.highlevel_id or NO_ID)
        two = timetonic.get(link.timetonic_id or NO_ID)
        if kind.has_parent:
            _check_parent(scene, draft, link=link, records=(one, two))
        if (one is None or is_quiet(one, shown_by(link, Side.HIGHLEVEL))) and (
            two is None or is_quiet(two, shown_by(link, Side.TIMETONIC))
        ):
            continue
        _plan_changed(scene, draft, link)


def _plan_changed(scene: Scene, draft: Draft, link: Link) -> None:
    pair = scene.pair(link)
    draft.find_problems((pair.highlevel.record, pair.timetonic.record))
    agreed = merge_pair(scene, draft, pair)
    if agreed:
        draft.operations.append(Rebase(link.id, link.kind, agreed))


def _check_parent(
    scene: Scene, draft: Draft, *, link: Link, records: tuple[Record | None, ...]
) -> None:
    contact = scene.links.get(link.parent) if link.parent is not None else None
    for record in records:
        if contact is None or record is None or record.parent_id is None:
            continue
        if contact.id_on(record.side) not in (None, record.parent_id):
            reason = (
                f"This {link.kind} was moved to another contact; HighLevel cannot move it, "
                "so it stays linked as it was"
            )
            draft.find(record, reason)


def _plan_gone(scene: Scene, draft: Draft, link: Link) -> None:
    gone = tuple(side for side in SIDES if scene.is_gone(link, side))
    if len(gone) > 1:
        draft.leaving.add(link.id)
        draft.operations.append(Unlink(link.id, link.kind, gone, dict(link.base)))
        return
    (side,) = gone
    fields = scene.fields[link.kind]
    survivor = scene.view(link, side.other)
    draft.find_problems([survivor.record])
    mode = fields.policy.on_delete[side]
    is_edited = any(survivor.is_edited(name) for name in fields.compared)
    if mode is DeleteMode.DELETE and link.kind is Kind.CONTACT:
        # What hangs on a contact is deleted with it: news there is an edit of the contact.
        is_edited = is_edited or scene.has_news_below(survivor)
    if link.kind.has_parent and _waits_for_its_contact(scene, draft, link, gone=side):
        return
    if mode is DeleteMode.UNLINK:
        _unlink(draft, link, gone=side)
    elif is_edited or link.parent in draft.reborn:
        _recreate(scene, draft, link=link, survivor=survivor)
    elif fields.policy.direction.writes(survivor.side):
        _delete(scene, draft, link=link, survivor=survivor)
    else:
        _unlink(draft, link, gone=side)


def _unlink(draft: Draft, link: Link, *, gone: Side) -> None:
    draft.leaving.add(link.id)
    draft.operations.append(Unlink(link.id, link.kind, (gone,), link.shown_on(gone)))


def _delete(scene: Scene, draft: Draft, *, link: Link, survivor: View) -> None:
    fields = scene.fields[link.kind]
    mode: Literal["archive", "delete"] = (
        "archive"
        if fields.policy.on_delete[survivor.side.other] is DeleteMode.ARCHIVE
        else "delete"
    )
    draft.leaving.add(link.id)
    draft.operations.append(
        Delete(
            link_id=link.id,
            kind=link.kind,
            side=survivor.side,
            id=survivor.id,
            mode=mode,
            before=survivor.values(),
            expected=fields.shown_digest(survivor.values()),
            parent_id=survivor.parent_id,
        )
    )


def _recreate(scene: Scene, draft: Draft, *, link: Link, survivor: View) -> None:
    """Edit beats delete: the edited record gets a new twin under the old link."""
    gone = survivor.side.other
    if not scene.fields[link.kind].policy.direction.writes(gone):
        _unlink(draft, link, gone=gone)
        return
    if link.kind.has_parent and _has_lost_its_contact(scene, draft, link):
        if survivor.record is not None:
            draft.find(
                survivor.record,
                f"This {link.kind} was edited here while it and its contact went away in "
                f"{gone.label}; it is kept here only",
            )
        _unlink(draft, link, gone=gone)
        return
    generation = link.generation + 1
    plan_create(
        scene,
        draft,
        kind=link.kind,
        origin=survivor,
        link_id=link.id,
        correlation=correlation_key(
            scene.policy.scope,
            kind=link.kind,
            origin=survivor.side,
            origin_id=survivor.id,
            generation=generation,
        ),
        generation=generation,
        parent=link.parent,
    )


def _waits_for_its_contact(scene: Scene, draft: Draft, link: Link, *, gone: Side) -> bool:
    """Whether it went away with its contact, whose re-creation is still to come."""
    if link.parent is None or link.parent in draft.reborn:
        return False
    contact = scene.links.get(link.parent) or scene.refused.get(link.parent)
    if contact is None or contact.id_on(gone) is not None:
        return False
    return contact.state in {LinkState.HALF, LinkState.PARKED}


def _has_lost_its_contact(scene: Scene, draft: Draft, link: Link) -> bool:
    if link.parent in draft.reborn:
        return False
    contact = scene.links.get(link.parent) if link.parent is not None else None
    if contact is None or contact.state is not LinkState.LIVE:
        return True
    return contact.id in draft.leaving
