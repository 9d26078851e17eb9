"""Which encoding a text file is in: told by a mark, proven, or guessed and said so."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from toolkit.errors import UseError

_CHUNK: Final = 1 << 20
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_MANY_NULLS: Final = 0.2


def find_encoding(path: Path, told: str | None) -> tuple[str, str]:
    """The codec of a file, and a sentence where it was guessed.

    Args:
        path: The file; read once from beginning to end.
        told: What a person says it is; None finds it out.

    Raises:
        UseError: There is no such encoding, or a line cannot be read in it.
        OSError: The file cannot be read.
    """
    if told is not None:
        codec = _known(told)
        _check(path, codec, name=told)
        return codec, ""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    for mark, codec, name in _MARKS:
        if head.startswith(mark):
            _check(path, codec, name=name)
            return codec, ""
    if wide := _wide_without_mark(head):
        _check(path, wide, name="UTF-16")
        return wide, "Read as UTF-16, which the file does not say itself."
    if _first_failure(path, "utf-8") is None:
        return "utf-8", ""
    _check(path, "cp1252", name="Windows-1252, nor in UTF-8")
    return "cp1252", "Read as Windows-1252; say --encoding where accents look wrong."


def _known(told: str) -> str:
    try:
        return codecs.lookup(told).name
    except LookupError as error:
        raise UseError(
            f"There is no encoding called {told[:40]!r}",
            unchanged="Nothing was read",
            remedy="Say utf-8, utf-16, cp1252 or another one Python knows",
        ) from error


def _wide_without_mark(head: bytes) -> str:
    """Western text in UTF-16 is every second byte zero."""
    sample = head[:4_096]
    if not sample:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < _MANY_NULLS * len(sample):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _check(path: Path, codec: str, *, name: str) -> None:
    line = _first_failure(path, codec)
    if line is not None:
        raise UseError(
            f"Line {line:,} of {path.name} cannot be read in {name}",
            unchanged="Nothing was imported",
            remedy="Save the file as UTF-8, or say its encoding with --encoding",
        )


def _first_failure(path: Path, codec: str) -> int | None:
    """The first line that does not fit; None where all do."""
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if "\0" in text:
                return line + text[: text.index("\0")].count("\n")
            line += text.count("\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return line
    return None
