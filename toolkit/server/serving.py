"""Uvicorn on the service's own event loop, started and stopped with the rest of it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import uvicorn

from toolkit.errors import UseError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_BACKLOG: Final = 2_048
_KEEP_ALIVE_S: Final = 30
_POLL_S: Final = 0.01


class _Server(uvicorn.Server):
    """Leaves the signals to the service: it also has an engine to bring to rest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """Serves one application on one address; start and stop once each.

    Args:
        app: What answers.
        host: Address to listen on.
        port: 0 takes a free one.
        grace_s: How long running requests may go on after `stop`, whole seconds.
    """

    def __init__(
        self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 8080, grace_s: int = 10
    ) -> None:
        self._host = host
        self._port = port
        config = uvicorn.Config(
            app,
            interface="asgi3",
            loop="none",
            lifespan="off",
            ws="none",
            # Its lines hold whole addresses, and the callback's address holds a code.
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=grace_s,
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port in use, once started."""
        return self._port

    async def start(self) -> None:
        """Listen; returns when requests are taken.

        Raises:
            UseError: The address is taken, or not this machine's.
        """
        bound = self._bound()
        self._port = bound.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[bound]))
        while not self._server.started and not self._serving.done():
            await asyncio.sleep(_POLL_S)
        if self._serving.done():
            await self._serving

    async def stop(self) -> None:
        """Take no more requests, let running ones end, and close; twice is once."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving

    def _bound(self) -> socket.socket:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
            )[0]
            # The protocol is named: asyncio spares sockets without it the fix for Nagle's delay.
            bound = socket.socket(family, kind, protocol)
        except OSError as error:
            raise _not_bound(self._host, self._port) from error
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
        except OSError as error:
            bound.close()
            raise _not_bound(self._host, self._port) from error
        bound.setblocking(False)  # noqa: FBT003 — the standard library's own signature
        return bound


def _not_bound(host: str, port: int) -> UseError:
    return UseError(
        f"Cannot listen on {host}:{port}",
        unchanged="Nothing was started",
        remedy="Choose a free port of this machine",
    )
