"""All that the emulated TimeTonic remembers, and the hands of a person editing in its own UI."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from toolkit.errors import UseError
from toolkit.sandbox.timetonic.parsing import Parsing
from toolkit.sandbox.timetonic.rendering import Rendering
from toolkit.sandbox.timetonic.stamps import Clock, Stamps
from toolkit.sandbox.timetonic.table import Activity, Comment, Media, Table, Value
from toolkit.sandbox.timetonic.variant import Variant


@dataclass(slots=True)
class User:
    """An account; `key` is the ready-made API key of its profile page."""

    code: str
    password: str
    name: str
    email: str
    key: str
    sstamp: int = 0


@dataclass(slots=True)
class Session:
    """A living session key. `restrictions` as createSesskey returned them."""

    sesskey: str
    user: str
    restrictions: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Message:
    """A message of a book's timeline."""

    id: int
    uuid: str
    user: str
    text: str
    created_epoch_s: int
    sstamp: int
    body: str = ""
    is_deleted: bool = False
    row_id: int | None = None
    field_id: int | None = None


@dataclass(slots=True)
class Book:
    """A workspace with its tables, known to the API as `(owner, code)`."""

    id: int
    code: str
    owner: str
    title: str
    created_epoch_s: int
    sstamp: int
    tables: list[Table] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    changed_epoch_s: int = 0
    tab_offset: int = 0


@dataclass(frozen=True, slots=True)
class RowWritten:
    """A write that automations see: which row, which fields changed, in whose name."""

    table: Table
    row_id: int
    changed: tuple[int, ...]
    user: str
    is_new: bool


