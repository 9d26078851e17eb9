"""One call as the functions see it, and what its caller may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from toolkit.sandbox.timetonic.envelope import RefusalError
from toolkit.sandbox.timetonic.php import Arguments
from toolkit.sandbox.timetonic.state import Book, Session, TimeTonicState
from toolkit.sandbox.timetonic.table import Table


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart body."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call after its session was checked.

    `user` owns the session and has the rights (`o_u`); `author` is in whose name it acts (`u_c`).
    """

    req: str
    arguments: Arguments
    base_url: str
    user: str = ""
    author: str = ""
    session: Session | None = None
    upload: Upload | None = None


Handler: TypeAlias = Callable[[Call], Mapping[str, object]]


class Access:
    """Which books and tables a call may reach.

    Args:
        state: The books and their members.
    """

    def __init__(self, state: TimeTonicState) -> None:
        self._state = state

    def books(self, call: Call) -> list[Book]:
        """The books of the caller, own and shared."""
        return [book for book in self._state.books if self._may_see(call, book)]

    def book(self, call: Call) -> Book:
        """The book that `b_c` and `b_o` name.

        Raises:
            RefusalError: There is none, or it is not the caller's.
        """
        code = call.arguments.text("b_c")
        owner = call.arguments.text("b_o") or call.user
        for book in self._state.books:
            if (book.owner, book.code) == (owner, code):
                self._check(call, book)
                return book
        raise RefusalError("unknown_book")

    def table(self, call: Call) -> Table:
        """The table that `catId`, or `catCode` with `b_c`, names.

        Raises:
            RefusalError: There is none, or its book is not the caller's.
        """
        arguments = call.arguments
        table = self._state.tables.get(arguments.whole("catId"))
        if table is None and arguments.has("catCode") and arguments.has("b_c"):
            code = arguments.text("catCode")
            table = next((each for each in self.book(call).tables if each.code == code), None)
        if table is None:
            raise RefusalError("unknown_table", arguments.whole("catId"))
        self.check_table(call, table)
        return table

    def row(self, call: Call, name: str = "rowId") -> tuple[Table, int]:
        """The row that `rowId` names, with its table.

        Raises:
            RefusalError: There is none, or its book is not the caller's.
        """
        row_id = call.arguments.whole(name)
        table = self._state.table_of_row.get(row_id)
        if table is None:
            raise RefusalError("unknown_row", row_id)
        self.check_table(call, table)
        return table, row_id

    def check_table(self, call: Call, table: Table, *, is_write: bool = False) -> None:
        """Refuse what the caller has no right on.

        Raises:
            RefusalError: Not a member, a restricted key, or a table nobody may write.
        """
        self._check(call, self._state.book_of[table.id])
        if self._restriction(call, "hideTables"):
            raise RefusalError("restricted")
        if is_write:
            self.check_write(call)
            if not table.is_plain:
                raise RefusalError("read_only_field", table.id)

    def check_write(self, call: Call) -> None:
        """Refuse a change through a read-only key.

        Raises:
            RefusalError: The session's restrictions say so.
        """
        if self._restriction(call, "readonly"):
            raise RefusalError("restricted")

    def check_messages(self, call: Call) -> None:
        """Refuse messages to a key made without them.

        Raises:
            RefusalError: The session's restrictions say so.
        """
        if self._restriction(call, "hideMessages"):
            raise RefusalError("restricted")

    def _check(self, call: Call, book: Book) -> None:
        # Without a session (lenient mode) the caller is nobody and everything is open.
        if call.session is None:
            return
        if call.user not in book.members:
            raise RefusalError("no_access")
        if not self._may_see(call, book):
            raise RefusalError("restricted")
        variant = self._state.variant
        if variant.api_right_gates and variant.api_right == "0":
            raise RefusalError("no_api_right")

    def _may_see(self, call: Call, book: Book) -> bool:
        if call.session is None:
            return True
        bound = self._restriction(call, "carnet_code"), self._restriction(call, "carnet_owner")
        wanted = (bound[0] or book.code, bound[1] or book.owner)
        return call.user in book.members and wanted == (book.code, book.owner)

    def _restriction(self, call: Call, name: str) -> object:
        return call.session.restrictions.get(name) if call.session else None
