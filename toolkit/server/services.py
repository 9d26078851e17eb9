"""Services of other packages that live in the same process, such as the one for Slack.

A package names a factory under the entry-point group `hightonic.services`; it is called with
the home and the options of `hightonic serve`, and what it gives is started and stopped with
the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final, Protocol

from toolkit.errors import HightonicError, UseError

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.server.process import ServeOptions

_log = logging.getLogger(__name__)

GROUP: Final = "hightonic.services"
# What the host waits beyond the grace it gave.
_LAST_WORDS_S: Final = 5.0


class PluggedService(Protocol):
    """What a factory gives."""

    async def start(self) -> None:
        """Begin; returns when it works."""
        ...

    async def stop(self, grace_s: float) -> None:
        """Finish what is under way within so many seconds, begin nothing new."""
        ...


class ServiceFactory(Protocol):
    """What an entry point names."""

    def __call__(self, home: Home, options: ServeOptions) -> PluggedService:
        """Build the service; nothing is started yet."""
        ...


@asynccontextmanager
async def plugged_in(
    home: Home,
    options: ServeOptions,
    *,
    grace_s: float,
    found: Iterable[EntryPoint] | None = None,
) -> AsyncIterator[tuple[str, ...]]:
    """All services, running for the length of a block; gives their names.

    Args:
        home: For the factories.
        options: For the factories.
        grace_s: How long each may take to stop; one that fails to stop only leaves a log line.
        found: Entry points; None means those that are installed.

    Raises:
        UseError: One could not be started; those before it are stopped again.
    """
    points = sorted(entry_points(group=GROUP) if found is None else found, key=_name)
    async with AsyncExitStack() as stack:
        for point in points:
            service = await _started(point, home, options)
            stack.push_async_callback(_stop, point.name, service, grace_s=grace_s)
        yield tuple(point.name for point in points)


def _name(point: EntryPoint) -> str:
    return point.name


async def _started(point: EntryPoint, home: Home, options: ServeOptions) -> PluggedService:
    try:
        factory: ServiceFactory = point.load()
        service = factory(home, options)
        await service.start()
    except HightonicError as error:
        raise UseError(
            f"The service `{point.name}` did not start: {error.happened}",
            unchanged="Nothing is served",
            remedy=error.remedy,
        ) from error
    except Exception as error:
        # Its text may hold whatever that package was given: only what it was is told.
        raise UseError(
            f"The service `{point.name}` did not start ({type(error).__name__})",
            unchanged="Nothing is served",
            remedy="Mend it, or uninstall its package",
        ) from error
    return service


async def _stop(name: str, service: PluggedService, *, grace_s: float) -> None:
    try:
        async with asyncio.timeout(grace_s + _LAST_WORDS_S):
            await service.stop(grace_s)
    except Exception as error:  # noqa: BLE001 — the others must be stopped as well
        _log.warning(
            "service not stopped", extra={"service": name, "error": type(error).__name__}
        )
