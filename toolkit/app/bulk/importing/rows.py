"""A file's rows as values of fields, each cell read as if somebody typed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from toolkit.app.bulk.importing.columns import IDS
from toolkit.app.bulk.importing.notes import NoteState
from toolkit.app.bulk.importing.sheet import Sheet, SheetRow, looks_like_formula
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.app.grid.checking import CellReader
    from toolkit.model.values import Value

    Note = Callable[[int, NoteState, str, str], None]

_REMEMBERED: Final = 20_000


@dataclass(slots=True)
class ReadRow:
    """One row.

    Attributes:
        ids: Given ids, by name of `IDS`.
        values: Field -> value; a blank cell is absent, unless it shall clear.
        problems: Cells that were refused.
        is_refused: The whole row is.
    """

    line: int
    ids: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    problems: int = 0
    is_refused: bool = False


class Rows:
    """Reads the rows of a sheet.

    Args:
        sheet: The file.
        columns: Place, heading and field of each column that is imported.
        reader: Reads what people type.
        clears_blanks: A blank cell clears its field.
    """

    def __init__(
        self,
        sheet: Sheet,
        columns: Sequence[tuple[int, str, str]],
        *,
        reader: CellReader,
        clears_blanks: bool,
    ) -> None:
        self._sheet = sheet
        self._ids = [(at, name) for at, _, name in columns if name in IDS]
        self._fields = [each for each in columns if each[2] not in IDS]
        self._reader = reader
        self._clears_blanks = clears_blanks
        self._seen: dict[tuple[str, str], Value | UseError] = {}

    def read(self, note: Note) -> Iterator[ReadRow]:
        """Rows in the file's order; what is wrong with them is noted on the way.

        Raises:
            UseError: A line of the file cannot be read at all.
        """
        for row in self._sheet.read():
            found = ReadRow(row.line, {name: row.cells[at] for at, name in self._ids})
            if row.extra:
                reason = f"it has {row.extra} cells more than there are headings"
                note(row.line, NoteState.REFUSED, reason, "")
                found.is_refused = True
            else:
                self._read_cells(row, found, note)
            yield found

    def _read_cells(self, row: SheetRow, found: ReadRow, note: Note) -> None:
        for at, heading, name in self._fields:
            text = row.cells[at]
            if not text:
                if self._clears_blanks:
                    found.values[name] = None
                continue
            if at in row.broken:
                note(row.line, NoteState.REFUSED, "the cell holds an error", heading)
                found.problems += 1
                continue
            value = self._value(name, text)
            if isinstance(value, UseError):
                reason = value.happened.split(": ", 1)[-1]
                note(row.line, NoteState.REFUSED, reason, heading)
                found.problems += 1
                continue
            if looks_like_formula(text):
                reason = "it looks like a formula; it stays text"
                note(row.line, NoteState.FLAGGED, reason, heading)
            found.values[name] = value

    def _value(self, name: str, text: str) -> Value | UseError:
        # Columns repeat their values; e-mails do not, so what is remembered stays small.
        key = (name, text)
        if key in self._seen:
            return self._seen[key]
        try:
            value: Value | UseError = self._reader.read(name, text)
        except UseError as error:
            value = error
        if len(self._seen) < _REMEMBERED:
            self._seen[key] = value
        return value


def check_columns(
    columns: Sequence[tuple[int, str, str]], editable: Mapping[str, bool]
) -> None:
    """Whether a file can be imported so.

    Raises:
        UseError: A field is given twice, or is none that may be typed into.
    """
    seen: dict[str, str] = {}
    for _, heading, name in columns:
        if name not in IDS and not editable.get(name, False):
            raise UseError(
                f"`{name}` is not a field that can be imported",
                unchanged="Nothing was read",
                remedy="Use one of " + ", ".join(sorted(n for n, ok in editable.items() if ok)),
            )
        if name in seen:
            raise UseError(
                f"The columns {seen[name]!r} and {heading!r} are both `{name}`",
                unchanged="Nothing was read",
                remedy="Leave one of them out",
            )
        seen[name] = heading
    if not columns:
        raise UseError(
            "No column of the file fits a field",
            unchanged="Nothing was read",
            remedy="Say which: --column 'Heading=field'",
        )
