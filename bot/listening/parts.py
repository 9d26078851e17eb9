"""What listeners stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.commands import CommandDesk
    from bot.hands import Hands
    from bot.listening.members import Members
    from bot.workspaces import Workspaces
    from toolkit.app.front_readings import FrontReadings
    from toolkit.app.slack_memory import SlackShelf


@dataclass(frozen=True, slots=True)
class Parts:
    """What listeners stand on.

    Attributes:
        workspaces: Where the app is installed, and the way into each.
        hands: Takes over lines that write; without, they are told to be impossible here.
        leave: Forgets a workspace that removed the app.
    """

    workspaces: Workspaces
    desk: CommandDesk
    shelf: SlackShelf
    cards: FrontReadings
    members: Members
    hands: Hands | None = None
    leave: Callable[[str], None] | None = None
