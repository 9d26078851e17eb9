"""Run a use case on a connection: progress while it lasts, Ctrl-C to leave.

Where records are written the first interrupt asks the connection to stop (running writes
finish and are recorded) and the second cuts the work off where it stands. Where nothing is
written the first one cuts.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from toolkit.cli.fail import StoppedError
from toolkit.cli.progress import Progress, open_progress
from toolkit.cli.voice import note

if TYPE_CHECKING:
    from toolkit.app.connection import Connection
    from toolkit.cli.place import Place

T = TypeVar("T")
S = TypeVar("S", bound="Stoppable")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stoppable(Protocol):
    """What is worked on: it can be asked to end by itself."""

    def request_stop(self) -> None:
        """Let running writes finish and start nothing new."""
        ...


@dataclass(frozen=True, slots=True)
class Worked(Generic[T]):
    """A use case's answer.

    Attributes:
        stopped_by: Number of the signal that ended it early; None when it ran to its end.
    """

    value: T
    stopped_by: int | None = None


class Interrupts:
    """Hears requests to stop and acts on them.

    Args:
        cancel: Cuts the work off.

    Attributes:
        stop: Asks the work to end by itself; None where there is nothing to finish.
        seen: The last signal heard.
        is_cut: The work was cut off.
    """

    def __init__(self, cancel: Callable[[], object]) -> None:
        self.stop: Callable[[], object] | None = None
        self.seen: int | None = None
        self.is_cut = False
        self._cancel = cancel

    def receive(self, number: int) -> None:
        """One signal arrived."""
        if self.seen is None and self.stop is not None:
            self.seen = number
            note("Stopping after the writes under way. Press Ctrl-C again to stop at once.")
            self.stop()
            return
        self.seen = number
        self.is_cut = True
        self._cancel()


def work(
    place: Place,
    use: Callable[[Connection, Progress], Awaitable[T]],
    *,
    is_writing: bool = True,
    read_only: bool = False,
) -> Worked[T]:
    """Open the connection, run `use` on it, close it.

    Args:
        place: Names home, settings and connection.
        use: The use case; its second argument takes progress.
        is_writing: It may write to a vendor, so it is not cut off at the first signal.
        read_only: It only looks at what is stored; works beside another process.

    Raises:
        StoppedError: A signal cut it off.
    """
    from toolkit.app.connection import open_connection

    opening = open_connection(
        place.connection, home=place.home.path, config=place.config, read_only=read_only
    )
    return asyncio.run(attend(opening, use, is_silent=place.as_json, is_writing=is_writing))


def look(place: Place, read: Callable[[Connection], T]) -> T:
    """Read what this machine remembers; no service is called."""

    async def use(connection: Connection, _progress: Progress) -> T:
        return await asyncio.to_thread(read, connection)

    return work(place, use, is_writing=False, read_only=True).value


async def attend(
    opening: AbstractAsyncContextManager[S],
    use: Callable[[S, Progress], Awaitable[T]],
    *,
    is_silent: bool,
    is_writing: bool = True,
) -> Worked[T]:
    """Run `use` on what `opening` opens, heeding signals as the module says.

    Raises:
        StoppedError: A signal cut it off.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 — a coroutine that runs is in a task
    interrupts = Interrupts(task.cancel)
    _listen(interrupts)
    try:
        async with opening as opened:
            interrupts.stop = opened.request_stop if is_writing else None
            with open_progress(is_silent=is_silent) as progress:
                value = await use(opened, progress)
    except asyncio.CancelledError:
        if interrupts.is_cut and interrupts.seen is not None:
            was_writing = interrupts.stop is not None
            raise StoppedError(interrupts.seen, was_writing=was_writing) from None
        raise
    return Worked(value, interrupts.seen)


def _listen(interrupts: Interrupts) -> None:
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        # Windows loops and threads other than the first take no handlers: Python's own stay.
        with suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(number, interrupts.receive, number)
