"""Opens a front desk for a process that comes and goes, such as a notebook's kernel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from toolkit.app.following import Following
from toolkit.app.front_desk import FrontDesk
from toolkit.app.runs import Runner
from toolkit.app.turns import Desk, Visits
from toolkit.app.wiring import Transports, open_parts
from toolkit.clients.pacing import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.clients.pacing import Clock


_PATIENCE_S: Final = 20.0
"""Two notebooks may press a button in the same moment."""


@asynccontextmanager
async def open_front_desk(
    name: str | None = None,
    *,
    home: Path | None = None,
    config: Path | None = None,
    transports: Transports | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[FrontDesk]:
    """What people can ask of one connection and have done, for hours if need be.

    The home is claimed only while something is written, and shared with its service. What
    is saved in the settings meanwhile holds from the next act on.

    Args:
        name: As in `hightonic.yaml`; None for the only one.
        home: Home folder; None for `HIGHTONIC_HOME` or the platform's.
        config: Settings file; None for the one in the home.
        transports: Replace the network, for tests.
        clock: Replaces time, for the same.

    Raises:
        ConfigError: The settings cannot be used.
        StateError: The home cannot be used.
        UseError: No such connection, or a key is missing.
    """
    time = clock or SystemClock()
    async with open_parts(
        name, home=home, config=config, transports=transports, clock=time
    ) as parts:
        desk = Desk(parts, Runner(parts))
        turns = Visits(clock=time, patience_s=_PATIENCE_S)
        yield FrontDesk(desk, turns, following=Following(desk))
