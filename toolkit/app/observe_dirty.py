"""Look at what events told of, and at no more than a safe decision about it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from toolkit.app.observe import Picture
from toolkit.executor.port import RecordRef
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.records import Listing, Record
from toolkit.sides.listing import SidePort
from toolkit.store import ConnectionStore

_Place = tuple[Kind, Side]


@dataclass(frozen=True, slots=True)
class Dirty:
    """A record an event told of; the event's content is a hint and nothing more.

    Attributes:
        parent_id: Its contact on the same side, where the event says it.
    """

    side: Side
    kind: Kind
    id: RecordId
    parent_id: RecordId | None = None


class DirtyObserver:
    """Reads records by id, their twins, and whoever might be their partner."""

    def __init__(
        self,
        *,
        sides: dict[Side, SidePort],
        store: ConnectionStore,
        now: Callable[[], datetime],
    ) -> None:
        self._sides = sides
        self._store = store
        self._now = now

    async def observe(self, dirty: Sequence[Dirty], links: Sequence[Link]) -> Picture:
        """A partial picture: what it does not show counts as unchanged.

        Nothing counts as deleted unless a direct read of a linked record says so. A new
        contact is looked for on the other side by its match keys before anybody may
        create it there.
        """
        picture = Picture(observed_at=self._now())
        by_id = {(link.kind, side, link.id_on(side)): link for link in links for side in Side}
        parents = {link.id: link for link in links if link.kind is Kind.CONTACT}
        wanted: dict[_Place, dict[RecordId, RecordRef]] = defaultdict(dict)
        for each in self._with_contacts(dirty, by_id):
            link = by_id.get((each.kind, each.side, each.id))
            for side, ref in _refs(each, link, parents):
                wanted[each.kind, side][ref.id] = ref
        seen: dict[_Place, dict[RecordId, Record]] = defaultdict(dict)
        gone: dict[_Place, set[RecordId]] = defaultdict(set)
        for (kind, side), refs in sorted(wanted.items()):
            found = await self._sides[side].get_records(kind, list(refs.values()))
            self._count_reads(picture, kind, side, count=len(refs))
            for record_id, record in found.items():
                if record is not None:
                    seen[kind, side][record_id] = record
                elif (kind, side, record_id) in by_id:
                    gone[kind, side].add(record_id)
        await self._look_for_partners(picture, seen, by_id)
        self._keep(picture, seen, gone)
        return picture

    def _with_contacts(
        self, dirty: Iterable[Dirty], by_id: dict[tuple[Kind, Side, RecordId | None], Link]
    ) -> Iterable[Dirty]:
        """Also the contact of a new task or note, where nobody knows it yet."""
        for each in dict.fromkeys(dirty):
            yield each
            parent = each.parent_id
            if parent and (Kind.CONTACT, each.side, parent) not in by_id:
                yield Dirty(each.side, Kind.CONTACT, parent)

    async def _look_for_partners(
        self,
        picture: Picture,
        seen: dict[_Place, dict[RecordId, Record]],
        by_id: dict[tuple[Kind, Side, RecordId | None], Link],
    ) -> None:
        for (kind, side), records in list(seen.items()):
            for record in list(records.values()):
                if (kind, side, record.id) in by_id:
                    continue
                if kind is Kind.CONTACT:
                    found = await self._sides[side.other].find_matches(kind, record)
                    self._count_reads(picture, kind, side.other, count=1)
                else:
                    found = self._children_across(record, by_id)
                for match in found:
                    seen[kind, side.other].setdefault(match.id, match)

    def _children_across(
        self, record: Record, by_id: dict[tuple[Kind, Side, RecordId | None], Link]
    ) -> list[Record]:
        """Tasks or notes last seen under the same contact on the other side."""
        other = record.side.other
        contact = by_id.get((Kind.CONTACT, record.side, record.parent_id))
        twin = contact.id_on(other) if contact else None
        if twin is None:
            return []
        listed = self._store.list_observed(other, record.kind)
        return [each for each in listed if each.parent_id == twin]

    def _keep(
        self,
        picture: Picture,
        seen: dict[_Place, dict[RecordId, Record]],
        gone: dict[_Place, set[RecordId]],
    ) -> None:
        for kind, side in seen.keys() | gone.keys():
            records = seen[kind, side]
            self._store.upsert_observed(side, kind, records.values())
            lost = frozenset(gone[kind, side])
            self._store.forget_observed(side, kind, lost)
            picture.add(kind, side, Listing(side, kind, records, gone=lost))

    def _count_reads(self, picture: Picture, kind: Kind, side: Side, *, count: int) -> None:
        picture.minimum_calls[side] += -(-count // self._sides[side].batch_size(kind, "read"))


def _refs(
    dirty: Dirty, link: Link | None, parents: dict[LinkId, Link]
) -> Iterable[tuple[Side, RecordRef]]:
    """The record, and its twin where it has one."""
    parent = parents.get(link.parent) if link and link.parent else None
    own_parent = (parent.id_on(dirty.side) if parent else None) or dirty.parent_id
    yield dirty.side, RecordRef(dirty.id, own_parent)
    # What rests may be woken by what is read here, and is then planned like a live pair.
    if link is None or link.state not in {LinkState.LIVE, LinkState.PARKED}:
        return
    twin = link.id_on(dirty.side.other)
    if twin is not None:
        twin_parent = parent.id_on(dirty.side.other) if parent else None
        yield dirty.side.other, RecordRef(twin, twin_parent)


def links_of(dirty: Iterable[Dirty], links: Iterable[Link]) -> set[LinkId]:
    """The pairs a drain can judge."""
    told = {(each.kind, each.side, each.id) for each in dirty}
    return {
        link.id
        for link in links
        if any((link.kind, side, link.id_on(side)) in told for side in Side)
    }
