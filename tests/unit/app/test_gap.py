"""From a plan to the changes behind it, and what of them nobody had told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from toolkit.app.gap import Compared, Found, Gap, list_found, measure_gap, tell_gap
from toolkit.app.happenings import Telling
from toolkit.model.ids import (
    ConnectionName,
    CorrelationKey,
    Digest,
    Kind,
    LinkId,
    RecordId,
    RunId,
    Side,
)
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import (
    Conflict,
    Create,
    Delete,
    Join,
    Operation,
    Plan,
    Rebase,
    Unlink,
    Update,
)

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = CorrelationKey("k")
PAIR = Link(
    LinkId("l1"),
    Kind.CONTACT,
    KEY,
    RecordId("h1"),
    RecordId("t1"),
    base={"name": "Ada", "phone": None, "open_tasks": 1},
)
CHILD = replace(
    PAIR,
    id=LinkId("l2"),
    kind=Kind.TASK,
    parent=PAIR.id,
    highlevel_id=RecordId("h2"),
    timetonic_id=RecordId("t2"),
    base={"title": "Call", "is_completed": False},
)
LINKS = {link.id: link for link in (PAIR, CHILD)}


def update(side: Side, link: Link = PAIR, **fields: tuple) -> Update:
    """Field -> (before on the side, after, what the other side shows)."""
    return Update(
        link_id=link.id,
        kind=link.kind,
        side=side,
        id=link.id_on(side) or RecordId(""),
        before={name: three[0] for name, three in fields.items()},
        after={name: three[1] for name, three in fields.items()},
        other={name: three[2] for name, three in fields.items()},
        expected=Digest(""),
    )


def create(link_id: str, side: Side, origin_id: str, **values: str) -> Create:
    return Create(LinkId(link_id), Kind.CONTACT, side, RecordId(origin_id), KEY, values, values)


def delete(link: Link, side: Side) -> Delete:
    record_id = link.id_on(side) or RecordId("")
    return Delete(link.id, link.kind, side, record_id, "delete", {}, Digest(""))


def plan(*operations: Operation, **more: tuple) -> Plan:
    return Plan("main", Digest("d"), operations=operations, **more)


def places(found: list[Found]) -> set[tuple[str, str]]:
    return {(each.id, each.verb) for each in found}


JOIN = Join(LinkId("l9"), Kind.CONTACT, RecordId("h9"), RecordId("t9"), KEY, {}, by="email")
CONFLICT = Conflict(
    PAIR.id, Kind.CONTACT, "name", RecordId("h1"), RecordId("t1"), "Ada", "Ida", "Ada"
)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (create("l8", TIME, "h8", name="New"), {("h8", "created")}),
        (create("l1", TIME, "h8"), {("t1", "deleted")}),
        (create("l1", TIME, "h1", name="Edit wins"), {("t1", "deleted"), ("h1", "changed")}),
        (update(TIME, name=("Ada", "Ida", "Ida")), {("h1", "changed")}),
        (update(HIGH, name=("Ada", "Ida", "Ida")), {("t1", "changed")}),
        # One way only: what was edited on the written side is put back.
        (update(TIME, name=("Ida", "Ada", "Ada")), {("t1", "changed")}),
        (
            update(TIME, name=("Eda", "Ida", "Ida")),
            {("h1", "changed"), ("t1", "changed")},
        ),
        (update(TIME, phone=("", "", None)), set()),  # blank is blank
        (update(TIME, open_tasks=(1, 2, None)), set()),
        (delete(PAIR, TIME), {("h1", "deleted")}),
        (Unlink(PAIR.id, PAIR.kind, (HIGH, TIME), {}), {("h1", "deleted"), ("t1", "deleted")}),
        (Unlink(PAIR.id, PAIR.kind, (), {}), set()),
        (Unlink(LinkId("unknown"), PAIR.kind, (HIGH,), {}), set()),
        (JOIN, {("h9", "created"), ("t9", "created")}),
        (replace(JOIN, by="correlation"), set()),
        (
            Rebase(PAIR.id, PAIR.kind, {"name": "Ida"}),
            {("h1", "changed"), ("t1", "changed")},
        ),
    ],
)
def test_operation_stands_for_what_somebody_did(
    operation: Operation, expected: set[tuple[str, str]]
) -> None:
    found = list_found(plan(operation), LINKS.get, rollups={"open_tasks"})

    assert places(found) == expected


def test_held_operations_and_conflicts_are_found_too() -> None:
    made = plan(held=(delete(CHILD, TIME),), conflicts=(CONFLICT,))

    assert places(list_found(made, LINKS.get)) == {("h2", "deleted"), ("h1", "changed")}


def test_conflict_of_a_forgotten_pair_is_nobodys_change() -> None:
    assert list_found(plan(conflicts=(CONFLICT,)), {}.get) == []


@pytest.mark.parametrize(
    ("parent_op", "parent"),
    [
        (delete(PAIR, TIME), PAIR),
        (Unlink(PAIR.id, PAIR.kind, (HIGH,), {}), PAIR),
        (None, replace(PAIR, state=LinkState.UNLINKED)),
    ],
)
def test_task_that_went_with_its_contact_is_not_counted(
    parent_op: Operation | None, parent: Link
) -> None:
    operations = [delete(CHILD, TIME), *([parent_op] if parent_op else [])]

    found = list_found(plan(*operations), {**LINKS, parent.id: parent}.get)

    assert ("h2", "deleted") not in places(found)


def test_one_record_changed_in_two_operations_counts_once() -> None:
    made = plan(update(TIME, name=("Ada", "Ida", "Ida")), conflicts=(CONFLICT,))

    (found,) = list_found(made, LINKS.get)

    assert found.fields == {"name": "Ida"}


def found_on(side: Side, kind: Kind, record_id: str, verb: str, **fields: object) -> Found:
    return Found(side, kind, RecordId(record_id), verb, PAIR.id, fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "is_told"),
    [
        (found_on(HIGH, Kind.CONTACT, "h1", "changed", name="Ida"), True),
        (found_on(HIGH, Kind.CONTACT, "h1", "deleted"), True),
        (found_on(HIGH, Kind.TASK, "h2", "created"), True),
        (found_on(HIGH, Kind.TASK, "h2", "changed", title="New"), False),
        (found_on(HIGH, Kind.TASK, "h2", "changed", is_completed=True), True),
        (found_on(TIME, Kind.NOTE, "t3", "changed", body="x"), True),
        (found_on(TIME, Kind.NOTE, "t3", "deleted"), False),
    ],
)
def test_what_the_vendor_never_tells_is_counted_apart(found: Found, is_told: bool) -> None:
    gap = measure_gap([found], told=())

    assert (len(gap.untold), gap.silent) == ((1, 0) if is_told else (0, 1))


def test_told_and_known_changes_are_no_gap() -> None:
    one = found_on(HIGH, Kind.CONTACT, "h1", "changed", name="Ida")
    two = found_on(HIGH, Kind.CONTACT, "h2", "created")
    three = found_on(HIGH, Kind.CONTACT, "h3", "changed", name="Eda")
    later = replace(three, fields={"name": "Oda"})

    gap = measure_gap([one, two, later], told={one.place}, known={three.key, two.key})

    assert gap == Gap((later,), silent=0, found=2)
    assert gap.on(HIGH) == 1


def test_gap_is_told_of_sides_that_send_only() -> None:
    gap = measure_gap(
        [found_on(side, Kind.CONTACT, f"{side}1", "created") for side in Side], told=()
    )
    telling = Telling(ConnectionName("main"), RunId("r1"), NOW)

    (event,) = tell_gap(telling, gap, {HIGH})

    assert event.facts == {"untold": 1, "found": 2, "highlevel_contact": 1}
    assert [each.highlevel_id for each in event.subjects] == ["highlevel1"]
    assert event.once == "gap:r1"
    assert list(tell_gap(telling, gap, set())) == []


def test_memo_of_a_comparison_comes_back_as_it_was() -> None:
    found = [found_on(HIGH, Kind.CONTACT, "h1", "created")]
    kept = Compared.after(
        plan(), at=NOW, found=found, senders={HIGH}, gap=measure_gap(found, told=())
    )

    assert Compared.from_json(kept.to_json()) == kept
    assert kept.untold == {HIGH: 1}
    assert Compared.from_json({"at": "x"}) is None
    assert Compared.from_json(None) is None
