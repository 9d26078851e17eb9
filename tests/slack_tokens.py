"""A home that `hightonic connect slack` has been to, without the asking."""

from __future__ import annotations

from pathlib import Path

from toolkit.app.slack_keys import AppKeys, Installation, SlackKeys
from toolkit.clients.pacing import SystemClock
from toolkit.sandbox.slack import SlackWorkspace
from toolkit.store import Store, open_vault


def put_tokens(
    home: Path, workspace: SlackWorkspace, *, is_socket: bool = True, bot_token: str = ""
) -> None:
    """Keep an emulated workspace's tokens in a home's vault.

    Args:
        home: The folder.
        workspace: Whose.
        is_socket: Whether Slack reaches the bot by Socket Mode; else it calls `/slack/events`.
        bot_token: Another than the workspace's.
    """
    held = workspace.credentials
    with Store.open(home) as store:
        keys = SlackKeys(store, open_vault(store, home), clock=SystemClock())
        keys.put_app(
            AppKeys(
                app_token=held.app_token if is_socket else "",
                signing_secret=held.signing_secret,
                base_url=held.base_url,
            )
        )
        team = workspace.state.team
        keys.put(
            Installation(
                team=team.id, bot_user=team.bot_user, bot_token=bot_token or held.bot_token
            )
        )
