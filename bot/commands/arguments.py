"""Values of a command, as the type its table promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.parse import ChannelRef, PersonRef
from toolkit.errors import UseError

if TYPE_CHECKING:
    from bot.commands.scene import Scene
    from bot.parse import Parsed


def text(parsed: Parsed, name: str) -> str:
    """A text; empty where it was left out."""
    value = parsed.values.get(name, "")
    return value if isinstance(value, str) else ""


def user(parsed: Parsed, name: str, *, me: str) -> str:
    """A Slack id; empty where a name was typed that Slack did not turn into a mention."""
    value = parsed.values.get(name)
    if not isinstance(value, PersonRef):
        return ""
    return me if value.name == "me" and not value.id else value.id


def channel(scene: Scene, parsed: Parsed) -> str:
    """The channel that is named by its id; the one it was typed in where none is."""
    value = parsed.values.get("channel")
    return value.id if isinstance(value, ChannelRef) and value.id else scene.channel


def about_whom(scene: Scene, parsed: Parsed, *, usual: str = "") -> str:
    """The Slack user an audit is asked about; empty for everybody.

    Raises:
        UseError: A name that Slack did not turn into a mention.
    """
    if "about" not in parsed.values:
        return usual
    word = text(parsed, "about")
    if word == "all":
        return ""
    if word == "me":
        return scene.person.user
    found = user(parsed, "about", me=scene.person.user)
    if not found:
        raise UseError(
            "Nobody is named",
            unchanged="Nothing was changed",
            remedy="Mention the person with @",
        )
    return found
