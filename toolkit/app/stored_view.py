"""Records as the store saw them last, for plans that need no look at the vendors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toolkit.model.automation import (
    ArchiveContact,
    DeleteRecord,
    EditTags,
    Effect,
    Firing,
    NewRecord,
    Send,
    SetFields,
)
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create
from toolkit.model.records import Listing, Record
from toolkit.planner.plan import Observation
from toolkit.store import ConnectionStore

_Seen = dict[tuple[Kind, Side], dict[RecordId, Record]]


def observe_pairs(
    store: ConnectionStore, firings: Iterable[Firing], links: Iterable[Link]
) -> Observation:
    """Both records of every pair that rules want to write to.

    A run writes down all it sees before it plans, so right after a sync this is what a
    read would show, up to what people did in these seconds.
    """
    wanted = {pair for firing in firings for each in firing.effects for pair in _pairs(each)}
    ids: dict[tuple[Kind, Side], list[RecordId]] = {}
    for link in links:
        for side in Side:
            record_id = link.id_on(side)
            if link.id in wanted and record_id is not None:
                ids.setdefault((link.kind, side), []).append(record_id)
    return _observation(
        {place: store.find_observed(place[1], place[0], found) for place, found in ids.items()}
    )


def observe_births(
    store: ConnectionStore, outcomes: Iterable[Outcome], links: Sequence[Link]
) -> Observation:
    """What was born in a run, and what might be its partner under the same contact."""
    seen: _Seen = {}
    for kind, side, record_id in births_in(outcomes):
        record = store.get_observed(side, kind, record_id)
        if record is not None:
            seen.setdefault((kind, side), {})[record_id] = record
    for (kind, side), records in list(seen.items()):
        seen[kind, side.other] = _partners(store, kind, side.other, records, links=links)
    return _observation(seen)


def births_in(outcomes: Iterable[Outcome]) -> list[tuple[Kind, Side, RecordId]]:
    """Records of paired kinds that were made for their own sake."""
    return [
        (op.kind, op.side, each.id)
        for each in outcomes
        if isinstance(op := each.operation, Create)
        and op.is_birth
        and op.kind.is_paired
        and each.state is OutcomeState.DONE
        and each.id is not None
    ]


def _partners(
    store: ConnectionStore,
    kind: Kind,
    side: Side,
    records: dict[RecordId, Record],
    *,
    links: Sequence[Link],
) -> dict[RecordId, Record]:
    """Unlinked records of the other side under the contacts of the new ones."""
    across = {link.id_on(side.other): link.id_on(side) for link in links}
    parents = {across.get(each.parent_id) for each in records.values()} - {None}
    taken = {link.id_on(side) for link in links if link.kind is kind}
    under = [each for each in store.list_observed(side, kind) if each.parent_id in parents]
    return {each.id: each for each in under if each.id not in taken}


def _pairs(effect: Effect) -> tuple[LinkId, ...]:
    match effect:
        case NewRecord():
            return (effect.parent,) if effect.parent else ()
        case SetFields() | EditTags() | ArchiveContact() | DeleteRecord():
            return (effect.link_id,)
        case Send():
            return ()


def _observation(seen: _Seen) -> Observation:
    listings: dict[Kind, dict[Side, Listing]] = {}
    for (kind, side), records in seen.items():
        listings.setdefault(kind, {})[side] = Listing(side, kind, records)
    return Observation(listings)
