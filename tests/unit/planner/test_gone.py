"""Records that went away on one side, or on both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.planner.builders import (
    APPOINTMENT,
    CONTACT,
    CONTACTS,
    HL,
    TASK,
    TASKS,
    TT,
    a_field,
    a_kind,
    a_link,
    a_policy,
    brief,
    hl,
    key_of,
    observe,
    plan,
    tt,
    under,
    unreadable,
)
from toolkit.model.links import LinkState
from toolkit.model.plan import Create, Delete, Unlink
from toolkit.model.policy import DeleteMode, Direction

SAME, EDITED = {"name": "Ada"}, {"name": "Eve"}
LINK = a_link("h1", "t1", base={"name": "Ada", "email": "a@x.org"})


def policy_of(mode: DeleteMode, **options):
    return a_policy(replace(CONTACTS, on_delete={HL: mode, TT: mode}, **options))


@pytest.mark.parametrize("gone", [HL, TT])
@pytest.mark.parametrize(
    ("mode", "values", "verb"),
    [
        (DeleteMode.UNLINK, SAME, "unlink"),
        (DeleteMode.UNLINK, EDITED, "unlink"),
        (DeleteMode.ARCHIVE, SAME, "archive"),
        (DeleteMode.DELETE, SAME, "delete"),
        (DeleteMode.ARCHIVE, EDITED, "create"),
        (DeleteMode.DELETE, EDITED, "create"),
        (DeleteMode.DELETE, None, "delete"),
    ],
)
def test_deletion_follows_the_mode_unless_the_survivor_was_edited(gone, mode, values, verb):
    survivor = hl("h1") if gone is TT else tt("t1")
    seen = [] if values is None else [replace(survivor, values=values)]

    found = plan(observe(*seen, gone=[(gone, LINK.id_on(gone))]), LINK, policy=policy_of(mode))

    (op,) = found.operations
    assert getattr(op, "mode", op.op) == verb
    if isinstance(op, Delete):
        assert (op.side, op.id, op.before["email"]) == (gone.other, survivor.id, "a@x.org")
    if isinstance(op, Unlink):
        assert (op.gone, op.before) == ((gone,), LINK.base)


def test_each_side_has_its_own_delete_mode():
    policy = a_policy(
        replace(CONTACTS, on_delete={HL: DeleteMode.DELETE, TT: DeleteMode.UNLINK})
    )
    other = a_link("h2", "t2")

    found = plan(observe(gone=[(HL, "h1"), (TT, "t2")]), LINK, other, policy=policy)

    assert [(op.op, op.link_id) for op in found.operations] == [
        ("unlink", other.id),
        ("delete", LINK.id),
    ]


@pytest.mark.parametrize("mode", list(DeleteMode))
def test_gone_on_both_sides_is_forgotten_whatever_the_mode(mode):
    found = plan(observe(gone=[(HL, "h1"), (TT, "t1")]), LINK, policy=policy_of(mode))

    (op,) = found.operations
    assert isinstance(op, Unlink)
    assert op.gone == (HL, TT)


def test_edit_beats_delete_by_a_new_twin_under_the_old_link():
    policy = policy_of(DeleteMode.DELETE)
    seen = tt("t1", name="Eve")

    found = plan(observe(seen, gone=[(HL, "h1")]), LINK, policy=policy)

    (op,) = found.operations
    assert isinstance(op, Create)
    assert (op.link_id, op.side, op.origin_id, op.generation) == (LINK.id, HL, "t1", 1)
    assert op.correlation == key_of(CONTACT, TT, "t1", 1)
    assert op.values == {"name": "Eve", "email": "a@x.org"}


def test_each_new_twin_has_a_key_of_its_own():
    link = replace(LINK, generation=3)

    found = plan(
        observe(tt("t1", name="Eve"), gone=[(HL, "h1")]),
        link,
        policy=policy_of(DeleteMode.DELETE),
    )

    (op,) = found.operations
    assert (op.generation, op.correlation) == (4, key_of(CONTACT, TT, "t1", 4))


def test_missing_from_a_listing_is_not_deleted():
    found = plan(observe(tt("t1", name="Ada"), is_complete=True), LINK)

    assert found.operations == ()


def test_listed_record_is_not_gone_whatever_was_confirmed_before():
    found = plan(observe(hl("h1", **SAME), tt("t1", **SAME), gone=[(HL, "h1")]), LINK)

    assert found.operations == ()


@pytest.mark.parametrize(("shown", "verb"), [("+15550100", "create"), (None, "delete")])
def test_value_made_unreadable_counts_as_an_edit(shown, verb):
    link = a_link("h1", "t1", base={"name": "Ada", "phone": shown})
    row = unreadable(tt("t1", name="Ada"), "phone")

    found = plan(observe(row, gone=[(HL, "h1")]), link, policy=policy_of(DeleteMode.DELETE))

    assert [op.op for op in found.operations] == [verb]
    assert [finding.field for finding in found.findings] == ["phone"]


def test_recreation_that_the_vendor_would_refuse_is_reported():
    policy = policy_of(DeleteMode.DELETE, required_on_highlevel=frozenset({"email"}))
    link = a_link("h1", "t1", base={"name": "Ada"})

    found = plan(observe(tt("t1", **EDITED), gone=[(HL, "h1")]), link, policy=policy)

    assert found.operations == ()
    assert "HighLevel needs" in found.findings[0].reason


@pytest.mark.parametrize(
    ("gone", "values", "verb"),
    [
        (HL, {"title": "a"}, "delete"),
        (TT, {"title": "a"}, "unlink"),
        (TT, {"title": "b"}, "create"),
        (HL, {"title": "b"}, "unlink"),
    ],
)
def test_one_way_kind_writes_deletions_and_twins_one_way_only(gone, values, verb):
    kind = a_kind(
        APPOINTMENT,
        a_field("title"),
        direction=Direction.TO_TIMETONIC,
        on_delete=DeleteMode.DELETE,
    )
    contact = a_link("h1", "t1")
    link = a_link("e1", "r1", APPOINTMENT, base={"title": "a"}, parent=contact.id)
    survivor = (
        tt("r1", APPOINTMENT, **values) if gone is HL else hl("e1", APPOINTMENT, **values)
    )

    found = plan(
        observe(survivor, gone=[(gone, link.id_on(gone))], gone_kind=APPOINTMENT),
        contact,
        link,
        policy=a_policy(CONTACTS, kind),
    )

    assert [op.op for op in found.operations] == [verb]


DELETING = a_policy(
    replace(CONTACTS, on_delete=dict.fromkeys((HL, TT), DeleteMode.DELETE)),
    replace(TASKS, on_delete=dict.fromkeys((HL, TT), DeleteMode.DELETE)),
)
CHILD = a_link("k1", "r1", TASK, base={"title": "call"}, parent=LINK.id)


def observe_both_gone(*records):
    seen = observe(*records, gone=[(HL, "h1")])
    tasks = observe(*records, gone=[(HL, "k1")], gone_kind=TASK)
    return replace(seen, listings={**seen.listings, TASK: tasks.listings[TASK]})


def test_children_are_deleted_before_their_contact():
    found = plan(observe_both_gone(), LINK, CHILD, policy=DELETING)

    assert [(op.op, op.kind, op.id) for op in found.operations] == [
        ("delete", TASK, "r1"),
        ("delete", CONTACT, "t1"),
    ]
    assert found.operations[0].parent_id == "t1"


def test_edited_child_of_a_deleted_contact_is_kept_and_reported():
    found = plan(
        observe_both_gone(tt("r1", TASK, title="call now")), LINK, CHILD, policy=DELETING
    )

    assert [(op.op, op.kind) for op in found.operations] == [
        ("unlink", TASK),
        ("delete", CONTACT),
    ]
    assert [finding.id for finding in found.findings] == ["r1"]


def test_edited_child_follows_a_contact_that_is_created_again():
    records = (tt("t1", name="Eve"), tt("r1", TASK, title="call now"))

    found = plan(observe_both_gone(*records), LINK, CHILD, policy=DELETING)

    assert [(op.op, op.kind, op.link_id) for op in found.operations] == [
        ("create", CONTACT, LINK.id),
        ("create", TASK, CHILD.id),
    ]
    assert found.operations[1].parent == LINK.id


@pytest.mark.parametrize("state", [LinkState.UNLINKED, LinkState.PARKED, None])
def test_edited_child_of_a_contact_kept_apart_is_not_created_again(state):
    contacts = [] if state is None else [replace(LINK, state=state)]
    seen = observe(tt("r1", TASK, title="call now"), gone=[(HL, "k1")], gone_kind=TASK)

    found = plan(seen, *contacts, CHILD, policy=DELETING)

    assert [op.op for op in found.operations] == ["unlink"]


@pytest.mark.parametrize(
    "state", [LinkState.HALF, LinkState.UNLINKED, LinkState.PARKED, LinkState.DELETED]
)
def test_pair_that_is_not_live_is_left_alone(state):
    link = replace(LINK, state=state)
    records = (hl("h1", name="x"), tt("t1", name="y"))

    found = plan(observe(*records), link)

    assert found.operations == found.conflicts == found.findings == ()


def test_kind_without_policy_is_left_alone():
    found = plan(observe(tt("r1", TASK, title="new")), CHILD, policy=a_policy(CONTACTS))

    assert brief(found) == []


@pytest.mark.parametrize(
    ("parent_id", "findings"), [("t1", 0), (None, 0), ("t2", 1), ("t9", 1)]
)
def test_child_moved_to_another_contact_is_reported_and_not_moved(parent_id, findings):
    contacts = (LINK, a_link("h2", "t2"))
    row = replace(tt("r1", TASK, title="call"), parent_id=parent_id)

    found = plan(observe(row), *contacts, CHILD, policy=DELETING)

    assert found.operations == ()
    assert len(found.findings) == findings


def test_child_update_names_its_contact_on_the_written_side():
    task = under(hl("k1", TASK, title="call now"), "h1")

    found = plan(observe(task), LINK, CHILD, policy=DELETING)

    assert found.operations[0].parent_id == "t1"
