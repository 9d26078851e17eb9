"""The whole state to another database: from one file to a server for many workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from toolkit.errors import UseError
from toolkit.store import Lease, migrate_store

if TYPE_CHECKING:
    from toolkit.app.home import Home

    Progress = Callable[[str, int, int], None]


def move_state(
    home: Home, *, source: str = "", target: str = "", progress: Progress | None = None
) -> Mapping[str, tuple[int, int]]:
    """Copy a state and compare both before the copy is kept; the source stays as it is.

    A second call is refused, since the target is in use by then.

    Args:
        home: Whose state, where no source is named; nobody may work in it meanwhile.
        source: A state file or a database URL.
        target: The same, empty; where none is named, HIGHTONIC_DATABASE_URL.
        progress: Told the table, rows copied and rows in all.

    Returns:
        Per table, rows in the source and in the target.

    Raises:
        UseError: No target, no such source, or the target holds rows.
        StateBusyError: Another process works in the home.
        StateError: A disk or a server failed, or the copy differs; nothing was kept.
    """
    goal = target or os.environ.get("HIGHTONIC_DATABASE_URL", "")
    if not goal:
        raise UseError(
            "No target was named",
            unchanged="Nothing was copied",
            remedy="Set HIGHTONIC_DATABASE_URL, or give --to",
        )
    is_ours = not source and home.path.is_dir()
    holding = Lease(home.path, purpose="moving the state") if is_ours else nullcontext()
    with holding:
        return migrate_store(source or home.database_path, goal, progress)
