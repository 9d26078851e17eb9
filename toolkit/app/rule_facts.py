"""What rules may ask of contacts, from the stored pairs: no service is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from toolkit.model.automation import ContactFacts, TaskFacts
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.records import Record
from toolkit.model.values import Values
from toolkit.store import ConnectionStore

_FEW: Final = 200
"""Contacts up to which only their own pairs are read."""

NO_ID: Final = RecordId("")
_STAMP: Final = "updated_at"
_LATE: Final = datetime.max.replace(tzinfo=UTC)
_STANDING: Final = frozenset({LinkState.LIVE, LinkState.PARKED})


@dataclass(frozen=True, slots=True)
class FactBook:
    """Contacts and what hangs on them.

    Attributes:
        links: The pairs it was made of, by id.
        first_seen: Contact -> when its pair was made, where that is known.
    """

    links: Mapping[LinkId, Link]
    first_seen: Mapping[LinkId, datetime] = field(default_factory=dict)
    _below: Mapping[LinkId, tuple[Link, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, links: Iterable[Link], first_seen: Mapping[LinkId, datetime] | None = None
    ) -> FactBook:
        """A book of these pairs; what hangs on a contact must be among them."""
        found = {link.id: link for link in links}
        below: dict[LinkId, list[Link]] = defaultdict(list)
        for link in found.values():
            if link.parent is not None and link.state in _STANDING:
                below[link.parent].append(link)
        seen = first_seen or {}
        # Oldest pair first; where the journal does not say, the id keeps the order repeatable.
        ordered = {
            contact: tuple(sorted(each, key=lambda link: (seen.get(link.id, _LATE), link.id)))
            for contact, each in below.items()
        }
        return cls(found, seen, ordered)

    def contacts(self) -> Iterator[ContactFacts]:
        """Every contact that is kept in step, by id."""
        for link in sorted(self.links.values(), key=lambda each: each.id):
            if link.kind is Kind.CONTACT and link.state is LinkState.LIVE:
                yield self._facts(link)

    def find(self, contact: LinkId | None) -> ContactFacts | None:
        """One contact, also one that was deleted: what both sides agreed on last."""
        link = self.links.get(contact) if contact is not None else None
        return self._facts(link) if link is not None else None

    def _facts(self, contact: Link) -> ContactFacts:
        below = self._below.get(contact.id, ())
        return ContactFacts(
            link_id=contact.id,
            values=contact.base,
            tasks=tuple(TaskFacts(each.id, each.base) for each in _of(Kind.TASK, below)),
            notes=_values(Kind.NOTE, below),
            appointments=_values(Kind.APPOINTMENT, below),
            first_seen_at=self.first_seen.get(contact.id),
            subjects={link.id: link.base for link in below if link.kind is not Kind.TASK},
        )


def read_facts(store: ConnectionStore, contacts: Collection[LinkId] | None) -> FactBook:
    """The facts of these contacts; None means of all.

    Args:
        store: Of the connection.
        contacts: Pairs of contacts.
    """
    if contacts is None or len(contacts) > _FEW:
        links = store.links()
        dated = [link.id for link in links if link.kind is Kind.CONTACT]
    else:
        links = store.family_links(contacts)
        dated = [link.id for link in links]
    return FactBook.of(_stamped(store, links), store.first_lines(dated))


def _stamped(store: ConnectionStore, links: Iterable[Link]) -> list[Link]:
    """Contacts that were matched, and so never written, show when HighLevel changed them."""
    every = list(links)
    bare = {
        link.highlevel_id
        for link in every
        if link.kind is Kind.CONTACT and link.highlevel_id and _STAMP not in link.base
    }
    if not bare:
        return every
    seen = store.find_observed(Side.HIGHLEVEL, Kind.CONTACT, bare)
    return [_with_stamp(link, seen.get(link.highlevel_id or NO_ID)) for link in every]


def _with_stamp(link: Link, record: Record | None) -> Link:
    if link.kind is not Kind.CONTACT or record is None or record.updated_at is None:
        return link
    stamp = f"{record.updated_at:%Y-%m-%dT%H:%M:%SZ}"
    return replace(link, base={_STAMP: stamp, **link.base})


def _of(kind: Kind, links: Iterable[Link]) -> list[Link]:
    return [link for link in links if link.kind is kind]


def _values(kind: Kind, links: Iterable[Link]) -> tuple[Values, ...]:
    return tuple(link.base for link in _of(kind, links))
