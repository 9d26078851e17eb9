"""What people ask about contacts, tasks and notes, from the store alone: no service is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from toolkit.app.archive import choose_contacts
from toolkit.app.contact_detail import ContactDetail, DetailReader
from toolkit.app.contact_index import STANDING, ContactIndex
from toolkit.app.front_lines import (
    LONG_AGO,
    Names,
    by_due,
    conflict_card,
    conflict_cards,
    conflict_line,
    field_lines,
    hit,
    manners_of,
    name_of,
    note_line,
    pages,
    task_line,
)
from toolkit.app.front_seen import known_owners, seen_values, synced_at, tags_in_use
from toolkit.app.front_state import sync_card
from toolkit.app.live import may_write
from toolkit.errors import UseError
from toolkit.mapping.context import Owner
from toolkit.model.cards import (
    ConflictCard,
    ContactCard,
    ContactHit,
    FieldManner,
    NoteLine,
    SyncCard,
    TaskLine,
)
from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.links import Link
from toolkit.model.values import Value

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.live import Switched
    from toolkit.model.ids import ConnectionName
    from toolkit.store import ConflictEntry, ConnectionStore

FEW_TASKS: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        total: How many fit; `hits` may be fewer.
    """

    hits: tuple[ContactHit, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Memory:
    """A connection's settings beside its memory: all that reading needs.

    Attributes:
        now: The clock.
    """

    config: ConnectionConfig
    store: ConnectionStore
    now: Callable[[], datetime]


class FrontReading:
    """Reads one connection's memory. Synchronous; safe from any thread.

    Args:
        parts: A `Memory`, or the parts of an open connection.
    """

    def __init__(self, parts: Switched) -> None:
        self._parts = parts
        self._store = parts.store
        self._index = ContactIndex(parts.store, now=parts.now)

    @property
    def name(self) -> ConnectionName:
        """The connection."""
        return self._parts.config.name

    def manners(self) -> dict[str, FieldManner]:
        """How each field of a contact is asked for."""
        return manners_of(self._parts.config.mapping)

    def search(self, text: str, *, limit: int = 20) -> Found:
        """Contacts that hold every word, in name, e-mail, phone or company; best first."""
        found = self._index.search(text)
        chosen = found[:limit]
        hits = (self._store.get_link(link_id) for link_id in chosen)
        return Found(tuple(hit(each) for each in hits if each is not None), len(found))

    def named(self, typed: str) -> list[LinkId]:
        """Contacts whose e-mail, phone or id this is, or the beginning of their id."""
        return self._index.named(typed)

    def find(self, typed: str) -> LinkId:
        """The one contact somebody means: by e-mail, phone, id, or a name nobody else has.

        Raises:
            UseError: Nobody is called so, or several are.
        """
        found = self.search(typed, limit=2)
        if found.total == 1:
            return LinkId(found.hits[0].id)
        if found.total > 1:
            same = self._index.called(typed)
            if len(same) == 1:
                return same[0]
        return choose_contacts(self._store.links(Kind.CONTACT), [typed])[0]

    def card(self, contact: LinkId) -> ContactCard:
        """Both sides of a contact in one.

        Raises:
            UseError: There is no such contact.
        """
        link = self._contact(contact)
        tasks = [each for each in self.tasks_of(contact) if not each.is_completed]
        conflicts = [each for each in self.conflicts() if each.conflict.link_id == contact]
        return ContactCard(
            id=link.id,
            connection=self._parts.config.name,
            name=name_of(link),
            lines=field_lines(link, seen_values(self._store, link), self._names()),
            urls=self._urls(link),
            synced_at=synced_at(self._store, link),
            tasks=tuple(tasks[:FEW_TASKS]),
            open_tasks=len(tasks),
            conflicts=len(conflicts),
        )

    def detail(self, contact: LinkId, titles: Mapping[str, str]) -> ContactDetail:
        """All that is known of a contact: fields of both sides, what hangs on it, history.

        Args:
            contact: Its pair.
            titles: Neutral field -> what people call it.

        Raises:
            UseError: There is no such contact.
        """
        link = self._contact(contact)
        family = self._store.family_links([contact])
        reader = DetailReader(self._parts)
        conflicts = [each for each in self.conflicts() if each.conflict.link_id == contact]
        return ContactDetail(
            id=link.id,
            name=name_of(link),
            state=link.state.value,
            reason=link.reason,
            synced_at=synced_at(self._store, link),
            records=reader.records(link, self._urls(link)),
            fields=reader.fields(link, titles),
            tasks=tuple(self.tasks_of(contact)),
            notes=tuple(self.notes_of(contact)),
            meetings=reader.meetings(family),
            conflicts=tuple(map(conflict_line, conflicts)),
            history=reader.history(family, contact),
        )

    def tasks_of(self, contact: LinkId) -> list[TaskLine]:
        """Tasks of a contact, those due first ahead."""
        family = self._store.family_links([contact])
        return self._task_lines([each for each in family if each.kind is Kind.TASK])

    def tasks(
        self,
        *,
        owner: str | None = None,
        is_open: bool = True,
        due_before: datetime | None = None,
        contact: LinkId | None = None,
    ) -> list[TaskLine]:
        """Tasks of everybody, those due first ahead.

        Args:
            owner: Only those of this HighLevel user, by id; None takes all.
            is_open: Only those that are not done.
            due_before: Only those due before.
            contact: Only those of this contact.
        """
        links = self._store.links(Kind.TASK, STANDING)
        if contact is not None:
            links = [each for each in links if each.parent == contact]
        if owner is not None:
            links = [each for each in links if each.base.get("owner_id") == owner]
        lines = self._task_lines(links)
        if is_open:
            lines = [each for each in lines if not each.is_completed]
        if due_before is not None:
            lines = [each for each in lines if each.due_at and each.due_at < due_before]
        return lines

    def find_task(self, typed: str) -> Link:
        """The one task somebody means, by its id or the beginning of it.

        Raises:
            UseError: None or several are called so.
        """
        return self._one(Kind.TASK, typed)

    def notes_of(self, contact: LinkId) -> list[NoteLine]:
        """Notes of a contact, newest first."""
        family = self._store.family_links([contact])
        names = self._names()
        notes = [
            note_line(each, names)
            for each in family
            if each.kind is Kind.NOTE and each.state in STANDING
        ]
        return sorted(notes, key=lambda each: each.written_at or LONG_AGO, reverse=True)

    def conflicts(self) -> list[ConflictEntry]:
        """Open conflicts, oldest first."""
        return self._store.list_conflicts()

    def conflict_card(self, contact: LinkId) -> ConflictCard:
        """A record's conflicts.

        Raises:
            UseError: Nothing of it waits for a decision.
        """
        every = self.conflicts()
        mine = [each for each in every if each.conflict.link_id == contact]
        link = self._store.get_link(contact)
        if not mine or link is None:
            raise UseError(
                "Nothing of this record waits for a decision", unchanged="Nothing was changed"
            )
        return conflict_card(mine, every, link=link)

    def conflict_cards(self) -> list[ConflictCard]:
        """All of them by record, the oldest first."""
        return conflict_cards(self.conflicts(), self._store.get_link)

    def state(self) -> SyncCard:
        """How the connection is doing."""
        return sync_card(self._parts)

    def obstacle(self) -> str:
        """Why the connection does not write, in a sentence; empty where it does."""
        leave = may_write(self._parts)
        return "" if leave.is_granted else leave.happened

    def owners(self) -> list[Owner]:
        """HighLevel's users, as they were read last."""
        return known_owners(self._store)

    def owner_name(self, owner_id: Value) -> str:
        """A user's name; the id itself where the name is not known."""
        return self._names().owner(owner_id)

    def tags(self) -> list[str]:
        """Every tag in use, the most used first."""
        return tags_in_use(self._store)

    def _contact(self, contact: LinkId) -> Link:
        link = self._store.get_link(contact)
        if link is None or link.kind is not Kind.CONTACT:
            raise UseError("There is no such contact", unchanged="Nothing was changed")
        return link

    def _one(self, kind: Kind, typed: str) -> Link:
        found = [
            each
            for each in self._store.links(kind)
            if each.state in STANDING
            and (each.id.startswith(typed) or typed in {each.highlevel_id, each.timetonic_id})
        ]
        if len(found) == 1 and typed:
            return found[0]
        many = f"{len(found)} {kind}s begin with" if found else f"There is no {kind}"
        raise UseError(f"{many} {typed}", unchanged="Nothing was changed")

    def _urls(self, link: Link) -> dict[Side, str]:
        return pages(link, location_id=self._parts.config.highlevel.location_id)

    def _names(self) -> Names:
        return Names({each.id: each.name for each in self.owners()}, {})

    def _task_lines(self, links: Sequence[Link]) -> list[TaskLine]:
        now, owners = self._parts.now(), self._names().owners
        parents = {each.parent for each in links}
        known = self._store.family_links([each for each in parents if each])
        names = Names(owners, {each.id: name_of(each) for each in known})
        lines = [task_line(each, names, now) for each in links if each.state in STANDING]
        return sorted(lines, key=by_due)
