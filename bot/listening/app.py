"""The app on slack-bolt, with every listener.

No lazy listeners: with a shared session they answer every command with an error, and what
they do is lost when the process stops (reference study, reproduced with bolt 1.30).
`process_before_response` spares the poll for the acknowledgement.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.listening.listeners import Listeners

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.listening.parts import Parts

_log = logging.getLogger(__name__)

_ANY: Final = re.compile(".*", re.DOTALL)


def build_app(parts: Parts) -> tuple[AsyncApp, Listeners]:
    """The app with all its listeners; nothing is connected yet."""
    # The library logs bodies of refused requests, which may hold anything from anybody.
    logging.getLogger("slack_bolt").setLevel(logging.WARNING)
    listeners = Listeners(parts)
    bare = AsyncWebClient(
        base_url=parts.client.base_url, session=parts.client.session, retry_handlers=[]
    )
    app = AsyncApp(
        client=bare,
        authorize=_authorizer(parts.bot_token),
        signing_secret=parts.signing_secret or None,
        process_before_response=True,
        request_verification_enabled=bool(parts.signing_secret),
    )
    app.command(_ANY)(listeners.command)
    app.action(_ANY)(listeners.action)
    app.event("app_mention")(listeners.said)
    app.event({"type": "message", "channel_type": "im"})(listeners.said)
    app.event("app_home_opened")(listeners.home_opened)
    app.event("app_uninstalled")(listeners.removed)
    app.event("tokens_revoked")(listeners.removed)
    app.view(_ANY)(listeners.submitted)
    app.view_closed(_ANY)(listeners.ignore)
    app.options(_ANY)(listeners.suggest)
    app.shortcut(_ANY)(listeners.shortcut)
    app.event(_ANY)(listeners.ignore)
    app.error(_failed)
    return app, listeners


def _authorizer(token: str) -> Callable[..., Awaitable[AuthorizeResult]]:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Without `auth.test`: a call of its own before every acknowledgement would be late.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return authorize


async def _failed(error: Exception) -> BoltResponse:
    """An error answer would make Slack deliver again what fails again."""
    _log.error("listener failed", extra={"error": type(error).__name__})
    return BoltResponse(status=200, body="")
