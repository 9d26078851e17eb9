"""Brakes: one class of operations waits, the rest goes on."""

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
    a_link,
    a_policy,
    hl,
    observe,
    plan,
    tt,
    under,
)
from toolkit.errors import PlanChangedError
from toolkit.model.plan import plan_from_json, plan_to_json
from toolkit.model.policy import Brakes, DeleteMode
from toolkit.planner.plan import approve


def links(count):
    return [
        a_link(f"h{i}", f"t{i}", base={"name": f"n{i}", "phone": f"+{i}"}) for i in range(count)
    ]


def policy_of(mode=DeleteMode.UNLINK, **brakes):
    contacts = replace(CONTACTS, on_delete={HL: mode, TT: mode})
    return a_policy(contacts, TASKS, brakes=Brakes(**brakes))


def edited(count, **values):
    return [hl(f"h{i}", **(values or {"name": "new"})) for i in range(count)]


def tripped(found):
    return [(b.side, b.kind, b.verb, b.count, b.limit) for b in found.brakes]


@pytest.mark.parametrize(
    ("linked", "changed", "limit"),
    [(100, 25, None), (100, 26, 25), (20, 10, None), (20, 11, 10), (0, 0, None)],
)
def test_updates_above_a_quarter_of_the_links_wait(linked, changed, limit):
    found = plan(observe(*edited(changed)), *links(linked), policy=policy_of())

    assert len(found.held) == (changed if limit else 0)
    assert tripped(found) == ([(TT, CONTACT, "update", changed, limit)] if limit else [])


@pytest.mark.parametrize(
    ("mode", "verb", "side"),
    [
        (DeleteMode.UNLINK, "unlink", HL),
        (DeleteMode.DELETE, "delete", TT),
        (DeleteMode.ARCHIVE, "delete", TT),
    ],
)
@pytest.mark.parametrize(
    ("linked", "gone", "limit"),
    [(100, 10, None), (100, 11, 10), (1000, 20, None), (1000, 21, 20), (4000, 51, 50)],
)
def test_deletions_above_the_limit_wait(*, mode, verb, side, linked, gone, limit):
    lost = [(HL, f"h{i}") for i in range(gone)]

    found = plan(observe(gone=lost), *links(linked), policy=policy_of(mode))

    assert len(found.held) == (gone if limit else 0)
    assert tripped(found) == ([(side, CONTACT, verb, gone, limit)] if limit else [])


@pytest.mark.parametrize(
    ("is_first_run", "new", "held"), [(True, 90, 0), (False, 10, 0), (False, 11, 11)]
)
def test_creates_wait_except_on_the_first_run(is_first_run, new, held):
    records = [hl(f"new{i}", name="x") for i in range(new)]

    found = plan(observe(*records), policy=policy_of(), is_first_run=is_first_run)

    assert len(found.held) == held


@pytest.mark.parametrize(("is_first_run", "held"), [(True, 0), (False, 20)])
def test_updates_of_pairs_matched_on_the_first_run_do_not_wait(is_first_run, held):
    records = [
        record
        for i in range(20)
        for record in (
            hl(f"h{i}", email=f"{i}@x.org", name="Ada"),
            tt(f"t{i}", email=f"{i}@x.org", name=None),
        )
    ]

    found = plan(observe(*records), policy=policy_of(), is_first_run=is_first_run)

    assert len(found.held) == held
    assert sum(op.op == "join" for op in found.operations) == 20


def test_children_of_held_contacts_wait_with_them():
    contacts = [hl(f"new{i}", name="x") for i in range(11)]
    task = under(hl("k1", TASK, title="call"), "new3")

    found = plan(observe(*contacts, task), policy=policy_of(), is_first_run=False)

    assert found.operations == ()
    assert len(found.held) == 12
    assert [brake.kind for brake in found.brakes] == [CONTACT]


@pytest.mark.parametrize(("erased", "held"), [(5, 0), (6, 6)])
def test_one_field_erased_in_many_records_waits(erased, held):
    lost = edited(erased, phone=None)
    renamed = [hl(f"h{i}", name="new") for i in range(50, 55)]

    found = plan(observe(*lost, *renamed), *links(100), policy=policy_of())

    assert len(found.held) == held
    assert [b.verb for b in found.brakes] == (["blank"] if held else [])
    assert len(found.operations) == 5 + erased - held


