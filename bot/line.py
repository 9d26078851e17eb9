"""Socket Mode: one connection by the app's own token, for every workspace it is in."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackClientError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncApp

_log = logging.getLogger(__name__)
# The library's lines hold traces, and addresses that open a socket: ours say what is so.
_unheard = _log.getChild("library")
_unheard.setLevel(logging.CRITICAL)

_FIRST_WAIT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 300.0
_CONNECT_S: Final = 15.0
_LOOK_S: Final = 30.0
"""Longer than the library takes to connect anew where it can."""


class Line:
    """Tries until Slack lets us in, then stays.

    Args:
        app: Who is called.
        app_token: Opens the connection.
        sleep: Waits between two tries, and between two looks.
    """

    def __init__(
        self, app: AsyncApp, app_token: str, *, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._sleep = sleep
        self._handler: AsyncSocketModeHandler | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect; where that fails, go on trying beside everything else."""
        await self._connect()
        self._keeping = asyncio.create_task(self._keep(), name="slack line")

    async def close(self) -> None:
        """Hear nothing more, and try no more."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._drop()

    async def _keep(self) -> None:
        wait_s = _FIRST_WAIT_S
        while True:
            if self._handler is not None:
                await self._look(self._handler)
                wait_s = _FIRST_WAIT_S
            else:
                await self._sleep(wait_s)
                await self._connect()
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def _look(self, handler: AsyncSocketModeHandler) -> None:
        """The library tries one address for ever: a line down at two looks is laid anew."""
        for _ in range(2):
            await self._sleep(_LOOK_S)
            if await handler.client.is_connected():
                return
        _log.warning("slack line down")
        await self._drop()

    async def _connect(self) -> None:
        """Let in or not: the sync must not stand still because Slack does not answer."""
        handler = AsyncSocketModeHandler(self._app, self._app_token, _unheard, self._app.client)
        self._handler = handler
        try:
            async with asyncio.timeout(_CONNECT_S):
                opened = await self._app.client.apps_connections_open(app_token=self._app_token)
                handler.client.wss_uri = str(opened["url"])
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            await self._drop()
            _log.error(
                "slack not connected",
                extra={"error": type(error).__name__, "remedy": "hightonic doctor"},
            )

    async def _drop(self) -> None:
        """A handler has a session and tasks of its own, also where it never got in."""
        handler, self._handler = self._handler, None
        if handler is not None:
            await handler.close_async()  # type: ignore[no-untyped-call]
