"""Files as people have them: encodings, delimiters, broken lines, formulas, many columns."""

from __future__ import annotations

import codecs
import sys
import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from toolkit.app.bulk.importing import open_sheet
from toolkit.app.bulk.importing.sheet import Sheet, looks_like_formula
from toolkit.errors import UseError

TEXT = 'Nom;Société\r\n"Élodie ""Lo"" Núñez";Crêperie\r\n\r\nJörg;\r\n'
READ = [('Élodie "Lo" Núñez', "Crêperie"), ("Jörg", "")]


def saved(folder: Path, content: bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def cells(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.read()]


@pytest.mark.parametrize(
    ("content", "guess"),
    [
        (TEXT.encode("utf-8"), ""),
        (TEXT.encode("utf-8-sig"), ""),
        (TEXT.encode("utf-16"), ""),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), ""),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("cp1252"), "Windows-1252"),
    ],
    ids=["utf-8", "utf-8 marked", "utf-16", "utf-16 be", "bare le", "bare be", "cp1252"],
)
def test_every_encoding_is_found_out_and_a_guess_is_told(
    tmp_path: Path, content: bytes, guess: str
) -> None:
    sheet = open_sheet(saved(tmp_path, content))

    assert sheet.headings == ("Nom", "Société")
    assert cells(sheet) == READ
    assert cells(sheet) == READ, "a sheet is read as often as wanted"
    assert [row.line for row in sheet.read()] == [2, 4]
    assert guess in " ".join(sheet.told)
    assert bool(sheet.told) == bool(guess)


def test_told_encoding_is_believed(tmp_path: Path) -> None:
    path = saved(tmp_path, "имя\nлиния\n".encode("koi8-r"))

    assert cells(open_sheet(path, encoding="koi8-r")) == [("линия",)]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"name\nAda\nB\x81b\n", {}, "Line 3"),
        (b"name\nAda\n\xff\n", {"encoding": "utf-8"}, "Line 3"),
        (b"name\nAda\n", {"encoding": "klingon"}, "no encoding called"),
        (b"PK\x03\x04\x00\x00name\n", {}, "Line 1"),
        (b"name,b\nAda,1\n\"Eve,2\nBob,3\n", {}, "begins in line 3"),
        (b"name,b\nAda,\"1\"x\n", {}, "begins in line 2"),
        (b"name\nAda\n", {"delimiter": "ab"}, "one character"),
        (b"", {}, "no headings"),
        (b"\n\n", {}, "no headings"),
        (b"".join(b"c%d," % n for n in range(1_001)) + b"x\n", {}, "1,002 columns"),
        ("name\nab".encode("utf-16")[:-1], {}, "Line 2"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_line_and_without_a_value(
    tmp_path: Path, content: bytes, options: dict[str, Any], said: str
) -> None:
    path = saved(tmp_path, content)

    with pytest.raises(UseError, match=said) as caught:
        list(open_sheet(path, **options).read())

    assert "Ada" not in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "delimiter", "read"),
    [
        ("a,b\n1,2\n", None, ("1", "2")),
        ("a;b\n1,5;2\n", None, ("1,5", "2")),
        ("a\tb\n1\t2\n", None, ("1", "2")),
        ("a|b\n1|2\n", None, ("1", "2")),
        ("sep=|\na|b\n1|2\n", None, ("1", "2")),
        ("a,b\n1,2\n", "tab", ("1,2",)),
        ("a\n1\n", None, ("1",)),
        ('a,b\n"1\n1",2\n', None, ("1\n1", "2")),
        ('"a,b",c\n1,2\n', None, ("1", "2")),
    ],
)
def test_delimiter_is_found_out_or_told(
    tmp_path: Path, text: str, delimiter: str | None, read: tuple[str, ...]
) -> None:
    sheet = open_sheet(saved(tmp_path, text.encode()), delimiter=delimiter)

    assert cells(sheet) == [read]


def test_repeated_and_blank_headings_are_made_different_and_told(tmp_path: Path) -> None:
    sheet = open_sheet(saved(tmp_path, b"Email,,email,Email,\n1,2,3,4,5\n6\n"))

    assert sheet.headings == ("Email", "Column 2", "email (2)", "Email (3)")
    assert sheet.repeated == ("Email", "email")
    assert [(row.cells, row.extra) for row in sheet.read()] == [
        (("1", "2", "3", "4"), 1),
        (("6", "", "", ""), 0),
    ]


