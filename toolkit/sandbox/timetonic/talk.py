"""Comments on rows and the messages of a book (section 10)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from toolkit.sandbox.timetonic.books import message_json
from toolkit.sandbox.timetonic.call import Access, Call, Handler
from toolkit.sandbox.timetonic.cells import user_json
from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.php import whole_number
from toolkit.sandbox.timetonic.state import Book, Message, TimeTonicState
from toolkit.sandbox.timetonic.table import Comment

_DEFAULT_MESSAGES = 50


class TalkFunctions:
    """get-, edit- and deleteTableValueComments, getBookMessages, sendMsg, deleteMsg."""

    def __init__(self, state: TimeTonicState, access: Access) -> None:
        self._state = state
        self._access = access

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Function name to function."""
        return {
            "getTableValueComments": self.get_comments,
            "editTableValueComments": self.edit_comment,
            "deleteTableValueComments": self.delete_comment,
            "getBookMessages": self.get_messages,
            "sendMsg": self.send_message,
            "deleteMsg": self.delete_message,
        }

    def get_comments(self, call: Call) -> dict[str, object]:
        """The remarks on one cell of a `comments` field, oldest first."""
        row_id, field_id, comments = self._thread(call)
        return self._thread_json(row_id, field_id, comments)

    def edit_comment(self, call: Call) -> dict[str, object]:
        """Change a remark; without a `commentId`, or with a `tmp` one, add it.

        How a first comment is added is not evidenced; this follows the row functions.
        """
        self._access.check_write(call)
        row_id, field_id, comments = self._thread(call)
        text = call.arguments.text("comment")
        comment_id = call.arguments.text("commentId").strip()
        if not comment_id or comment_id.startswith("tmp"):
            self._state.add_comment(row_id, field_id, text, user=call.author)
            return self._thread_json(row_id, field_id, self._thread(call)[2])
        comment = self._comment(comments, comment_id)
        comment.text, comment.sstamp = text, self._state.stamps.tick()
        return self._thread_json(row_id, field_id, comments)

    def delete_comment(self, call: Call) -> dict[str, object]:
        """Remove a remark."""
        self._access.check_write(call)
        row_id, field_id, comments = self._thread(call)
        comments.remove(self._comment(comments, call.arguments.text("commentId")))
        return self._thread_json(row_id, field_id, comments)

    def get_messages(self, call: Call) -> dict[str, object]:
        """Messages of a book, newest first, by stamp, id range, text and page."""
        self._access.check_messages(call)
        book = self._access.book(call)
        arguments = call.arguments
        first = arguments.whole("smidFirst")
        last = arguments.whole("smidLast")
        since = arguments.whole("sstamp")
        text = arguments.text("searchString").casefold()
        chosen = [
            message
            for message in reversed(book.messages)
            if message.sstamp > since
            and message.id >= first
            and (not last or message.id <= last)
            and text in message.text.casefold()
        ]
        size = arguments.whole("maxMessages") or _DEFAULT_MESSAGES
        start = arguments.whole("page") * size
        return {
            "sstamp": self._state.stamps.tick(),
            "b_c": book.code,
            "b_o": book.owner,
            "bookMessages": [message_json(book, each) for each in chosen[start : start + size]],
        }

    def send_message(self, call: Call) -> dict[str, object]:
        """Post a message, or change the one that `msg_id` names."""
        book = self._writable_book(call)
        arguments = call.arguments
        if message_id := arguments.whole("msg_id"):
            message = self._message(book, message_id)
            message.text = arguments.text("msg")
            message.body = arguments.text("body")
            message.sstamp = self._state.stamps.tick()
        else:
            message = Message(
                id=self._state.next_id(),
                uuid=arguments.text("uuid")
                or str(uuid.UUID(int=self._state.random.getrandbits(128))),
                user=call.author,
                text=arguments.text("msg"),
                body=arguments.text("body"),
                created_epoch_s=self._state.stamps.epoch_s(),
                sstamp=self._state.stamps.tick(),
                row_id=arguments.whole("linkedRowId") or None,
                field_id=arguments.whole("linkedFieldId") or None,
            )
            book.messages.append(message)
        book.sstamp = message.sstamp
        return {
            "sstamp": message.sstamp,
            "created": message.created_epoch_s,
            "createMessageId": message.id,
            "uuid": message.uuid,
        }

    def delete_message(self, call: Call) -> dict[str, object]:
        """Mark a message as deleted; it stays in the listing, for clients that keep a copy."""
        book = self._writable_book(call)
        message = self._message(book, call.arguments.whole("msg_id"))
        message.is_deleted, message.sstamp = True, self._state.stamps.tick()
        return {"sstamp": message.sstamp}

    def _writable_book(self, call: Call) -> Book:
        self._access.check_messages(call)
        self._access.check_write(call)
        return self._access.book(call)

    def _message(self, book: Book, message_id: int) -> Message:
        for message in book.messages:
            if message.id == message_id:
                return message
        raise RefusalError("unknown_message", message_id)

    def _thread(self, call: Call) -> tuple[int, int, list[Comment]]:
        table, row_id = self._access.row(call)
        field_id = call.arguments.whole("fieldId")
        column = table.fields.get(field_id)
        if column is None or column.type != "comments":
            raise RefusalError("unknown_field", field_id)
        return row_id, field_id, table.comments.get((row_id, field_id), [])

    def _comment(self, comments: list[Comment], sent_id: str) -> Comment:
        for comment in comments:
            if comment.id == whole_number(sent_id):
                return comment
        raise RefusalError("unknown_comment", whole_number(sent_id))

    def _thread_json(
        self, row_id: int, field_id: int, comments: list[Comment]
    ) -> dict[str, object]:
        listed = [
            {
                "id": each.id,
                "comment": each.text,
                "c": each.created_epoch_s,
                "s": each.sstamp,
                "u": user_json(self._state, each.user),
            }
            for each in comments
        ]
        return {
            "sstamp": self._state.stamps.tick(),
            "rowId": row_id,
            "fieldId": field_id,
            "data": {"comments": listed, "total": len(listed)},
        }
