"""What a batch desk works with, and a connection that is open anyway as such."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.app.observe import Progress
    from toolkit.model.automation import Effect
    from toolkit.model.outcomes import RunReport
    from toolkit.model.plan import Plan

T = TypeVar("T")


class BatchHands(Protocol):
    """What a desk works with: a `FrontDesk`, or `ConnectionHands`."""

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Read, on a thread."""
        ...

    async def preview_effects(
        self, effects: Sequence[Effect], *, verb: str = ..., reason: str = ..., once: str = ...
    ) -> Plan:
        """What effects come to; writes nothing."""
        ...

    async def edit(  # noqa: PLR0913 — as `FrontDesk.edit`
        self,
        effects: Sequence[Effect],
        *,
        verb: str = ...,
        reason: str = ...,
        once: str = ...,
        approve: str | None = ...,
        progress: Progress | None = ...,
    ) -> RunReport:
        """Carry effects out."""
        ...

    async def undo(self, run_id: str, *, progress: Progress | None = ...) -> RunReport:
        """Take a run back."""
        ...

    def request_stop(self) -> None:
        """End the running work early."""
        ...


class ConnectionHands:
    """Hands of a process that holds the home, such as a command."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Read, on a thread."""
        return await asyncio.to_thread(question, self._connection)

    async def preview_effects(
        self, effects: Sequence[Effect], *, verb: str = "edit", reason: str = "", once: str = ""
    ) -> Plan:
        """As `Connection.preview_effects`."""
        return await self._connection.preview_effects(
            effects, verb=verb, reason=reason, once=once
        )

    async def edit(  # noqa: PLR0913 — as `FrontDesk.edit`
        self,
        effects: Sequence[Effect],
        *,
        verb: str = "edit",
        reason: str = "",
        once: str = "",
        approve: str | None = None,
        progress: Progress | None = None,
    ) -> RunReport:
        """As `Connection.apply_effects`."""
        return await self._connection.apply_effects(
            effects, verb=verb, reason=reason, once=once, approve=approve, progress=progress
        )

    async def undo(self, run_id: str, *, progress: Progress | None = None) -> RunReport:
        """As `Connection.undo`."""
        return await self._connection.undo(run_id, progress=progress)

    def request_stop(self) -> None:
        """As `Connection.request_stop`."""
        self._connection.request_stop()
