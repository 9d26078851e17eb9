"""Where `hightonic serve` meets the bot: who has no Slack pays nothing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.app.home import Home
    from toolkit.app.host import Host


class NoService:
    """For processes without a Slack, and those that only take events in."""

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self, grace_s: float) -> None:
        """Nothing to end."""


def slack_service(home: Home, _options: object, host: Host) -> object:
    """What the entry point `slack` of `hightonic.services` names.

    The bot and its libraries are loaded only where a workspace or an app is connected.

    Raises:
        StateError: The vault cannot be read.
    """
    if not host.slack.is_wanted():
        return NoService()
    from bot.service import slack_service as build

    return build(home, host)
