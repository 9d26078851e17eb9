"""A kernel's session over served emulators that a first sync has filled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notebooks.session import Session, open_session
from toolkit.app.connection import open_connection
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.model.automation import EditTags
from toolkit.model.ids import Kind
from toolkit.sandbox.serve import Sandbox, SandboxOptions

OPTIONS = SandboxOptions(
    contacts=40, tasks=60, notes=30, leads=4, shared=2, seed=1, rate_limit=False
)


@dataclass(frozen=True, slots=True)
class Office:
    """Both emulated systems and a session on them."""

    sandbox: Sandbox
    session: Session

    def held(self, column: str) -> dict[str, Any]:
        """E-mail -> what TimeTonic's table of contacts holds in a column."""
        rows = self.sandbox.timetonic.state.rows("Contacts").values()
        return {str(row["Email"]): row[column] for row in rows if row["Email"]}


@asynccontextmanager
async def open_office(place: Path) -> AsyncIterator[Office]:
    """Emulators, a home, a first sync, a tag on somebody with tasks, and a session."""
    home = Home(place / "home").create()
    async with Sandbox.running(OPTIONS) as sandbox:
        await connect_sandbox(home, "main", sandbox.ready_line())
        async with open_connection(home=home.path) as connection:
            await connection.sync()
            tasks = connection._parts.store.links(Kind.TASK)
            busy = next(each.parent for each in tasks if each.parent)
            await connection.apply_effects([EditTags(busy, add=("met",))])
        session = await asyncio.to_thread(open_session, home=home.path)
        try:
            yield Office(sandbox, session)
        finally:
            await asyncio.to_thread(session.close)
