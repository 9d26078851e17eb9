"""Files that hold personal values: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from toolkit.errors import StateError, UseError


def write_private(text: str, path: Path) -> None:
    """Write a file with mode 0600.

    A file of that name is replaced at once; a failed write leaves it as it was.

    Raises:
        UseError: The folder is not there.
        StateError: The disk refused.
    """
    if not path.parent.is_dir():
        raise UseError(
            f"There is no folder {path.parent}",
            unchanged="Nothing was written",
            remedy="Make it first, or name another file",
        )
    partial = ""
    try:
        # mkstemp makes the file 0600 before the first byte is in it.
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(partial).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(partial).unlink()
        raise StateError(
            f"{path} could not be written ({error.strerror})",
            unchanged="A file that was there is as it was",
            remedy="Make room, or name another file",
        ) from error
