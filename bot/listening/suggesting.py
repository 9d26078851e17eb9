"""What fits what is being typed into a menu: contacts and tags, for who may see them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from bot.commands import Asked
from bot.listening.whose import team_of
from bot.parse.words import quoted
from bot.views.blocks import option
from bot.views.contacts import hit_label

if TYPE_CHECKING:
    from bot.listening.parts import Parts

Body = dict[str, Any]

_MOST: Final = 100
_LONGEST: Final = 100


class Suggestions:
    """Answers menus whose options come from here.

    Args:
        parts: What listeners stand on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def offer(self, ack: Any, body: Body) -> None:  # noqa: ANN401 — bolt's
        """What fits; nothing for who may not look at contacts.

        Who they are is taken as known: Slack waits three seconds for options, and opening
        the form had looked them up.
        """
        wanted = str(body.get("value", ""))[:_LONGEST]
        asked = Asked(
            team_of(body),
            str(body["user"]["id"]),
            str(body.get("channel", {}).get("id", "")),
            f"contact find {quoted(wanted)}",
            "modal",
        )
        is_tags = str(body.get("block_id", "")) == "tags"
        found = await asyncio.to_thread(self._found, asked, wanted, is_tags=is_tags)
        await ack(options=[option(label, value) for label, value in found[:_MOST]])

    def _found(self, asked: Asked, wanted: str, *, is_tags: bool) -> list[tuple[str, str]]:
        if self._parts.desk.refusal(asked) is not None:
            return []
        if is_tags:
            return [(wanted, wanted)] if wanted else []
        hits, _ = self._parts.cards.find(wanted, limit=_MOST)
        return [(hit_label(hit), hit.id) for hit in hits]
