"""Plans on disk: written whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from toolkit.errors import StateError, UseError
from toolkit.model.plan import Plan, plan_from_json, plan_to_json


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan with mode 0600; it holds personal values.

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
            stream.write(plan_to_json(plan))
            stream.flush()
            os.fsync(stream.fileno())
        Path(partial).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(partial).unlink()
        raise StateError(
            f"The plan could not be written to {path} ({error.strerror})",
            unchanged="A plan that was there is as it was",
            remedy="Make room, or name another file",
        ) from error


def read_plan(path: Path) -> Plan:
    """Read a plan back.

    Raises:
        UseError: No such file, or not an unaltered plan.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UseError(
            f"The plan {path} cannot be read ({reason})",
            unchanged="Nothing was changed",
            remedy="Make one with `hightonic plan -o FILE`",
        ) from error
    return plan_from_json(text)
