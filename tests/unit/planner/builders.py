"""Short spellings of links, records and policies, and a world to apply plans to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from toolkit.executor.settle import Ending, half_link, settle
from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, Resolution
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Plan, Update
from toolkit.model.policy import (
    DeleteMode,
    Direction,
    FieldPolicy,
    KindPolicy,
    SyncPolicy,
)
from toolkit.model.records import FieldProblem, Listing, Record
from toolkit.model.values import Value, correlation_key
from toolkit.planner.plan import KnownCounts, Observation, plan_sync

HL, TT = Side.HIGHLEVEL, Side.TIMETONIC
CONTACT, TASK, NOTE, APPOINTMENT = Kind.CONTACT, Kind.TASK, Kind.NOTE, Kind.APPOINTMENT
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SCOPE = "location/book"


def a_field(name: str, **options: object) -> FieldPolicy:
    return FieldPolicy(name, **options)  # type: ignore[arg-type]


def key_of(kind: Kind, origin: Side, origin_id: str, generation: int = 0) -> CorrelationKey:
    return correlation_key(
        SCOPE, kind=kind, origin=origin, origin_id=RecordId(origin_id), generation=generation
    )


def a_kind(
    kind: Kind,
    *fields: FieldPolicy,
    on_delete: DeleteMode = DeleteMode.UNLINK,
    match_keys: tuple[str, ...] = (),
    direction: Direction = Direction.BOTH,
    required: Iterable[str] = (),
) -> KindPolicy:
    return KindPolicy(
        kind,
        {policy.name: policy for policy in fields},
        match_keys=match_keys,
        direction=direction,
        on_delete={HL: on_delete, TT: on_delete},
        required_on_highlevel=frozenset(required),
    )


CONTACTS = a_kind(
    CONTACT,
    a_field("name"),
    a_field("email"),
    a_field("phone"),
    a_field("tags", is_set=True),
    match_keys=("email", "phone"),
)
TASKS = a_kind(TASK, a_field("title"), a_field("is_completed"))
NOTES = a_kind(NOTE, a_field("body"))


def a_policy(*kinds: KindPolicy, **options: object) -> SyncPolicy:
    return SyncPolicy(SCOPE, {k.kind: k for k in kinds or (CONTACTS,)}, **options)  # type: ignore[arg-type]


def a_record(side: Side, record_id: str, kind: Kind = CONTACT, **values: Value) -> Record:
    return Record(side, kind, RecordId(record_id), values)


def hl(record_id: str, kind: Kind = CONTACT, **values: Value) -> Record:
    return a_record(HL, record_id, kind, **values)


def tt(record_id: str, kind: Kind = CONTACT, **values: Value) -> Record:
    return a_record(TT, record_id, kind, **values)


def under(record: Record, parent_id: str) -> Record:
    return replace(record, parent_id=RecordId(parent_id))


def bearing(record: Record, key: CorrelationKey) -> Record:
    return replace(record, correlation=key)


def unreadable(record: Record, *fields: str) -> Record:
    problems = tuple(FieldProblem(name, f"{name} cannot be read") for name in fields)
    return replace(record, problems=problems)


def a_link(
    highlevel_id: str | None,
    timetonic_id: str | None,
    kind: Kind = CONTACT,
    *,
    base: Mapping[str, Value] | None = None,
    **options: object,
) -> Link:
    key = key_of(kind, HL, highlevel_id or f"of-{timetonic_id}")
    return Link(
        LinkId(key),
        kind,
        key,
        RecordId(highlevel_id) if highlevel_id else None,
        RecordId(timetonic_id) if timetonic_id else None,
        base=base or {},
        **options,  # type: ignore[arg-type]
    )


def observe(
    *records: Record,
    gone: Iterable[tuple[Side, str]] = (),
    gone_kind: Kind = CONTACT,
    kinds: Iterable[Kind] = (CONTACT, TASK, NOTE, APPOINTMENT),
    is_complete: bool = True,
) -> Observation:
    listings: dict[Kind, dict[Side, Listing]] = {}
    for kind, side in itertools.product(kinds, Side):
        found = {r.id: r for r in records if r.kind is kind and r.side is side}
        lost = frozenset(RecordId(i) for s, i in gone if s is side and kind is gone_kind)
        listings.setdefault(kind, {})[side] = Listing(side, kind, found, is_complete, lost)
    return Observation(listings)


def plan(
    observation: Observation,
    *links: Link,
    policy: SyncPolicy | None = None,
    resolutions: Iterable[Resolution] = (),
    is_first_run: bool = True,
    known_counts: KnownCounts | None = None,
) -> Plan:
    return plan_sync(
        connection="demo",
        config_digest=Digest("d"),
        policy=policy or a_policy(),
        links=links,
        observation=observation,
        resolutions=resolutions,
        is_first_run=is_first_run,
        known_counts=known_counts,
    )


def brief(found: Plan) -> list[tuple[object, ...]]:
    """The operations as short rows: verb, side, what is written."""
    rows: list[tuple[object, ...]] = []
    for op in found.operations:
        match op:
            case Create():
                rows.append((op.op, op.side, dict(op.values)))
            case Update():
                rows.append((op.op, op.side, dict(op.after)))
            case Delete():
                rows.append((op.op, op.side, op.mode))
            case _:
                rows.append((op.op, dict(getattr(op, "base", {}))))
    return rows


@dataclass
class World:
    """Both systems and our memory; applies plans as the executor does."""

    records: dict[tuple[Side, Kind], dict[RecordId, Record]] = field(default_factory=dict)
    links: dict[LinkId, Link] = field(default_factory=dict)
    gone: set[tuple[Side, Kind, RecordId]] = field(default_factory=set)
    serial: int = 0

    def add(self, *records: Record) -> None:
        for record in records:
            self.records.setdefault((record.side, record.kind), {})[record.id] = record

    def edit(self, record: Record, **values: Value) -> None:
        now = self.records[record.side, record.kind][record.id]
        self.add(replace(now, values={**now.values, **values}))

    def remove(self, side: Side, kind: Kind, record_id: RecordId) -> None:
        self.records.get((side, kind), {}).pop(record_id, None)
        self.gone.add((side, kind, record_id))

    def observe(self) -> Observation:
        return Observation(
            {
                kind: {
                    side: Listing(
                        side,
                        kind,
                        dict(self.records.get((side, kind), {})),
                        is_complete=True,
                        gone=frozenset(i for s, k, i in self.gone if (s, k) == (side, kind)),
                    )
                    for side in Side
                }
                for kind in Kind
            }
        )

    def plan(self, policy: SyncPolicy, resolutions: Iterable[Resolution] = ()) -> Plan:
        return plan(
            self.observe(), *self.links.values(), policy=policy, resolutions=resolutions
        )

    def apply(self, found: Plan, *, failing: Iterable[int] = ()) -> None:
        """Carry out the plan; writes whose position is in `failing` get no answer."""
        shown: dict[tuple[LinkId, Side], dict[str, Value]] = {}
        failing = set(failing)
        for position, op in enumerate(found.operations):
            is_failing = position in failing or self._lacks_parent(op)
            state = OutcomeState.FAILED if is_failing else OutcomeState.DONE
            record, new_id = None, None
            if state is OutcomeState.DONE:
                record, new_id = self._write(op)
            link = self.links.get(op.link_id)
            if link is None and isinstance(op, Create):
                link = half_link(op)
            other_now = None
            if isinstance(op, Update):
                other_now = shown.get((op.link_id, op.side.other))
                if state is OutcomeState.DONE:
                    shown.setdefault((op.link_id, op.side), {}).update(op.after)
            outcome = Outcome(op, state, id=new_id, is_retryable=True)
            ending = Ending(outcome, record=record, other_now=other_now)
            settled = settle(link, ending, now=NOW)
            if settled.link is not None:
                self.links[op.link_id] = settled.link

    def _lacks_parent(self, op: object) -> bool:
        if not isinstance(op, Create) or op.parent is None:
            return False
        parent = self.links.get(op.parent)
        return parent is None or parent.id_on(op.side) is None

    def _write(self, op: object) -> tuple[Record | None, RecordId | None]:
        match op:
            case Create():
                self.serial += 1
                new_id = RecordId(f"{op.side[0]}-new-{self.serial}")
                parent = self.links[op.parent].id_on(op.side) if op.parent else None
                record = Record(
                    op.side, op.kind, new_id, dict(op.values), parent, op.correlation
                )
                self.add(record)
                return record, new_id
            case Update():
                found = self.records[op.side, op.kind][op.id]
                self.edit(found, **op.after)
                return self.records[op.side, op.kind][op.id], op.id
            case Delete():
                self.remove(op.side, op.kind, op.id)
                return None, op.id
            case _:
                return None, None

    def values(self, side: Side, kind: Kind = CONTACT) -> dict[RecordId, dict[str, Value]]:
        return {i: dict(r.values) for i, r in self.records.get((side, kind), {}).items()}
