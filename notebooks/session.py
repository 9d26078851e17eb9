"""What all panels of a kernel share: one connection, one thread that works, one bus.

Work runs on the session's own event loop, never on the kernel's: ipykernel 7.3 calls back
on another thread than 7.4, and a cell that runs holds the kernel's loop up.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, wait
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any, Final, TypeVar

from toolkit.app.front_opening import open_front_desk
from toolkit.app.grid import open_grid
from toolkit.app.home import default_home
from toolkit.errors import StateError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from toolkit.app.front_desk import FrontDesk
    from toolkit.app.grid import GridSource

_log = logging.getLogger(__name__)
T = TypeVar("T")
_LEAVE_S: Final = 30.0
"""How long a kernel that ends waits for writes under way."""
_READ_S: Final = 30.0

Listener = Callable[..., None]


class Bus:
    """What one panel tells the others: topic and facts; a listener that fails hurts nobody.

    Topics: `select` (contact), `filter` (query), `staged`, `changed` (something was written).
    """

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    def listen(self, topic: str, call: Listener) -> Callable[[], None]:
        """Call back with the facts of each telling; gives what ends it, twice is once."""
        listeners = self._listeners.setdefault(topic, [])
        listeners.append(call)

        def leave() -> None:
            if call in listeners:
                listeners.remove(call)

        return leave

    def tell(self, topic: str, **facts: object) -> None:
        """Tell all who listen, on this thread."""
        for call in list(self._listeners.get(topic, ())):
            try:
                call(**facts)
            except Exception:  # noqa: BLE001 — the panels are strangers to each other
                _log.exception("panel did not listen", extra={"topic": topic})


class Session:
    """One connection, open as long as the kernel lives. `open_session` gives it.

    Attributes:
        bus: Between the panels.
    """

    def __init__(self, name: str | None, *, home: Path | None, config: Path | None) -> None:
        self.bus = Bus()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="hightonic session", daemon=True
        )
        self._thread.start()
        self._works: set[Future[Any]] = set()
        self._is_closed = False
        self._files = ExitStack()
        self._open = AsyncExitStack()
        try:
            opening = open_front_desk(name, home=home, config=config)
            self.desk: FrontDesk = self.start(self._open.enter_async_context(opening)).result()
            self.grid: GridSource = self._files.enter_context(
                open_grid(self.desk.name, home=home, config=config)
            )
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The connection."""
        return self.desk.name

    @property
    def is_closed(self) -> bool:
        """Whether it can no longer be used."""
        return self._is_closed

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work on the session's loop; from any thread, and without waiting for it.

        Raises:
            StateError: The session is closed.
        """
        if self._is_closed:
            work.close()
            raise _closed()
        return self._begin(work)

    def wait(self, work: Coroutine[Any, Any, T], *, within_s: float = _READ_S) -> T:
        """The same for what is short: its result. Never from the session's own thread.

        Raises:
            StateError: The session was closed meanwhile, or it took longer than `within_s`.
        """
        begun = self.start(work)
        try:
            return begun.result(within_s)
        except CancelledError as error:
            raise _closed() from error
        except TimeoutError as error:
            begun.cancel()
            raise StateError(
                f"This took longer than {within_s:.0f} s",
                unchanged="Nothing was changed",
                remedy="Try again when less is under way",
            ) from error

    def close(self) -> None:
        """Let running writes finish and close everything; twice is once."""
        if self._is_closed:
            return
        self._is_closed = True
        desk = getattr(self, "desk", None)  # it may never have opened
        if desk is not None:
            desk.request_stop()
        wait(set(self._works), _LEAVE_S)
        try:
            self._begin(self._open.aclose()).result(_LEAVE_S)
        finally:
            self._files.close()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_LEAVE_S)
            self._loop.close()

    def _begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        begun = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._works.add(begun)
        begun.add_done_callback(self._works.discard)
        return begun


def _closed() -> StateError:
    return StateError(
        "This connection was closed",
        unchanged="Nothing was changed",
        remedy="Run the notebook's first cell again",
    )


_sessions: dict[tuple[str | None, Path, Path | None], Session] = {}


def open_session(
    connection: str | None = None, *, home: Path | None = None, config: Path | None = None
) -> Session:
    """The kernel's session on a connection; a second call gives the same one.

    Args:
        connection: As in `hightonic.yaml`; None for `HIGHTONIC_CONNECTION`, else the only one.
        home: Home folder; None for `HIGHTONIC_HOME` or the platform's.
        config: Settings file; None for the one in the home.

    Raises:
        ConfigError: The settings cannot be used.
        StateError: The home cannot be used.
        UseError: No such connection, or a key is missing.
    """
    name = connection or os.environ.get("HIGHTONIC_CONNECTION") or None
    key = (name, home or default_home(), config)
    found = _sessions.get(key)
    if found is None or found.is_closed:
        found = _sessions[key] = Session(name, home=home, config=config)
        atexit.register(found.close)
    return found
