"""Services of other packages that live in the same process, such as the one for Slack.

A package names a factory under the entry-point group `hightonic.services`; it is called with
the home, the options of `hightonic serve` and the host, which it may ask for jobs and doors of
its own. What it gives is started and stopped with the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final, Protocol

from toolkit.errors import HightonicError, UseError

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.app.host import Host
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

    def __call__(self, home: Home, options: ServeOptions, host: Host) -> PluggedService:
        """Build the service, register its jobs, mount its doors; nothing is started yet."""
        ...


def build_services(
    home: Home,
    options: ServeOptions,
    host: Host,
    *,
    found: Iterable[EntryPoint] | None = None,
) -> dict[str, PluggedService]:
    """All services by name, not started yet.

    Args:
        home: For the factories.
        options: For the factories.
        host: For the factories.
        found: Entry points; None means those that are installed.

    Raises:
        UseError: One could not be built.
    """
    points = sorted(entry_points(group=GROUP) if found is None else found, key=_name)
    built = {}
    for point in points:
        with _named(point.name):
            factory: ServiceFactory = point.load()
            built[point.name] = factory(home, options, host)
    return built


@asynccontextmanager
async def plugged_in(
    services: Mapping[str, PluggedService], *, grace_s: float
) -> AsyncIterator[None]:
    """The services, running for the length of a block.

    Args:
        services: From `build_services`.
        grace_s: How long each may take to stop; one that fails to stop only leaves a log line.

    Raises:
        UseError: One could not be started; those before it are stopped again.
    """
    async with AsyncExitStack() as stack:
        for name, service in services.items():
            with _named(name):
                await service.start()
            stack.push_async_callback(_stop, name, service, grace_s=grace_s)
        yield


def _name(point: EntryPoint) -> str:
    return point.name


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Whatever goes wrong is told as this service's fault."""
    try:
        yield
    except HightonicError as error:
        raise UseError(
            f"The service `{name}` did not start: {error.happened}",
            unchanged="Nothing is served",
            remedy=error.remedy,
        ) from error
    except Exception as error:
        # Its text may hold whatever that package was given: only what it was is told.
        raise UseError(
            f"The service `{name}` did not start ({type(error).__name__})",
            unchanged="Nothing is served",
            remedy="Mend it, or uninstall its package",
        ) from error


async def _stop(name: str, service: PluggedService, *, grace_s: float) -> None:
    try:
        async with asyncio.timeout(grace_s + _LAST_WORDS_S):
            await service.stop(grace_s)
    except Exception as error:  # noqa: BLE001 — the others must be stopped as well
        _log.warning(
            "service not stopped", extra={"service": name, "error": type(error).__name__}
        )
