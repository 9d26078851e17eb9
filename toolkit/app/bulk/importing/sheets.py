"""Opens a file of people, whatever it is."""

from __future__ import annotations

from pathlib import Path

from toolkit.app.bulk.importing.csv_sheet import open_csv
from toolkit.app.bulk.importing.sheet import Sheet
from toolkit.app.bulk.importing.xlsx_sheet import open_xlsx
from toolkit.errors import UseError

_TEXT = frozenset({".csv", ".tsv", ".txt"})
_BOOK = frozenset({".xlsx", ".xlsm"})


def open_sheet(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Sheet:
    """A file as a sheet, by the ending of its name.

    Args:
        path: CSV (`.csv`, `.tsv`, `.txt`) or a workbook (`.xlsx`, `.xlsm`).
        encoding: Of a CSV file; None finds it out.
        delimiter: Of a CSV file; None finds it out.
        sheet: Of a workbook; None takes the first one.

    Raises:
        UseError: It cannot be read; the sentence says what and where.
    """
    ending = path.suffix.lower()
    if ending not in _TEXT | _BOOK:
        raise UseError(
            f"{path.name} is neither CSV nor XLSX",
            unchanged="Nothing was read",
            remedy="Save it as one of them",
        )
    try:
        if ending in _BOOK:
            return open_xlsx(path, sheet=sheet)
        return open_csv(path, encoding=encoding, delimiter=delimiter)
    except OSError as error:
        raise UseError(
            f"{path.name} cannot be read: {error.strerror or 'the disk failed'}",
            unchanged="Nothing was read",
        ) from error
