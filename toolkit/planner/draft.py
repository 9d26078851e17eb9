"""The plan while it is being made: collects, then builds finished operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.plan import Ambiguity, Conflict, Finding, Operation, Update
from toolkit.model.records import Record
from toolkit.model.values import Value
from toolkit.planner.fields import KindFields, is_same
from toolkit.planner.scene import Pair


@dataclass(frozen=True, slots=True)
class Edit:
    """One field to write: what it showed, what it gets, what to remember across."""

    before: Value
    after: Value
    other: Value


@dataclass(slots=True)
class PairEdits:
    """All fields to write to one side of one pair."""

    pair: Pair
    side: Side
    fields: dict[str, Edit] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """What has been decided so far.

    Attributes:
        leaving: Links that this plan unlinks or deletes; nothing may hang on them.
        reborn: Links of contacts that this plan creates a record for.
        newborn: Contact records that get a link in this plan.
        refused: Contact records that get none, with the reason.
    """

    operations: list[Operation] = field(default_factory=list)
    edits: dict[tuple[LinkId, Side], PairEdits] = field(default_factory=dict)
    pairs: dict[LinkId, Pair] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    lost: list[Conflict] = field(default_factory=list)
    ambiguities: list[Ambiguity] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    leaving: set[LinkId] = field(default_factory=set)
    reborn: set[LinkId] = field(default_factory=set)
    newborn: dict[tuple[Side, RecordId], LinkId] = field(default_factory=dict)
    refused: dict[tuple[Side, RecordId], str] = field(default_factory=dict)

    def write(self, pair: Pair, side: Side, *, name: str, edit: Edit) -> None:
        """Add one field to the update of one side."""
        key = (pair.link_id, side)
        if key not in self.edits:
            self.edits[key] = PairEdits(pair, side)
        self.edits[key].fields[name] = edit

    def find(self, record: Record, reason: str, *, field: str = "") -> None:
        """Note something a person should look at."""
        self.findings.append(Finding(record.kind, record.side, record.id, reason, field))

    def find_problems(self, records: Iterable[Record | None]) -> None:
        """Note every field that could not be read."""
        for record in records:
            if record is not None:
                for problem in record.problems:
                    self.find(record, problem.reason, field=problem.field)

    def build_updates(self, fields: Mapping[Kind, KindFields]) -> list[Update]:
        """The collected edits as operations."""
        return [build_update(edits, fields[edits.pair.kind]) for edits in self.edits.values()]


def build_update(edits: PairEdits, fields: KindFields) -> Update:
    """One update with the fields that ride along."""
    target, source = edits.pair.on(edits.side), edits.pair.on(edits.side.other)
    written = dict(edits.fields)
    for name in fields.riders[edits.side]:
        value = source.now(name)
        if source.has(name) and not is_same(value, target.shown.get(name)):
            written[name] = Edit(target.now(name), value, value)
    return Update(
        link_id=edits.pair.link_id,
        kind=edits.pair.kind,
        side=edits.side,
        id=target.id,
        before={name: edit.before for name, edit in written.items()},
        after={name: edit.after for name, edit in written.items()},
        other={name: edit.other for name, edit in written.items()},
        expected=fields.shown_digest(target.values()),
        parent_id=target.parent_id,
    )
