"""What the planner knows when it starts: links, policy and what each side shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState, Resolution
from toolkit.model.policy import SyncPolicy
from toolkit.model.records import Listing, Record
from toolkit.model.values import Value, Values, correlation_key
from toolkit.planner.fields import SIDES, KindFields, is_blank, is_same

NO_ID = RecordId("")
"""Stands in no listing."""


def shown_by(link: Link, side: Side) -> Values:
    """`Link.shown_on` without its copy: it is asked for every record of an idle run."""
    return link.shown_on(side) if side in link.aliases else link.base


@dataclass(frozen=True, slots=True)
class Observation:
    """What both sides were seen to hold; a missing kind or side was not looked at.

    A linked record that is in no listing counts as unchanged, so a conflict stays in
    sight only while both its records are given.
    """

    listings: Mapping[Kind, Mapping[Side, Listing]]

    def listing(self, kind: Kind, side: Side) -> Listing | None:
        """The listing of one kind on one side, if there was one."""
        return self.listings.get(kind, {}).get(side)


@dataclass(frozen=True, slots=True)
class View:
    """One side of a pair: what it showed when last handled and what it shows now."""

    side: Side
    id: RecordId
    record: Record | None
    shown: Values
    parent_id: RecordId | None = None

    def has(self, name: str) -> bool:
        """Whether the field was observed this time."""
        return self.record is not None and name in self.record.values

    def now(self, name: str) -> Value:
        """The value as observed, else as remembered."""
        if self.record is not None and name in self.record.values:
            return self.record.values[name]
        return self.shown.get(name)

    def is_changed(self, name: str) -> bool:
        """Whether the observed value differs from what this side agreed to."""
        return self.has(name) and not is_same(self.now(name), self.shown.get(name))

    def is_unreadable(self, name: str) -> bool:
        """Whether the field holds something we cannot read, and so must not overwrite."""
        return self.record is not None and any(p.field == name for p in self.record.problems)

    def is_edited(self, name: str) -> bool:
        """Changed, or overwritten with something we cannot read."""
        if self.is_unreadable(name):
            return not is_blank(self.shown.get(name))
        return self.is_changed(name)

    def values(self) -> dict[str, Value]:
        """Everything this side shows, readable fields only."""
        if self.record is None:
            return dict(self.shown)
        found = {**self.shown, **self.record.values}
        for problem in self.record.problems:
            found.pop(problem.field, None)
        return found


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that belong together, linked already or about to be.

    Attributes:
        is_first_match: Nothing was agreed on yet.
    """

    link_id: LinkId
    kind: Kind
    highlevel: View
    timetonic: View
    base: Values
    is_first_match: bool = False

    def on(self, side: Side) -> View:
        """One side's view."""
        return self.highlevel if side is Side.HIGHLEVEL else self.timetonic


