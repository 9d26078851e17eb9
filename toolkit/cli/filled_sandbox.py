"""A home with a past: emulated services, synced, edited on both sides, with open questions."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.connection import open_connection
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.cli.demo_people import Colleagues
from toolkit.cli.demo_rules import switch_on
from toolkit.sandbox.serve import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAME: Final = "sandbox"
MISTAKEN: Final = 5
_SOME: Final = SandboxOptions(
    contacts=500, tasks=300, notes=150, leads=100, shared=25, rate_limit=False
)


@contextmanager
def open_filled_sandbox(
    folder: Path, options: SandboxOptions | None = None
) -> Iterator[Sandbox]:
    """Serve both emulators and fill a home on them, for the length of a block.

    The home then has four runs behind it: a first sync, one with conflicts left open, a
    mistake, and new leads that rules saw to.

    Args:
        folder: The home; made where it is missing.
        options: How much is made up; at least 60 contacts, which the colleagues work on.

    Raises:
        StateError: The home cannot be made.
    """
    sandbox = Sandbox(options or _SOME)
    sandbox.start()
    try:
        asyncio.run(_fill(Home(folder), sandbox.ready_line()))
        yield sandbox
    finally:
        sandbox.stop()


async def _fill(home: Home, ready: Mapping[str, Any]) -> None:
    await connect_sandbox(home, NAME, ready)
    async with AsyncExitStack() as stack:
        colleagues = await stack.enter_async_context(Colleagues.at_work(ready))
        async with open_connection(NAME, home=home.path) as connection:
            await connection.sync()
            await colleagues.edit_both_sides()
            await connection.sync()
            await colleagues.mark_as_churned(MISTAKEN)
            await connection.sync()
        switch_on(home, NAME)
        async with open_connection(NAME, home=home.path) as connection:
            await connection.sync()  # rules hear of what comes after they were switched on
            await colleagues.bring_leads()
            await connection.sync()
