"""Where a call happens: the named connection, a sandbox connection, or emulators made for it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.app.config import load_config
from toolkit.app.home import Home
from toolkit.app.live import is_sandbox
from toolkit.app.runs import Runner
from toolkit.app.setup import connect_sandbox
from toolkit.app.turns import Desk, Visits
from toolkit.app.wiring import Parts, Transports, open_parts
from toolkit.clients.pacing import SystemClock
from toolkit.errors import UseError

if TYPE_CHECKING:
    from toolkit.cli.place import Place

_NAME = "sandbox"
_OWN = "HIGHTONIC_"


@dataclass(frozen=True, slots=True)
class Stage:
    """An open connection, and whether it was made for this call alone."""

    parts: Parts
    is_made_up: bool = False

    def request_stop(self) -> None:
        """A single call is not cut: it ends by itself, and its answer is recorded."""


@asynccontextmanager
async def open_stage(
    place: Place, *, sandbox: bool, is_exclusive: bool
) -> AsyncIterator[Stage]:
    """Open a connection for the length of a block.

    Args:
        place: Names home, settings and connection.
        sandbox: Only emulated services: the place's connection where it is a sandbox, else
            emulators in this process, the same people every time, gone afterwards.
        is_exclusive: Take the connection's turn, since something may be written.

    Raises:
        UseError: `sandbox` beside a named connection to real accounts.
        StateBusyError: Another process works in the home.
    """
    home = place.home
    if sandbox and not _has_sandbox(home, place.connection):
        async with _made_up() as parts:
            yield Stage(parts, is_made_up=True)
        return
    async with open_parts(place.connection, home=home.path, config=home.config) as parts:
        if not is_exclusive:
            yield Stage(parts)
            return
        desk = Desk(parts, Runner(parts))
        async with Visits(clock=SystemClock()).take(desk, purpose="call"):
            yield Stage(parts)


def _has_sandbox(home: Home, name: str | None) -> bool:
    if not home.config_path.exists():
        return False
    settings = load_config(home.config_path)
    known = settings.connections
    if name is None and len(known) != 1:
        return False
    config = settings.get_connection(name)
    if name is not None and not is_sandbox(config):
        raise UseError(
            f"The connection `{config.name}` is to real accounts",
            unchanged="Nothing was sent",
            remedy="Leave --connection or --sandbox out",
        )
    return is_sandbox(config)


@contextmanager
def _apart() -> Iterator[None]:
    """Without this machine's own database and keys: nothing made up may reach them."""
    own = {name: text for name, text in os.environ.items() if name.startswith(_OWN)}
    for name in own:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(own)


@asynccontextmanager
async def _made_up() -> AsyncIterator[Parts]:
    from toolkit.sandbox.serve import Sandbox, SandboxOptions

    sandbox = Sandbox(
        SandboxOptions(contacts=40, tasks=20, notes=10, leads=12, shared=4, rate_limit=False)
    )
    wires = sandbox.transports()
    with _apart(), tempfile.TemporaryDirectory(prefix="hightonic-") as folder:
        home = Home(Path(folder))
        await connect_sandbox(home, _NAME, sandbox.ready_line(), transports=dict(wires))
        async with open_parts(_NAME, home=home.path, transports=Transports(**wires)) as parts:
            yield parts
