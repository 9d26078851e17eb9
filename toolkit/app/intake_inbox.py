"""The intake's inbox on the store: events of all connections share one commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from toolkit.store.schema_service import IS_PENDING, inbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.app.intake import Addressed
    from toolkit.store import Store


class StoredInbox:
    """An `InboxPort` over the tables of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put_events(self, arrivals: Sequence[Addressed]) -> Sequence[bool]:
        """Keep all or none, on the disk when this returns; which of them are new."""
        return self._store.put_events(arrivals)

    def count_waiting(self) -> int:
        """Pending events, over all connections."""
        # Counted in the partial index alone, so what is done costs nothing.
        query = select(func.count()).select_from(inbox).where(IS_PENDING)
        with self._store.transactions.reading() as connection:
            return connection.scalar(query) or 0
