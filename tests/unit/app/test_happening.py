"""What rules hear of, line by line."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from toolkit.app.happening import Line, Reader, hear_events, place
from toolkit.model.automation import Trigger
from toolkit.model.events import Event, EventKind, Severity, Subject
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
from toolkit.model.plan import Create, Delete, Join, Rebase, Unlink, Update

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
CONTACT, TASK, NOTE, APPOINTMENT = Kind.CONTACT, Kind.TASK, Kind.NOTE, Kind.APPOINTMENT
QUIET = {CONTACT: frozenset({"open_tasks", "updated_at"})}
WRITTEN_FOR = ("welcome/contact_created/c1",)


def create(kind=CONTACT, side=TIME, **changes) -> Create:
    bare = Create(
        LinkId(f"{kind}1"),
        kind,
        side,
        RecordId("origin"),
        CorrelationKey("key"),
        values={"name": "A"},
        shown={"name": "A"},
        parent=None if kind is CONTACT else LinkId("c1"),
    )
    return replace(bare, **changes)


def update(after, before=None, kind=CONTACT, side=TIME, **changes) -> Update:
    bare = Update(
        LinkId(f"{kind}1"),
        kind,
        side,
        RecordId("r1"),
        before=before or dict.fromkeys(after),
        after=after,
        other={},
        expected=Digest("d"),
    )
    return replace(bare, **changes)


def delete(kind=CONTACT, **changes) -> Delete:
    bare = Delete(
        LinkId(f"{kind}1"),
        kind,
        TIME,
        RecordId("r1"),
        "delete",
        before={},
        expected=Digest("d"),
    )
    return replace(bare, **changes)


def join(kind=CONTACT, by="email") -> Join:
    return Join(
        LinkId(f"{kind}1"),
        kind,
        RecordId("h"),
        RecordId("t"),
        CorrelationKey("key"),
        base={"name": "A"},
        by=by,
    )


def lines(*operations) -> list[Line]:
    return [
        Line(
            seq,
            RunId("run1"),
            NOON,
            operation,
            id=RecordId(f"new{seq}"),
            contact=LinkId("contact1" if operation.kind is CONTACT else "c1"),
        )
        for seq, operation in enumerate(operations, 1)
    ]


def a_reader(**births) -> Reader:
    return Reader(lambda causes: tuple(each.split("/")[0] for each in causes), QUIET)


def heard(*operations) -> list[tuple]:
    """Trigger, side, what else it tells, chain."""
    return [
        (
            each.happening.trigger.value,
            each.happening.side,
            (*each.happening.fields, *each.happening.tags),
            each.happening.chain,
        )
        for each in a_reader().read(lines(*operations))
    ]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (create(), [("contact_created", HIGH, (), ())]),
        (
            create(side=HIGH),
            [("contact_created", TIME, (), ()), ("lead_created", TIME, (), ())],
        ),
        (
            create(shown={"tags": ("vip",)}),
            [("contact_created", HIGH, (), ()), ("contact_tagged", HIGH, ("vip",), ())],
        ),
        (join(), [("contact_created", None, (), ()), ("lead_created", TIME, (), ())]),
        (join(by="correlation"), []),
        (create(TASK), [("task_created", HIGH, (), ())]),
        (create(NOTE, HIGH), [("note_added", TIME, (), ())]),
        (create(APPOINTMENT), [("appointment_booked", HIGH, (), ())]),
        (join(TASK), [("task_created", None, (), ())]),
        (update({"name": "B", "open_tasks": 2}), [("contact_updated", HIGH, ("name",), ())]),
        (update({"open_tasks": 2, "updated_at": "x"}), []),
        (
            update({"tags": ("a", "b")}, {"tags": ("a",)}, side=HIGH),
            [("contact_updated", TIME, ("tags",), ()), ("contact_tagged", TIME, ("b",), ())],
        ),
        (
            update({"tags": None}, {"tags": ("a",)}),
            [("contact_updated", HIGH, ("tags",), ())],
        ),
        (
            update({"is_completed": True}, {"is_completed": False}, TASK),
            [("task_completed", HIGH, (), ())],
        ),
        (update({"is_completed": True}, {"is_completed": True}, TASK), []),
        (update({"is_completed": False}, {"is_completed": True}, TASK), []),
        (update({"title": "B"}, kind=TASK), []),
        (update({"body": "B"}, kind=NOTE), []),
        (
            Rebase(LinkId("l"), CONTACT, {"name": "B"}),
            [("contact_updated", None, ("name",), ())],
        ),
        (Rebase(LinkId("l"), CONTACT, {"open_tasks": 3}), []),
        (Rebase(LinkId("l"), TASK, {"title": "B"}), []),
        (delete(), [("contact_deleted", HIGH, (), ())]),
        (delete(TASK), []),
        (Unlink(LinkId("l"), CONTACT, (TIME,), {}), [("contact_deleted", TIME, (), ())]),
        (Unlink(LinkId("l"), CONTACT, (HIGH, TIME), {}), [("contact_deleted", None, (), ())]),
        (Unlink(LinkId("l"), CONTACT, (), {}), []),
        (create(is_undo=True), []),
        (update({"name": "B"}, is_undo=True), []),
        (delete(is_undo=True), []),
        (create(Kind.ARCHIVE, origin_id=""), []),
        (
            update({"name": "B"}, causes=WRITTEN_FOR),
            [("contact_updated", None, ("name",), ("welcome",))],
        ),
    ],
)
def test_what_is_heard_of_a_line(operation, expected):
    assert heard(operation) == expected


def test_a_change_of_both_sides_is_one_happening():
    both = [
        update({"name": "B"}, side=TIME),
        update({"name": "B", "email": "b@x.y"}, side=HIGH),
    ]

    (one,) = a_reader().read(lines(*both))

    assert (one.seq, one.happening.key) == (1, "contact_updated/1")
    assert (one.happening.side, one.happening.fields) == (None, ("email", "name"))


def test_what_a_rule_wrote_is_told_apart_from_what_people_did():
    told = heard(update({"name": "B"}), update({"name": "C"}, causes=WRITTEN_FOR))

    assert [chain for *_, chain in told] == [(), ("welcome",)]


def test_both_sides_of_what_a_rule_wrote_are_one_happening_also_when_read_apart():
    sides = [update({"name": "B"}, side=side, causes=WRITTEN_FOR) for side in (TIME, HIGH)]
    first, second = (a_reader().read([line])[0].happening for line in lines(*sides))

    assert first.key == second.key


@pytest.mark.parametrize("causes", [(), WRITTEN_FOR])
def test_a_second_half_that_a_crash_parted_from_the_first_is_the_same(causes):
    """The other side is then written by an ordinary comparison, for nobody."""
    first = update({"name": "B"}, side=HIGH, other={"name": "A"}, causes=causes)
    second = update({"name": "B"}, side=TIME, other={"name": "B"})
    one, two = a_reader(), a_reader()

    (heard_first,) = one.read(lines(first))
    two.halves.update(one.halves)
    (heard_second,) = two.read([replace(lines(second)[0], seq=9, run_id=RunId("run2"))])

    assert heard_second.happening.key == heard_first.happening.key
    assert heard_second.happening.chain == heard_first.happening.chain
    assert two.halves == {}


def test_another_value_is_not_the_second_half():
    first = update({"name": "B"}, side=HIGH, other={"name": "A"}, causes=WRITTEN_FOR)
    second = update({"name": "C"}, side=TIME, other={"name": "C"})

    told = heard(first, second)

    assert [chain for *_, chain in told] == [("welcome",), ()]


def test_a_pair_comes_to_be_once_however_often_its_twin_is_made():
    again = create(generation=1)

    keys = [each.happening.key for each in a_reader().read(lines(create(), again))]

    assert keys == ["contact_created/contact1"]


@pytest.mark.parametrize("causes", [(), WRITTEN_FOR])
def test_the_twin_of_what_a_rule_made_is_known_to_come_from_it(causes):
    birth = create(TASK, TIME, origin_id=RecordId(""), causes=WRITTEN_FOR)
    first, second = a_reader(), a_reader()

    assert first.read(lines(birth)) == []
    assert first.births == {place(TASK, TIME, RecordId("new1")): WRITTEN_FOR}
    second.births.update(first.births)
    twin = create(TASK, HIGH, origin_id=RecordId("new1"), causes=causes)
    (heard_of,) = second.read(lines(twin))

    assert heard_of.happening.trigger is Trigger.TASK_CREATED
    assert heard_of.happening.chain == ("welcome",)
    assert heard_of.happening.contact == "c1"
    assert heard_of.happening.subject == "task1"
    assert second.births == {}


def event(kind, *subjects, seq=5) -> Event:
    return Event(
        ConnectionName("main"),
        NOON,
        kind,
        Severity.INFO,
        Digest("f"),
        subjects=subjects,
        fields=("name",),
        facts={"happened": "x"},
        seq=seq,
    )


PARENTS = {"c1": "c1", "t1": "c1"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (event(EventKind.RUN_FAILED), [("run_failed/5", None, None)]),
        (event(EventKind.RUN_RECOVERED), [("run_recovered/5", None, None)]),
        (
            event(EventKind.CONFLICT_OPENED, Subject(CONTACT, LinkId("c1"))),
            [("conflict/5", "c1", None)],
        ),
        (
            event(EventKind.CONFLICT_OPENED, Subject(TASK, LinkId("t1"))),
            [("conflict/5", "c1", "t1")],
        ),
        (event(EventKind.CONFLICT_OPENED, Subject(TASK, LinkId("gone"))), []),
        (event(EventKind.CONFLICT_OPENED, Subject(TASK)), []),
        (event(EventKind.QUOTA_LOW), []),
    ],
)
def test_what_is_heard_of_the_feed(told, expected):
    found = hear_events([told], PARENTS.get)

    assert [(each.key, each.contact, each.subject) for each in found] == expected
