"""Several connections as one, for front ends that do not ask people which they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.app.front_lines import by_due

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from toolkit.app.front_reading import FrontReading
    from toolkit.model.cards import (
        ConflictCard,
        ContactCard,
        ContactHit,
        FieldManner,
        NoteLine,
        SyncCard,
        TaskLine,
    )
    from toolkit.model.ids import ConnectionName, LinkId


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


class FrontReadings:
    """Reads all connections that people may see. Synchronous; safe from any thread.

    Args:
        readings: One a connection, in the order they are searched.
    """

    def __init__(self, readings: Iterable[FrontReading]) -> None:
        self._readings = (*readings,)

    @property
    def names(self) -> tuple[ConnectionName, ...]:
        """The connections."""
        return tuple(each.name for each in self._readings)

    def manners(self, connection: str) -> dict[str, FieldManner]:
        """How each field of a contact of this connection is asked for; empty for an unknown one."""
        known = (each.manners() for each in self._readings if each.name == connection)
        return next(known, {})

    def find(self, text: str, *, limit: int = 50) -> tuple[list[ContactHit], int]:
        """Contacts with these words in name, e-mail, phone or company, and how many in all."""
        found = [each.search(text, limit=limit) for each in self._readings]
        hits = [hit for each in found for hit in each.hits]
        return hits[:limit], sum(each.total for each in found)

    def card(self, named: str) -> ContactCard | None:
        """The contact that is meant by an id, an e-mail or a phone; None for nobody."""
        meant = self._meant(named)
        return None if meant is None else meant[0].card(meant[1])

    def tasks(self, query: TaskQuery, *, limit: int = 50) -> tuple[list[TaskLine], int]:
        """Open tasks, the first due first, and how many in all."""
        meant = self._meant(query.contact) if query.contact else None
        if query.contact and meant is None:
            return [], 0
        asked = self._readings if meant is None else (meant[0],)
        lines = [
            line
            for reading in asked
            for line in reading.tasks(
                owner=query.owner_id or None,
                due_before=query.before,
                contact=meant[1] if meant else None,
            )
            if line.is_overdue or not query.is_overdue
        ]
        return sorted(lines, key=by_due)[:limit], len(lines)

    def notes(self, named: str, *, limit: int = 15) -> tuple[str, list[NoteLine], int] | None:
        """A contact's name, its newest notes and how many in all; None for nobody."""
        meant = self._meant(named)
        if meant is None:
            return None
        reading, contact = meant
        found = reading.notes_of(contact)
        return reading.card(contact).name, found[:limit], len(found)

    def conflicts(self) -> list[ConflictCard]:
        """Fields that wait for a person, by record, the oldest first."""
        return [card for each in self._readings for card in each.conflict_cards()]

    def states(self) -> tuple[SyncCard, ...]:
        """How each connection is doing."""
        return tuple(each.state() for each in self._readings)

    def _meant(self, named: str) -> tuple[FrontReading, LinkId] | None:
        meant = [(each, link_id) for each in self._readings for link_id in each.named(named)]
        # Two that begin alike are nobody: a guess could be written to.
        return meant[0] if len(meant) == 1 else None
