"""Files to one person: uploaded into their conversation with the bot, else told in a thread.

Three calls, as Slack wants it since `files.upload` went (docs, read 2026-11): where to, the
bytes, and what it is. Needs `files:write`, and `im:write` for the conversation.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.views.blocks import rich
from toolkit.errors import HightonicError, NotReachedError, UseError
from toolkit.model.chat_messages import Outgoing

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.commands.ground import Parcel
    from bot.workspaces import Workspaces
    from toolkit.app.slack_memory import SlackShelf
    from toolkit.model.chat_people import Person

_log = logging.getLogger(__name__)

_WITHIN_S: Final = 60.0
_OFF: Final = frozenset({"missing_scope", "not_allowed_token_type", "no_permission"})
_PART: Final = 2800
"""Characters of one message of a thread, below Slack's limit for a block."""
_MOST_PARTS: Final = 40


class Files:
    """Hands files over.

    Args:
        workspaces: The way into each.
        session: For the bytes.
        shelf: Keeps what is told in a thread until it is said.
    """

    def __init__(
        self, workspaces: Workspaces, session: aiohttp.ClientSession, shelf: SlackShelf
    ) -> None:
        self._workspaces = workspaces
        self._session = session
        self._shelf = shelf

    async def deliver(self, person: Person, parcel: Parcel) -> None:
        """Put a file where only this person sees it.

        Raises:
            UseError: Slack allows no files, and it is too long to be told.
            NotReachedError: Slack does not take it now.
            VendorError: There is no token.
        """
        client = await self._workspaces.client(person.team)
        try:
            async with asyncio.timeout(_WITHIN_S):
                await self._upload(client, person, parcel)
        except SlackApiError as error:
            word = str(error.response.get("error"))
            if word not in _OFF:
                raise _not_taken(word) from error
            _log.warning("file told in words", extra={"error": word})
            await asyncio.to_thread(self._tell, person, parcel)
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            raise _not_taken(type(error).__name__) from error

    async def _upload(self, client: AsyncWebClient, person: Person, parcel: Parcel) -> None:
        name, content = parcel.name, parcel.content
        asked = await client.files_getUploadURLExternal(filename=name, length=len(content))
        async with self._session.post(str(asked["upload_url"]), data=content) as answer:
            answer.raise_for_status()
        opened = await client.conversations_open(users=person.user)
        await client.files_completeUploadExternal(
            files=[{"id": str(asked["file_id"]), "title": name}],
            channel_id=str(opened["channel"]["id"]),
            initial_comment=parcel.said,
        )

    def _tell(self, person: Person, parcel: Parcel) -> None:
        """The same in messages of a thread, which the outbox says one after another."""
        said, parts = parcel.said, _parts(parcel.content.decode())
        if len(parts) > _MOST_PARTS:
            raise UseError(
                "This is too long without a file",
                unchanged="Nothing was sent",
                remedy="Give the app the scope files:write and install it again",
            )
        slot = f"file:{person.user}:{hashlib.sha256(parcel.content).hexdigest()[:16]}"
        root = Outgoing(slot, person.team, person.user, {"text": said})
        answers = [
            Outgoing(
                f"{slot}:{number}",
                person.team,
                person.user,
                {"text": said, "blocks": [rich(part, is_code=True)]},
                parent=slot,
            )
            for number, part in enumerate(parts)
        ]
        self._shelf.outbox.put([root, *answers])


def _parts(text: str) -> list[str]:
    """Whole lines together as far as they fit; a longer line is cut in pieces."""
    parts: list[str] = []
    for line in text.splitlines():
        for piece in [line[at : at + _PART] for at in range(0, len(line), _PART)] or [""]:
            if parts and len(parts[-1]) + len(piece) < _PART:
                parts[-1] = f"{parts[-1]}\n{piece}"
            else:
                parts.append(piece)
    return parts


def _not_taken(word: str) -> HightonicError:
    return NotReachedError(
        f"Slack did not take the file ({word})",
        system="slack",
        operation="files",
        unchanged="Nothing was exported",
        remedy="Try again in a minute",
    )
