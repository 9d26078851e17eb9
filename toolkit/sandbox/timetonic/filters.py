"""`filterRowIds`: which rows a read selects, in the four forms seen (reference section 8.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.php import Json, listed, read_ids, whole_number
from toolkit.sandbox.timetonic.rendering import Rendering
from toolkit.sandbox.timetonic.table import Table, collate


class RowFilter:
    """Selects rows of a table; everything selected comes in table order.

    Args:
        table: Whose rows.
        rendering: Turns cells into the text that operands are compared with.
        is_exact: Whether case, accents and trailing blanks matter.
    """

    def __init__(self, table: Table, rendering: Rendering, *, is_exact: bool) -> None:
        self._table = table
        self._rendering = rendering
        self._is_exact = is_exact

    def select(self, given: Json) -> list[int]:
        """The rows that `filterRowIds` names; unknown row ids are passed over.

        Raises:
            RefusalError: An unknown view, field, predicate or operator.
        """
        if given is None or given in ("", []):
            return self._table.row_ids
        if isinstance(given, dict) and "row_ids" in given:
            return self._known(given["row_ids"])
        if isinstance(given, dict) and "applyViewFilters" in given:
            return self._by_view(given["applyViewFilters"])
        return self._known(given)

    def _known(self, given: Json) -> list[int]:
        order_of = self._table.order_of
        return sorted(
            {row_id for row_id in read_ids(given) if row_id in order_of},
            key=order_of.__getitem__,
        )

    def _by_view(self, given: Json) -> list[int]:
        if not isinstance(given, dict):
            view = self._table.views.get(whole_number(given))
            if view is None:
                raise RefusalError("unknown_view", whole_number(given))
            return self.by_group(view.filter_group)
        group = given.get("filterGroup")
        return self.by_group(group if isinstance(group, dict) else None)

    def by_group(self, group: Mapping[str, object] | None) -> list[int]:
        """The rows that pass a filter group; None lets all pass."""
        if group is None:
            return self._table.row_ids
        filters: list[Json] = listed(group.get("filters"))  # type: ignore[arg-type]
        operator = str(group.get("operator", "and")).lower()
        if operator not in {"and", "or"}:
            raise RefusalError("bad_filter")
        if not filters:
            return self._table.row_ids
        sets = [set(self._by_condition(each)) for each in filters]
        combine: Callable[..., set[int]] = set.intersection if operator == "and" else set.union
        return sorted(combine(*sets), key=self._table.order_of.__getitem__)

    def _by_condition(self, condition: Json) -> list[int]:
        if not isinstance(condition, dict):
            raise RefusalError("bad_filter")
        if "filters" in condition:
            return self.by_group(condition)
        test = condition.get("json")
        # `is` is the only predicate anybody has published.
        if not isinstance(test, dict) or test.get("predicate") != "is":
            raise RefusalError("bad_filter")
        field_id = whole_number(condition.get("field_id"))
        column = self._table.fields.get(field_id)
        if column is None:
            raise RefusalError("unknown_field", field_id)
        operand = test.get("operand")
        wanted = "" if operand is None else str(operand)
        if column.is_text and wanted:
            return self._table.find(field_id, wanted, is_exact=self._is_exact)
        cells = self._table.columns[field_id]
        return [
            row_id
            for row_id in self._table.row_ids
            if self._same(self._rendering.as_text(column, cells.get(row_id)), wanted)
        ]

    def _same(self, text: str, wanted: str) -> bool:
        return text == wanted if self._is_exact else collate(text) == collate(wanted)