class Scene:
    """Index over the planner's input. Read-only once built.

    Attributes:
        live_links: The pairs to be kept in step, per kind.
        refused: Half pairs whose create is tried again.
    """

    def __init__(
        self,
        policy: SyncPolicy,
        observation: Observation,
        *,
        links: Iterable[Link],
        refused: Iterable[Link] = (),
        resolutions: Iterable[Resolution] = (),
    ) -> None:
        self.policy = policy
        self.observation = observation
        self.fields = {kind: KindFields.of(found) for kind, found in policy.kinds.items()}
        self.links = {link.id: link for link in links}
        self.live_links: dict[Kind, list[Link]] = {kind: [] for kind in Kind}
        self._known: dict[Kind, dict[Side, dict[RecordId, Link]]] = {
            kind: {side: {} for side in SIDES} for kind in Kind
        }
        for link in self.links.values():
            self._file(link)
        self._gone = {
            (kind, side): listing.gone - listing.records.keys()
            for kind, listings in observation.listings.items()
            for side, listing in listings.items()
        }
        self.refused = {link.id: link for link in refused}
        self._refused = {
            (link.kind, side, link.id_on(side)): link
            for link in self.refused.values()
            for side in SIDES
        }
        self._parents_of_news: dict[Side, frozenset[RecordId]] = {}
        self._resolutions = {(r.link_id, r.field, r.fingerprint): r for r in resolutions}

    @cached_property
    def correlations(self) -> Mapping[CorrelationKey, Link]:
        """Key -> the link that owns it; asked for only when there are new records."""
        return {link.correlation: link for link in self.links.values()}

    def _file(self, link: Link) -> None:
        known = self._known[link.kind]
        if link.highlevel_id is not None:
            known[Side.HIGHLEVEL][link.highlevel_id] = link
        if link.timetonic_id is not None:
            known[Side.TIMETONIC][link.timetonic_id] = link
            if link.highlevel_id is not None and link.state is LinkState.LIVE:
                self.live_links[link.kind].append(link)

    def kinds(self) -> Iterator[Kind]:
        """The kinds in use, contacts before what hangs on them."""
        return (kind for kind in Kind if kind in self.policy.kinds)

    def known(self, kind: Kind, side: Side) -> Mapping[RecordId, Link]:
        """Every id that stands in a link, whatever its state."""
        return self._known[kind][side]

    def records(self, kind: Kind, side: Side) -> Mapping[RecordId, Record]:
        """What was observed."""
        listing = self.observation.listing(kind, side)
        return {} if listing is None else listing.records

    def gone(self, kind: Kind, side: Side) -> frozenset[RecordId]:
        """Ids a direct read confirmed as gone; seen again in the listing outranks that."""
        return self._gone.get((kind, side), frozenset())

    def is_gone(self, link: Link, side: Side) -> bool:
        """Whether the pair's record on `side` went away."""
        return link.id_on(side) in self.gone(link.kind, side)

    def has_news_below(self, contact: View) -> bool:
        """Whether a task or note of a contact is new, or was edited, on that side."""
        if contact.side not in self._parents_of_news:
            self._parents_of_news[contact.side] = frozenset(self._find_news(contact.side))
        return contact.id in self._parents_of_news[contact.side]

    def _find_news(self, side: Side) -> Iterator[RecordId]:
        for kind in self.kinds():
            if not kind.has_parent or not self.fields[kind].policy.direction.writes(side.other):
                continue
            known = self.known(kind, side)
            is_quiet = self.fields[kind].is_quiet
            for record in self.records(kind, side).values():
                link = known.get(record.id)
                is_kept_apart = link is not None and link.state is not LinkState.LIVE
                is_old = link is not None and is_quiet(record, shown_by(link, side))
                if record.parent_id is not None and not (is_kept_apart or is_old):
                    yield record.parent_id

    def resolution(self, link_id: LinkId, field: str, fingerprint: str) -> Resolution | None:
        """A person's choice for exactly these two values."""
        return self._resolutions.get((link_id, field, fingerprint))

    def view(self, link: Link, side: Side) -> View:
        """One side of a stored pair."""
        record_id = link.id_on(side) or NO_ID
        record = self.records(link.kind, side).get(record_id)
        parent_id = record.parent_id if record is not None else None
        if parent_id is None and link.parent in self.links:
            parent_id = self.links[link.parent].id_on(side)
        return View(side, record_id, record, link.shown_on(side), parent_id)

    def pair(self, link: Link) -> Pair:
        """A stored pair with what both sides show."""
        return Pair(
            link_id=link.id,
            kind=link.kind,
            highlevel=self.view(link, Side.HIGHLEVEL),
            timetonic=self.view(link, Side.TIMETONIC),
            base=link.base,
        )

    def identity(self, record: Record) -> tuple[LinkId, CorrelationKey, int]:
        """Link id, correlation key and generation for a pair that begins with `record`.

        An id that comes back after its pair was re-created elsewhere (restored from the
        vendor's bin) finds its first key taken and gets the next one. A pair whose create
        was refused keeps what it had.
        """
        half = self._refused.get((record.kind, record.side, record.id))
        if half is not None:
            return half.id, half.correlation, half.generation
        generation = 0
        while True:
            key = correlation_key(
                self.policy.scope,
                kind=record.kind,
                origin=record.side,
                origin_id=record.id,
                generation=generation,
            )
            if LinkId(key) not in self.links and key not in self.correlations:
                return LinkId(key), key, generation
            generation += 1
