"""Reads XLSX files a row at a time. Formulas are never worked out: their stored values count."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.bulk.importing.sheet import Sheet, SheetRow, fitted, unique_headings
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNREAD: Final = "Nothing was read"
_LARGEST_BYTES: Final = 2_000_000_000
"""Of one part when unpacked; more than that is no list of people."""
_CHUNK: Final = 1 << 20
_UNVALUED: Final = re.compile(rb"</f>(?:<v ?/>|<v></v>)?</c>")
_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)


def open_xlsx(path: Path, *, sheet: str | None = None) -> Sheet:
    """One sheet of a workbook.

    Args:
        path: The file.
        sheet: Its name; None takes the first one.

    Raises:
        UseError: It is no workbook, or has no such sheet.
        OSError: The file cannot be read.
    """
    unvalued = _check_package(path)
    with closing(_load(path)) as book:
        names = [each.title for each in book.worksheets]
        chosen = _choose(names, sheet)
        given = next(_rows(book[chosen]), (0, ()))[1]
    headings, repeated = unique_headings([_text(each) for each in given])
    others = [each for each in names if each != chosen]
    told = []
    if others and sheet is None:
        told.append(f"Read the sheet {chosen!r}; there are {len(others)} more: say --sheet.")

    if unvalued:
        told.append(
            f"{unvalued:,} formulas hold no value and count as blank: open the file in the "
            "spreadsheet and save it."
        )

    def rows() -> Iterator[SheetRow]:
        with closing(_load(path)) as opened:
            found = _rows(opened[chosen])
            next(found, None)
            for line, values in found:
                row = _row(line, values, len(headings))
                if row is not None:
                    yield row

    size = path.stat().st_size
    return Sheet(path.name, headings, repeated, tuple(told), size, rows)


def _load(path: Path) -> Any:  # noqa: ANN401 — openpyxl brings no types
    try:
        import openpyxl  # type: ignore[import-untyped]
    except ImportError as error:
        raise UseError(
            "XLSX files need openpyxl, which is not installed",
            unchanged=_UNREAD,
            remedy="pip install 'hightonic[notebooks]', or save the file as CSV",
        ) from error
    # It tells of styles and extensions it leaves out, which nobody asked for here.
    warnings.filterwarnings("ignore", module=r"openpyxl\.")
    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except OSError:
        raise
    except Exception as error:  # a damaged workbook fails in a dozen ways
        raise _no_workbook(path) from error


def _check_package(path: Path) -> int:
    """How many formulas of the workbook, a ZIP of parts, hold no value.

    One that unpacks to gigabytes is not read.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if max((each.file_size for each in parts), default=0) > _LARGEST_BYTES:
                raise UseError(f"{path.name} is too large when unpacked", unchanged=_UNREAD)
            sheets = [each for each in parts if each.filename.startswith("xl/worksheets/")]
            return sum(_count_unvalued(package, each.filename) for each in sheets)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise _no_workbook(path) from error


def _count_unvalued(package: zipfile.ZipFile, part: str) -> int:
    """Cells with a formula and without a value; such a file was made by a program."""
    count, rest = 0, b""
    with package.open(part) as file:
        while chunk := file.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b"<c ") if len(chunk) == _CHUNK else len(text)
            count += len(_UNVALUED.findall(text, 0, max(cut, 0)))
            rest = text[max(cut, 0) :][-_CHUNK:]
    return count


def _no_workbook(path: Path) -> UseError:
    return UseError(
        f"{path.name} is not an XLSX workbook that can be read",
        unchanged=_UNREAD,
        remedy="Open it in the spreadsheet and save it as XLSX or CSV",
    )


def _choose(names: list[str], wanted: str | None) -> str:
    if not names:
        raise UseError("The workbook has no sheet with rows", unchanged=_UNREAD)
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise UseError(
            "The workbook has no sheet of that name",
            unchanged=_UNREAD,
            remedy="It has " + ", ".join(names[:10]),
        )
    return wanted


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[object]]]:  # noqa: ANN401 — as above
    # What a file says of its own size is wrong often enough.
    sheet.reset_dimensions()
    for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(each is not None for each in values):
            yield line, values


def _row(line: int, values: Sequence[object], width: int) -> SheetRow | None:
    texts = [_text(each) for each in values]
    broken = frozenset(at for at, each in enumerate(texts[:width]) if each in _ERRORS)
    row = fitted(line, texts, width)
    if row is None or not broken:
        return row
    return SheetRow(row.line, row.cells, row.extra, broken)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 — exact in a float
            return str(int(value))
        case datetime():
            is_day = value.time() == time()
            return value.date().isoformat() if is_day else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
