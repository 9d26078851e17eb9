"""`hightonic mcp`: a session over the place's connection, or over emulators made for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from toolkit.app.assistant.approvals import Approvals
from toolkit.app.assistant.desk import Desk
from toolkit.app.assistant.tools import serve_stdio
from toolkit.cli.calling.stage import open_stage
from toolkit.store.shelf import utc_now

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts
    from toolkit.cli.calling.stage import Stage
    from toolkit.cli.place import Place


def serve(place: Place, *, sandbox: bool) -> None:
    """Serve until the client leaves."""
    asyncio.run(_serve(place, sandbox=sandbox))


async def _serve(place: Place, *, sandbox: bool) -> None:
    async with AsyncExitStack() as stack:
        # Also says at once what is wrong with settings and keys.
        first = await stack.enter_async_context(
            open_stage(place, sandbox=sandbox, is_exclusive=False)
        )
        kept: Stage | None = first
        if not first.is_made_up:
            await stack.aclose()
            kept = None

        @asynccontextmanager
        async def opening(is_exclusive: bool) -> AsyncIterator[Parts]:  # noqa: FBT001 — Opener
            if kept is not None:
                yield kept.parts
                return
            async with open_stage(place, sandbox=sandbox, is_exclusive=is_exclusive) as stage:
                yield stage.parts

        await serve_stdio(Desk(opening, Approvals(utc_now)))
