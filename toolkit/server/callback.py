"""The way back from a consent while no service runs: one address, for as long as one waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from toolkit.app.oauth_consent import CALLBACK_PATH
from toolkit.server.consents import ConsentDoor
from toolkit.server.serving import HttpServer

if TYPE_CHECKING:
    from toolkit.app.oauth_consent import Consent


@asynccontextmanager
async def taking_back(consent: Consent, *, host: str, port: int) -> AsyncIterator[int]:
    """Answer `GET /oauth/callback` for the length of a block; gives the port in use.

    Raises:
        UseError: The address is taken.
    """
    app = Starlette(routes=[Route(CALLBACK_PATH, ConsentDoor(consent).callback)])
    server = HttpServer(app, host=host, port=port)
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()
