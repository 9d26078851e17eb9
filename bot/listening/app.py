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

from bot.listening.listeners import Listeners
from toolkit.errors import HightonicError

if TYPE_CHECKING:
    from bot.listening.parts import Parts

_log = logging.getLogger(__name__)

_ANY: Final = re.compile(".*", re.DOTALL)


def build_app(parts: Parts) -> tuple[AsyncApp, Listeners]:
    """The app with all its listeners; nothing is connected yet."""
    # The library logs bodies of refused requests, which may hold anything from anybody.
    logging.getLogger("slack_bolt").setLevel(logging.WARNING)
    listeners = Listeners(parts)
    app = AsyncApp(
        client=parts.workspaces.bare_client(),
        authorize=_authorize,
        process_before_response=True,
        # The door has looked at the signature; Socket Mode goes by the app's own token.
        request_verification_enabled=False,
    )
    app.command(_ANY)(listeners.command)
    app.action(_ANY)(listeners.action)
    app.event("app_mention")(listeners.said)
    app.event({"type": "message", "channel_type": "im"})(listeners.said)
    app.event("app_home_opened")(listeners.home_opened)
    app.event("link_shared")(listeners.link_shared)
    app.event("app_uninstalled")(listeners.removed)
    app.event("tokens_revoked")(listeners.removed)
    app.view(_ANY)(listeners.submitted)
    app.view_closed(_ANY)(listeners.ignore)
    app.options(_ANY)(listeners.suggest)
    app.shortcut(_ANY)(listeners.shortcut)
    app.event(_ANY)(listeners.ignore)
    app.error(_failed)
    return app, listeners


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Slack itself calls us, so everybody is let in: what they may do, the desk decides.

    Without `auth.test`, which before every acknowledgement would be late, and without a
    token, which might have to be renewed: who needs one asks for its workspace's.
    """
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _failed(error: Exception) -> BoltResponse:
    """Nothing was acknowledged: Slack says so to who clicked.

    What stands in the way of the work may be gone when Slack delivers an event again; what
    is broken in us is not, so it is told not to.
    """
    _log.error("listener failed", extra={"error": type(error).__name__})
    if isinstance(error, HightonicError):
        return BoltResponse(status=503, body="")
    return BoltResponse(status=500, body="", headers={"X-Slack-No-Retry": "1"})
