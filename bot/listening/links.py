"""Links to HighLevel's contact pages that somebody posts: what is known of the contact below.

Everybody in the conversation sees what stands below a link, whoever they are. So in a
channel it says nothing about a person; the card itself is a click away, for each who may
see it. In the bot's own conversation with one person it is the card.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bot.commands import Asked
from bot.parse.words import quoted
from bot.views import contacts
from bot.words import Voice
from toolkit.model.ids import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.listening.parts import Parts
    from toolkit.model.cards import ContactCard

Body = dict[str, Any]

_MOST: Final = 5
"""Links of one message that are looked up."""


class Links:
    """Unfurls. Needs the scopes `links:read` and `links:write`.

    Args:
        parts: What listeners stand on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def shared(self, event: Body, team: str) -> None:
        """Somebody writes or has posted a message with links; nothing for who may not see.

        Raises:
            SlackApiError: Slack does not take it.
        """
        user = str(event["user"])
        await self._parts.members.refresh(team, user)
        unfurls = await asyncio.to_thread(self._unfurls, event, team, user)
        if unfurls:
            client = await self._parts.workspaces.client(team)
            await client.api_call("chat.unfurl", json={**_place(event), "unfurls": unfurls})

    def _unfurls(self, event: Body, team: str, user: str) -> dict[str, Body]:
        person = self._parts.shelf.people.find_person(team, user)
        voice = Voice(person.language, person.zone) if person else Voice()
        channel = str(event.get("channel", ""))
        is_alone = channel.startswith("D") and event.get("is_bot_user_member") is True
        found = {}
        for link in event.get("links", ())[:_MOST]:
            card = self._card(str(link.get("url", "")))
            if card is not None and self._may(team, user, channel, card):
                shown = contacts.card(voice, card) if is_alone else contacts.hint(voice, card)
                found[str(link["url"])] = {"blocks": [*shown.blocks]}
        return found

    def _may(self, team: str, user: str, channel: str, card: ContactCard) -> bool:
        line = f"contact show {quoted(card.id)}"
        return self._parts.desk.may(Asked(team, user, channel, line, "link"))

    def _card(self, url: str) -> ContactCard | None:
        """The contact whose page this is; addresses differ, its id in them does not."""
        for part in urlsplit(url).path.split("/"):
            card = self._parts.cards.card(part) if part else None
            page = card.urls.get(Side.HIGHLEVEL, "") if card else ""
            # An id is more than the beginning of one, or somebody's phone number.
            if card is not None and page.rpartition("/")[2] == part:
                return card
        return None


def _place(event: Mapping[str, Any]) -> Body:
    """A message that is still being written has no place yet, but a name of its own."""
    if event.get("unfurl_id") and event.get("source"):
        return {"unfurl_id": str(event["unfurl_id"]), "source": str(event["source"])}
    return {"channel": str(event["channel"]), "ts": str(event["message_ts"])}
