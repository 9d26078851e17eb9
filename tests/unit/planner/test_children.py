"""Tasks, notes and appointments: they hang on a contact's link or wait for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.planner.builders import (
    APPOINTMENT,
    CONTACT,
    CONTACTS,
    HL,
    NOTES,
    TASK,
    TASKS,
    TT,
    a_field,
    a_kind,
    a_link,
    a_policy,
    bearing,
    hl,
    key_of,
    observe,
    plan,
    tt,
    under,
)
from toolkit.model.links import LinkState
from toolkit.model.plan import Create, Join
from toolkit.model.policy import DeleteMode, Direction

POLICY = a_policy(CONTACTS, TASKS, NOTES)
LINK = a_link("h1", "t1", base={"name": "Ada"})
CALL = under(hl("k1", TASK, title="call"), "h1")


def children(found):
    return [op for op in found.operations if op.kind is not CONTACT]


def test_child_of_a_linked_contact_is_created_under_it():
    (op,) = plan(observe(CALL), LINK, policy=POLICY).operations

    assert isinstance(op, Create)
    assert (op.side, op.parent, op.values) == (TT, LINK.id, {"title": "call"})


def test_child_of_a_contact_created_in_the_same_plan_comes_after_it():
    contact, task = plan(observe(CALL, hl("h1", name="Ada")), policy=POLICY).operations

    assert isinstance(contact, Create)
    assert isinstance(task, Create)
    assert task.parent == contact.link_id == key_of(CONTACT, HL, "h1")


def test_child_of_a_contact_joined_in_the_same_plan_hangs_on_the_new_link():
    contacts = (hl("h1", email="a@x.org"), tt("t1", email="a@x.org"))

    found = plan(observe(CALL, *contacts), policy=POLICY)

    (task,) = children(found)
    assert task.parent == key_of(CONTACT, HL, "h1")


@pytest.mark.parametrize(
    ("record", "contacts", "seen", "reason"),
    [
        (replace(CALL, parent_id=None), [LINK], [], "hangs on no contact"),
        (CALL, [], [], "not linked"),
        (CALL, [replace(LINK, state=LinkState.HALF)], [], "not confirmed"),
        (CALL, [replace(LINK, state=LinkState.PARKED)], [], "parked"),
        (CALL, [replace(LINK, state=LinkState.UNLINKED)], [], "kept apart"),
        (CALL, [replace(LINK, state=LinkState.DELETED)], [], "deleted"),
        (
            CALL,
            [],
            [hl("h1", email="a@x.org"), hl("h2", email="a@x.org")],
            "may be a duplicate",
        ),
        (under(tt("r1", TASK, title="call"), "t1"), [], [tt("t1")], "cannot be created"),
    ],
)
def test_child_without_a_usable_contact_is_reported(record, contacts, seen, reason):
    policy = a_policy(
        replace(CONTACTS, required_on_highlevel=frozenset({"name", "email"})), TASKS
    )

    found = plan(observe(record, *seen), *contacts, policy=policy)

    assert children(found) == []
    assert reason in next(f.reason for f in found.findings if f.kind is TASK)


def test_new_child_brings_back_a_contact_that_was_deleted_across():
    modes = {HL: DeleteMode.DELETE, TT: DeleteMode.DELETE}
    policy = a_policy(replace(CONTACTS, on_delete=modes), TASKS)
    task = under(tt("r1", TASK, title="call"), "t1")

    found = plan(observe(tt("t1"), task, gone=[(HL, "h1")]), LINK, policy=policy)

    assert [(op.op, op.side, op.kind) for op in found.operations] == [
        ("create", HL, CONTACT),
        ("create", HL, TASK),
    ]


@pytest.mark.parametrize("mode", [DeleteMode.UNLINK, DeleteMode.ARCHIVE])
def test_new_child_of_a_contact_that_went_away_across_is_reported(mode):
    policy = a_policy(replace(CONTACTS, on_delete={HL: mode, TT: mode}), TASKS)
    task = under(tt("r1", TASK, title="call"), "t1")

    found = plan(observe(task, gone=[(HL, "h1")]), LINK, policy=policy)

    assert children(found) == []
    assert "went away" in found.findings[0].reason


def notes(side, count, body="hello", parent=None):
    make, letter = (hl, "n") if side is HL else (tt, "r")
    contact = parent or ("h1" if side is HL else "t1")
    from toolkit.model.ids import Kind

    return [
        under(make(f"{letter}{i}", Kind.NOTE, body=body), contact) for i in range(1, count + 1)
    ]


@pytest.mark.parametrize(("ones", "twos"), [(1, 1), (2, 2), (3, 1), (1, 3), (0, 2), (2, 0)])
def test_equal_children_are_paired_in_id_order_and_the_surplus_created(ones, twos):
    found = plan(observe(*notes(HL, ones), *notes(TT, twos)), LINK, policy=POLICY)

    paired = {
        (op.highlevel_id, op.timetonic_id, op.by, op.parent)
        for op in found.operations
        if isinstance(op, Join)
    }
    both = range(1, min(ones, twos) + 1)
    assert paired == {(f"n{i}", f"r{i}", "content", LINK.id) for i in both}
    assert sum(isinstance(op, Create) for op in found.operations) == abs(ones - twos)


def test_equal_content_under_different_contacts_is_not_one_record():
    other = a_link("h2", "t2")

    found = plan(observe(*notes(HL, 1), *notes(TT, 1, parent="t2")), LINK, other, policy=POLICY)

    assert [op.op for op in found.operations] == ["create", "create"]


def test_one_way_fields_do_not_count_as_content():
    kind = a_kind(TASK, a_field("title"), a_field("by", direction=Direction.TO_TIMETONIC))
    task = replace(CALL, values={"title": "call", "by": "u1"})
    row = under(tt("r1", TASK, title="call", by=None), "t1")

    found = plan(observe(task, row), LINK, policy=a_policy(CONTACTS, kind))

    assert [op.op for op in found.operations] == ["join", "update"]


def test_children_paired_by_key_may_differ_in_content():
    row = bearing(under(tt("r1", TASK, title="ring"), "t1"), key_of(TASK, HL, "k1"))

    found = plan(observe(CALL, row), LINK, policy=POLICY)

    (join,) = found.operations
    assert isinstance(join, Join)
    assert (join.by, join.parent) == ("correlation", LINK.id)
    assert [c.field for c in found.conflicts] == ["title"]


@pytest.mark.parametrize("parent_id", ["t2", None])
def test_children_paired_by_key_under_different_contacts_are_reported(parent_id):
    row = bearing(tt("r1", TASK, title="call"), key_of(TASK, HL, "k1"))
    other = a_link("h2", "t2")

    found = plan(observe(CALL, replace(row, parent_id=parent_id)), LINK, other, policy=POLICY)

    assert found.operations == ()
    assert [f.id for f in found.findings] == ["r1"]


APPOINTMENTS = a_kind(APPOINTMENT, a_field("title"), direction=Direction.TO_TIMETONIC)


def test_row_of_a_one_way_kind_is_ignored_even_without_a_contact():
    policy = a_policy(CONTACTS, APPOINTMENTS)

    found = plan(observe(tt("r1", APPOINTMENT, title="visit")), policy=policy)

    assert found.operations == found.findings == ()


def test_appointment_flows_into_timetonic():
    policy = a_policy(CONTACTS, APPOINTMENTS)
    event = under(hl("e1", APPOINTMENT, title="visit"), "h1")

    (op,) = plan(observe(event), LINK, policy=policy).operations

    assert (op.op, op.side) == ("create", TT)


def test_half_linked_child_is_not_created_again():
    half = a_link("k1", None, TASK, state=LinkState.HALF, parent=LINK.id)

    assert plan(observe(CALL), LINK, half, policy=POLICY).operations == ()


def test_kind_without_contacts_policy_still_uses_their_links():
    (op,) = plan(observe(CALL), LINK, policy=a_policy(TASKS)).operations

    assert op.parent == LINK.id
