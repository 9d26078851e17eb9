"""Small things worth remembering: caches, read stamps, counts of calls."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from toolkit.model.ids import RecordId
from toolkit.model.values import canonical_json
from toolkit.store.schema import calls, memo, note_read
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from toolkit.model.ids import Side


class Memos(Shelf):
    """Keeps JSON under a key, when notes were read, and calls per month."""

    def get_memo(
        self, key: str, *, max_age_s: float | None = None, now: datetime | None = None
    ) -> Any:  # noqa: ANN401 — JSON, validated by who put it there
        """What is kept under a key; None where there is nothing, or nothing young enough.

        Args:
            key: Its name.
            max_age_s: Older ones do not count; None means any age.
            now: None means the store's clock.
        """
        query = select(memo.c.value, memo.c.at).where(
            memo.c.connection == self.name, memo.c.key == key
        )
        with self._transactions.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        value, at = row
        if max_age_s is not None:
            age = (now or self._surroundings.clock()) - at
            if age > timedelta(seconds=max_age_s):
                return None
        return json.loads(value)

    def put_memo(self, key: str, value: object, now: datetime | None = None) -> None:
        """Keep JSON under a key, in place of what was there; never a secret."""
        row = {
            "connection": self.name,
            "key": key,
            "value": canonical_json(value),
            "at": now or self._surroundings.clock(),
        }
        with self._transactions.writing() as connection:
            upsert(connection, memo, [row])

    def get_note_reads(self) -> dict[RecordId, datetime]:
        """HighLevel contact id -> when its notes were last read."""
        query = select(note_read.c.contact_id, note_read.c.notes_read_at).where(
            note_read.c.connection == self.name
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query)
            return {RecordId(contact_id): at for contact_id, at in rows}

    def put_note_reads(self, ids: Iterable[RecordId], at: datetime) -> None:
        """The notes of these contacts were read."""
        rows = [
            {"connection": self.name, "contact_id": contact_id, "notes_read_at": at}
            for contact_id in dict.fromkeys(ids)
        ]
        if not rows:
            return
        with self._transactions.writing() as connection:
            upsert(connection, note_read, rows)

    def add_calls(self, side: Side, month: str, count: int) -> None:
        """Add to a month's calls.

        Args:
            side: Who was called.
            month: `2026-11`, in the vendor's own month.
            count: Calls sent since the last time.
        """
        row = {
            "connection": self.name,
            "side": side.value,
            "month": month,
            "sent": count,
        }
        with self._transactions.writing() as connection:
            upsert(connection, calls, [row], changing=(), adding="sent")

    def calls_in_month(self, side: Side, month: str) -> int:
        """Calls counted for a month such as `2026-11`."""
        query = select(calls.c.sent).where(
            calls.c.connection == self.name,
            calls.c.side == side.value,
            calls.c.month == month,
        )
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0
