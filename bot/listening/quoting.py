"""A message that somebody saves: its words as people read them, and the way back to it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from bot.listening.way import UNREACHED
from bot.words import mentioned, readable

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.listening.drafts import Where

_log = logging.getLogger(__name__)

_WITHIN_S: Final = 1.0
"""Slack waits three seconds for the form that shows it."""
_MOST_NAMES: Final = 5
_TITLE: Final = 80
"""Characters of a task's title that is taken from a message."""


async def read_message(client: AsyncWebClient, body: dict[str, Any]) -> Where:
    """All of it with its address, and a title; what Slack does not say at once is left away.

    Args:
        client: Of the workspace.
        body: Of a shortcut that was used on a message.
    """
    text = str(body["message"].get("text", ""))
    asked = [_name(client, user) for user in mentioned(text)[:_MOST_NAMES]]
    link, *names = await asyncio.gather(_permalink(client, body), *asked)
    return _split(readable(text, dict(zip(mentioned(text), names, strict=False))), link)


def _split(said: str, link: str) -> Where:
    title, _, rest = said.partition("\n")
    is_short = not rest and len(title) <= _TITLE
    return {
        "text": "\n\n".join(each for each in (said, link) if each),
        "title": title if is_short else f"{title[:_TITLE].rstrip()}\u2026",
    }


async def _permalink(client: AsyncWebClient, body: dict[str, Any]) -> str:
    try:
        async with asyncio.timeout(_WITHIN_S):
            found = await client.chat_getPermalink(
                channel=body["channel"]["id"], message_ts=body["message"]["ts"]
            )
    except UNREACHED as error:
        _log.warning("no link to a message", extra={"error": type(error).__name__})
        return ""
    return str(found.get("permalink") or "")


async def _name(client: AsyncWebClient, user: str) -> str:
    try:
        async with asyncio.timeout(_WITHIN_S):
            found = await client.users_info(user=user)
    except UNREACHED:
        return user
    return str((found.get("user") or {}).get("real_name") or user)
