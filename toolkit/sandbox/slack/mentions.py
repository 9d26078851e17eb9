"""What Slack makes of what a person types: names, channels and links become markup."""

from __future__ import annotations

import re
from typing import Final

from toolkit.sandbox.slack.state import SlackState

_WORD: Final = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?P<email>(?<![\w@.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<user>(?<![\w@])@[\w.-]*\w)"
    r"|(?P<channel>(?<![\w#])#[\w-]+)"
)
_BROADCASTS: Final = frozenset({"here", "channel", "everyone"})


def escape(text: str) -> str:
    """Text in which Slack finds no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_typed(text: str, state: SlackState, *, with_names: bool) -> str:
    """What reaches the app for what a person typed.

    Args:
        text: As typed.
        state: Knows people and channels.
        with_names: `<@U1|anna>` as in commands, rather than `<@U1>` as in messages.
    """
    parts: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        parts.append(escape(text[end : match.start()]))
        parts.append(_mark(match, state, with_names=with_names))
        end = match.end()
    return "".join([*parts, escape(text[end:])])


def _mark(match: re.Match[str], state: SlackState, *, with_names: bool) -> str:
    word = match[0]
    match match.lastgroup:
        case "url":
            return f"<{escape(word)}>"
        case "email":
            return f"<mailto:{word}|{word}>"
        case "user":
            return _mark_user(word, state, with_names=with_names)
        case _:
            found = state.find_channel(word)
            return f"<#{found.id}|{found.name}>" if found else word


def _mark_user(word: str, state: SlackState, *, with_names: bool) -> str:
    name = word[1:]
    if name in _BROADCASTS:
        return f"<!{name}>"
    for one in state.people.values():
        if one.name == name:
            return f"<@{one.id}|{name}>" if with_names else f"<@{one.id}>"
    return word
