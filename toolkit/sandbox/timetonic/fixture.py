"""The book of the vendor's own wrapper tests: `mochatests` of `ttcapitester`.

Ids, names and values are those of its published fixtures (fetchTables, fetchTableValues,
getTableWithCode; server live-6.26, 2019), so that its test suite can run against the emulator.
"""

from __future__ import annotations

from datetime import UTC, datetime

from toolkit.sandbox.timetonic.schema import Choices, Field, View
from toolkit.sandbox.timetonic.state import Book, Session, TimeTonicState, User
from toolkit.sandbox.timetonic.table import Activity, Table

FIXTURE_CODE = "mochatests"
FIXTURE_OWNER = "ttcapitester"

_VALUES_CHANGED_AT = datetime(2019, 3, 21, 16, 45, 29, tzinfo=UTC)
_CODE_CHANGED_AT = datetime(2019, 5, 27, 11, 55, 6, tzinfo=UTC)
_FIRST = "2019-03-07 15:13:12"
_SECOND = "2019-03-21 15:06:45"
_STATUSES = Choices(("To process", "Accepted", "Paid", "Refused"))


def seed_fixture_book(state: TimeTonicState, *, reader: str) -> Book:
    """Add the book; `reader` is a member of it beside its owner."""
    tester = User(
        code=FIXTURE_OWNER,
        password="correct battery",  # noqa: S106 — of an account that exists on this machine alone
        name="TTC API Tester",
        email=f"{FIXTURE_OWNER}@example.org",
        key=state.new_key(),
        sstamp=15583735519296,
    )
    state.users[tester.code] = tester
    state.sessions[tester.key] = Session(tester.key, tester.code)
    book = Book(
        id=25069,
        code=FIXTURE_CODE,
        owner=FIXTURE_OWNER,
        title="Mocha tests",
        created_epoch_s=1551967992,
        sstamp=15583609109172,
        changed_epoch_s=1554048682,
        members=[FIXTURE_OWNER, reader],
        tab_offset=-2631,
    )
    coded = _coded_table()
    state.add_book(book, [_values_table(), _system_table(), coded])
    state.insert(book.tables[0], {1367380: "travel", 1367381: "train"}, row_id=19974813)
    state.insert(coded, {1367490: "First item"}, row_id=19975055)
    state.insert(coded, {1367490: "Second item"}, row_id=19975262)
    coded.activity[19975262] = Activity(
        id=62979529,
        field=coded.fields[1367490],
        old="",
        new="Second item",
        user=FIXTURE_OWNER,
        at_epoch_s=1551976833,
        sstamp=15519768334404,
        total=2,
    )
    return book


def _column(  # noqa: PLR0913 — one line of the fixture
    field_id: int,
    name: str,
    kind: str,
    *,
    width: int,
    changed: str = _FIRST,
    choices: Choices | None = None,
    **extra: object,
) -> Field:
    usual: dict[str, object] = {"pixelWidth": width, "lastModified": changed}
    return Field(field_id, name, kind, choices=choices, extra={**usual, **extra})


def _values_table() -> Table:
    fields = [
        _column(1367380, "category", "mediumtext", width=108),
        _column(1367381, "detail", "mediumtext", width=140),
        _column(1367386, "attachments", "files", width=94),
        _column(1367382, "amount", "double", width=69, numformat="0.00"),
        _column(1367383, "unit", "shorttext", width=42),
        _column(1367390, "vat", "double", width=67, numformat="0.00", numlang="fr"),
        _column(1367384, "date", "date", width=100, defaultDay=True, section=""),
        _column(1367385, "by", "shorttext", width=100, defaultValueConfig=1),
        _column(1367389, "status", "mediumtext", width=107, choices=_STATUSES),
        _column(1367387, "comments", "comments", width=200, order=11),
        _column(1367388, "Updates", "activity", width=200, order=12),
    ]
    return Table(
        126173,
        "values",
        fields,
        views=[View(264436, "Default view", card={"title_field_id": 1367381})],
        changed_at=_VALUES_CHANGED_AT,
        code="values",
    )


def _coded_table() -> Table:
    fields = [
        Field(
            1367490,
            "Description",
            "mediumtext",
            code="test_field_code",
            extra={"pixelWidth": 118, "section": "", "lastModified": "2019-05-27 13:55:06"},
        ),
        _column(1391762, "Attachments", "files", width=200, changed=_SECOND),
        _column(
            1367491, "Comments", "comments", width=291, changed=_SECOND, order=9, section=""
        ),
        _column(1367492, "Updates", "activity", width=200, changed=_SECOND, order=10),
    ]
    return Table(
        126185,
        "test_code",
        fields,
        views=[View(264448, "Default view")],
        changed_at=_CODE_CHANGED_AT,
        code="test_table_code",
    )


def _system_table() -> Table:
    return Table(
        126174,
        "system",
        [Field(1367391, "Member", "shorttext", sys_func="member")],
        views=[View(264437, "Default view")],
        changed_at=_VALUES_CHANGED_AT,
        sys_func="members",
    )
