"""Tables of our own in the book: the archive, and the figures of each day.

Their rows stand in TimeTonic only. A book need not have them, nor every column: what is
missing is left out (`toolkit.sides.timetonic`), the key column excepted.
"""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.mapping.spec import FieldMapping, FieldType, KindMapping
from toolkit.model.ids import Kind
from toolkit.model.policy import Direction


def _field(name: str, type_name: FieldType, column: str) -> FieldMapping:
    return FieldMapping(name, type_name, timetonic=column, direction=Direction.TO_TIMETONIC)


_ARCHIVE = KindMapping(
    kind=Kind.ARCHIVE,
    table="Archive",
    direction=Direction.TO_TIMETONIC,
    parent_column=None,
    id_column=None,
    fields=(
        _field("name", "text", "Name"),
        _field("email", "text", "Email"),
        _field("archived_at", "datetime", "Archived at"),
        _field("reason", "text", "Reason"),
        # Where the contact stands, and who asked; its data stay where they are.
        _field("record", "longtext", "Record"),
        _field("highlevel_id", "text", "HighLevel id"),
    ),
)

_METRIC = KindMapping(
    kind=Kind.METRIC,
    table="Metrics",
    direction=Direction.TO_TIMETONIC,
    parent_column=None,
    id_column=None,
    fields=(
        _field("day", "date", "Day"),
        _field("connection", "text", "Connection"),
        _field("total_contacts", "number", "Total contacts"),
        _field("new_contacts", "number", "New contacts"),
        _field("won_contacts", "number", "Won contacts"),
        _field("total_tasks", "number", "Total tasks"),
        _field("open_tasks", "number", "Open tasks"),
        _field("overdue_tasks", "number", "Overdue tasks"),
        _field("completed_tasks", "number", "Completed tasks"),
        _field("notes", "number", "Notes"),
        _field("appointments", "number", "Appointments"),
        _field("conflicts", "number", "Conflicts"),
        _field("failures", "number", "Failures"),
        _field("api_calls", "number", "API calls"),
        _field("sync_duration_s", "number", "Sync duration"),
    ),
)


def own_tables() -> Mapping[Kind, KindMapping]:
    """The archive and the figures, under the names a new book has for them."""
    return {each.kind: each for each in (_ARCHIVE, _METRIC)}
