"""What people typed and nobody sent yet: old value, new value, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from toolkit.errors import UseError
from toolkit.model.automation import EditTags, SetFields
from toolkit.model.ids import Kind, LinkId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from toolkit.app.grid.query import GridQuery
    from toolkit.app.grid.source import GridRow, GridSource
    from toolkit.model.automation import Effect
    from toolkit.model.values import Value

MOST_CELLS: Final = 50_000
"""Of one paste; reading so many takes some seconds."""
MOST_STAGED: Final = 100_000
"""At a time; as many as a batch holds."""
_STEPS: Final = 50
_PAGE: Final = 500
_TAGS: Final = "tags"
CellKey = tuple[LinkId, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into one cell; an empty text clears it."""

    id: LinkId
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class StagedCell:
    """One cell that shall change.

    Attributes:
        old: As the store had it when it was typed, people by name.
        new: As it will be shown; what was typed where that does not fit.
        value: What will be written; None clears, and where `problem` is set.
        problem: Why it cannot be written, in a clause; empty where it can.
    """

    id: LinkId
    field: str
    old: Value
    new: Value
    value: Value = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Gesture:
    """What one act of typing or pasting did.

    Attributes:
        cells: Cells that are staged now, or no longer (`new` equals `old`).
        skipped: Cells outside of the grid, of columns nobody types into, or of contacts
            that are gone.
    """

    cells: tuple[StagedCell, ...]
    skipped: int = 0


_Step = dict[CellKey, "StagedCell | None"]