def test_two_hundred_columns_are_read(tmp_path: Path) -> None:
    line = ",".join(f"c{n}" for n in range(200))
    sheet = open_sheet(saved(tmp_path, f"{line}\n{line}\n".encode()))

    assert len(sheet.headings) == len(cells(sheet)[0]) == 200


def book(folder: Path, *rows: list[Any], name: str = "people.xlsx") -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.create_sheet("Other").append(["x"])
    path = folder / name
    made.save(path)
    return path


def test_workbook_is_read_as_text_and_formulas_are_never_worked_out(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        ["Name", "Day", "At", "Number", "Share", "Yes", "Formula", "Error"],
        [
            "Ada",
            date(2026, 3, 2),
            datetime.fromisoformat("2026-03-02 09:30"),
            3.0,
            0.5,
            True,
            "=1+1",
            "#N/A",
        ],
        [None] * 8,
        ["Eve"],
    )
    sheet = open_sheet(path)

    first, second = sheet.read()
    assert first.cells == (
        "Ada", "2026-03-02", "2026-03-02 09:30:00", "3", "0.5", "yes", "", "#N/A",
    )  # fmt: skip
    assert (first.line, first.broken, second.line) == (2, {7}, 4)
    assert "1 formulas hold no value" in " ".join(sheet.told)
    assert "'Sheet'" in " ".join(sheet.told)
    assert open_sheet(path, sheet="Other").headings == ("x",)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"name\nAda\n", "not an XLSX workbook"),
        ("a.xls", b"", "neither CSV nor XLSX"),
        ("a.xlsx", None, "not an XLSX workbook"),
        ("nowhere.csv", None, "cannot be read"),
    ],
)
def test_file_that_is_something_else_is_told(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif name.startswith("a"):
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("hello.txt", "not a workbook")

    with pytest.raises(UseError, match=said):
        open_sheet(path)


def test_sheet_that_is_not_there_and_one_without_rows_are_told(tmp_path: Path) -> None:
    path = book(tmp_path, ["Name"])
    with pytest.raises(UseError, match="no sheet of that name"):
        open_sheet(path, sheet="Nope")
    with pytest.raises(UseError, match="no headings"):
        open_sheet(book(tmp_path, [None], name="empty.xlsx"))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("=cmd|' /C calc'!A0", True),
        (" =1+1", True),
        ("@SUM(A1)", True),
        ("+cmd", True),
        ("-2+3+cmd", True),
        ("+1 (212) 555-0100", False),
        ("-3.5", False),
        ("a=b", False),
        ("", False),
    ],
)
def test_formula_is_told_from_numbers_and_phones(text: str, is_one: bool) -> None:
    assert looks_like_formula(text) is is_one


def test_workbook_without_openpyxl_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path, ["Name"])
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    with pytest.raises(UseError, match="openpyxl") as caught:
        open_sheet(path)

    assert "hightonic[notebooks]" in caught.value.remedy


def test_damaged_workbook_and_one_that_unpacks_too_large_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book(tmp_path, ["Name"], ["Ada"])
    content = bytearray(path.read_bytes())
    content[200:260] = b"\0" * 60
    with pytest.raises(UseError, match="not an XLSX workbook"):
        open_sheet(saved(tmp_path, bytes(content), "damaged.xlsx"))

    monkeypatch.setattr("toolkit.app.bulk.importing.xlsx_sheet._LARGEST_BYTES", 10)
    with pytest.raises(UseError, match="too large"):
        open_sheet(path)


def test_workbook_of_another_program_is_read_without_a_word(tmp_path: Path) -> None:
    path, bare = book(tmp_path, ["Name"], ["Ada"]), tmp_path / "bare.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bare, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename == "xl/styles.xml":
                text = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
            new.writestr(part, text)

    assert cells(open_sheet(bare)) == [("Ada",)]


def test_long_file_is_read_a_row_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("email,name,company\n")
        file.writelines(f"person{n}@example.org,Ada {n},Acme\n" for n in range(20_000))
    tracemalloc.start()

    rows = sum(1 for _ in open_sheet(path).read())

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 20_000
    assert peak_bytes < 4_000_000
