"""Reads CSV files: encoding and delimiter found out or told, lines counted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from toolkit.app.bulk.importing.encodings import find_encoding
from toolkit.app.bulk.importing.sheet import Sheet, SheetRow, fitted, unique_headings
from toolkit.errors import UseError

_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLED: Final = 30
_NAMES: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def open_csv(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """A CSV file as a sheet.

    Args:
        path: The file.
        encoding: None finds it out: UTF-8 and UTF-16 with or without a mark, Windows-1252.
        delimiter: One character or `tab`; None finds it out.

    Raises:
        UseError: It cannot be read; the sentence names the line.
        OSError: The file cannot be read.
    """
    codec, guessed = find_encoding(path, encoding)
    told = [guessed] if guessed else []
    skipped = 0
    sign = None if delimiter is None else _NAMES.get(delimiter, delimiter)
    with path.open(encoding=codec, newline="") as file:
        first = file.readline()
        # Excel's own way to say the delimiter: a first line `sep=;`.
        if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
            skipped, sign = 1, sign or first.strip()[-1]
        else:
            file.seek(0)
        sample = [line for line, _ in zip(file, range(_SAMPLED), strict=False)]
    sign = sign or _find_delimiter(sample)
    if len(sign) != 1:
        raise UseError("A delimiter is one character, or `tab`", unchanged="Nothing was read")

    def lines() -> Iterator[tuple[int, list[str]]]:
        return _read(path, codec, sign, skipped=skipped)

    heading_line, given = next(lines(), (1, []))
    headings, repeated = unique_headings(given)

    def rows() -> Iterator[SheetRow]:
        for line, cells in lines():
            row = fitted(line, cells, len(headings))
            if row is not None and line != heading_line:
                yield row

    size = path.stat().st_size
    return Sheet(path.name, headings, repeated, tuple(told), size, rows)


def _read(
    path: Path, codec: str, sign: str, *, skipped: int
) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row that is not empty."""
    begins = skipped + 1
    with path.open(encoding=codec, newline="") as file:
        for _ in range(skipped):
            file.readline()
        reader = csv.reader(file, delimiter=sign, strict=True)
        try:
            for cells in reader:
                if any(each.strip() for each in cells):
                    yield begins, cells
                begins = skipped + reader.line_num + 1
        except csv.Error as error:
            raise UseError(
                f"The row that begins in line {begins:,} of {path.name} cannot be read: "
                f"{_reason(error)}",
                unchanged="Nothing was imported",
                remedy="Mend the line, or save the file anew as CSV",
            ) from error


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text or "field larger" in text:
        return "a quotation mark is opened and never closed"
    if "expected after" in text:
        return "something stands between a closing quotation mark and the delimiter"
    return "it is not CSV"


def _find_delimiter(sample: list[str]) -> str:
    """The sign that parts the most lines into equally many cells; a comma where none does."""
    best, best_score = ",", 0.0
    for sign in _DELIMITERS:
        try:
            widths = [len(each) for each in csv.reader(sample, delimiter=sign) if each]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:  # noqa: PLR2004 — one cell is no delimiter at all
            continue
        agreeing = sum(each == widths[0] for each in widths) / len(widths)
        score = agreeing + widths[0] / 10_000
        if score > best_score:
            best, best_score = sign, score
    return best
