"""Where `hightonic serve` meets the bot: who has no Slack pays nothing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.app.slack_home import open_slack
from toolkit.app.slack_keys import AppKeys

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.app.host import Host


class NoService:
    """For processes without a Slack, and those that only take events in."""

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self, grace_s: float) -> None:
        """Nothing to end."""


def slack_service(home: Home, options: object, host: Host) -> object:
    """What the entry point `slack` of `hightonic.services` names.

    The bot and its libraries are loaded only where a workspace or an app is connected.
    """
    if not has_slack(home, host):
        return NoService()
    from bot.service import slack_service as build

    return build(home, options, host)


def has_slack(home: Home, host: Host) -> bool:
    """Whether a workspace was connected, or an app that workspaces may install.

    Raises:
        StateError: The vault cannot be read.
    """
    with open_slack(home) as found:
        return bool(found.tokens.bot_token) or host.slack.app() != AppKeys()
