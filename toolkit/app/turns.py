"""Whose turn it is to work on a connection: one run at a time, among all processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from toolkit.app.naming import ALONE, claim_visit
from toolkit.app.runs import Runner
from toolkit.app.wiring import Parts
from toolkit.engine.port import Clock
from toolkit.errors import StateBusyError, StateError
from toolkit.model.ids import ConnectionName
from toolkit.model.outcomes import RunReport

LEASE_S: Final = 30.0
"""How long others wait for a worker that fell silent."""
_LOOK_S: Final = 0.5


@dataclass(slots=True)
class Desk:
    """One connection in the service.

    Attributes:
        lock: One run of the connection at a time in this process.
        slot: The period's length in minutes, and the last one a sync was asked for.
        rest_until: No event is worked on before: a service is down, or a key is dead.
        rests: How often in a row it had to rest.
        gone: Records that drains deleted or unlinked since the last comparison.
    """

    parts: Parts
    runner: Runner
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    slot: tuple[int, int] = (0, -1)
    rest_until: datetime | None = None
    rests: int = 0
    gone: int = 0

    @property
    def name(self) -> ConnectionName:
        """The connection."""
        return self.parts.config.name

    def is_resting(self, now: datetime) -> bool:
        """Whether events wait for better times."""
        return self.rest_until is not None and now < self.rest_until


@dataclass(slots=True)
class Turn:
    """The right to write, for the length of a block."""

    is_cut: bool = False

    def check_whole(self, report: RunReport) -> None:
        """Return where the run did all that it meant to do.

        Raises:
            StateBusyError: It was asked to stop on its way: what is left is still to be done.
        """
        if self.is_cut:
            raise StateBusyError(
                f"The run {report.run_id} was cut short", unchanged="What it left is done later"
            )


class TakesTurns(Protocol):
    """Whoever gives out the right to write."""

    def take(self, desk: Desk, *, purpose: str) -> AbstractAsyncContextManager[Turn]:
        """The right to write for a connection, for the length of a block."""
        ...


class Turns:
    """Gives connections out, one holder each.

    Args:
        owner: Names this process to the others.
        clock: For waits and renewals.
        is_alone: The home is locked: no turn can be lost, so none is renewed.
    """

    def __init__(self, owner: str, *, clock: Clock, is_alone: bool = False) -> None:
        self._owner = owner
        self._clock = clock
        self._is_alone = is_alone
        self._held: dict[ConnectionName, tuple[Desk, Turn]] = {}
        self._is_stopping = False

    def stop(self) -> None:
        """Running writes finish, no further turn begins; twice is once."""
        self._is_stopping = True
        self._cut(self._held.values())

    @asynccontextmanager
    async def take(self, desk: Desk, *, purpose: str) -> AsyncIterator[Turn]:
        """The right to write for a connection, in this process and among all.

        Raises:
            StateBusyError: Another process held it all the time we waited, or we are stopping.
        """
        async with desk.lock:
            self._check_going_on()
            await self._acquire(desk, purpose)
            turn = Turn()
            self._held[desk.name] = (desk, turn)
            renewing = asyncio.create_task(self._keep_renewed(desk, turn))
            try:
                self._check_going_on()
                yield turn
            finally:
                del self._held[desk.name]
                renewing.cancel()
                # It ends by itself; what the run did must not be hidden behind that.
                with suppress(StateError):
                    await asyncio.to_thread(desk.parts.store.release_lease, self._owner)

    def _check_going_on(self) -> None:
        if self._is_stopping:
            raise StateBusyError("The service is stopping", unchanged="Nothing was begun")

    async def _acquire(self, desk: Desk, purpose: str) -> None:
        for left in range(int(LEASE_S) + 1, -1, -1):
            try:
                await asyncio.to_thread(
                    lambda: desk.parts.store.acquire_lease(
                        self._owner, ttl_s=LEASE_S, purpose=purpose
                    )
                )
            except StateBusyError:
                if not left:
                    raise
                await self._clock.sleep(1.0)
                self._check_going_on()
            else:
                return

    async def _keep_renewed(self, desk: Desk, turn: Turn) -> None:
        while not self._is_alone:
            await self._clock.sleep(LEASE_S / 3)
            if not await self._renew(desk):
                # Somebody else began because we were silent too long: finish and let go.
                self._cut([(desk, turn)])
                return

    async def _renew(self, desk: Desk) -> bool:
        try:
            return await asyncio.to_thread(
                lambda: desk.parts.store.renew_lease(self._owner, ttl_s=LEASE_S)
            )
        except StateError:
            return False

    def _cut(self, held: Iterable[tuple[Desk, Turn]]) -> None:
        for desk, turn in held:
            turn.is_cut = True
            desk.runner.request_stop()


class Visits:
    """Turns of a process that comes and goes: the home is claimed only while it writes.

    Args:
        clock: For waits and renewals.
        patience_s: How long to wait for another visitor; 0 says at once that it is there.
    """

    def __init__(self, *, clock: Clock, patience_s: float = 0.0) -> None:
        self._clock = clock
        self._patience_s = patience_s

    @asynccontextmanager
    async def take(self, desk: Desk, *, purpose: str) -> AsyncIterator[Turn]:
        """The right to write, alone in the home or beside its service.

        Raises:
            StateBusyError: Another process works in the home, or the service's run did not
                end all the time we waited.
        """
        home = desk.parts.home.path
        with ExitStack() as stack:
            owner = await self._claim(stack, home, purpose)
            turns = Turns(owner, clock=self._clock, is_alone=owner == ALONE)
            async with turns.take(desk, purpose=purpose) as turn:
                yield turn

    async def _claim(self, stack: ExitStack, home: Path, purpose: str) -> str:
        left_s = self._patience_s
        while True:
            try:
                return await asyncio.to_thread(claim_visit, stack, home, purpose=purpose)
            except StateBusyError:
                if left_s <= 0:
                    raise
            await self._clock.sleep(_LOOK_S)
            left_s -= _LOOK_S
