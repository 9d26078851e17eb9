"""What listeners stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.commands import CommandDesk
    from bot.hands import Hands
    from bot.listening.members import Members
    from toolkit.app.slack_cards import CardReader
    from toolkit.app.slack_memory import SlackShelf


@dataclass(frozen=True, slots=True)
class Parts:
    """What listeners stand on.

    Attributes:
        client: Of the workspace, without retries of its own.
        bot_token: Its token.
        signing_secret: For requests over HTTP; Socket Mode authenticates by its own token.
        hands: Takes over lines that write; without, they are told to be impossible here.
        leave: Forgets a workspace that removed the app.
    """

    client: AsyncWebClient
    desk: CommandDesk
    shelf: SlackShelf
    cards: CardReader
    members: Members
    bot_token: str
    signing_secret: str = ""
    hands: Hands | None = None
    leave: Callable[[str], None] | None = None