class TimeTonicState:
    """Books, rows, users, keys and files of one emulator.

    `add_row`, `edit_row` and `remove_row` act as a person in TimeTonic's own screens would;
    values are plain Python: text, int, float, bool, date, aware datetime, tuples of labels,
    tuples of row ids for links, None for empty.
    """

    def __init__(self, *, clock: Clock, variant: Variant, seed: int) -> None:
        self.stamps = Stamps(clock)
        self.variant = variant
        self.random = random.Random(seed)
        self.books: list[Book] = []
        self.tables: dict[int, Table] = {}
        self.book_of: dict[int, Book] = {}
        self.table_of_field: dict[int, Table] = {}
        self.table_of_row: dict[int, Table] = {}
        self.users: dict[str, User] = {}
        self.sessions: dict[str, Session] = {}
        self.appkeys: dict[str, str] = {}
        self.oauthkeys: dict[str, str] = {}
        self.files: dict[tuple[str, str], tuple[Media, bytes]] = {}
        self.rendering = Rendering(variant, self.tables)
        self.parsing = Parsing(variant, self.tables)
        self.calls = 0
        # Rows written with bypassUrlTrigger=false: those whose automations would have run.
        self.triggered: list[int] = []
        # Told of every write that automations see: those, and a person's.
        self.on_written: Callable[[RowWritten], None] | None = None
        self.deadlocks_left = variant.deadlock_times
        self._last_id = 20_000_000

    def next_id(self) -> int:
        """An id nothing else has; rows, messages, files and keys share the sequence."""
        self._last_id += 1
        return self._last_id

    def new_key(self) -> str:
        """A key of the layout of 2024: seven groups of four."""
        signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        return "-".join("".join(self.random.choices(signs, k=4)) for _ in range(7))

    def open_session(
        self, user: str, restrictions: Mapping[str, object] | None = None
    ) -> Session:
        """Make a new session key for a user."""
        session = Session(self.new_key(), user, restrictions or {})
        self.sessions[session.sesskey] = session
        return session

    def expire_sessions(self, user: str | None = None) -> None:
        """Kill all session keys of a user, or of everybody, as TimeTonic may at any time."""
        self.sessions = {
            key: session
            for key, session in self.sessions.items()
            if user is not None and session.user != user
        }

    def add_book(self, book: Book, tables: Iterable[Table]) -> None:
        """Put a book with its tables into service."""
        self.books.append(book)
        for table in tables:
            book.tables.append(table)
            self.tables[table.id] = table
            self.book_of[table.id] = book
            for field_id in table.fields:
                self.table_of_field[field_id] = table

    # -- rows -------------------------------------------------------------------------------

    def insert(
        self, table: Table, values: Mapping[int, Value], *, row_id: int | None = None
    ) -> int:
        """Append a row without a trace in its activity; for seeding."""
        new_id = self.next_id() if row_id is None else row_id
        table.insert(new_id, values, sstamp=self.stamps.tick())
        self.table_of_row[new_id] = table
        return new_id

    def change(
        self, table: Table, row_id: int, values: Mapping[int, Value], *, user: str
    ) -> list[int]:
        """Set cells and write the row's activity. Returns the ids of the fields that changed."""
        before = {field_id: table.columns[field_id].get(row_id) for field_id in values}
        changed = table.update(row_id, values, sstamp=self.stamps.tick())
        for field_id in changed:
            column = table.fields[field_id]
            past = table.activity.get(row_id)
            table.activity[row_id] = Activity(
                id=self.next_id(),
                field=column,
                old=self.rendering.as_text(column, before[field_id]),
                new=self.rendering.as_text(column, values[field_id]),
                user=user,
                at_epoch_s=self.stamps.epoch_s(),
                sstamp=self.stamps.tick(),
                total=(past.total if past else 0) + 1,
            )
        book = self.book_of[table.id]
        book.sstamp, book.changed_epoch_s = self.stamps.tick(), self.stamps.epoch_s()
        return changed

    def tell_written(self, written: RowWritten) -> None:
        """Let automations see a write; one that changed nothing is none."""
        if self.on_written is not None and (written.is_new or written.changed):
            self.on_written(written)

    def delete(self, row_id: int) -> None:
        """Remove a row for good; its id never comes back."""
        self.table_of_row.pop(row_id).delete(row_id)

    # -- a person in TimeTonic's own screens ------------------------------------------------

    def table(self, name: str, *, book: str | None = None) -> Table:
        """A table by its shown name.

        Raises:
            UseError: There is none of that name in the (first) book.
        """
        chosen = next((each for each in self.books if book in {None, each.code}), None)
        for table in chosen.tables if chosen else ():
            if table.name == name:
                return table
        raise UseError(f"The emulated book has no table {name!r}")

    def rows(self, name: str, *, book: str | None = None) -> dict[int, dict[str, Value]]:
        """All rows of a table by id, in table order: shown field name to value."""
        table = self.table(name, book=book)
        return {row_id: self._row(table, row_id) for row_id in table.row_ids}

    def row(self, name: str, row_id: int) -> dict[str, Value]:
        """One row: shown field name to value; empty cells are None.

        Raises:
            KeyError: The row is not in the table.
        """
        table = self.table(name)
        table.order_of[row_id]
        return self._row(table, row_id)

    def add_row(
        self, name: str, values: Mapping[str, Value], *, user: str | None = None
    ) -> int:
        """Add a row by hand. Returns its id."""
        table, author = self.table(name), user or self.books[0].owner
        cells = _by_id(table, values)
        row_id = self.insert(table, {})
        changed = self.change(table, row_id, cells, user=author)
        self.tell_written(RowWritten(table, row_id, tuple(changed), author, is_new=True))
        return row_id

    def edit_row(
        self, name: str, row_id: int, values: Mapping[str, Value], *, user: str | None = None
    ) -> None:
        """Change cells by hand; only the named ones."""
        table, author = self.table(name), user or self.books[0].owner
        table.order_of[row_id]
        changed = self.change(table, row_id, _by_id(table, values), user=author)
        self.tell_written(RowWritten(table, row_id, tuple(changed), author, is_new=False))

    def remove_row(self, name: str, row_id: int) -> None:
        """Delete a row by hand."""
        self.table(name).order_of[row_id]
        self.delete(row_id)

    def add_comment(self, row_id: int, field_id: int, text: str, *, user: str) -> Comment:
        """Remark on a row."""
        stamp = self.stamps.tick()
        comment = Comment(self.next_id(), user, text, self.stamps.epoch_s(), stamp)
        self.table_of_row[row_id].comments.setdefault((row_id, field_id), []).append(comment)
        return comment

    def counts(self) -> dict[str, int]:
        """Rows per table of the first book, plus `calls`: every call answered so far."""
        rows = {table.name: len(table) for table in self.books[0].tables if table.is_plain}
        return {**rows, "calls": self.calls}

    def _row(self, table: Table, row_id: int) -> dict[str, Value]:
        return {
            column.name: table.columns[field_id].get(row_id)
            for field_id, column in table.fields.items()
        }


def _by_id(table: Table, values: Mapping[str, Value]) -> dict[int, Value]:
    found = {name: table.field_named(name) for name in values}
    if missing := [name for name, column in found.items() if column is None]:
        raise UseError(f"The emulated table {table.name} has no field {missing[0]!r}")
    return {column.id: values[name] for name, column in found.items() if column is not None}
