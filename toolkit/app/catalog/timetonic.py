"""TimeTonic's part of the catalogue: one entry for each function of its client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import Base64Bytes, Field, PlainSerializer
from pydantic_core import to_jsonable_python

from toolkit.app.catalog.entry import Buildable, Entry, Input
from toolkit.app.catalog.inputs import Signature, call_method, read_signature
from toolkit.clients.timetonic import ByIds, ByView, Condition, Row, RowFilter, Where
from toolkit.clients.timetonic.answers import BatchWritten, RowPage, RowWritten
from toolkit.clients.timetonic.books import BookCard, Books, User, Users
from toolkit.clients.timetonic.client import Sessions
from toolkit.clients.timetonic.files import Files, FileUploaded
from toolkit.clients.timetonic.row_writes import Rows, RowsDeleted
from toolkit.clients.timetonic.schema import FieldId, RowId, Table
from toolkit.clients.timetonic.tables import Tables
from toolkit.clients.timetonic.talk import CellComments, Comments, Event, Message, Messages
from toolkit.clients.timetonic.talk import MessageSent as _MessageSent

if TYPE_CHECKING:
    from toolkit.app.wiring import Parts

_CLASSES: Final[Mapping[str, type]] = {
    "user": Users,
    "books": Books,
    "tables": Tables,
    "rows": Rows,
    "comments": Comments,
    "messages": Messages,
    "files": Files,
    "sessions": Sessions,
}
Loose: TypeAlias = Annotated[Any, PlainSerializer(to_jsonable_python)]


class FilterInput(Buildable):
    """Which rows; exactly one of the three."""

    row_ids: tuple[int, ...] | None = None
    view_id: int | None = Field(None, description="A saved view of the table.")
    where: dict[str, str] | None = Field(
        None, description="Field id -> text the cell shows; all must hold."
    )

    def build(self) -> RowFilter | None:
        """The client's filter."""
        if self.row_ids is not None:
            return ByIds(self.row_ids)
        if self.view_id is not None:
            return ByView(self.view_id)
        pairs = (self.where or {}).items()
        return Where(tuple(Condition(int(name), text) for name, text in pairs))


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row as the catalogue answers it; values under the fields' ids."""

    id: int
    values: dict[int, Loose]
    active_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageShown:
    """One page of rows; `fields` names the columns."""

    rows: tuple[RowShown, ...]
    total_row_count: int | None
    fields: dict[int, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A row that was written; `values` as far as the service tells them."""

    id: int
    values: dict[int, Loose] | None = None


@dataclass(frozen=True, slots=True)
class BatchShown:
    """Key as it was given -> row id, as far as the service tells."""

    ids: dict[str, int]
    all_ids: tuple[int, ...]


# What is not JSON, or holds live objects, is taken and shown as this instead.
_WORDS: Final[Mapping[str, Any]] = {
    "TableRef": int | str,
    "FieldRef": int | str,
    "RowKey": str,
    "CellValues": dict[str, Any],
    "RowFilter": FilterInput,
    "Row": RowShown,
    "RowPage": PageShown,
    "RowWritten": Written,
    "BatchWritten": BatchShown,
    "RowsDeleted": RowsDeleted,
    "RowId": RowId,
    "FieldId": FieldId,
    "Table": Table,
    "BookCard": BookCard,
    "User": User,
    "CellComments": CellComments,
    "Message": Message,
    "MessageSent": _MessageSent,
    "Event": Event,
    "FileUploaded": FileUploaded,
    "bytes": Base64Bytes,
    "object": Loose,
    "AsyncIterator": AsyncIterator,
    "Iterable": Sequence,
    "Mapping": Mapping,
    "Sequence": Sequence,
    "Literal": Literal,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One function; `effect` is `read`, `write` (a second call changes more) or `set`."""

    name: str
    function: str
    example: Mapping[str, Any] = field(default_factory=dict)
    method: str = ""
    calls: int = 1
    effect: Literal["read", "write", "set"] = "read"


_T: Final = {"table": "Contacts"}
_CELL: Final = {"row_id": "ROW_ID", "field_id": "COMMENTS_FIELD_ID"}
ROWS: Final = (
    _Row("user.get", "getUserInfo"),
    _Row("books.list", "getAllBooks", method="books.list_books"),
    _Row("books.get", "getBookInfo", method="books.get_book"),
    _Row("tables.list", "getBookTables", method="tables.list_tables"),
    _Row("tables.get", "getBookTables", {"ref": "Contacts"}, "tables.get_table"),
    _Row("rows.list", "getTableValues", {**_T, "at_most": 10}, "rows.list_rows", 2),
    _Row("rows.list_pages", "getTableValues", {**_T, "at_most": 1}, "rows.iter_pages", 2),
    _Row("rows.get", "getTableValues", {**_T, "row_ids": ["ROW_ID"]}, "rows.get_rows", 2),
    _Row(
        "rows.find",
        "getTableValues",
        {**_T, "field": "Email", "operand": "ada@example.org"},
        "rows.find_rows",
        2,
    ),
    _Row("rows.read_as_rows", "getTableValues", _T, "rows.read_rows_format", 2),
    _Row(
        "rows.subset",
        "getTableValueSubset",
        {**_T, "fields": ["Name", "Email"], "row_ids": ["ROW_ID"]},
        "",
        2,
    ),
    _Row("rows.list_by_id", "listTableRowsById", _T, "rows.list_rows_by_id", 2),
    _Row(
        "rows.create",
        "createOrUpdateTableRow",
        {**_T, "values": {"Name": "Ada Lovelace", "Email": "ada.row@example.org"}},
        "",
        2,
        "write",
    ),
    _Row(
        "rows.update",
        "createOrUpdateTableRow",
        {**_T, "row_id": "ROW_ID", "values": {"Company": "Analytical Engines"}},
        "",
        2,
        "set",
    ),
    _Row(
        "rows.write_batch",
        "createOrUpdateTableRows",
        {**_T, "rows": {"tmp1": {"Name": "Ada"}, "tmp2": {"Name": "Grace"}}},
        "",
        2,
        "write",
    ),
    _Row("rows.delete", "deleteTableRow", {"row_id": "LAST_ROW_ID"}, "", 1, "set"),
    _Row("rows.delete_many", "deleteTableRows", {"row_ids": ["LAST_ROW_ID"]}, "", 1, "set"),
    _Row("rows.roll_back", "rollBackBeforeChange", {"row_id": "ROW_ID"}, "", 1, "write"),
    _Row("comments.get", "getTableValueComments", _CELL),
    _Row(
        "comments.edit",
        "editTableValueComments",
        {**_CELL, "comment_id": "COMMENT_ID", "text": "Agreed"},
        "",
        1,
        "set",
    ),
    _Row(
        "comments.delete",
        "deleteTableValueComments",
        {**_CELL, "comment_id": "COMMENT_ID"},
        "",
        1,
        "set",
    ),
    _Row("messages.list", "getBookMessages", {"max_messages": 10}, "messages.list_messages"),
    _Row("messages.send", "sendMsg", {"text": "The fair begins"}, "", 1, "write"),
    _Row(
        "files.upload",
        "fileUpload",
        {
            "row_id": "ROW_ID",
            "field_id": "FILES_FIELD_ID",
            "name": "hello.txt",
            "content": "aGVsbG8=",
            "media_type": "text/plain",
        },
        "",
        1,
        "write",
    ),
    _Row("sessions.drop_others", "dropAllSessions", {}, "", 1, "set"),
)


def timetonic_entries() -> Iterator[Entry]:
    """Every function of the TimeTonic client."""
    for row in ROWS:
        yield _entry(row)


def _entry(row: _Row) -> Entry:
    noun, _, verb = row.name.partition(".")
    resource, _, method = (row.method or row.name).partition(".")
    signature = read_signature(
        getattr(_CLASSES[resource], method),
        words=_WORDS,
        flat=(),
        title=f"timetonic.{row.name}",
    )
    return Entry(
        id=f"timetonic.{row.name}",
        title=f"{noun.capitalize()}: {verb.replace('_', ' ')}",
        system="timetonic",
        group=noun,
        role="action",
        summary=signature.summary,
        input=signature.input,
        output=signature.output,
        scope="member",
        is_write=row.effect != "read",
        is_idempotent=row.effect != "write",
        calls=row.calls,
        request=row.function,
        example=row.example,
        run=_runner(resource, method, signature),
    )


def _runner(resource: str, method: str, signature: Signature) -> Any:  # noqa: ANN401 — Entry.run
    async def run(parts: Parts, given: Input) -> object:
        bound = getattr(getattr(parts.timetonic, resource), method)
        answered = await call_method(bound, signature, given)
        if isinstance(answered, tuple):
            return tuple(_shown(each) for each in answered)
        if isinstance(answered, dict):
            return {key: _shown(each) for key, each in answered.items()}
        return _shown(answered)

    return run


def _shown(value: object) -> object:
    match value:
        case Row():
            return RowShown(value.id, _plain(value.values), value.active_at)
        case RowPage():
            rows = tuple(RowShown(each.id, _plain(each.values)) for each in value.rows)
            names = {int(each.id): each.name for each in value.fields}
            return PageShown(rows, value.total_row_count, names)
        case RowWritten():
            return Written(value.id, None if value.values is None else _plain(value.values))
        case BatchWritten():
            return BatchShown({str(k): v for k, v in value.ids.items()}, value.all_ids)
        case _:
            return value


def _plain(values: Mapping[FieldId, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in values.items()}
