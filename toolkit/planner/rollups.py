"""Counts of tasks on the contact's TimeTonic row, as they will stand after the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Create, Delete, Join, Operation, Unlink, Update
from toolkit.model.values import Value
from toolkit.planner.draft import Draft, Edit, PairEdits, build_update
from toolkit.planner.fields import SIDES, KindFields
from toolkit.planner.scene import NO_ID, Pair, Scene, View, shown_by

_TASK_DONE = "is_completed"


@dataclass(slots=True)
class _Count:
    """Named as the roll-ups are."""

    total_tasks: int = 0
    open_tasks: int = 0


_NONE = _Count()
_Columns: TypeAlias = tuple[tuple[str, str], ...]
"""Field -> which count it shows."""


@dataclass(slots=True)
class _Planned:
    """The operations that go on, found by link."""

    creates: dict[LinkId, Create] = field(default_factory=dict)
    joins: dict[LinkId, Join] = field(default_factory=dict)
    updates: dict[LinkId, Update] = field(default_factory=dict)
    leaving: set[LinkId] = field(default_factory=set)

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> _Planned:
        planned = cls()
        for op in operations:
            match op:
                case Create():
                    planned.creates[op.link_id] = op
                case Join():
                    planned.joins[op.link_id] = op
                case Update() if op.side is Side.TIMETONIC:
                    planned.updates[op.link_id] = op
                case Delete() | Unlink():
                    planned.leaving.add(op.link_id)
                case _:
                    pass
        return planned


def add_rollups(scene: Scene, draft: Draft, operations: Sequence[Operation]) -> list[Operation]:
    """The operations with task counts added where TimeTonic shows other ones.

    Args:
        scene: Must hold every link of the connection: tasks are counted from links.
        draft: For pairs matched in this plan.
        operations: Those that go on; what a brake holds does not count.
    """
    contact, task = scene.fields.get(Kind.CONTACT), scene.fields.get(Kind.TASK)
    if contact is None or task is None or not contact.rollups:
        return list(operations)
    planned = _Planned.of(operations)
    columns = _columns(contact)
    counts = _count_tasks(scene, draft, planned)
    replaced: dict[int, Operation] = {}
    added: list[Operation] = []
    for link_id, create in planned.creates.items():
        if create.kind is Kind.CONTACT and create.side is Side.TIMETONIC:
            found = _rolled_up(columns, counts.get(link_id, _NONE))
            replaced[id(create)] = replace(
                create, values={**create.values, **found}, shown={**create.shown, **found}
            )
    for pair in _standing_contacts(
        scene, draft, planned=planned, counts=counts, columns=columns
    ):
        edits = _edits(pair, _rolled_up(columns, counts.get(pair.link_id, _NONE)))
        if not edits.fields:
            continue
        update = build_update(edits, contact)
        earlier = planned.updates.get(pair.link_id)
        if earlier is None:
            added.append(update)
        else:
            replaced[id(earlier)] = _merged(earlier, update)
    return [*(replaced.get(id(op), op) for op in operations), *added]


def _count_tasks(scene: Scene, draft: Draft, planned: _Planned) -> dict[LinkId, _Count]:
    counts: dict[LinkId, _Count] = defaultdict(_Count)
    for contact, is_done in _tasks(scene, draft, planned):
        if contact is not None:
            counts[contact].total_tasks += 1
            counts[contact].open_tasks += is_done is not True
    return counts


def _tasks(
    scene: Scene, draft: Draft, planned: _Planned
) -> Iterator[tuple[LinkId | None, Value]]:
    """Contact and completion of every task, as TimeTonic will show it."""
    records = scene.records(Kind.TASK, Side.TIMETONIC)
    # A pair that rests after a refusal still has its row, and the row is counted.
    for link in (*scene.live_links[Kind.TASK], *_resting_tasks(scene)):
        if link.id not in planned.leaving and link.id not in planned.creates:
            record = records.get(link.timetonic_id or NO_ID)
            values = {} if record is None else record.values
            now = values.get(_TASK_DONE, shown_by(link, Side.TIMETONIC).get(_TASK_DONE))
            yield link.parent, _planned_done(planned, link.id, now)
    for create in planned.creates.values():
        if create.kind is Kind.TASK:
            yield create.parent, create.shown.get(_TASK_DONE)
    for join in planned.joins.values():
        if join.kind is Kind.TASK:
            now = draft.pairs[join.link_id].timetonic.now(_TASK_DONE)
            yield join.parent, _planned_done(planned, join.link_id, now)


def _resting_tasks(scene: Scene) -> Iterator[Link]:
    for link in scene.known(Kind.TASK, Side.TIMETONIC).values():
        is_whole = link.highlevel_id is not None
        if (
            link.state is LinkState.PARKED
            and is_whole
            and not scene.is_gone(link, Side.TIMETONIC)
        ):
            yield link


def _planned_done(planned: _Planned, link_id: LinkId, now: Value) -> Value:
    update = planned.updates.get(link_id)
    return now if update is None else update.after.get(_TASK_DONE, now)


def _standing_contacts(
    scene: Scene,
    draft: Draft,
    *,
    planned: _Planned,
    counts: Mapping[LinkId, _Count],
    columns: _Columns,
) -> Iterator[Pair]:
    """Contacts that have, and keep, a row in TimeTonic; those in step may be left out."""
    gone = {side: scene.gone(Kind.CONTACT, side) for side in SIDES}
    for link in scene.live_links[Kind.CONTACT]:
        shown = shown_by(link, Side.TIMETONIC)
        count = counts.get(link.id, _NONE)
        if all(shown.get(name) == getattr(count, size) for name, size in columns):
            continue
        is_standing = not any(link.id_on(side) in gone[side] for side in SIDES)
        if is_standing and link.id not in planned.leaving:
            yield draft.pairs.get(link.id) or scene.pair(link)
    for join in planned.joins.values():
        if join.kind is Kind.CONTACT:
            yield draft.pairs[join.link_id]
    for create in planned.creates.values():
        if create.kind is Kind.CONTACT and create.side is Side.HIGHLEVEL:
            yield _pair_of(scene, create)


def _pair_of(scene: Scene, create: Create) -> Pair:
    """The row a HighLevel contact is being created from, with its twin still to come."""
    link = scene.links.get(create.link_id)
    if link is not None:
        return scene.pair(link)
    record = scene.records(Kind.CONTACT, Side.TIMETONIC).get(create.origin_id)
    return Pair(
        link_id=create.link_id,
        kind=create.kind,
        highlevel=View(Side.HIGHLEVEL, create.origin_id, None, {}),
        timetonic=View(Side.TIMETONIC, create.origin_id, record, {}),
        base={},
        is_first_match=True,
    )


def _columns(fields: KindFields) -> _Columns:
    return tuple(
        (policy.name, policy.rollup)
        for policy in fields.rollups
        if policy.rollup is not None and fields.may_write(policy.name, Side.TIMETONIC)
    )


def _rolled_up(columns: _Columns, count: _Count) -> dict[str, Value]:
    return {name: getattr(count, size) for name, size in columns}


def _edits(pair: Pair, found: dict[str, Value]) -> PairEdits:
    """The counts that differ from what the row was last given."""
    edits = PairEdits(pair, Side.TIMETONIC)
    view = pair.timetonic
    for name, value in found.items():
        # Nothing was ever written to a newly matched row, so there its own text counts.
        shown = view.now(name) if pair.is_first_match else view.shown.get(name)
        if shown != value:
            edits.fields[name] = Edit(before=shown, after=value, other=value)
    return edits


def _merged(one: Update, two: Update) -> Update:
    return replace(
        one,
        before={**one.before, **two.before},
        after={**one.after, **two.after},
        other={**one.other, **two.other},
    )
