"""Uvicorn in a thread of its own, able to cut a connection in the middle of a request."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from toolkit.errors import StateError, UseError
from toolkit.sandbox.common import CUT_EXTENSION, App, Receive, Scope, Send

_HOST: Final = "127.0.0.1"
_STARTUP_S: Final = 30.0
_SHUTDOWN_S: Final = 1


class CuttingProtocol(H11Protocol):
    """Hands the application a way to cut the socket, as a fault plan may ask."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — uvicorn's own
        super().__init__(*args, **kwargs)
        inner = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {CUT_EXTENSION: self.transport.abort}
            await inner(scope, receive, send)

        self.app = with_cut


class _Server(uvicorn.Server):
    """Says when it is ready, and that it could not start."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def open_socket(port: int) -> socket.socket:
    """A socket bound on this machine alone; port 0 takes a free one.

    Raises:
        UseError: The port is taken.
    """
    # Named in full: asyncio turns Nagle's delay (40 ms an answer) off for sockets that say TCP only.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((_HOST, port))
    except OSError as taken:
        bound.close()
        raise UseError(
            f"Port {port} is taken", remedy="Choose another, or 0 for a free one"
        ) from taken
    return bound


class BackgroundServer:
    """One application on some sockets, in a thread; start and stop once each.

    Args:
        app: Serves the requests.
        sockets: Bound; closed by `stop`.
        companion: Runs beside the application on its loop, and is cancelled at the end.
    """

    def __init__(
        self,
        app: App,
        sockets: list[socket.socket],
        *,
        companion: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        config = uvicorn.Config(
            app,
            http=CuttingProtocol,
            interface="asgi3",
            proxy_headers=False,
            loop="asyncio",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="critical",
            timeout_graceful_shutdown=_SHUTDOWN_S,
            backlog=2048,
        )
        self._sockets = sockets
        self._companion = companion
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    def start(self) -> None:
        """Serve; returns when requests are taken.

        Raises:
            StateError: The server did not come up within 30 seconds.
        """
        self._thread.start()
        if not self._server.ready.wait(_STARTUP_S):
            raise StateError("The sandbox did not start", remedy="Look at this machine's load")

    def stop(self) -> None:
        """Take no more requests, let the running ones end for a second, close the sockets."""
        self._server.should_exit = True
        self._thread.join()
        for bound in self._sockets:
            bound.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        companion = asyncio.create_task(self._companion())
        try:
            await self._server.serve(sockets=self._sockets)
        finally:
            companion.cancel()
            with suppress(asyncio.CancelledError):
                await companion
