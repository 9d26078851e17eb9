"""One change for all contacts that a grid shows, as staged cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.app.bulk.recipe import replace_text
from toolkit.app.grid import StagedCell
from toolkit.errors import UseError

if TYPE_CHECKING:
    from notebooks.widgets.bulk_work import BulkWork
    from toolkit.app.grid import GridColumn, GridQuery
    from toolkit.model.ids import LinkId
    from toolkit.model.values import Value


class BulkEdits:
    """Stages a change for a selection; gives how many cells are staged of it.

    Args:
        work: The bench.
    """

    def __init__(self, work: BulkWork) -> None:
        self._work = work

    def set_column(self, name: str, typed: str, query: GridQuery) -> int:
        """One value for all; an empty text clears.

        Raises:
            UseError: The value does not fit the column, or nobody types into it.
        """
        column = self._editable(name)
        problem = self._work.grid.reader.problem(name, typed)
        if problem:
            raise UseError(f"{column.title}: {problem}", unchanged="Nothing was staged")
        value = self._work.grid.reader.read(name, typed)
        new = self._work.grid.drawn(name, value)
        return self._stage(
            StagedCell(contact, name, old, new, value)
            for contact, old in self._work.grid.pairs(column.field, query)
        )

    def count_replaced(
        self, name: str, find: str, *, query: GridQuery, ignores_case: bool = False
    ) -> int:
        """How many cells hold the text."""
        self._editable(name)
        if not find:
            return 0
        wanted = find.casefold() if ignores_case else find
        return sum(
            wanted in (value.casefold() if ignores_case else value)
            for _, value in self._shown(name, query)
            if isinstance(value, str)
        )

    def replace(
        self, name: str, find: str, into: str, *, query: GridQuery, ignores_case: bool = False
    ) -> int:
        """A part of a text for another one; nothing in it is a pattern.

        Raises:
            UseError: There is nothing to look for, or the column holds no text.
        """
        if not find:
            raise UseError("Say what to look for", unchanged="Nothing was staged")
        column = self._editable(name)
        if column.type not in {"text", "choice"} or column.is_owner:
            raise UseError(f"{column.title} holds no text", unchanged="Nothing was staged")
        return self._stage(
            self._replaced(name, find, into, query=query, ignores_case=ignores_case)
        )

    def edit_tags(self, add: Sequence[str], remove: Sequence[str], query: GridQuery) -> int:
        """Tags that come and go for all.

        Raises:
            UseError: None is named, or no tags are mapped.
        """
        name = next(
            (each.field for each in self._work.grid.columns if each.field == "tags"), ""
        )
        if not name:
            raise UseError("No tags are mapped", unchanged="Nothing was staged")
        come, go = _tags(add), _tags(remove)
        if not come and not go:
            raise UseError("Name a tag", unchanged="Nothing was staged")
        return self._stage(self._tagged(name, come, go, query))

    def _tagged(
        self, name: str, come: Sequence[str], go: Sequence[str], query: GridQuery
    ) -> Iterator[StagedCell]:
        gone = {each.casefold() for each in go}
        for contact, shown in self._shown(name, query):
            held = [str(each) for each in shown] if isinstance(shown, tuple) else []
            kept = [each for each in held if each.casefold() not in gone]
            known = {each.casefold() for each in kept}
            new = tuple(
                sorted([*kept, *(each for each in come if each.casefold() not in known)])
            )
            if set(new) != set(held):
                yield StagedCell(contact, name, shown, new or None, new or None)

    def _replaced(
        self, name: str, find: str, into: str, *, query: GridQuery, ignores_case: bool
    ) -> Iterator[StagedCell]:
        reader, drawn = self._work.grid.reader, self._work.grid.drawn
        for contact, shown in self._shown(name, query):
            if not isinstance(shown, str):
                continue
            new = replace_text(shown, find, into=into, ignores_case=ignores_case)
            if new == shown:
                continue
            try:
                value = reader.read(name, new)
            except UseError as error:
                problem = error.happened.split(": ", 1)[-1]
                yield StagedCell(contact, name, shown, new, problem=problem)
            else:
                yield StagedCell(contact, name, shown, drawn(name, value), value)

    def _shown(self, name: str, query: GridQuery) -> Iterator[tuple[LinkId, Value]]:
        """What the grid shows: staged values lie over stored ones."""
        staged = {
            each.id: each.new for each in self._work.staging.cells() if each.field == name
        }
        for contact, value in self._work.grid.pairs(name, query):
            yield contact, staged.get(contact, value)

    def _editable(self, name: str) -> GridColumn:
        column = self._work.grid.column(name)
        if not column.is_editable:
            raise UseError(
                f"{column.title} cannot be typed into: {column.hint.lower()}",
                unchanged="Nothing was staged",
            )
        if column.objection:
            raise UseError(
                f"{column.title}: {column.objection}", unchanged="Nothing was staged"
            )
        return column

    def _stage(self, cells: Iterator[StagedCell]) -> int:
        staged = self._work.staging.put(cells)
        self._work.tell_staged()
        return staged


def _tags(typed: Sequence[str]) -> list[str]:
    return sorted({" ".join(each.split()) for each in typed} - {""})
