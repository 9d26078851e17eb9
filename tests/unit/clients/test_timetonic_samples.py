"""The vendor's own files, where they are beside this checkout."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.clients.http import Answer
from toolkit.clients.timetonic.answers import read_columns, read_rows
from toolkit.clients.timetonic.books import BookCard
from toolkit.clients.timetonic.filters import Condition, Where
from toolkit.clients.timetonic.profile import CapabilityProfile
from toolkit.clients.timetonic.protocol import Effect, decipher
from toolkit.clients.timetonic.schema import FieldKind, Table
from toolkit.clients.timetonic.wire import (
    AllBooksWire,
    BookTablesWire,
    BookWire,
    CommentsWire,
    EnvelopeWire,
    MessageWire,
    SentMessageWire,
    SessionWire,
    TableWire,
    UploadedFileWire,
    UserWire,
    read_as,
)
from toolkit.errors import CredentialsError

SHARED = Path(__file__).resolve().parents[4] / "shared"
SAMPLES = SHARED / "samples" / "timetonic"
PROFILE = CapabilityProfile()

pytestmark = pytest.mark.skipif(
    not SAMPLES.exists(), reason="../shared is not beside this checkout"
)


def sample(name):
    return json.loads((SAMPLES / name).read_text())


def tables():
    return [
        Table.from_wire(each)
        for each in read_as(
            BookTablesWire, sample("fetchTables.json")["bookTables"], operation="getBookTables"
        ).categories
    ]


PLACEHOLDERS = {"<number": 7, "<string": "text", "<object": {}, "<bool": True, "<any": "x"}


def filled(shape):
    """A shape file with its type names replaced by values of the type."""
    if isinstance(shape, dict):
        return {name: filled(each) for name, each in shape.items()}
    if isinstance(shape, list):
        return [filled(each) for each in shape]
    matches = [value for mark, value in PLACEHOLDERS.items() if str(shape).startswith(mark)]
    return matches[0] if matches else shape


def shape_of(name):
    return filled(sample(f"shapes/{name}.shape.json"))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("createOrUpdateTableRow", lambda raw: raw["rows"]),
        ("createOrUpdateTableRows", lambda raw: raw["rows"]),
        ("error-envelope", EnvelopeWire.model_validate),
        ("getAllBooks", lambda raw: AllBooksWire.model_validate(raw["allBooks"])),
        (
            "getBookInfo",
            lambda raw: BookWire.model_validate(raw["book"] | {"b_c": 1, "b_o": 2}),
        ),
        ("getBookMessages", lambda raw: MessageWire.model_validate(raw["bookMessages"][0])),
        ("getTableValueComments", CommentsWire.model_validate),
        ("getTableValueSubset", lambda raw: raw["tableValues"][0]),
        ("getUserInfo", lambda raw: UserWire.model_validate(raw["userInfo"])),
        ("listTableRowsById", lambda raw: raw["tableRows"][0]["id"]),
        ("rollBackBeforeChange", EnvelopeWire.model_validate),
        ("sendMsg", SentMessageWire.model_validate),
    ],
)
def test_published_shape_is_read(name, read):
    assert read(shape_of(name)) is not None


def test_every_file_has_an_envelope_we_can_read():
    names = sorted(SAMPLES.rglob("*.json"))

    assert len(names) >= 20
    for path in names:
        EnvelopeWire.model_validate(filled(json.loads(path.read_text())))


def test_tables_of_a_real_book_are_read():
    values, with_code = tables()

    assert [each.kind for each in values.fields] == [
        FieldKind.TEXT,
        FieldKind.TEXT,
        FieldKind.FILES,
        FieldKind.NUMBER,
        FieldKind.TEXT,
        FieldKind.NUMBER,
        FieldKind.DATE,
        FieldKind.TEXT,
        FieldKind.CHOICE,
    ]
    assert values.field("status").options == ("To process", "Accepted", "Paid", "Refused")
    assert not values.field("status").is_strict
    assert values.field("date").date_format == "YYYY-MM-DD"
    assert [each.name for each in values.log_fields] == ["comments", "Updates"]
    assert with_code.field("test_field_code").id == with_code.field("description").id == 1367490
    assert (values.total_row_count, values.is_user_table) == (1, True)
    assert values.views[0].id == 264436


def test_rows_of_a_real_table_are_joined():
    payload = {"tableValues": sample("fetchTableValues.json")}

    content = read_columns(payload, operation="getTableValues", profile=PROFILE)

    first, second = content.rows
    assert [row.values[1367490] for row in content.rows] == ["First item", "Second item"]
    assert first.active_at is None
    assert second.active_at == datetime(2019, 3, 7, 16, 40, 33, 440400, tzinfo=UTC)
    assert content.total_row_count == 2


def test_books_are_read():
    (book,) = read_as(
        AllBooksWire, sample("getAllBooks.ok.json")["allBooks"], operation="getAllBooks"
    ).books

    card = BookCard.from_wire(book)

    assert (card.owner, card.code, card.title) == (
        "androiddeveloper",
        "projectstracker",
        "Projects Tracker",
    )
    assert (card.is_archived, card.is_deleted, card.api_members) == (False, False, frozenset())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("createAppkey.ok.json", "app_key"),
        ("createOauthkey.ok.json", "oauth_key"),
        ("createSesskey.ok.json", "sesskey"),
    ],
)
def test_keys_are_read(name, key):
    wire = read_as(SessionWire, sample(name), operation=name)

    assert len(getattr(wire, key)) == len("AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG")


def test_documented_refusal_is_a_matter_of_credentials():
    body = (SAMPLES / "createOauthkey.nok.json").read_bytes() if SAMPLES.exists() else b""
    answer = Answer(status=200, headers={}, body=body, operation="createOauthkey")

    with pytest.raises(CredentialsError):
        decipher(answer, effect=Effect.CREATE, profile=PROFILE)


def test_receipt_of_a_file_is_read():
    wire = read_as(UploadedFileWire, sample("uploadFile.json"), operation="fileUpload")

    assert (wire.row_id, wire.field_id, wire.size_bytes) == (19974813, 1367386, 43221)


def test_our_filter_is_the_official_wrappers():
    built = Where((Condition(1367490, "First item"),)).as_argument()

    assert built == sample("getFilterConfig.json")["filter"]


def test_row_format_of_two_published_clients_is_read():
    shape = shape_of("getTableValues.format-rows")
    table = Table.from_wire(TableWire(id=1))

    content = read_rows(shape, table=table, operation="getTableValues", profile=PROFILE)

    assert [row.id for row in content.rows] == [7]
