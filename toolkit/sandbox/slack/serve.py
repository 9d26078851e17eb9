"""The workspace over TCP: Web API, Socket Mode and the page, on one port of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import uvicorn

from toolkit.errors import StateError
from toolkit.sandbox.common import EmulatorClock, Receive, Scope, Send
from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.serving import CuttingProtocol, open_socket
from toolkit.sandbox.slack.line_socket import LINK_PATH
from toolkit.sandbox.slack.page import build_page
from toolkit.sandbox.slack.seeding import roster
from toolkit.sandbox.slack.workspace import SlackOptions, SlackWorkspace

_STARTUP_S: Final = 30.0
_TICK_S: Final = 0.1
_PAGE_PATHS: Final = ("/page/", "/oauth/")


class _Server(uvicorn.Server):
    """Leaves the signals of the process alone; says when it takes requests."""

    def __init__(self, config: uvicorn.Config, *, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop
        self.ready = threading.Event()
        self.stop_asked = asyncio.Event()

    async def main_loop(self) -> None:
        """Uvicorn's, but it ends as soon as it is asked to: tests start and stop many."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop_asked.wait(), _TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Pages that wait for news would hold the end up for a second.
        self._on_stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class SlackSandbox:
    """One emulated workspace, served.

    In a test: `async with SlackSandbox.running()`, everything on the test's own loop. Beside other
    work: `start()` and `stop()`, on a thread; then use the page or its addresses, as the
    workspace object belongs to that thread.

    Args:
        options: How the workspace behaves.
        port: 0 takes a free one.
        clock: May be shared with other emulators; so may `faults` and `recorder`.
    """

    def __init__(
        self,
        options: SlackOptions | None = None,
        *,
        port: int = 0,
        clock: EmulatorClock | None = None,
        faults: FaultPlan | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.workspace = SlackWorkspace(options, clock=clock, faults=faults, recorder=recorder)
        self._port = port
        self._page = build_page(self.workspace)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        options: SlackOptions | None = None,
        *,
        clock: EmulatorClock | None = None,
        port: int = 0,
    ) -> AsyncIterator[SlackSandbox]:
        """A workspace served on this very loop for the length of a block."""
        sandbox = cls(options, clock=clock, port=port)
        bound = sandbox._open()
        served = asyncio.create_task(sandbox._serve(bound))
        try:
            while not (sandbox._server and sandbox._server.started):
                if served.done():
                    served.result()
                await asyncio.sleep(0.001)
            yield sandbox
        finally:
            sandbox._ask_to_stop()
            if sandbox._server is not None:
                sandbox._server.stop_asked.set()
            await served
            bound.close()

    @property
    def page_url(self) -> str:
        """Where a person looks at the workspace and uses it."""
        return f"{self.workspace.state.base_url}/"

    def ready_line(self) -> dict[str, Any]:
        """Address and credentials, as `hightonic sandbox --json` prints those of the others."""
        held = self.workspace.credentials
        return {
            "base_url": held.base_url,
            "bot_token": held.bot_token,
            "app_token": held.app_token,
            "signing_secret": held.signing_secret,
            "client_id": held.client_id,
            "client_secret": held.client_secret,
            "page_url": self.page_url,
            "people": roster(self.workspace.state),
        }

    def start(self) -> None:
        """Serve on a thread of its own; a second call changes nothing.

        Raises:
            UseError: The port is taken.
            StateError: The server did not come up within 30 seconds.
        """
        if self._thread is not None:
            return
        bound = self._open()
        self._server = None
        begun = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(bound, begun), name="slack sandbox", daemon=True
        )
        self._thread.start()
        if not begun.wait(_STARTUP_S) or not self._wait_ready():
            raise StateError("The Slack sandbox did not start")

    def stop(self) -> None:
        """Stop serving; a second call changes nothing."""
        self._ask_to_stop()
        if self._thread is not None:
            self._thread.join()
        self._thread = None

    def _wait_ready(self) -> bool:
        return self._server is not None and self._server.ready.wait(_STARTUP_S)

    def _run(self, bound: socket.socket, begun: threading.Event) -> None:
        with contextlib.closing(bound):
            asyncio.run(self._serve(bound, begun))

    def _open(self) -> socket.socket:
        bound = open_socket(self._port)
        for one in (self.workspace, *self.workspace.others):
            one.state.base_url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        return bound

    def _ask_to_stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True

    async def _serve(self, bound: socket.socket, begun: threading.Event | None = None) -> None:
        config = uvicorn.Config(
            self.serve,
            http=CuttingProtocol,
            interface="asgi3",
            proxy_headers=False,
            loop="asyncio",
            ws="wsproto",
            lifespan="off",
            access_log=False,
            log_level="critical",
            timeout_graceful_shutdown=1,
            backlog=2048,
        )
        self._server = _Server(config, on_stop=self._wake_pages)
        if begun is not None:
            begun.set()
        retries = asyncio.create_task(self.workspace.teller.retry_forever())
        try:
            await self._server.serve(sockets=[bound])
        finally:
            retries.cancel()
            with suppress(asyncio.CancelledError):
                await retries
            await self.workspace.aclose()

    def _wake_pages(self) -> None:
        for one in (self.workspace, *self.workspace.others):
            one.state.changes.note()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application: sockets, page, Web API."""
        path = scope.get("path", "")
        if scope["type"] == "websocket" and path == LINK_PATH:
            await self.workspace.sockets.serve(scope, receive, send)
        elif path == "/" or path.startswith(_PAGE_PATHS):
            await self._page(scope, receive, send)
        else:
            await self.workspace.emulator.app(scope, receive, send)
