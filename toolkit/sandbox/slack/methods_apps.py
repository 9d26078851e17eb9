"""What an app does about itself: sockets, installation, checking blocks."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from toolkit.sandbox.slack.blockkit import check_message, check_view
from toolkit.sandbox.slack.calls import Call, Method, SlackRefusalError
from toolkit.sandbox.slack.manifest import APP_ID, TokenKind
from toolkit.sandbox.slack.values import Json

_ROTATION_S = 43_200


class AppMethods:
    """Socket Mode, OAuth, and the validator.

    Args:
        client: Client id and secret, as Slack gave them to the app.
        open_socket: Makes the address of one WebSocket.
    """

    def __init__(self, client: tuple[str, str], *, open_socket: Callable[[], str]) -> None:
        self._client = client
        self._open_socket = open_socket
        self.methods: dict[str, Method] = {
            "apps.connections.open": Method(
                self.open_connection,
                ("connections:write",),
                kinds=(TokenKind.APP,),
                per_minute=1,
                is_write=True,
            ),
            "apps.uninstall": Method(self.uninstall, is_write=True, per_minute=1),
            "oauth.v2.access": Method(
                self.give_access, needs_token=False, is_write=True, per_minute=100
            ),
            "blocks.validate": Method(self.validate, per_minute=100),
            "api.test": Method(self.test, needs_token=False, per_minute=100),
        }

    async def open_connection(self, call: Call) -> Json:
        """`apps.connections.open`: an address for one WebSocket, good once."""
        if not call.state.app.is_socket_mode:
            raise SlackRefusalError("socket_mode_not_enabled")
        return {"url": self._open_socket()}

    async def uninstall(self, call: Call) -> Json:
        """`apps.uninstall`: every token dies."""
        self._check_client(call)
        call.state.tokens.clear()
        call.state.is_installed = False
        return {}

    async def give_access(self, call: Call) -> Json:
        """`oauth.v2.access`: tokens for a code, or fresh ones for a refresh token."""
        self._check_client(call)
        if call.text("grant_type") == "refresh_token":
            self._spend_refresh(call)
            return self._grant(call, user="")
        user = call.state.codes.pop(call.need("code"), None)
        if user is None:
            raise SlackRefusalError("invalid_code")
        return self._grant(call, user=user)

    def _check_client(self, call: Call) -> None:
        if call.text("client_id") != self._client[0]:
            raise SlackRefusalError("invalid_client_id")
        if call.text("client_secret") != self._client[1]:
            raise SlackRefusalError("bad_client_secret")

    def _spend_refresh(self, call: Call) -> None:
        """The old refresh token is revoked on use."""
        token = call.text("refresh_token")
        if token not in call.state.refresh_tokens:
            raise SlackRefusalError("invalid_refresh_token")
        call.state.refresh_tokens.discard(token)

    def _grant(self, call: Call, *, user: str) -> Json:
        state = call.state
        state.is_installed = True
        value: Json = {
            "access_token": state.new_bot_token(),
            "token_type": "bot",
            "scope": ",".join(state.app.scopes),
            "bot_user_id": state.team.bot_user,
            "app_id": APP_ID,
            "team": {"id": state.team.id, "name": state.team.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if user:
            value["authed_user"] = {"id": user}
        if state.app.rotates_tokens:
            refresh = f"xoxe-1-{secrets.token_hex(16)}"
            state.refresh_tokens.add(refresh)
            value |= {"refresh_token": refresh, "expires_in": _ROTATION_S}
        return value

    async def validate(self, call: Call) -> Json:
        """`blocks.validate`: of a list of blocks or of a view."""
        view = call.arguments.get("view")
        issues = check_view(view) if view else check_message(call.arguments)
        if issues:
            raise SlackRefusalError.of_issues(issues)
        return {}

    async def test(self, call: Call) -> Json:
        """`api.test`: an echo."""
        if error := call.text("error"):
            raise SlackRefusalError(error, more={"args": call.arguments})
        return {"args": call.arguments}