class Staging:
    """Staged cells of one grid. Nothing here is written; `effects` hands it on."""

    def __init__(self, source: GridSource) -> None:
        self._source = source
        self._cells: dict[CellKey, StagedCell] = {}
        self._done: list[_Step] = []
        self._undone: list[_Step] = []

    def __len__(self) -> int:
        return len(self._cells)

    @property
    def problems(self) -> int:
        """How many staged cells cannot be written as they are."""
        return sum(bool(each.problem) for each in self.cells())

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done)

    def cells(self) -> list[StagedCell]:
        """All staged cells, in the order they were typed."""
        return list(self._cells.values())

    def of(self, link_id: LinkId) -> dict[str, StagedCell]:
        """Staged cells of one contact, by field."""
        names = (each.field for each in self._source.columns)
        keys = ((link_id, name) for name in names)
        return {key[1]: self._cells[key] for key in keys if key in self._cells}

    def type(self, typed: Sequence[Typed]) -> Gesture:
        """Stage some cells as one step that `undo_typing` takes back.

        A cell that is given its old value again is no longer staged.

        Raises:
            UseError: Too many cells at once; none is staged.
        """
        if len(typed) > MOST_CELLS:
            raise UseError(
                f"That is more than {MOST_CELLS:,} cells at once",
                unchanged="Nothing was staged",
                remedy="Paste it in parts, or import it as a file",
            )
        wanted = [each for each in typed if self._is_editable(each.field)]
        found = self._read_all(wanted)
        self._step({(each.id, each.field): _or_none(each) for each in found})
        return Gesture(tuple(found), len(typed) - len(found))

    def put(self, cells: Iterable[StagedCell]) -> int:
        """Stage cells that were read already, as one step; gives how many are staged of them.

        A cell that is staged keeps its first old value; one that gets that again is dropped.

        Raises:
            UseError: More than a batch holds would be staged; none is.
        """
        step: dict[CellKey, StagedCell | None] = {}
        for each in cells:
            key = (each.id, each.field)
            first = self._cells.get(key)
            step[key] = _or_none(each if first is None else replace(each, old=first.old))
        if len(self._cells.keys() | step.keys()) > MOST_STAGED:
            raise UseError(
                f"That is more than {MOST_STAGED:,} staged cells",
                unchanged="Nothing was staged",
                remedy="Apply what is staged first, or filter further",
            )
        if step:
            self._step(step)
        return sum(each is not None for each in step.values())

    def hand_on(self, cells: Iterable[StagedCell]) -> None:
        """Forget cells that a batch keeps from here on; those typed again since stay.

        Typing cannot be undone past this.
        """
        for each in cells:
            if self._cells.get((each.id, each.field)) == each:
                del self._cells[each.id, each.field]
        self._done.clear()
        self._undone.clear()

    def paste(
        self,
        block: Sequence[Sequence[str]],
        *,
        start: int,
        fields: Sequence[str],
        query: GridQuery | None = None,
    ) -> Gesture:
        """Stage a block of cells over the rows of a view, also those nobody looked at yet.

        Args:
            block: Rows of texts, as a spreadsheet copies them.
            start: Row of the view its first row falls on.
            fields: Columns its cells fall on, left to right.
            query: The view.

        Raises:
            UseError: As in `type`.
        """
        cells = sum(map(len, block))
        ids = self._source.ids(query)[start : start + len(block)]
        typed = [
            Typed(link_id, name, text)
            for link_id, line in zip(ids, block, strict=False)
            for name, text in zip(fields, line, strict=False)
        ]
        gesture = self.type(typed)
        return Gesture(gesture.cells, cells - len(gesture.cells))

    def drop(self, keys: Iterable[CellKey] | None = None) -> list[CellKey]:
        """Unstage cells, or all of them, as one step; gives those that were staged."""
        chosen = (
            list(self._cells) if keys is None else [key for key in keys if key in self._cells]
        )
        if chosen:
            self._step(dict.fromkeys(chosen))
        return chosen

    def undo_typing(self) -> list[CellKey]:
        """Take the last step back; gives the cells it was about, none where there is none."""
        return self._swap(self._done, self._undone)

    def redo_typing(self) -> list[CellKey]:
        """Do again what was taken back last."""
        return self._swap(self._undone, self._done)

    def effects(self) -> list[Effect]:
        """What the cells without a problem come to, for `Connection.preview_effects`."""
        values: dict[LinkId, dict[str, Value]] = {}
        effects: list[Effect] = []
        for each in self._cells.values():
            if each.problem:
                continue
            if each.field == _TAGS:
                effects.append(_tags(each))
            else:
                values.setdefault(each.id, {})[each.field] = each.value
        sets = (SetFields(link_id, Kind.CONTACT, new) for link_id, new in values.items())
        return [*sets, *effects]

    def _is_editable(self, name: str) -> bool:
        return any(each.field == name and each.is_editable for each in self._source.columns)

    def _read_all(self, typed: Sequence[Typed]) -> list[StagedCell]:
        """A page of contacts at a time: whole contacts are large, and cells are few of it."""
        by_id: dict[LinkId, list[Typed]] = {}
        for each in typed:
            by_id.setdefault(each.id, []).append(each)
        ids, found = list(by_id), list[StagedCell]()
        for start in range(0, len(ids), _PAGE):
            for row in self._source.find(ids[start : start + _PAGE]):
                found.extend(self._read(row, each) for each in by_id[row.id])
        return found

    def _read(self, row: GridRow, typed: Typed) -> StagedCell:
        old = row.values.get(typed.field)
        if problem := self._source.column(typed.field).objection:
            return StagedCell(row.id, typed.field, old, typed.text, problem=problem)
        try:
            value = self._source.reader.read(typed.field, typed.text)
        except UseError as error:
            problem = error.happened.split(": ", 1)[-1]
            return StagedCell(row.id, typed.field, old, typed.text, problem=problem)
        drawn = self._source.drawn(typed.field, value)
        return StagedCell(row.id, typed.field, old, drawn, value)

    def _step(self, step: Mapping[CellKey, StagedCell | None]) -> None:
        self._done.append(self._put(step))
        del self._done[:-_STEPS]
        self._undone.clear()

    def _swap(self, taken: list[_Step], given: list[_Step]) -> list[CellKey]:
        if not taken:
            return []
        step = taken.pop()
        given.append(self._put(step))
        return list(step)

    def _put(self, step: Mapping[CellKey, StagedCell | None]) -> _Step:
        before: _Step = {key: self._cells.get(key) for key in step}
        for key, cell in step.items():
            if cell is None:
                self._cells.pop(key, None)
            else:
                self._cells[key] = cell
        return before


def _or_none(cell: StagedCell) -> StagedCell | None:
    # A text that does not fit may still be what stood there: nothing changes then.
    return None if cell.new == cell.old else cell


def _tags(cell: StagedCell) -> EditTags:
    """Only what was added and taken away: tags that others put there meanwhile stay."""
    old = set(cell.old) if isinstance(cell.old, tuple) else set()
    new = set(cell.value) if isinstance(cell.value, tuple) else set()
    return EditTags(cell.id, add=tuple(sorted(new - old)), remove=tuple(sorted(old - new)))
