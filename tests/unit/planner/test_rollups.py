"""Task counts on the contact's row, as they will stand after the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.planner.builders import (
    CONTACT,
    CONTACTS,
    HL,
    TASK,
    TASKS,
    TT,
    World,
    a_field,
    a_kind,
    a_link,
    a_policy,
    bearing,
    brief,
    hl,
    key_of,
    observe,
    plan,
    tt,
    under,
)
from toolkit.model.links import LinkState
from toolkit.model.plan import Create, Update
from toolkit.model.policy import Brakes, DeleteMode, Direction

COUNTED = a_kind(
    CONTACT,
    a_field("name"),
    a_field("email"),
    a_field("seen", rides=True, direction=Direction.TO_TIMETONIC),
    a_field("total_tasks", rollup="total_tasks", direction=Direction.TO_TIMETONIC),
    a_field("open_tasks", rollup="open_tasks", direction=Direction.TO_TIMETONIC),
    match_keys=("email",),
)
POLICY = a_policy(COUNTED, TASKS)


def a_contact(total, still_open, **options):
    base = {"name": "Ada", "total_tasks": total, "open_tasks": still_open}
    return a_link("h1", "t1", base=base, **options)


def a_task(number, *, is_completed=False, parent="h1", **options):
    contact = a_link(parent, "any").id if parent else None
    base = {"title": "call", "is_completed": is_completed}
    return a_link(f"k{number}", f"r{number}", TASK, base=base, parent=contact, **options)


def counts(found):
    """What the plan writes to the first contact's row, as (total, open)."""
    for op in found.operations:
        if op.kind is CONTACT and op.op in {"update", "create"} and op.side is TT:
            shown = op.after if isinstance(op, Update) else op.values
            return shown.get("total_tasks"), shown.get("open_tasks")
    return None


@pytest.mark.parametrize(
    ("shown", "tasks", "records", "wanted"),
    [
        ((0, 0), [], [], None),
        ((None, None), [], [], (0, 0)),
        ((2, 1), [a_task(1), a_task(2, is_completed=True)], [], None),
        ((2, 2), [a_task(1), a_task(2, is_completed=True)], [], (None, 1)),
        ((1, 1), [a_task(1)], [hl("k1", TASK, is_completed=True)], (None, 0)),
        ((1, 1), [a_task(1)], [tt("r1", TASK, is_completed=True)], (None, 0)),
        ((1, 1), [a_task(1)], [tt("r1", TASK, title="ring")], None),
        ((0, 0), [], [under(hl("k9", TASK, title="new"), "h1")], (1, 1)),
        (
            (0, 0),
            [],
            [under(hl("k9", TASK, title="new", is_completed=True), "h1")],
            (1, None),
        ),
        ((0, 0), [], [under(tt("r9", TASK, title="new"), "t1")], (1, 1)),
        ((1, 1), [a_task(1, state=LinkState.UNLINKED)], [], (0, 0)),
        ((1, 1), [a_task(1, parent=None)], [], (0, 0)),
        ((1, 1), [a_task(1, parent="h2")], [], (0, 0)),
    ],
)
def test_counts_are_of_the_tasks_as_they_will_stand(shown, tasks, records, wanted):
    found = plan(observe(*records), a_contact(*shown), *tasks, policy=POLICY)

    assert counts(found) == wanted


@pytest.mark.parametrize(
    ("task", "gone", "wanted"),
    [
        (a_task(1, state=LinkState.PARKED), [], None),
        (a_task(1, state=LinkState.PARKED), [(TT, "r1")], (0, 0)),
        (a_task(1, state=LinkState.UNLINKED), [], (0, 0)),
        (replace(a_task(1, state=LinkState.PARKED), highlevel_id=None), [], (0, 0)),
    ],
)
def test_task_that_rests_after_a_refusal_counts_while_its_row_stands(task, gone, wanted):
    seen = observe(gone=gone, gone_kind=TASK)

    assert counts(plan(seen, a_contact(1, 1), task, policy=POLICY)) == wanted


def test_joined_tasks_count_with_their_merged_state():
    ones = [
        under(hl("k1", TASK, title="call", is_completed=True), "h1"),
        under(hl("k2", TASK, title="ring", is_completed=True), "h1"),
    ]
    twos = [
        bearing(under(tt("r1", TASK, title="call"), "t1"), key_of(TASK, HL, "k1")),
        under(tt("r2", TASK, title="ring", is_completed=True), "t1"),
    ]
    twos[0] = replace(twos[0], values={"title": "call", "is_completed": None})

    found = plan(observe(*ones, *twos), a_contact(0, 0), policy=POLICY)

    assert counts(found) == (2, None)


@pytest.mark.parametrize("mode", [DeleteMode.DELETE, DeleteMode.UNLINK])
def test_deleted_and_unlinked_tasks_no_longer_count(mode):
    policy = a_policy(COUNTED, replace(TASKS, on_delete={HL: mode, TT: mode}))
    seen = observe(gone=[(HL, "k1")], gone_kind=TASK)

    found = plan(seen, a_contact(2, 2), a_task(1), a_task(2), policy=policy)

    assert counts(found) == (1, 1)


def test_task_created_again_counts_once():
    mode = DeleteMode.DELETE
    policy = a_policy(COUNTED, replace(TASKS, on_delete={HL: mode, TT: mode}))
    seen = observe(tt("r1", TASK, is_completed=True), gone=[(HL, "k1")], gone_kind=TASK)

    found = plan(seen, a_contact(1, 1), a_task(1), policy=policy)

    assert counts(found) == (None, 0)


