"""What people say: comments on cells, and the messages of a book."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from toolkit.clients.timetonic.caller import Caller
from toolkit.clients.timetonic.protocol import Effect
from toolkit.clients.timetonic.wire import CommentsWire, MessageWire, SentMessageWire, read_as
from toolkit.errors import MalformedAnswerError, UseError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellComments:
    """The comments of one cell; the inner shape of `content` is not published."""

    row_id: int
    field_id: int
    content: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; its text stays out of `repr`."""

    id: int | None
    uuid: str
    author: str
    text: str = field(repr=False)
    body: str = field(repr=False)
    created_at: datetime | None
    stamp: int | None
    row_id: int | None
    is_deleted: bool

    @classmethod
    def from_wire(cls, wire: MessageWire) -> Message:
        """The message out of an answer."""
        return cls(
            id=wire.id,
            uuid=wire.uuid,
            author=wire.author,
            text=wire.text,
            body=wire.body,
            created_at=_instant(wire.created_s),
            stamp=wire.stamp,
            row_id=wire.row_id,
            is_deleted=wire.is_deleted,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent:
    """Receipt of a message."""

    id: int | None
    uuid: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A date attached to a message.

    Args:
        starts_at: Aware.
        ends_at: Aware.
        time_zone: Zone in which it is shown.
    """

    starts_at: datetime
    ends_at: datetime
    time_zone: str = "Europe/Paris"

    def as_argument(self) -> dict[str, object]:
        """The value of `event`; times in epoch seconds (vendor's n8n node)."""
        return {
            "eventStart": int(self.starts_at.timestamp()),
            "eventEnd": int(self.ends_at.timestamp()),
            "eventTimezone": self.time_zone,
        }


class Comments:
    """`client.comments`: comments of one cell. Adding a first one is not published."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self, row_id: int, field_id: int) -> CellComments:
        """The comments of a cell, empty `content` when there are none."""
        payload = await self._caller.call(
            "getTableValueComments", {"rowId": row_id, "fieldId": field_id}
        )
        wire = read_as(CommentsWire, payload, operation="getTableValueComments")
        content = None if wire.content == [] else wire.content
        return CellComments(row_id=row_id, field_id=field_id, content=content)

    async def edit(self, row_id: int, field_id: int, *, comment_id: int, text: str) -> None:
        """Replace the text of a comment; a second call changes nothing more.

        Raises:
            NotFoundError: There is no such comment.
        """
        await self._caller.call(
            "editTableValueComments",
            {"rowId": row_id, "fieldId": field_id, "commentId": comment_id, "comment": text},
            effect=Effect.IDEMPOTENT,
        )

    async def delete(self, row_id: int, field_id: int, *, comment_id: int) -> None:
        """Delete a comment.

        Raises:
            NotFoundError: It was gone before.
        """
        await self._caller.call(
            "deleteTableValueComments",
            {"rowId": row_id, "fieldId": field_id, "commentId": comment_id},
            effect=Effect.REMOVE,
        )


class Messages:
    """`client.messages`: the chat of the book.

    Args:
        caller: Makes the calls.
        new_uuid: Names messages; replaced in tests.
    """

    def __init__(
        self, caller: Caller, *, new_uuid: Callable[[], uuid.UUID] = uuid.uuid4
    ) -> None:
        self._caller = caller
        self._new_uuid = new_uuid

    async def list_messages(
        self,
        *,
        since_stamp: int | None = None,
        page: int | None = None,
        max_messages: int | None = None,
        search: str | None = None,
    ) -> tuple[Message, ...]:
        """Messages of the book; how they are ordered is the server's affair.

        Args:
            since_stamp: Only those changed after this server stamp.
            page: Page number as the server counts.
            max_messages: At most this many.
            search: Only those that hold this text.
        """
        self._caller.named_book()
        payload = await self._caller.call(
            "getBookMessages",
            {
                "sstamp": since_stamp,
                "page": page,
                "maxMessages": max_messages,
                "searchString": search,
            },
        )
        listed = payload.get("bookMessages")
        if not isinstance(listed, list):
            raise MalformedAnswerError(
                "TimeTonic's answer to getBookMessages holds no messages",
                system="timetonic",
                operation="getBookMessages",
            )
        return tuple(
            Message.from_wire(read_as(MessageWire, each, operation="getBookMessages"))
            for each in listed
        )

    async def send(
        self,
        text: str,
        *,
        body: str | None = None,
        event: Event | None = None,
        edits: int | None = None,
    ) -> MessageSent:
        """Say something in the book; a second call says it again.

        Args:
            text: The message, not empty.
            body: A longer text below it.
            event: A date to attach.
            edits: Id of an earlier message of ours, to replace instead of adding.

        Raises:
            UnknownOutcomeError: No sure answer came; it may have been posted.
        """
        self._caller.named_book()
        if not text:
            raise UseError("a message holds some text", unchanged="Nothing was sent")
        payload = await self._caller.call(
            "sendMsg",
            {
                "msg": text,
                "body": body,
                "event": None if event is None else event.as_argument(),
                "msg_id": edits,
                "uuid": str(self._new_uuid()),
            },
            effect=Effect.CREATE if edits is None else Effect.IDEMPOTENT,
        )
        wire = read_as(SentMessageWire, payload, operation="sendMsg")
        return MessageSent(id=wire.id, uuid=wire.uuid, created_at=_instant(wire.created_s))


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else _EPOCH + timedelta(seconds=seconds)
