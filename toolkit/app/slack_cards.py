"""Records as front ends show them, from the stored pairs: no call is made to look at them.

A pair holds what each side was seen to show when it was handled last, so a card is as old
as the last run; it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from toolkit.app.contact_index import STANDING, ContactIndex
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
from toolkit.model.ids import Kind, Side
from toolkit.model.links import Link
from toolkit.store import InboxState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from toolkit.model.ids import ConnectionName, LinkId
    from toolkit.model.values import Value
    from toolkit.store import ConnectionStore, Store

_SHORT: Final = 8
_TASKS_ON_CARD: Final = 3


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which open tasks.

    Attributes:
        owner_id: Of this HighLevel user; empty for anybody's.
        is_overdue: Only those that are late.
        before: Only those due before this moment; None for any.
        contact: A contact's id, e-mail or phone; empty for any.
    """

    owner_id: str = ""
    is_overdue: bool = False
    before: datetime | None = None
    contact: str = ""


class CardReader:
    """Reads cards of the connections a person may see.

    Args:
        store: Of the home.
        connections: Their names, in the order they are searched.
        clock: Now, aware: what is overdue depends on it.
    """

    def __init__(
        self,
        store: Store,
        connections: Iterable[ConnectionName],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._memories = [store.connection(name) for name in connections]
        self._indexes = [ContactIndex(each, now=clock) for each in self._memories]
        self._clock = clock

    def find(self, text: str, *, limit: int = 50) -> tuple[list[ContactHit], int]:
        """Contacts with this text in name, e-mail, phone or company, and how many in all."""
        found = [
            (memory, link_id)
            for memory, index in zip(self._memories, self._indexes, strict=True)
            for link_id in index.search(text)
        ]
        links = (memory.get_link(link_id) for memory, link_id in found[:limit])
        return [_hit(link) for link in links if link is not None], len(found)

    def card(self, named: str) -> ContactCard | None:
        """The contact that is meant by an id, an e-mail or a phone; None for nobody."""
        meant = self._find_contact(named)
        if meant is None:
            return None
        memory, link = meant
        tasks = [each for each in _children(memory, link, Kind.TASK) if _is_open(each)]
        conflicts = [c for c in memory.list_conflicts() if c.conflict.link_id == link.id]
        owners = _owners(memory)
        lines = [self._task(each, _name(link), owners) for each in tasks]
        return ContactCard(
            id=link.id[:_SHORT],
            connection=memory.name,
            name=_name(link),
            lines=_lines(link, owners),
            synced_at=_last_end(memory),
            tasks=tuple(sorted(lines, key=_by_due)[:_TASKS_ON_CARD]),
            open_tasks=len(tasks),
            conflicts=len(conflicts),
        )

    def tasks(self, query: TaskQuery, *, limit: int = 50) -> tuple[list[TaskLine], int]:
        """Open tasks, the first due first, and how many in all."""
        meant = self._find_contact(query.contact) if query.contact else None
        if query.contact and meant is None:
            return [], 0
        parent = meant[1].id if meant else None
        found = sorted(self._tasks(query, parent), key=_by_due)
        return found[:limit], len(found)

    def notes(self, named: str, *, limit: int = 15) -> tuple[str, list[NoteLine], int] | None:
        """A contact's name, its newest notes and how many in all; None for nobody."""
        meant = self._find_contact(named)
        if meant is None:
            return None
        memory, link = meant
        found = [_note(each) for each in _children(memory, link, Kind.NOTE)]
        found.sort(key=lambda note: note.written_at or _LONG_AGO, reverse=True)
        return _name(link), found[:limit], len(found)

    def conflicts(self) -> list[ConflictCard]:
        """Fields that wait for a person, by record, the oldest first."""
        return [card for memory in self._memories for card in _conflicts(memory)]

    def states(self) -> tuple[SyncCard, ...]:
        """How each connection is doing."""
        return tuple(self._state(memory) for memory in self._memories)

    def _state(self, memory: ConnectionStore) -> SyncCard:
        inbox = memory.inbox_counts()
        oldest = inbox.oldest_pending_at
        lag_s = (self._clock() - oldest).total_seconds() if oldest else 0.0
        return SyncCard(
            connection=memory.name,
            synced_at=_last_end(memory),
            lag_s=max(0.0, lag_s),
            queued=inbox.states[InboxState.PENDING],
            failures=inbox.states[InboxState.FAILED],
            conflicts=len(memory.list_conflicts()),
            is_paused=memory.get_switch().is_paused,
        )

    def _find_contact(self, named: str) -> tuple[ConnectionStore, Link] | None:
        meant = [
            (memory, link_id)
            for memory, index in zip(self._memories, self._indexes, strict=True)
            for link_id in index.named(named)
        ]
        # Two that begin alike are nobody: a guess could be written to.
        if len(meant) != 1:
            return None
        memory, link_id = meant[0]
        link = memory.get_link(link_id)
        return (memory, link) if link is not None else None

    def _tasks(self, query: TaskQuery, parent: LinkId | None) -> Iterator[TaskLine]:
        for memory in self._memories:
            names = {link.id: _name(link) for link in memory.links(Kind.CONTACT, STANDING)}
            owners = _owners(memory)
            for link in memory.links(Kind.TASK, STANDING):
                line = self._task(link, names.get(link.parent or link.id, ""), owners)
                if _is_open(link) and _is_asked(query, line, link, parent):
                    yield line

    def _task(self, link: Link, contact: str, owners: Mapping[str, str]) -> TaskLine:
        due_at = _moment(link.base.get("due_at"))
        is_completed = link.base.get("is_completed") is True
        return TaskLine(
            id=link.id[:_SHORT],
            title=_text(link.base.get("title")),
            due_at=due_at,
            is_completed=is_completed,
            is_overdue=due_at is not None and due_at < self._clock() and not is_completed,
            owner=_shown_owner(link.base.get("owner_id"), owners),
            contact=contact,
        )


_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_LATE: Final = datetime.max.replace(tzinfo=UTC)


def _is_asked(query: TaskQuery, line: TaskLine, link: Link, parent: LinkId | None) -> bool:
    is_due = query.before is None or (line.due_at is not None and line.due_at < query.before)
    return (
        is_due
        and (not query.owner_id or link.base.get("owner_id") == query.owner_id)
        and (not query.is_overdue or line.is_overdue)
        and (parent is None or link.parent == parent)
    )


def _by_due(line: TaskLine) -> tuple[datetime, str]:
    return line.due_at or _LATE, line.id


def _hit(link: Link) -> ContactHit:
    sides = frozenset(side for side in Side if link.id_on(side) is not None)
    email, phone = _text(link.base.get("email")), _text(link.base.get("phone"))
    return ContactHit(link.id[:_SHORT], _name(link), email, phone, sides)


def _owners(memory: ConnectionStore) -> dict[str, str]:
    """HighLevel user id -> name, as read last."""
    known = memory.get_memo("surroundings.highlevel") or {}
    return {each["id"]: each["name"] for each in known.get("users", ())}


def _shown_owner(owner_id: Value, owners: Mapping[str, str]) -> str:
    """People read names; an id nobody knows is better than nothing."""
    id_ = _text(owner_id)
    return owners.get(id_) or id_


def _lines(link: Link, owners: Mapping[str, str]) -> tuple[FieldLine, ...]:
    shown = {side: link.shown_on(side) for side in Side if link.id_on(side) is not None}
    for values in shown.values():
        if values.get("owner_id") is not None:
            values["owner_id"] = _shown_owner(values["owner_id"], owners)
    names = dict.fromkeys(name for values in shown.values() for name in values)
    return tuple(
        FieldLine(
            name, {side: values[name] for side, values in shown.items() if name in values}
        )
        for name in names
    )


def _children(memory: ConnectionStore, link: Link, kind: Kind) -> list[Link]:
    family = memory.family_links([link.id])
    return [each for each in family if each.kind is kind and each.state in STANDING]


def _is_open(link: Link) -> bool:
    return link.base.get("is_completed") is not True


def _note(link: Link) -> NoteLine:
    written_at = _moment(link.base.get("written_at"))
    body, author = _text(link.base.get("body")), _text(link.base.get("author"))
    return NoteLine(link.id[:_SHORT], body, author, written_at)


def _conflicts(memory: ConnectionStore) -> list[ConflictCard]:
    entries = memory.list_conflicts()
    by_link: dict[LinkId, list[ConflictLine]] = {}
    for entry in entries:
        each = entry.conflict
        line = ConflictLine(entry.id, each.field, each.highlevel, each.timetonic, each.base)
        by_link.setdefault(each.link_id, []).append(line)
    opened = {entry.conflict.link_id: entry.opened_at for entry in reversed(entries)}
    cards = []
    for link_id, lines in by_link.items():
        link = memory.get_link(link_id)
        name = _name(link) if link else ""
        fields = {line.field for line in lines}
        similar = sum(e.conflict.field in fields for e in entries) - len(lines)
        cards.append(
            ConflictCard(
                link_id[:_SHORT], name, tuple(lines), similar=similar, since=opened[link_id]
            )
        )
    return cards


def _name(link: Link) -> str:
    for field in ("name", "email", "phone", "title"):
        if text := _text(link.base.get(field)):
            return text
    return ""


def _last_end(memory: ConnectionStore) -> datetime | None:
    return next((run.ended_at for run in memory.list_runs(5) if run.ended_at), None)


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _moment(value: Value) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(value)) if value else None
    except ValueError:
        return None
