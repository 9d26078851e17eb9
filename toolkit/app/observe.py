"""Look at both systems: as little as possible, as completely as deletion demands.

What is seen is stored at once, so a cursor never runs ahead of what is remembered and a
change that could not be carried out today is still seen tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from toolkit.app.ghosts import Ghosts
from toolkit.errors import NotReachedError
from toolkit.executor.port import RecordRef
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.records import Listing, Record
from toolkit.planner.fields import is_same
from toolkit.planner.plan import Observation
from toolkit.sides.listing import ListAnswer, ListRequest, SidePort
from toolkit.sides.together import together
from toolkit.store import ConnectionStore

_FIRST_LISTING_TRIES = 3
NotesChoice = Literal["due", "all"]
Progress = Callable[[str, int, int], None]
NEVER = datetime.min.replace(tzinfo=UTC)
"""When notes were last read that must be read again."""


Place: TypeAlias = tuple[Kind, Side, RecordId]
"""Names one record."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How much to look at.

    Attributes:
        is_full: List everything, even where a cursor would do.
        notes: `due`: notes of contacts that changed or were not read for
            `notes_max_age`; `all`: of every contact.
        overlap: Read this far behind the cursor (search indexes lag).
    """

    is_full: bool = False
    notes: NotesChoice = "due"
    notes_max_age: timedelta = timedelta(hours=24)
    overlap: timedelta = timedelta(minutes=5)


@dataclass(slots=True)
class Picture:
    """Both systems as they were seen."""

    observed_at: datetime
    listings: dict[Kind, dict[Side, Listing]] = field(default_factory=dict)
    known_counts: dict[Kind, dict[Side, int]] = field(default_factory=dict)
    minimum_calls: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))

    @property
    def observation(self) -> Observation:
        """The part the planner reads."""
        return Observation(listings=self.listings)

    @property
    def places(self) -> frozenset[Place]:
        """The records that were looked at, those that are gone included."""
        return frozenset(
            (kind, side, record_id)
            for kind, listings in self.listings.items()
            for side, listing in listings.items()
            for record_id in (*listing.records, *listing.gone)
        )

    def add(self, kind: Kind, side: Side, listing: Listing) -> None:
        """Put one listing in its place."""
        self.listings.setdefault(kind, {})[side] = listing


@dataclass(slots=True)
class Observer:
    """Lists both sides into one picture and into the store."""

    sides: Mapping[Side, SidePort]
    store: ConnectionStore
    kinds: tuple[Kind, ...]
    now: Callable[[], datetime]
    progress: Progress = lambda _what, _done, _total: None

    async def observe(self, scope: Scope, links: list[Link]) -> Picture:
        """List every kind on both sides; the two vendors are read side by side.

        Args:
            scope: How much to look at.
            links: The pairs; what went away is asked after for live ones only.
        """
        picture = Picture(observed_at=self.now())
        await together(
            self._observe_highlevel(scope, picture, links),
            self._observe_timetonic(picture, links),
        )
        return picture

    async def observe_only(self, links: Iterable[Link]) -> Picture:
        """Read just the records of these pairs, by id."""
        picture = Picture(observed_at=self.now())
        wanted = list(links)
        for side in Side:
            for kind in {link.kind for link in wanted}:
                refs = self._refs([link for link in wanted if link.kind is kind], side)
                found = await self.sides[side].get_records(kind, refs)
                records = {i: record for i, record in found.items() if record is not None}
                self.store.upsert_observed(side, kind, records.values(), run="")
                picture.add(kind, side, Listing(side, kind, records))
                picture.minimum_calls[side] += self._read_calls(side, kind, len(refs))
        return picture

    def _read_calls(self, side: Side, kind: Kind, count: int) -> int:
        size = self.sides[side].batch_size(kind, "read")
        return -(-count // size)

    def _refs(self, links: Iterable[Link], side: Side) -> list[RecordRef]:
        refs = []
        for link in links:
            record_id = link.id_on(side)
            parent = self.store.get_link(link.parent) if link.parent else None
            if record_id is not None:
                refs.append(RecordRef(record_id, parent.id_on(side) if parent else None))
        return refs

    async def _observe_timetonic(self, picture: Picture, links: list[Link]) -> None:
        side = Side.TIMETONIC
        for kind in self.kinds:
            known = self._known(side, kind, links)
            request = ListRequest(known=known, progress=self._telling(side, kind))
            answer = await self._list(side, kind, request)
            self._keep(picture, answer, known)
            picture.add(kind, side, answer.listing)

    async def _observe_highlevel(
        self, scope: Scope, picture: Picture, links: list[Link]
    ) -> None:
        touched, gone = await self._observe_contacts(scope, picture, links)
        for kind in self.kinds:
            if kind is Kind.NOTE:
                await self._observe_notes(scope, picture, links, touched=touched, gone=gone)
            elif kind is not Kind.CONTACT:
                known = self._known(Side.HIGHLEVEL, kind, links)
                telling = self._telling(Side.HIGHLEVEL, kind)
                request = ListRequest(known=known, progress=telling)
                answer = await self._list(Side.HIGHLEVEL, kind, request)
                self._keep(picture, answer, known)
                self._add_remembered(picture, kind, answer.listing)

    async def _observe_contacts(
        self, scope: Scope, picture: Picture, links: list[Link]
    ) -> tuple[set[RecordId], frozenset[RecordId]]:
        """List contacts; answers which changed and which are gone."""
        side, kind = Side.HIGHLEVEL, Kind.CONTACT
        known = self._known(side, kind, links)
        since = None if scope.is_full else self._cursor(scope)
        request = ListRequest(known=known, since=since, progress=self._telling(side, kind))
        answer = await self._list(side, kind, request)
        ghosts = Ghosts(self.store, now=self.now)
        ghosts.add(answer.listing.gone)
        answer = replace(answer, listing=ghosts.lay(answer.listing))
        touched = self._keep(picture, answer, known)
        if answer.high_water is not None:
            cursor = {"high_water": answer.high_water.isoformat()}
            self.store.put_cursor(side, kind, "changed", cursor)
        self._add_remembered(picture, kind, answer.listing)
        return touched, answer.listing.gone

    async def _list(self, side: Side, kind: Kind, request: ListRequest) -> ListAnswer:
        """One listing; the very first of a kind must be whole.

        Later, what a doubtful listing misses is only seen later. The first time it would
        be taken for absent on this side, and created a second time.
        """
        for _ in range(_FIRST_LISTING_TRIES):
            answer = await self.sides[side].list_records(kind, request)
            if request.known or not answer.listing.unverified:
                return answer
        raise NotReachedError(
            f"{side.label} changed while its {kind}s were read for the first time",
            system=side,
            unchanged="Nothing was written",
            remedy="Sync again when fewer people are at work there",
        )

    def _cursor(self, scope: Scope) -> datetime | None:
        cursor = self.store.get_cursor(Side.HIGHLEVEL, Kind.CONTACT, "changed")
        if not cursor:
            return None
        return datetime.fromisoformat(cursor["high_water"]) - scope.overlap

    async def _observe_notes(
        self,
        scope: Scope,
        picture: Picture,
        links: list[Link],
        *,
        touched: set[RecordId],
        gone: frozenset[RecordId],
    ) -> None:
        side, kind = Side.HIGHLEVEL, Kind.NOTE
        contacts = picture.listings[Kind.CONTACT][side].records
        known = self._known(side, kind, links)
        due = self._due_for_notes(scope, contacts, touched)
        due |= self._doubted(known, contacts) - gone
        asked = {i: parent for i, parent in known.items() if parent in due}
        request = ListRequest(
            known=asked, parents=sorted(due), progress=self._telling(side, kind)
        )
        answer = await self.sides[side].list_records(kind, request)
        orphaned = frozenset(i for i, parent in known.items() if parent in gone)
        listing = replace(answer.listing, gone=answer.listing.gone | orphaned)
        self._keep(picture, replace(answer, listing=listing), known)
        self.store.put_note_reads(due, self.now())
        self._add_remembered(picture, kind, listing)

    def _due_for_notes(
        self, scope: Scope, contacts: Iterable[RecordId], touched: set[RecordId]
    ) -> set[RecordId]:
        if scope.notes == "all":
            return set(contacts)
        read_at = self.store.get_note_reads()
        stale = self.now() - scope.notes_max_age
        return {i for i in contacts if i in touched or i not in read_at or read_at[i] <= stale}

    def _doubted(
        self, known: Mapping[RecordId, RecordId | None], contacts: Container[RecordId]
    ) -> set[RecordId]:
        """Contacts of linked notes that went away before, or went away themselves.

        Reading below a contact that is gone proves that its notes are.
        """
        seen = self.store.observed_ids(Side.HIGHLEVEL, Kind.NOTE)
        return {
            parent
            for i, parent in known.items()
            if parent is not None and (i not in seen or parent not in contacts)
        }

    def _telling(self, side: Side, kind: Kind) -> Callable[[int, int], None]:
        what = f"Reading {side.label} {kind}s"
        return lambda done, total: self.progress(what, done, total)

    def _known(
        self, side: Side, kind: Kind, links: list[Link]
    ) -> dict[RecordId, RecordId | None]:
        """Ids this side should hold: what was seen there, and what is linked."""
        known = dict(self.store.observed_ids(side, kind))
        parents = {link.id: link.id_on(side) for link in links if link.kind is Kind.CONTACT}
        for link in links:
            record_id = link.id_on(side)
            if link.kind is kind and link.state is LinkState.LIVE and record_id:
                parent = parents.get(link.parent) if link.parent else None
                known.setdefault(record_id, parent)
        return known

    def _keep(
        self, picture: Picture, answer: ListAnswer, known: Mapping[RecordId, object]
    ) -> set[RecordId]:
        """Store what is new; answers the ids whose content or stamp moved."""
        listing = answer.listing
        side, kind = listing.side, listing.kind
        picture.minimum_calls[side] += answer.minimum_calls
        picture.known_counts.setdefault(kind, {})[side] = len(known)
        stored = {record.id: record for record in self.store.list_observed(side, kind)}
        fresh = [r for r in listing.records.values() if is_news(r, stored.get(r.id))]
        if side is Side.HIGHLEVEL and kind is Kind.CONTACT:
            # Stored first: a run that dies before it has read their notes owes them still.
            self.store.put_note_reads([record.id for record in fresh], NEVER)
        self.store.upsert_observed(side, kind, fresh, run="")
        self.store.forget_observed(side, kind, listing.gone)
        return {record.id for record in fresh}

    def _add_remembered(self, picture: Picture, kind: Kind, listing: Listing) -> None:
        """HighLevel as known now: what was listed over what was seen before."""
        side = Side.HIGHLEVEL
        records = {record.id: record for record in self.store.list_observed(side, kind)}
        picture.add(kind, side, replace(listing, records=records))


def is_news(record: Record, stored: Record | None) -> bool:
    """Whether a listed record says something newer than what is stored.

    A search index may show the state before our own write; such a row carries an older
    stamp. Under the same stamp a listed row completes what the answer to our write left
    out: what a person changed just before it, and a stale index had hidden.
    """
    if stored is None:
        return True
    if record.updated_at is None or stored.updated_at is None:
        return record != stored
    if record.updated_at != stored.updated_at:
        return record.updated_at > stored.updated_at
    return any(not is_same(v, stored.values.get(f)) for f, v in record.values.items())
