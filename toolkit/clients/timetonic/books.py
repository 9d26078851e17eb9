"""Books, and the user the session belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.clients.timetonic.caller import Caller
from toolkit.clients.timetonic.wire import AllBooksWire, BookWire, UserWire, read_as
from toolkit.errors import MalformedAnswerError, NotFoundError, UseError


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCard:
    """A book as listed.

    Attributes:
        owner: Its owner's user code; with `code` its identity.
        stamp: Server stamp of its last change, for `since_stamp`.
        cover_path: Path on the service's host, empty without a cover.
        api_members: Members whose API flag is set; the flag may not gate anything.
    """

    owner: str
    code: str
    title: str
    description: str
    stamp: int | None
    is_archived: bool
    is_deleted: bool
    members: tuple[str, ...]
    api_members: frozenset[str]
    message_count: int | None
    cover_path: str

    @classmethod
    def from_wire(cls, wire: BookWire) -> BookCard:
        """The book out of an answer."""
        cover = wire.owner_prefs.cover_path
        return cls(
            owner=wire.owner,
            code=wire.code,
            title=wire.owner_prefs.title or wire.code,
            description=wire.description,
            stamp=wire.stamp,
            is_archived=wire.is_archived,
            is_deleted=wire.is_deleted,
            members=tuple(each.user for each in wire.members),
            api_members=frozenset(each.user for each in wire.members if each.api_right),
            message_count=wire.message_count,
            # Live answers name covers below /dev/; working apps rewrite them (read 2026-11).
            cover_path="/live/" + cover[5:] if cover.startswith("/dev/") else cover,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The user behind the session; `repr` shows the code only."""

    code: str
    first_name: str
    last_name: str
    email: str
    language: str
    time_zone: str
    plan: str
    book_count: int | None
    has_two_factor: bool

    def __repr__(self) -> str:
        return f"User(code={self.code!r})"


class Books:
    """`client.books`: the books this user can see."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list_books(self, *, since_stamp: int | None = None) -> tuple[BookCard, ...]:
        """All books, or those changed after a server stamp; deleted ones carry a mark then."""
        payload = await self._caller.call(
            "getAllBooks", {"b_o": None, "b_c": None, "sstamp": since_stamp}
        )
        wire = read_as(AllBooksWire, payload.get("allBooks"), operation="getAllBooks")
        return tuple(BookCard.from_wire(each) for each in wire.books)

    async def get_book(self, *, owner: str | None = None, code: str | None = None) -> BookCard:
        """One book; without arguments the client's own.

        Raises:
            NotFoundError: There is no such book for this user.
            UseError: Neither the call nor the client names one.
        """
        if (owner is None) != (code is None):
            raise UseError("a book is named by owner and code", unchanged="Nothing was sent")
        book = self._caller.named_book() if owner is None else None
        payload = await self._caller.call(
            "getBookInfo", {"b_o": owner, "b_c": code} if book is None else {}
        )
        if not isinstance(payload.get("book"), dict):
            raise NotFoundError(
                "TimeTonic shows no such book to this user",
                system="timetonic",
                operation="getBookInfo",
                remedy="Check owner and code, and that the API user is a member",
            )
        return BookCard.from_wire(read_as(BookWire, payload["book"], operation="getBookInfo"))


class Users:
    """`client.user`: who the session belongs to."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def get(self) -> User:
        """The user; the cheapest check that a key is good.

        Raises:
            CredentialsError: The key is dead.
        """
        payload = await self._caller.call("getUserInfo", {"b_o": None, "b_c": None})
        if not isinstance(payload.get("userInfo"), dict):
            raise MalformedAnswerError(
                "TimeTonic's answer to getUserInfo holds no user",
                system="timetonic",
                operation="getUserInfo",
            )
        wire = read_as(UserWire, payload["userInfo"], operation="getUserInfo")
        return User(
            code=wire.code or self._caller.user,
            first_name=wire.prefs.first_name,
            last_name=wire.prefs.last_name,
            email=wire.prefs.email,
            language=wire.prefs.language,
            time_zone=wire.prefs.time_zone,
            plan=wire.plan or wire.licence,
            book_count=wire.book_count,
            has_two_factor=wire.prefs.has_two_factor,
        )
