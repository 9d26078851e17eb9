"""The input of a call, from words, a file, or the entry's own example."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.app.catalog.words import read_words
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.app.catalog.entry import Entry


def read_given(entry: Entry, words: Sequence[str], file: str | None) -> dict[str, Any]:
    """What was typed; words go before what the file says.

    Args:
        entry: Whose input.
        words: `name=value` each.
        file: Path of a JSON file, `-` for standard input.

    Raises:
        UseError: Not of that form, or the file is no JSON object.
    """
    given = {} if file is None else _read_file(file)
    return given | read_words(words, entry.input_schema)


def _read_file(file: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        raise UseError(
            f"{file} cannot be read ({error.strerror})", unchanged="Nothing was sent"
        ) from error
    except ValueError:
        raise _no_object() from None
    try:
        value = json.loads(text)
    except ValueError:
        raise _no_object() from None
    if not isinstance(value, dict):
        raise _no_object()
    return value


def _no_object() -> UseError:
    return UseError(
        "The input is not a JSON object",
        unchanged="Nothing was sent",
        remedy="See the entry's example with `hightonic catalog ID`",
    )
