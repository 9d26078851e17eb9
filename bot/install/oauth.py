"""The two addresses by which people install the app in a workspace of theirs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store import Installation
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.install.store import StateStore, VaultInstallations
from toolkit.app.slack_calls import SlackCaller
from toolkit.app.slack_features import FEATURES
from toolkit.app.slack_manifest import INSTALL_PATH, REDIRECT_PATH
from toolkit.errors import VendorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from slack_bolt.response import BoltResponse
    from starlette.requests import Request

    from toolkit.app.slack_keys import AppKeys, SlackKeys
    from toolkit.app.slack_memory import SlackShelf

_log: Final = logging.getLogger(__name__)
_USUAL: Final = tuple(scope for each in FEATURES if each.is_usual for scope in each.scopes)
_PREFIX: Final = "/slack"
# A code or state stands in these addresses: they are kept from caches and referrers.
_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def build_install_doors(
    keys: SlackKeys, shelf: SlackShelf, *, scopes: Iterable[str] = _USUAL
) -> Starlette:
    """`/install` and `/oauth_redirect`, to be mounted at `/slack`.

    The state is good once, for ten minutes, and only in the browser that began.

    Args:
        keys: Hold the app's id and secret, and take the installations.
        shelf: Of the bot.
        scopes: What to ask for; as the manifest does.
    """
    app = keys.app()
    flow = _Flow(
        app,
        logger=_quiet(),
        settings=AsyncOAuthSettings(
            client_id=app.client_id,
            client_secret=app.client_secret,
            scopes=list(scopes),
            redirect_uri=f"{app.public_url}{REDIRECT_PATH}",
            install_path=INSTALL_PATH,
            install_page_rendering_enabled=False,
            redirect_uri_path=REDIRECT_PATH,
            authorization_url=_consent_page(app),
            installation_store=VaultInstallations(keys, shelf),
            installation_store_bot_only=False,
            token_rotation_expiration_minutes=0,
            state_store=StateStore(keys),
        ),
    )
    return Starlette(
        routes=[
            _route(INSTALL_PATH, flow.handle_installation),
            _route(REDIRECT_PATH, flow.handle_callback),
        ]
    )


class _Flow(AsyncOAuthFlow):
    """Bolt's flow; the code is exchanged by ourselves, once, with typed failures."""

    def __init__(
        self, app: AppKeys, *, settings: AsyncOAuthSettings, logger: logging.Logger
    ) -> None:
        super().__init__(settings=settings, logger=logger)
        self._app = app

    async def run_installation(self, code: str) -> Installation | None:
        """The installation a code stands for; None where Slack does not take it."""
        app = self._app
        given = {
            "code": code,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "redirect_uri": self.settings.redirect_uri or "",
        }
        try:
            async with SlackCaller(base_url=app.base_url) as caller:
                answer = await caller.call("oauth.v2.access", given)
        except VendorError as error:
            _log.warning("slack not installed", extra={"error": type(error).__name__})
            return None
        return _installation(answer.body)


def _installation(said: Mapping[str, Any]) -> Installation:
    team, enterprise = said.get("team") or {}, said.get("enterprise") or {}
    return Installation(
        app_id=said.get("app_id"),
        enterprise_id=enterprise.get("id"),
        team_id=team.get("id"),
        team_name=team.get("name"),
        bot_token=said.get("access_token"),
        bot_user_id=said.get("bot_user_id"),
        bot_scopes=said.get("scope") or "",
        bot_refresh_token=said.get("refresh_token"),
        bot_token_expires_in=said.get("expires_in"),
        user_id=str((said.get("authed_user") or {}).get("id") or ""),
    )


def _route(path: str, handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Route:
    async def answer(request: Request) -> Response:
        if request.method != "GET":
            return Response(status_code=405, headers={"allow": "GET", **_HEADERS})
        asked = AsyncBoltRequest(
            body="",
            query=str(request.url.query),
            headers={name: [value] for name, value in request.headers.items()},
        )
        return _answered(await handle(asked))

    return Route(path.removeprefix(_PREFIX), answer, methods=["GET"])


def _answered(made: BoltResponse) -> Response:
    response = Response(made.body, status_code=made.status, headers=_HEADERS)
    for name, values in made.headers.items():
        if name.lower() == "content-length":
            continue
        for value in values:
            response.headers.append(name, value)
    return response


def _consent_page(app: AppKeys) -> str:
    """Slack's own page stands beside its Web API."""
    return app.base_url.removesuffix("api/") + "oauth/v2/authorize"


def _quiet() -> logging.Logger:
    # Bolt's own words at INFO and DEBUG may hold codes and bodies.
    quiet = _log.getChild("flow")
    quiet.setLevel(logging.WARNING)
    return quiet
