"""HighLevel contacts that are gone and still linger in the search index.

The index shows a deletion after seconds (seen by others, read 2026-11). Once the pair of
such a contact has another record, or was taken back, its row would look like a new contact
and be created across.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Delete
from toolkit.model.records import Listing
from toolkit.store import ConnectionStore

LINGER = timedelta(minutes=10)
"""Generous: after this long a contact of that id has been restored by a person."""
_MEMO = "ghosts.contact"


class Ghosts:
    """Remembers who went away; what is older than `LINGER` is forgotten."""

    def __init__(self, store: ConnectionStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def add(self, ids: Iterable[RecordId]) -> None:
        """These contacts are gone as of now."""
        new: dict[str, str] = dict.fromkeys(ids, self._now().isoformat())
        if new:
            self._store.put_memo(_MEMO, {**self._recent(), **new})

    def add_deleted(self, outcomes: Iterable[Outcome]) -> None:
        """The contacts that a run deleted."""
        self.add(
            each.operation.id
            for each in outcomes
            if each.state is OutcomeState.DONE
            and isinstance(each.operation, Delete)
            and (each.operation.side, each.operation.kind) == (Side.HIGHLEVEL, Kind.CONTACT)
            and each.operation.mode == "delete"
        )

    def lay(self, listing: Listing) -> Listing:
        """The listing without those who went away just now."""
        recent = self._recent()
        if not recent.keys() & listing.records.keys():
            return listing
        alive = {i: record for i, record in listing.records.items() if i not in recent}
        return replace(listing, records=alive)

    def _recent(self) -> dict[str, str]:
        oldest = (self._now() - LINGER).isoformat()
        return {i: at for i, at in (self._store.get_memo(_MEMO) or {}).items() if at > oldest}
