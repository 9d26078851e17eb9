"""Twins of what was born, and counts of tasks, from what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.app.config import ConnectionConfig, read_config
from toolkit.app.stored_view import births_in, observe_births, observe_pairs
from toolkit.app.twins import plan_twins
from toolkit.model.automation import (
    ArchiveContact,
    EditTags,
    Effect,
    Firing,
    Happening,
    NewRecord,
    Send,
    SetFields,
    Trigger,
)
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Join, Update
from toolkit.model.records import Record
from toolkit.model.values import Value, digest
from toolkit.store import ConnectionStore, Store

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = Link(
    LinkId("ada"),
    Kind.CONTACT,
    CorrelationKey("ka"),
    RecordId("h1"),
    RecordId("1"),
    base={"name": "Ada", "total_tasks": 0, "open_tasks": 0},
)
CALL: dict[str, Value] = {"title": "Call", "due_at": "2026-11-25T09:00:00Z"}


@pytest.fixture
def config() -> ConnectionConfig:
    text = """
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""
    return read_config(text, Path("hightonic.yaml")).get_connection("main")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConnectionStore]:
    with Store.open(tmp_path, clock=lambda: NOON) as opened:
        mine = opened.connection("main")
        mine.put_links([ADA])
        yield mine


def a_birth(number: int = 11, side: Side = TIME, **changes: object) -> Outcome:
    made = Create(
        link_id=LinkId(f"born{number}"),
        kind=Kind.TASK,
        side=side,
        origin_id=RecordId(""),
        correlation=CorrelationKey(f"k{number}"),
        values=CALL,
        shown=CALL,
        parent=ADA.id,
        causes=(f"rule/{number}",),
    )
    outcome = Outcome(made, OutcomeState.DONE, id=RecordId(str(number)))
    return replace(outcome, **changes)  # type: ignore[arg-type]


def a_task(side: Side, number: str, **values: Value) -> Record:
    parent = ADA.id_on(side)
    return Record(side, Kind.TASK, RecordId(number), {**CALL, **values}, parent_id=parent)


def remember(store: ConnectionStore, *records: Record) -> None:
    for record in records:
        store.upsert_observed(record.side, record.kind, [record])


def test_a_twin_and_the_count_carry_the_causes_of_the_birth(
    config: ConnectionConfig, store: ConnectionStore
) -> None:
    remember(store, a_task(TIME, "11"))

    plan = plan_twins(config, store, [a_birth()], [ADA])

    assert plan is not None
    count, twin = plan.operations
    assert isinstance(twin, Create)
    assert (twin.side, twin.origin_id, twin.parent) == (HIGH, "11", ADA.id)
    assert twin.causes == ("rule/11",)
    assert isinstance(count, Update)
    assert (count.side, count.after) == (TIME, {"total_tasks": 1, "open_tasks": 1})
    assert count.causes == ("rule/11",)


def test_twins_of_what_passed_its_brake_are_not_held(
    config: ConnectionConfig, store: ConnectionStore
) -> None:
    remember(store, *(a_task(TIME, str(n)) for n in range(100, 150)))

    plan = plan_twins(config, store, [a_birth(n) for n in range(100, 150)], [ADA])

    assert plan is not None
    assert plan.held == ()
    assert sum(isinstance(op, Create) for op in plan.operations) == 50


def test_a_twin_that_stands_there_already_is_joined(
    config: ConnectionConfig, store: ConnectionStore
) -> None:
    """A lost answer, or a person who was quicker."""
    other = replace(a_task(HIGH, "t9", title="Other"), parent_id=RecordId("h2"))
    remember(store, a_task(TIME, "11"), a_task(HIGH, "t1"), other)

    plan = plan_twins(config, store, [a_birth()], [ADA])

    assert plan is not None
    (join,) = [op for op in plan.operations if isinstance(op, Join)]
    assert (join.highlevel_id, join.timetonic_id) == ("t1", "11")
    assert not any(isinstance(op, Create) for op in plan.operations)


def test_what_is_linked_is_no_partner(store: ConnectionStore) -> None:
    linked = replace(
        ADA,
        id=LinkId("task"),
        kind=Kind.TASK,
        highlevel_id=RecordId("t1"),
        timetonic_id=RecordId("12"),
    )
    remember(store, a_task(TIME, "11"), a_task(HIGH, "t1"))

    seen = observe_births(store, [a_birth()], [ADA, linked])

    listing = seen.listing(Kind.TASK, HIGH)
    assert listing is not None
    assert listing.records == {}
    assert not listing.is_complete


@pytest.mark.parametrize(
    "outcome",
    [
        a_birth(state=OutcomeState.FAILED),
        a_birth(state=OutcomeState.UNKNOWN),
        a_birth(id=None),
        replace(a_birth(), operation=replace(a_birth().operation, kind=Kind.METRIC)),  # type: ignore[type-var]
        replace(
            a_birth(),
            operation=replace(a_birth().operation, origin_id=RecordId("t1")),  # type: ignore[type-var]
        ),
    ],
    ids=["failed", "unknown", "no id", "own row", "twin"],
)
def test_only_what_was_born_gets_a_twin(outcome: Outcome) -> None:
    assert births_in([outcome]) == []


def test_a_run_that_touched_no_task_needs_no_second_half(
    config: ConnectionConfig, store: ConnectionStore
) -> None:
    named = Update(
        ADA.id, Kind.CONTACT, HIGH, RecordId("h1"), {}, {"name": "B"}, {}, digest({})
    )

    assert plan_twins(config, store, [Outcome(named, OutcomeState.DONE)], [ADA]) is None


def test_a_finished_task_is_counted_and_says_why(
    config: ConnectionConfig, store: ConnectionStore
) -> None:
    contact = replace(ADA, base={**ADA.base, "total_tasks": 1, "open_tasks": 1})
    task = Link(
        LinkId("task"),
        Kind.TASK,
        CorrelationKey("kt"),
        RecordId("t1"),
        RecordId("11"),
        parent=ADA.id,
        base={**CALL, "is_completed": True},
    )
    done = Update(
        task.id,
        Kind.TASK,
        TIME,
        RecordId("11"),
        before={"is_completed": False},
        after={"is_completed": True},
        other={},
        expected=digest({}),
        causes=("rule/1",),
    )

    plan = plan_twins(config, store, [Outcome(done, OutcomeState.DONE)], [contact, task])

    assert plan is not None
    (count,) = plan.operations
    assert isinstance(count, Update)
    assert count.after == {"open_tasks": 0}
    assert count.causes == ("rule/1",)


@pytest.mark.parametrize(
    ("effect", "is_seen"),
    [
        (SetFields(ADA.id, Kind.CONTACT, {}), True),
        (EditTags(ADA.id), True),
        (ArchiveContact(ADA.id), True),
        (NewRecord(Kind.TASK, ADA.id, {}), True),
        (Send("slack", "#sales", {}, ADA.id), False),
        (EditTags(LinkId("other")), False),
    ],
    ids=lambda each: getattr(each, "effect", ""),
)
def test_pairs_that_rules_write_to_are_shown_as_seen_last(
    store: ConnectionStore,
    effect: Effect,
    is_seen: bool,
) -> None:
    record = Record(HIGH, Kind.CONTACT, RecordId("h1"), {"name": "Ada L."})
    remember(store, record)
    fired = Firing("r", Happening("h", Trigger.SCHEDULE, NOON), (effect,))

    seen = observe_pairs(store, [fired], [ADA])

    listing = seen.listing(Kind.CONTACT, HIGH)
    assert (listing is not None and listing.records == {"h1": record}) is is_seen