def test_counts_join_the_contacts_own_update():
    seen = observe(hl("h1", name="Eve", seen="now"), under(hl("k9", TASK, title="x"), "h1"))

    found = plan(seen, a_contact(0, 0), policy=POLICY)

    assert [op.op for op in found.operations] == ["update", "create"]
    (update, _) = found.operations
    assert update.after == {"name": "Eve", "seen": "now", "total_tasks": 1, "open_tasks": 1}
    assert update.other == update.after
    assert update.before == {"name": "Ada", "seen": None, "total_tasks": 0, "open_tasks": 0}


def test_counts_carry_riders_along():
    seen = observe(hl("h1", seen="now"), under(hl("k9", TASK, title="x"), "h1"))

    (update, _) = plan(seen, a_contact(0, 0), policy=POLICY).operations

    assert update.after == {"seen": "now", "total_tasks": 1, "open_tasks": 1}


def test_new_row_shows_its_counts_from_the_start():
    seen = observe(hl("h1", name="Ada"), under(hl("k9", TASK, title="x"), "h1"))

    (contact, _) = plan(seen, policy=POLICY).operations

    assert isinstance(contact, Create)
    assert contact.values == {"name": "Ada", "total_tasks": 1, "open_tasks": 1}
    assert contact.shown == contact.values


def test_row_a_contact_is_created_from_gets_its_counts():
    seen = observe(tt("t1", name="Ada"), under(tt("r9", TASK, title="x"), "t1"))

    found = plan(seen, policy=POLICY)

    assert [(op.op, op.kind, op.side) for op in found.operations] == [
        ("create", CONTACT, HL),
        ("update", CONTACT, TT),
        ("create", TASK, HL),
    ]
    assert counts(found) == (1, 1)


@pytest.mark.parametrize(
    ("shown", "writes"), [({}, 1), ({"total_tasks": 0, "open_tasks": 0}, 0)]
)
def test_joined_row_that_shows_the_counts_is_not_written(shown, writes):
    seen = observe(hl("h1", email="a@x.org"), tt("t1", email="a@x.org", **shown))

    found = plan(seen, policy=POLICY)

    assert len(found.writes) == writes


@pytest.mark.parametrize(
    ("gone", "edit", "wanted"),
    [
        (
            TT,
            hl("h1", name="Eve"),
            [("create", TT, {"name": "Eve", "total_tasks": 1, "open_tasks": 1})],
        ),
        (
            HL,
            tt("t1", name="Eve"),
            [
                ("create", HL, {"name": "Eve"}),
                ("update", TT, {"total_tasks": 1, "open_tasks": 1}),
            ],
        ),
        (TT, hl("h1", name="Ada"), [("delete", HL, "delete")]),
        (HL, tt("t1", name="Ada"), [("delete", TT, "delete")]),
    ],
)
def test_counts_of_a_contact_that_went_away_follow_its_fate(gone, edit, wanted):
    mode = DeleteMode.DELETE
    policy = a_policy(replace(COUNTED, on_delete={HL: mode, TT: mode}), TASKS)
    seen = observe(edit, gone=[(gone, "h1" if gone is HL else "t1")])

    found = plan(seen, a_contact(0, 0), a_task(1), policy=policy)

    assert brief(found) == wanted


def test_held_operations_do_not_count():
    tasks = [under(hl(f"k{i}", TASK, title="x"), "h1") for i in range(11)]

    found = plan(observe(*tasks), a_contact(0, 0), policy=POLICY, is_first_run=False)

    assert len(found.held) == 11
    assert found.operations == ()


def test_row_whose_own_update_is_held_still_gets_its_counts():
    policy = a_policy(COUNTED, TASKS, brakes=Brakes(update_floor=0, update_share=0))
    seen = observe(hl("h1", name="Eve"))

    found = plan(seen, a_contact(0, 0), a_task(1), policy=policy)

    assert [op.after for op in found.held] == [{"name": "Eve"}]
    assert brief(found) == [("update", TT, {"total_tasks": 1, "open_tasks": 1})]


def test_row_of_a_held_deletion_is_left_alone():
    mode = DeleteMode.DELETE
    policy = a_policy(
        replace(COUNTED, on_delete={HL: mode, TT: mode}),
        TASKS,
        brakes=Brakes(delete_floor=0, delete_share=0),
    )

    found = plan(observe(gone=[(HL, "h1")]), a_contact(0, 0), a_task(1), policy=policy)

    assert found.operations == ()
    assert len(found.held) == 1


@pytest.mark.parametrize("kinds", [(CONTACTS, TASKS), (COUNTED,), (TASKS,)])
def test_without_counted_fields_or_tasks_nothing_is_counted(kinds):
    found = plan(observe(), a_contact(None, None), a_task(1), policy=a_policy(*kinds))

    assert found.operations == ()


def test_counts_are_quiet_once_written():
    world = World()
    world.add(
        hl("h1", email="a@x.org", name="Ada"),
        tt("t1", email="a@x.org", name="Ada"),
        tt("t2", name="Eve"),
        hl("h3", name="Eva"),
        under(hl("k1", TASK, title="x", is_completed=False), "h1"),
        under(tt("r1", TASK, title="y", is_completed=True), "t2"),
    )
    world.apply(world.plan(POLICY))

    assert world.plan(POLICY).operations == ()
    assert {i: v["total_tasks"] for i, v in world.values(TT).items() if i in {"t1", "t2"}} == {
        "t1": 1,
        "t2": 1,
    }
