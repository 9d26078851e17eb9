"""Keeps the page to this machine: it can act as anybody in the sandbox."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

HOSTS: Final = frozenset({"127.0.0.1", "localhost"})
_FORBIDDEN: Final = 403


class OnlyHere:
    """Refuses what another site's page could send, by name rebinding too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "http":
            request = Request(scope)
            origin = request.headers.get("origin")
            is_other = origin is not None and urlsplit(origin).netloc != request.url.netloc
            if request.url.hostname not in HOSTS or is_other:
                await Response("Only from this machine", _FORBIDDEN)(scope, receive, send)
                return
        await self._app(scope, receive, send)
