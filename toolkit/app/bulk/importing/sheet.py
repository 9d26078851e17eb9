"""A table in a file: headings once, rows as often as wanted, never all of them in memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from toolkit.errors import UseError

MOST_COLUMNS: Final = 1_000
_FORMULA: Final = re.compile(r"^\s*[=@]|^\s*[+-](?![\d\s().,/-]*$)")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a file.

    Attributes:
        line: Where it begins in the file, from 1, as editors and spreadsheets count.
        cells: Texts, as many as there are headings; blank ones are empty.
        extra: Cells beyond the last heading that hold something.
        broken: Positions of cells that hold an error of the spreadsheet, such as `#N/A`.
    """

    line: int
    cells: tuple[str, ...]
    extra: int = 0
    broken: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file.

    Attributes:
        name: Of the file, without its folder.
        headings: Each once: the second `Email` is `Email (2)`, a blank one `Column 7`.
        repeated: Headings that stood there more than once.
        told: What was found out about the file, in sentences.
        size_bytes: Of the file, for progress.
        read: Reads all rows anew, each time it is called.
    """

    name: str
    headings: tuple[str, ...]
    repeated: tuple[str, ...]
    told: tuple[str, ...]
    size_bytes: int
    read: Callable[[], Iterator[SheetRow]]


def unique_headings(given: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Headings made different from each other, and those that were not.

    Raises:
        UseError: There is none, or there are too many.
    """
    names = [" ".join(each.split()) for each in given]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UseError("The file has no headings", unchanged="Nothing was read")
    if len(names) > MOST_COLUMNS:
        raise UseError(
            f"The file has {len(names):,} columns, more than {MOST_COLUMNS:,}",
            unchanged="Nothing was read",
            remedy="Keep only the columns that shall be imported",
        )
    seen: Counter[str] = Counter()
    found: list[str] = []
    for place, name in enumerate(names, 1):
        shown = name or f"Column {place}"
        seen[shown.lower()] += 1
        number = seen[shown.lower()]
        found.append(shown if number == 1 else f"{shown} ({number})")
    repeated = tuple(dict.fromkeys(each for each in names if each and seen[each.lower()] > 1))
    return tuple(found), repeated


def fitted(line: int, cells: Sequence[str], width: int) -> SheetRow | None:
    """A row as wide as the headings; None where all of it is blank."""
    if not any(each.strip() for each in cells):
        return None
    kept = tuple(each.strip() for each in cells[:width])
    extra = sum(bool(each.strip()) for each in cells[width:])
    return SheetRow(line, kept + ("",) * (width - len(kept)), extra)


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula: `=cmd|...`, `@SUM(...)`.

    Numbers and phone numbers with a sign are none.
    """
    return bool(_FORMULA.match(text))