def test_brake_on_one_side_leaves_the_other_free():
    edits = [tt(f"t{i}", name="new") for i in range(50, 60)]

    found = plan(observe(*edited(30), *edits), *links(100), policy=policy_of())

    assert {op.side for op in found.held} == {TT}
    assert {op.side for op in found.operations} == {HL}


@pytest.mark.parametrize(
    ("known", "left", "is_complete", "held"),
    [
        (100, 80, True, 0),
        (100, 79, True, 3),
        (100, 79, False, 0),
        (100, 0, True, 3),
        (12, 4, True, 0),
        (3, 0, True, 3),
        (0, 0, True, 0),
    ],
)
def test_deletions_wait_while_their_side_is_doubted(known, left, is_complete, held):
    records = [hl(f"x{i}", name="x") for i in range(left)]
    seen = observe(*records, gone=[(HL, f"h{i}") for i in range(3)], is_complete=is_complete)

    found = plan(
        seen,
        *links(3),
        policy=policy_of(create_floor=1000),
        known_counts={CONTACT: {HL: known}},
    )

    assert len(found.held) == held
    assert [b.verb for b in found.brakes] == (["shrink"] if held else [])


@pytest.mark.parametrize("mode", [DeleteMode.DELETE, DeleteMode.UNLINK])
def test_everything_that_follows_a_doubted_loss_waits(mode):
    seen = observe(
        tt("t0", name="edited"),
        tt("t1", name="n1"),
        gone=[(HL, "h0"), (HL, "h1"), (HL, "h2"), (TT, "t2")],
    )
    task = a_link("k1", "r1", TASK, base={"title": "call"})
    edits = observe(hl("k1", TASK, title="x"))
    seen = replace(seen, listings={**seen.listings, TASK: edits.listings[TASK]})

    found = plan(
        seen, *links(3), task, policy=policy_of(mode), known_counts={CONTACT: {HL: 50}}
    )

    assert len(found.held) == 3
    assert [op.kind for op in found.operations] == [TASK]


def test_doubted_side_without_deletions_holds_nothing():
    edits = [tt("t0", name="edited")]

    for gone in ([], [(HL, "h1")]):
        found = plan(
            observe(*edits, gone=gone),
            *links(3),
            policy=policy_of(),
            known_counts={CONTACT: {HL: 50}},
        )

        assert [op.op for op in found.operations] == ["update"]
        assert len(found.brakes) == len(found.held) == len(gone)


def test_side_without_a_listing_is_not_doubted():
    found = plan(
        observe(kinds=(TASK,)),
        *links(3),
        policy=policy_of(),
        known_counts={CONTACT: {HL: 50}},
    )

    assert found.brakes == ()


@pytest.mark.parametrize("name", ["hash", "approval"])
def test_approval_releases_what_was_held_in_order(name):
    found = plan(observe(*edited(30)), *links(100), policy=policy_of())

    approved = approve(plan_from_json(plan_to_json(found)), getattr(found, name))

    assert approved.operations == found.held
    assert approved.held == approved.brakes == ()


def test_approval_of_the_held_part_outlives_the_rest_of_the_plan():
    edit = tt("t50", name="new")
    one = plan(observe(*edited(30), edit), *links(100), policy=policy_of())
    two = plan(observe(*edited(30)), *links(100), policy=policy_of())

    assert one.hash != two.hash
    assert approve(two, one.approval).operations == one.held


@pytest.mark.parametrize(("count", "approval"), [(31, None), (3, None), (30, ""), (3, "")])
def test_approval_of_another_plan_is_refused(count, approval):
    one = plan(observe(*edited(30)), *links(100), policy=policy_of())
    two = plan(observe(*edited(count)), *links(100), policy=policy_of())

    with pytest.raises(PlanChangedError, match="another plan"):
        approve(two, one.hash if approval is None else approval)
