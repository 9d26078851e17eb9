"""The TimeTonic half of a stage: an emulated book that holds what was read of a real one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.timetonic.app import TimeTonicEmulator
from toolkit.sandbox.timetonic.build import API_PATH
from toolkit.sandbox.timetonic.schema import View
from toolkit.sandbox.timetonic.state import Book, Session, TimeTonicState, User
from toolkit.sandbox.timetonic.table import Table
from toolkit.sandbox.timetonic.variant import Variant

if TYPE_CHECKING:
    from toolkit.sandbox.common import EmulatorClock
    from toolkit.sandbox.recording import Recorder
    from toolkit.sandbox.snapshot import TableSnapshot, TimeTonicSnapshot

_SEED: Final = 20_261_123
_BOOK_ID: Final = 1
_SCHEMA_CHANGED_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SERVED_ROWS: Final = 1_000
_BATCH: Final = 200


class _StagedState(TimeTonicState):
    """A state whose new ids begin above all those that were read."""

    def begin_ids_above(self, highest: int) -> None:
        """No new row may take the id of one that is there."""
        self._last_id = max(self._last_id, highest)


def stage_timetonic(
    snapshot: TimeTonicSnapshot, *, clock: EmulatorClock, recorder: Recorder
) -> TimeTonicEmulator:
    """An emulated book with the snapshot's tables, columns and rows under their own ids.

    Dates and numbers travel in the emulator's default encodings whatever the account
    speaks: a rehearsal is about values, and the client reads both.
    """
    settings = {
        "max_page_size": max(_SERVED_ROWS, snapshot.page_size),
        "batch_cap": max(_BATCH, snapshot.write_batch_size),
        "create_answer": snapshot.create_answer,
    }
    state = _StagedState(clock=clock, variant=Variant.from_mapping(settings), seed=_SEED)
    user = _sign_up(state, snapshot.user)
    opened_s = state.stamps.epoch_s()
    book = Book(
        id=_BOOK_ID,
        code=snapshot.book_code,
        owner=snapshot.book_owner,
        title=snapshot.book_code,
        created_epoch_s=opened_s,
        sstamp=state.stamps.tick(),
        changed_epoch_s=opened_s,
        members=list(dict.fromkeys([snapshot.book_owner, snapshot.user])),
    )
    tables = [_table(each, view_id) for view_id, each in enumerate(snapshot.tables, start=1)]
    state.add_book(book, tables)
    ids = [row_id for each in snapshot.tables for row_id in each.rows or ()]
    state.begin_ids_above(max(ids, default=0))
    for table, each in zip(tables, snapshot.tables, strict=True):
        for row_id, cells in (each.rows or {}).items():
            state.insert(table, cells, row_id=row_id)
    credentials = {
        "path": API_PATH,
        "user": user.code,
        "sesskey": user.key,
        "book_owner": book.owner,
        "book_code": book.code,
        "tables": {table.name: table.id for table in tables},
    }
    return TimeTonicEmulator(
        state, credentials=credentials, clock=clock, faults=FaultPlan(), recorder=recorder
    )


def _sign_up(state: TimeTonicState, code: str) -> User:
    user = User(code=code, password=state.new_key(), name=code, email="", key=state.new_key())
    state.users[code] = user
    state.sessions[user.key] = Session(user.key, code)
    return user


def _table(snapshot: TableSnapshot, view_id: int) -> Table:
    return Table(
        snapshot.id,
        snapshot.name,
        snapshot.fields,
        views=[View(view_id, "All rows")],
        changed_at=_SCHEMA_CHANGED_AT,
        code=snapshot.code or None,
    )
