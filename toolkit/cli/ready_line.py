"""The line a sandbox prints when it is ready, as `connect sandbox` reads it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from toolkit.errors import UseError

READY_KEYS = {
    "highlevel": {"base_url", "token", "location_id"},
    "timetonic": {"url", "user", "sesskey", "book_owner", "book_code"},
}
"""What connecting needs of the line a sandbox prints."""


def read_ready_line(source: str) -> dict[str, Any]:
    """The line, from a file or (`-`) from standard input.

    Raises:
        UseError: It cannot be read, or is another one.
    """
    try:
        # One line only: the sandbox keeps its end of a pipe open while it serves.
        text = sys.stdin.readline() if source == "-" else Path(source).read_text("utf-8")
        ready = json.loads(text)
    except OSError as error:
        raise UseError(
            f"{source} cannot be read ({error.strerror})",
            unchanged="Nothing was changed",
            remedy="Write it with `hightonic sandbox --json > FILE`",
        ) from error
    except ValueError as error:
        raise _not_a_ready_line(source) from error
    if not _is_ready_line(ready):
        raise _not_a_ready_line(source)
    return dict(ready)


def _is_ready_line(ready: object) -> bool:
    if not isinstance(ready, dict):
        return False
    return all(
        isinstance(ready.get(system), dict) and keys <= ready[system].keys()
        for system, keys in READY_KEYS.items()
    )


def _not_a_ready_line(source: str) -> UseError:
    return UseError(
        f"{source} does not hold the line a sandbox prints when it is ready",
        unchanged="Nothing was changed",
        remedy="Write it with `hightonic sandbox --json > FILE`",
    )
