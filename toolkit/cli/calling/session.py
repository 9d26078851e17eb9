"""`hightonic mcp`: a session over the place's connection, or over emulators made for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from toolkit.app.assistant.approvals import Approvals
from toolkit.app.assistant.desk import Desk
from toolkit.app.assistant.tools import serve_stdio
from toolkit.cli.calling.stage import open_stage
from toolkit.store.shelf import utc_now

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.cli.place import Place


def serve(place: Place, *, sandbox: bool) -> None:
    """Serve until the client leaves."""
    asyncio.run(_serve(place, sandbox=sandbox))


async def _serve(place: Place, *, sandbox: bool) -> None:
    # One client for all reads of a session, so that they keep one pace together. It claims
    # nothing; what may write opens the connection for itself, as any other command does.
    async with open_stage(place, sandbox=sandbox, is_exclusive=False) as stage:

        @asynccontextmanager
        async def opening(is_exclusive: bool) -> AsyncIterator[Parts]:  # noqa: FBT001 — Opener
            if stage.is_made_up or not is_exclusive:
                yield stage.parts
                return
            async with open_stage(place, sandbox=sandbox, is_exclusive=True) as own:
                yield own.parts

        await serve_stdio(Desk(opening, Approvals(utc_now)))
