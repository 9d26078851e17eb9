"""Plans on disk."""

from __future__ import annotations

from pathlib import Path

from toolkit.cli.private_file import write_private
from toolkit.errors import UseError
from toolkit.model.plan import Plan, plan_from_json, plan_to_json


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan with mode 0600; it holds personal values.

    Raises:
        UseError: The folder is not there.
        StateError: The disk refused.
    """
    write_private(plan_to_json(plan), path)


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
