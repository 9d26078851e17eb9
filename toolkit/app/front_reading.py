"""What people ask about contacts, tasks and notes, from the store alone: no service is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.archive import choose_contacts
from toolkit.app.contact_index import ContactIndex
from toolkit.app.live import may_write
from toolkit.errors import UseError
from toolkit.model.cards import (
    ConflictCard,
    ConflictLine,
    ContactCard,
    ContactHit,
    FieldLine,
    NoteLine,
    SyncCard,
    TaskLine,
)
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import OutcomeState
from toolkit.model.values import Value

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.mapping.context import Owner
    from toolkit.store import ConflictEntry

FEW_TASKS: Final = 3
_STANDING: Final = frozenset({LinkState.LIVE, LinkState.PARKED})
_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        total: How many fit; `hits` may be fewer.
    """

    hits: tuple[ContactHit, ...]
    total: int


class FrontReading:
    """Reads one connection's memory. Synchronous; safe from any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._index = ContactIndex(parts.store, now=parts.now)

    def search(self, text: str, *, limit: int = 20) -> Found:
        """Contacts that hold every word, in name, e-mail, phone or company; best first."""
        found = self._index.search(text)
        chosen = found[:limit]
        hits = (self._store.get_link(link_id) for link_id in chosen)
        return Found(tuple(_hit(each) for each in hits if each is not None), len(found))

    def find(self, typed: str) -> LinkId:
        """The one contact somebody means: by e-mail, phone, id, or a name nobody else has.

        Raises:
            UseError: Nobody is called so, or several are.
        """
        found = self.search(typed, limit=2)
        if found.total == 1:
            return LinkId(found.hits[0].id)
        if found.total > 1:
            exact = self._exact(typed)
            if exact is not None:
                return exact
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
            name=_text(link.base.get("name")),
            lines=self._lines(link),
            urls=self._urls(link),
            synced_at=self._synced_at(link),
            tasks=tuple(tasks[:FEW_TASKS]),
            open_tasks=len(tasks),
            conflicts=len(conflicts),
        )

    def tasks_of(self, contact: LinkId) -> list[TaskLine]:
        """Tasks of a contact, those due first ahead."""
        family = self._store.family_links([contact])
        return self._task_lines(each for each in family if each.kind is Kind.TASK)

    def tasks(
        self,
        *,
        owner: str | None = None,
        is_open: bool = True,
        due_before: datetime | None = None,
    ) -> list[TaskLine]:
        """Tasks of everybody, those due first ahead.

        Args:
            owner: Only those of this HighLevel user, by id; None takes all.
            is_open: Only those that are not done.
            due_before: Only those due before.
        """
        links = [each for each in self._store.links(Kind.TASK) if each.state in _STANDING]
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
        notes = [
            NoteLine(
                each.id,
                _text(each.base.get("body")),
                author=self.owner_name(each.base.get("author")),
                written_at=_moment(each.base.get("written_at")),
            )
            for each in family
            if each.kind is Kind.NOTE and each.state in _STANDING
        ]
        return sorted(notes, key=lambda each: str(each.written_at or ""), reverse=True)

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
        fields = {each.conflict.field for each in mine}
        others = [each for each in every if each not in mine and each.conflict.field in fields]
        return ConflictCard(
            id=link.id,
            name=_text(link.base.get("name") or link.base.get("title")),
            lines=tuple(
                ConflictLine(
                    each.id,
                    each.conflict.field,
                    highlevel=each.conflict.highlevel,
                    timetonic=each.conflict.timetonic,
                    base=each.conflict.base,
                )
                for each in mine
            ),
            similar=len(others),
            since=min(each.opened_at for each in mine),
        )

    def state(self) -> SyncCard:
        """How the connection is doing."""
        now = self._parts.now()
        runs = self._store.list_runs(200)
        counts = self._store.inbox_counts()
        hourly = self._hourly(now)
        waiting = counts.oldest_pending_at
        return SyncCard(
            connection=self._parts.config.name,
            synced_at=next((r.ended_at for r in runs if r.verdict == "done"), None),
            lag_s=(now - waiting).total_seconds() if waiting else 0.0,
            queued=sum(n for state, n in counts.states.items() if state.value == "pending"),
            failures=sum(
                r.verdict.startswith("failed") and now - r.started_at < timedelta(hours=_HOURS)
                for r in runs
            ),
            conflicts=len(self.conflicts()),
            is_paused=self._store.get_switch().is_paused,
            hourly=hourly,
        )

    def obstacle(self) -> str:
        """Why the connection does not write, in a sentence; empty where it does."""
        leave = may_write(self._parts)
        return "" if leave.is_granted else leave.happened

    def owners(self) -> list[Owner]:
        """HighLevel's users, as they were read last."""
        from toolkit.mapping.context import Owner

        memo: Any = self._store.get_memo("surroundings.highlevel") or {}
        return [Owner(**each) for each in memo.get("users", ())]

    def owner_name(self, owner_id: Value) -> str:
        """A user's name; the id itself where the name is not known."""
        names = {each.id: each.name for each in self.owners()}
        return names.get(str(owner_id), _text(owner_id))

    def tags(self) -> list[str]:
        """Every tag in use, the most used first."""
        counts: Counter[str] = Counter()
        for link in self._store.links(Kind.CONTACT):
            held = link.base.get("tags")
            if link.state in _STANDING and isinstance(held, tuple):
                counts.update(str(each) for each in held)
        return [tag for tag, _ in counts.most_common()]

    def _exact(self, typed: str) -> LinkId | None:
        same = self._index.called(typed)
        return same[0] if len(same) == 1 else None

    def _contact(self, contact: LinkId) -> Link:
        link = self._store.get_link(contact)
        if link is None or link.kind is not Kind.CONTACT:
            raise UseError("There is no such contact", unchanged="Nothing was changed")
        return link

    def _one(self, kind: Kind, typed: str) -> Link:
        found = [
            each
            for each in self._store.links(kind)
            if each.state in _STANDING
            and (each.id.startswith(typed) or typed in {each.highlevel_id, each.timetonic_id})
        ]
        if len(found) == 1 and typed:
            return found[0]
        many = f"{len(found)} {kind}s begin with" if found else f"There is no {kind}"
        raise UseError(f"{many} {typed}", unchanged="Nothing was changed")

    def _lines(self, link: Link) -> tuple[FieldLine, ...]:
        seen = {side: self._seen(link, side) for side in Side}
        names = dict.fromkeys([*link.base, *(name for each in seen.values() for name in each)])
        return tuple(
            FieldLine(name, {side: seen[side][name] for side in Side if name in seen[side]})
            for name in names
        )

    def _seen(self, link: Link, side: Side) -> Mapping[str, Value]:
        record_id = link.id_on(side)
        if record_id is None:
            return {}
        record = self._store.get_observed(side, link.kind, RecordId(record_id))
        return link.shown_on(side) if record is None else record.values

    def _urls(self, link: Link) -> dict[Side, str]:
        """Where HighLevel shows a contact; TimeTonic has no address of a row (read 2026-11)."""
        if link.highlevel_id is None:
            return {}
        location = self._parts.config.highlevel.location_id
        place = f"https://app.gohighlevel.com/v2/location/{location}/contacts/detail"
        return {Side.HIGHLEVEL: f"{place}/{link.highlevel_id}"}

    def _synced_at(self, link: Link) -> datetime | None:
        done = [OutcomeState.DONE]
        newest = self._store.list_journal(link_id=link.id, states=done, limit=1)
        return newest[0].at if newest else None

    def _task_lines(self, links: Iterable[Link]) -> list[TaskLine]:
        now = self._parts.now()
        found = []
        for link in links:
            if link.state not in _STANDING:
                continue
            due_at = _moment(link.base.get("due_at"))
            is_completed = link.base.get("is_completed") is True
            parent = self._store.get_link(link.parent) if link.parent else None
            found.append(
                TaskLine(
                    link.id,
                    _text(link.base.get("title")),
                    due_at=due_at,
                    is_completed=is_completed,
                    is_overdue=bool(due_at and due_at < now and not is_completed),
                    owner=self.owner_name(link.base.get("owner_id")),
                    contact=_text(parent.base.get("name")) if parent else "",
                )
            )
        return sorted(found, key=lambda each: (str(each.due_at or "9999"), each.title))

    def _hourly(self, now: datetime) -> tuple[int, ...]:
        since = now - timedelta(hours=_HOURS)
        counts = [0] * _HOURS
        for at in self._store.list_write_times(since=since):
            counts[min(_HOURS - 1, int((at - since).total_seconds() // 3600))] += 1
        return tuple(counts)


def _hit(link: Link) -> ContactHit:
    return ContactHit(
        link.id,
        _text(link.base.get("name")),
        email=_text(link.base.get("email")),
        phone=_text(link.base.get("phone")),
        sides=frozenset(side for side in Side if link.id_on(side) is not None),
    )


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _moment(value: Value) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None
