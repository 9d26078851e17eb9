"""Which rows to read: the four forms `filterRowIds` is known to take.

Sources: the official wrapper's history, the n8n node and a production client, read 2026-11.
The only predicate ever seen is `is`; whether it minds case is unknown, so callers compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ByIds:
    """These rows, as a plain list of ids."""

    row_ids: tuple[int, ...]

    def as_argument(self) -> object:
        """The value of `filterRowIds`."""
        return list(self.row_ids)


@dataclass(frozen=True, slots=True)
class ByRowIds:
    """These rows, in the `row_ids` form of the Pipedream component."""

    row_ids: tuple[int, ...]

    def as_argument(self) -> object:
        """The value of `filterRowIds`."""
        return {"row_ids": list(self.row_ids)}


@dataclass(frozen=True, slots=True)
class ByView:
    """The rows a saved view shows."""

    view_id: int

    def as_argument(self) -> object:
        """The value of `filterRowIds`."""
        return {"applyViewFilters": self.view_id}


@dataclass(frozen=True, slots=True)
class Condition:
    """One field compared with a text.

    Args:
        field_id: The field; ids are global, so it also names the table.
        operand: What to compare with, as the cell shows it.
        predicate: `is`; others are not published.
        filter_type: `text` in the official wrapper.
    """

    field_id: int
    operand: str
    predicate: str = "is"
    filter_type: str = "text"


@dataclass(frozen=True, slots=True)
class Where:
    """The rows for which every condition holds; `or` has not been seen on the wire."""

    conditions: tuple[Condition, ...]

    def as_argument(self) -> object:
        """The value of `filterRowIds`."""
        filters = [
            {
                "id": f"tmp{place}",
                "field_id": condition.field_id,
                "filter_type": condition.filter_type,
                "json": {"predicate": condition.predicate, "operand": condition.operand},
            }
            for place, condition in enumerate(self.conditions)
        ]
        return {"applyViewFilters": {"filterGroup": {"operator": "and", "filters": filters}}}


RowFilter: TypeAlias = ByIds | ByRowIds | ByView | Where
