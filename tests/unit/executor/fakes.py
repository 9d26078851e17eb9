"""A vendor in memory for the executor's tests; the ledger is the real store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from tests.unit.store.samples import NOON
from toolkit.errors import VendorError
from toolkit.executor.context import RunContext
from toolkit.executor.port import NewRecord, RecordEdit, RecordRef, WriteResult, Written
from toolkit.model.ids import Kind, RecordId, RunId, Side
from toolkit.model.records import Record
from toolkit.store import ConnectionStore, Store

Trouble = Callable[[str, int], VendorError | None]
"""Asked (verb, number of the call from 1); a returned error ends the call unexecuted."""


@dataclass
class FakeSystem:
    """Keeps records; fails as told, before or after the work is done.

    Attributes:
        after: Like `before`, but the work is done first.
        shows: Whether answers carry the record.
        spells: How texts of an update are stored.
    """

    side: Side
    batch: int = 2
    concurrency: int = 1
    settle: float = 0.0
    before: Trouble = lambda _verb, _call: None
    after: Trouble = lambda _verb, _call: None
    shows: bool = True
    spells: Callable[[str], str] = str
    records: dict[RecordId, Record] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _ids: count = field(default_factory=lambda: count(1))

    def put(self, record: Record) -> Record:
        self.records[record.id] = record
        return record

    def batch_size(self, kind: Kind, verb: str) -> int:
        return self.batch

    def must_read_first(self, kind: Kind, verb: str) -> bool:
        return verb == "delete"

    def settle_s(self, kind: Kind, record: NewRecord) -> float:
        return self.settle

    async def create_records(
        self, kind: Kind, records: Sequence[NewRecord]
    ) -> Sequence[WriteResult]:
        return self._write("create", [lambda r=r: self._create(kind, r) for r in records])

    async def update_records(
        self, kind: Kind, edits: Sequence[RecordEdit]
    ) -> Sequence[WriteResult]:
        return self._write("update", [lambda e=e: self._update(e) for e in edits])

    async def delete_records(
        self, kind: Kind, refs: Sequence[RecordRef], *, archive: bool
    ) -> Sequence[WriteResult]:
        return self._write("delete", [lambda r=r: self._delete(r) for r in refs])

    async def get_records(
        self, kind: Kind, refs: Sequence[RecordRef]
    ) -> Mapping[RecordId, Record | None]:
        self._call("read")
        return {ref.id: self.records.get(ref.id) for ref in refs}

    async def find_created(self, kind: Kind, record: NewRecord) -> Sequence[Record]:
        self._call("find")
        return [r for r in self.records.values() if r.correlation == record.correlation]

    async def list_children(self, ref: RecordRef) -> Sequence[Record]:
        self._call("children")
        return [r for r in self.records.values() if r.parent_id == ref.id]

    def _call(self, verb: str) -> int:
        self.calls.append(verb)
        number = self.calls.count(verb)
        if error := self.before(verb, number):
            raise error
        return number

    def _write(self, verb: str, acts: Sequence[Callable[[], Record]]) -> list[WriteResult]:
        number = self._call(verb)
        done = [act() for act in acts]
        if error := self.after(verb, number):
            raise error
        return [Written(each.id, each if self.shows else None) for each in done]

    def _create(self, kind: Kind, new: NewRecord) -> Record:
        made = Record(
            self.side,
            kind,
            RecordId(f"{self.side.value[0]}new{next(self._ids)}"),
            dict(new.values),
            parent_id=new.parent_id,
            correlation=new.correlation,
        )
        return self.put(made)

    def _update(self, edit: RecordEdit) -> Record:
        old = self.records[edit.ref.id]
        changes = {
            f: self.spells(v) if isinstance(v, str) else v for f, v in edit.changes.items()
        }
        return self.put(replace(old, values={**old.values, **changes}))

    def _delete(self, ref: RecordRef) -> Record:
        return self.records.pop(ref.id)


@dataclass
class Bench:
    """A context over two fake systems and a real ledger."""

    store: ConnectionStore
    high: FakeSystem
    time: FakeSystem
    now: datetime = NOON
    age_s: float = 0.0

    def context(self, **options: object) -> RunContext:
        from datetime import timedelta

        return RunContext(
            run_id=RunId(self.store.begin_run("sync")),
            ports={Side.HIGHLEVEL: self.high, Side.TIMETONIC: self.time},
            ledger=self.store,
            now=lambda: self.now,
            observed_at=self.now - timedelta(seconds=self.age_s),
            **options,
        )


def make_bench(home: Path) -> tuple[Store, Bench]:
    """A bench whose state lives below `home`; the store must be closed."""
    store = Store.open(home, clock=lambda: NOON)
    bench = Bench(
        store.connection("main"), FakeSystem(Side.HIGHLEVEL), FakeSystem(Side.TIMETONIC)
    )
    return store, bench
