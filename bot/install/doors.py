"""The bot's addresses on the server: pages for people, and Slack's calls where it uses HTTP."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.install.link_page import build_link_door
from bot.install.linking import LINK_PATH, Linking
from bot.install.oauth import build_install_doors
from bot.listening.signature import is_signed
from toolkit.app.slack_manifest import EVENTS_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_bolt.async_app import AsyncApp
    from slack_bolt.response import BoltResponse
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from toolkit.app.host import Host

_PREFIX: Final = "/slack"
_LARGEST_BYTES: Final = 1_000_000
_SLOWEST_S: Final = 10.0


def open_doors(host: Host) -> tuple[Linking, EventsDoor | None]:
    """Mount what this home needs; only while the service is being built.

    Returns:
        Who links people, and where Slack's calls arrive; None in Socket Mode.
    """
    found = host.slack
    keys, app = found.keys, found.keys.app()
    linking = Linking(
        keys,
        found.shelf,
        owners=found.owners,
        clock=found.clock.now,
        base_url=app.public_url,
    )
    if not found.is_wanted():
        return linking, None
    below: list[BaseRoute] = [
        Mount(LINK_PATH.removeprefix(_PREFIX), app=build_link_door(linking))
    ]
    door = None
    if app.signing_secret and not app.app_token:
        door = EventsDoor(lambda: keys.app().signing_secret)
        below.append(Route(EVENTS_PATH.removeprefix(_PREFIX), door))
    if app.client_id:
        below += build_install_doors(keys, found.shelf).routes
    host.mount(_PREFIX, Starlette(routes=below))
    return linking, door


class EventsDoor:
    """Takes Slack's signed calls to the app, on the loop where the app lives.

    Until the app is there, and once it has gone, it answers 503: Slack tries again.

    Args:
        secret: The signing secret in force.
        now_s: Unix time.
    """

    def __init__(
        self,
        secret: Callable[[], str],
        *,
        now_s: Callable[[], float] = time.time,  # noqa: TID251 — the default of an argument
    ) -> None:
        self._secret = secret
        self._now_s = now_s
        self._app: AsyncApp | None = None
        self._home: asyncio.AbstractEventLoop | None = None

    def lead_to(self, app: AsyncApp | None) -> None:
        """From now on hand calls to this app, on the loop this is called on; None for none."""
        self._app = app
        self._home = asyncio.get_running_loop() if app is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call; our own look at the signature comes before anything reads the body."""
        if scope["type"] != "http":
            return
        response = await self._answered(Request(scope, receive))
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status_code=405, headers={"allow": "POST"})
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        is_good = is_signed(
            await asyncio.to_thread(self._secret),
            body,
            stamp=request.headers.get("x-slack-request-timestamp", ""),
            signature=request.headers.get("x-slack-signature", ""),
            now_s=self._now_s(),
        )
        if not is_good:
            return Response(status_code=401)
        app, home = self._app, self._home
        if app is None or home is None:
            return Response(status_code=503)
        asked = AsyncBoltRequest(
            body=body.decode("utf-8", "replace"),
            query=str(request.url.query),
            headers={name: [value] for name, value in request.headers.items()},
        )
        work = asyncio.run_coroutine_threadsafe(app.async_dispatch(asked), home)
        return _response(await asyncio.wrap_future(work))


async def _read(request: Request) -> bytes | None:
    """The whole body; None where it is too large, too slow or cut off."""
    body = b""
    try:
        async with asyncio.timeout(_SLOWEST_S):
            async for part in request.stream():
                body += part
                if len(body) > _LARGEST_BYTES:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return body


def _response(made: BoltResponse) -> Response:
    response = Response(made.body, status_code=made.status)
    for name, values in made.headers.items():
        if name.lower() != "content-length":
            for value in values:
                response.headers.append(name, value)
    return response
