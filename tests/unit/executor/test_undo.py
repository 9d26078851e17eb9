"""Plans that take runs back, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.store.samples import a_create, a_delete, a_link, an_update
from toolkit.executor.undo import plan_undo
from toolkit.model.ids import CorrelationKey, Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Join, Operation, Plan, Rebase, Unlink, Update

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
LINK1 = LinkId("link1")
JOIN = Join(
    LINK1, Kind.CONTACT, RecordId("h1"), RecordId("t1"), CorrelationKey("key1"), {"name": "A"}
)


def undo(*operations: Operation, links: list[Link] | None = None, **outcome: object) -> Plan:
    told = {"state": OutcomeState.DONE, **outcome}
    ended = [Outcome(op, **{"id": RecordId("t9"), **told}) for op in operations]
    return plan_undo(
        "main",
        scope="scope",
        config_digest=Digest("d"),
        outcomes=ended,
        links={link.id: link for link in ([a_link()] if links is None else links)},
        archive_tags={Kind.CONTACT: "archived"},
    )


@pytest.mark.parametrize(
    ("operation", "reversed_as"),
    [
        (a_create(), Delete),
        (an_update(), Update),
        (a_delete(), Create),
        (replace(a_delete(), mode="archive"), Update),
        (JOIN, Unlink),
    ],
)
def test_each_operation_has_its_reverse(operation: Operation, reversed_as: type) -> None:
    *_, step = undo(operation).operations

    assert isinstance(step, reversed_as)
    assert step.link_id == "link1"


def test_what_the_server_spells_its_own_way_is_expected_in_that_spelling() -> None:
    link = a_link(base={"name": "New"}, aliases={HIGH: {"name": "new"}})

    (step,) = undo(an_update(), links=[link]).operations

    assert isinstance(step, Update)
    assert (step.before, step.after) == ({"name": "new"}, {"name": "Old"})


@pytest.mark.parametrize(
    "operation", [Rebase(LINK1, Kind.CONTACT, {}), Unlink(LINK1, Kind.CONTACT, (), {})]
)
def test_bookkeeping_is_not_reversed(operation: Operation) -> None:
    assert undo(operation).operations == ()


@pytest.mark.parametrize(
    ("gone", "state", "sides", "said"),
    [
        ((TIME,), LinkState.UNLINKED, [HIGH], "add it there again"),
        ((HIGH,), LinkState.UNLINKED, [TIME], "add it there again"),
        ((HIGH, TIME), LinkState.DELETED, [HIGH], "deleted on both sides"),
        ((TIME,), LinkState.LIVE, [], ""),
    ],
)
def test_deletion_by_a_person_is_listed_with_what_to_do(gone, state, sides, said) -> None:
    unlink = Unlink(LINK1, Kind.CONTACT, gone, {})

    plan = undo(unlink, links=[replace(a_link(), state=state)])

    assert plan.operations == ()
    assert [finding.side for finding in plan.findings] == sides
    assert all(said in finding.reason for finding in plan.findings)


@pytest.mark.parametrize(
    "state", [OutcomeState.SKIPPED, OutcomeState.FAILED, OutcomeState.UNKNOWN]
)
def test_only_finished_operations_are_reversed(state: OutcomeState) -> None:
    assert undo(an_update(), state=state).operations == ()


def test_forgotten_pair_is_left_alone() -> None:
    assert undo(an_update(), links=[]).operations == ()


def test_create_without_an_id_is_left_alone() -> None:
    assert undo(a_create(), id=None).operations == ()


def test_reversed_update_swaps_before_and_after_and_turns_its_flag() -> None:
    (step,) = undo(an_update()).operations
    assert isinstance(step, Update)
    assert (step.before, step.after, step.is_undo) == ({"name": "New"}, {"name": "Old"}, True)

    (again,) = undo(step).operations

    assert isinstance(again, Update)
    assert (again.before, again.after, again.is_undo) == (
        {"name": "Old"},
        {"name": "New"},
        False,
    )


def test_brought_back_record_gets_a_new_key_and_stays_apart() -> None:
    (step,) = undo(a_delete()).operations

    assert isinstance(step, Create)
    assert step.is_undo
    assert step.generation == 1
    assert step.correlation != "key1"
    assert step.values == {"name": "Old"}


def test_undone_create_done_again_is_a_pair_again() -> None:
    apart, gone = undo(a_create()).operations
    assert isinstance(apart, Unlink)
    assert isinstance(gone, Delete)
    assert gone.is_undo

    (back,) = undo(apart, gone).operations

    assert isinstance(back, Create)
    assert not back.is_undo


@pytest.mark.parametrize(
    ("tags", "marked", "after"),
    [
        (("vip",), ("archived", "vip"), ("vip",)),
        (None, ("archived",), None),
    ],
)
def test_archive_is_taken_back_by_its_mark(tags, marked, after) -> None:
    archived = replace(a_delete(), mode="archive", before={"name": "Old", "tags": tags})

    (step,) = undo(archived).operations

    assert isinstance(step, Update)
    assert step.before == {"tags": marked}
    assert step.after == {"tags": after}


def test_what_is_brought_back_comes_first_and_children_go_before_their_contact() -> None:
    task_link = a_link(2, kind=Kind.TASK)
    contact, task = a_create(1), a_create(2, kind=Kind.TASK)

    plan = undo(contact, task, a_delete(1), JOIN, links=[a_link(), task_link])

    assert [(step.op, step.kind) for step in plan.operations] == [
        ("unlink", Kind.CONTACT),
        ("unlink", Kind.TASK),
        ("create", Kind.CONTACT),
        ("delete", Kind.TASK),
        ("delete", Kind.CONTACT),
    ]
