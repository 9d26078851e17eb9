"""One field of a linked pair: what each side did since both last agreed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.planner.builders import (
    CONTACT,
    HL,
    NOW,
    TT,
    World,
    a_field,
    a_kind,
    a_link,
    a_policy,
    a_record,
    brief,
    hl,
    observe,
    plan,
    tt,
    unreadable,
)
from toolkit.model.links import Resolution
from toolkit.model.plan import Conflict, Rebase, Update
from toolkit.model.policy import ConflictPolicy, Direction
from toolkit.model.values import Value

P = ConflictPolicy


def plan_field(base, one, two, **options):
    """Plan one linked contact with a single field `f`."""
    policy = a_policy(a_kind(CONTACT, a_field("f", **options)))
    link = a_link("h1", "t1", base={"f": base})
    return plan(observe(hl("h1", f=one), tt("t1", f=two)), link, policy=policy)


@pytest.mark.parametrize(
    ("base", "one", "two", "wanted"),
    [
        ("b", "b", "b", []),
        ("b", "x", "b", [("update", TT, {"f": "x"})]),
        ("b", "b", "y", [("update", HL, {"f": "y"})]),
        ("b", "x", "x", [("rebase", {"f": "x"})]),
        ("b", None, "b", [("update", TT, {"f": None})]),
        ("b", None, None, [("rebase", {"f": None})]),
        (None, None, "", []),
        (None, "x", None, [("update", TT, {"f": "x"})]),
        ("b", "x", "y", []),
        (False, True, False, [("update", TT, {"f": True})]),
        (5, 0, 5, [("update", TT, {"f": 0})]),
    ],
)
def test_changed_side_wins_over_unchanged_side(base, one, two, wanted):
    assert brief(plan_field(base, one, two)) == wanted


def test_update_names_before_after_other_and_only_the_changed_field():
    policy = a_policy(a_kind(CONTACT, a_field("f"), a_field("g")))
    link = a_link("h1", "t1", base={"f": "b", "g": "c"})

    found = plan(observe(hl("h1", f="x", g="c"), tt("t1", f="b", g="c")), link, policy=policy)

    (update,) = found.operations
    assert isinstance(update, Update)
    assert (update.side, update.id) == (TT, "t1")
    assert (update.before, update.after, update.other) == ({"f": "b"}, {"f": "x"}, {"f": "x"})


def test_edits_of_different_fields_are_merged():
    policy = a_policy(a_kind(CONTACT, a_field("f"), a_field("g")))
    link = a_link("h1", "t1", base={"f": "b", "g": "c"})

    found = plan(observe(hl("h1", f="x", g="c"), tt("t1", f="b", g="y")), link, policy=policy)

    assert brief(found) == [("update", HL, {"g": "y"}), ("update", TT, {"f": "x"})]


def test_unlike_edits_of_one_field_are_a_conflict_and_write_nothing():
    found = plan_field("b", "x", "y")

    (conflict,) = found.conflicts
    assert found.operations == ()
    assert (conflict.base, conflict.highlevel, conflict.timetonic) == ("b", "x", "y")


@pytest.mark.parametrize(
    ("policy", "one", "two", "wanted"),
    [
        (P.HIGHLEVEL, "x", "y", (TT, "x")),
        (P.HIGHLEVEL, None, "y", (TT, None)),
        (P.TIMETONIC, "x", "y", (HL, "y")),
        (P.LONGEST, "long", "y", (TT, "long")),
        (P.LONGEST, "x", "long", (HL, "long")),
        (P.LONGEST, "x", None, (TT, "x")),
        (P.LONGEST, "xx", "yy", (TT, "xx")),
        (P.MAX, 2, 3, (HL, 3)),
        (P.MAX, "2026-02-01", "2026-01-01", (TT, "2026-02-01")),
        (P.MAX, None, 3, (HL, 3)),
        (P.MAX, 2, "three", (TT, 2)),
        (P.MIN, 2, 3, (TT, 2)),
        (P.MIN, 4, 3, (HL, 3)),
        (P.MIN, 2, None, (TT, 2)),
        (P.UNION, "x", "y", (TT, "x")),
        (P.NEWEST, "x", "y", (TT, "x")),
        (P.NEWEST, None, "y", (HL, "y")),
    ],
)
def test_policy_decides_and_the_loser_is_kept(policy, one, two, wanted):
    found = plan_field("b", one, two, on_conflict=policy)

    side, value = wanted
    assert brief(found) == [("update", side, {"f": value})]
    assert [(c.highlevel, c.timetonic) for c in found.lost] == [(one, two)]
    assert found.conflicts == ()


@pytest.mark.parametrize(
    ("lead_s", "one", "two", "wanted"),
    [
        (60, "x", "y", (TT, "x")),
        (-60, "x", "y", (HL, "y")),
        (5, "x", "y", (HL, "y")),
        (-60, "x", None, (TT, "x")),
        (None, "x", "y", (HL, "y")),
    ],
)
def test_newest_needs_two_stamps_that_differ_by_more_than_the_skew(lead_s, one, two, wanted):
    policy = a_policy(a_kind(CONTACT, a_field("f", on_conflict=P.NEWEST)), first_sync_winner=TT)
    stamp = None if lead_s is None else NOW + timedelta(seconds=lead_s)
    records = (
        replace(hl("h1", f=one), updated_at=stamp),
        replace(tt("t1", f=two), updated_at=NOW),
    )

    found = plan(observe(*records), a_link("h1", "t1", base={"f": "b"}), policy=policy)

    assert brief(found) == [("update", wanted[0], {"f": wanted[1]})]


@pytest.mark.parametrize(
    ("base", "one", "two", "merged"),
    [
        ("a", "ab", "a", {TT: "ab"}),
        ("ab", "a", "abc", {HL: "ac", TT: "ac"}),
        ("a", "ab", "ac", {HL: "abc", TT: "abc"}),
        ("ab", "a", "ab", {TT: "a"}),
        ("a", "", "a", {TT: ""}),
        ("a", "", "ab", {HL: "b", TT: "b"}),
        ("ab", "a", "b", {HL: "", TT: ""}),
    ],
)
def test_sets_merge_element_by_element_and_never_conflict(base, one, two, merged):
    def tags(text: str) -> Value:
        return tuple(text) or None

    found = plan_field(tags(base), tags(one), tags(two), is_set=True)

    assert brief(found) == [("update", s, {"f": tags(m)}) for s, m in merged.items()]
    assert found.conflicts == found.lost == ()


def test_where_both_sides_are_written_neither_counts_as_agreeing():
    found = plan_field(("a",), ("a", "b"), ("a", "c"), is_set=True)

    assert [(op.after["f"], op.other["f"]) for op in found.writes] == [
        (("a", "b", "c"), ("a", "c")),
        (("a", "b", "c"), ("a", "b")),
    ]


@pytest.mark.parametrize("failing", [{0}, {1}, {0, 1}])
def test_merge_of_sets_survives_the_failure_of_either_write(failing):
    policy = a_policy(a_kind(CONTACT, a_field("f", is_set=True)))
    link = a_link("h1", "t1", base={"f": ("a", "z")})
    world = World(links={link.id: link})
    world.add(hl("h1", f=("a", "b")), tt("t1", f=("a", "c", "z")))
    world.apply(world.plan(policy), failing=failing)

    world.apply(world.plan(policy))

    assert world.values(HL) == {"h1": {"f": ("a", "b", "c")}}
    assert world.values(TT) == {"t1": {"f": ("a", "b", "c")}}
    assert world.plan(policy).operations == ()


def test_union_policy_merges_lists_as_sets():
    found = plan_field(("a",), ("a", "b"), ("a", "c"), on_conflict=P.UNION)

    assert brief(found) == [(("update"), side, {"f": ("a", "b", "c")}) for side in (HL, TT)]


def test_added_element_wins_over_its_removal_across_an_accepted_difference():
    policy = a_policy(a_kind(CONTACT, a_field("f", is_set=True)))
    link = a_link("h1", "t1", base={"f": ("a", "b")}, aliases={TT: {"f": ("a",)}})

    found = plan(observe(hl("h1", f=("a",)), tt("t1", f=("a", "b"))), link, policy=policy)

    assert brief(found) == [("update", HL, {"f": ("a", "b")})]


@pytest.mark.parametrize(
    ("direction", "one", "two", "wanted", "lost"),
    [
        (Direction.TO_TIMETONIC, "x", "b", [("update", TT, {"f": "x"})], 0),
        (Direction.TO_TIMETONIC, "b", "y", [], 0),
        (Direction.TO_TIMETONIC, "x", "y", [("update", TT, {"f": "x"})], 1),
        (Direction.TO_TIMETONIC, "x", "x", [("rebase", {"f": "x"})], 0),
        (Direction.TO_HIGHLEVEL, "b", "y", [("update", HL, {"f": "y"})], 0),
        (Direction.TO_HIGHLEVEL, "x", "b", [], 0),
    ],
)
def test_one_way_field_flows_from_its_source_only(direction, one, two, wanted, lost):
    found = plan_field("b", one, two, direction=direction)

    assert brief(found) == wanted
    assert len(found.lost) == lost
    assert found.conflicts == ()


@pytest.mark.parametrize(
    ("one", "two", "wanted"),
    [
        ("ab", "at", [("update", TT, {"f": ("a", "b", "t")})]),
        ("a", "at", []),
        ("ab", "abt", [("rebase", {"f": ("a", "b")})]),
    ],
)
def test_one_way_set_leaves_elements_added_at_its_target(one, two, wanted):
    found = plan_field(
        ("a",), tuple(one), tuple(two), is_set=True, direction=Direction.TO_TIMETONIC
    )

    assert brief(found) == wanted


def test_accepted_difference_stays_quiet():
    link = a_link("h1", "t1", base={"name": "Ada"}, aliases={TT: {"name": "ADA"}})

    found = plan(observe(hl("h1", name="Ada"), tt("t1", name="ADA")), link)

    assert found.operations == ()


def test_edit_of_a_field_with_an_alias_replaces_the_alias():
    link = a_link("h1", "t1", base={"name": "Ada"}, aliases={TT: {"name": "ADA"}})

    found = plan(observe(hl("h1", name="Ada L."), tt("t1", name="ADA")), link)

    assert brief(found) == [("update", TT, {"name": "Ada L."})]


def test_side_that_was_not_observed_counts_as_unchanged():
    link = a_link("h1", "t1", base={"name": "Ada"})

    found = plan(observe(hl("h1", name="Eve")), link)

    assert brief(found) == [("update", TT, {"name": "Eve"})]


def test_field_that_was_not_observed_counts_as_unchanged():
    link = a_link("h1", "t1", base={"name": "Ada", "email": "a@x.org"})

    found = plan(observe(hl("h1", name="Ada"), tt("t1", name="Ada")), link)

    assert found.operations == ()


def test_unreadable_field_is_reported_and_never_overwritten():
    link = a_link("h1", "t1", base={"name": "Ada", "phone": "+15550100"})
    records = (hl("h1", name="Eve", phone="+15550199"), unreadable(tt("t1"), "phone"))

    found = plan(observe(*records), link)

    assert brief(found) == [("update", TT, {"name": "Eve"})]
    assert [(f.side, f.field) for f in found.findings] == [(TT, "phone")]


@pytest.mark.parametrize(
    ("one", "two", "wanted", "findings"),
    [
        ("b", "y", [], ["f"]),
        ("x", "b", [("update", TT, {"f": "x"})], []),
        ("b", "b", [], []),
    ],
)
def test_create_only_field_is_reported_where_it_cannot_be_written(one, two, wanted, findings):
    found = plan_field("b", one, two, create_only_on=frozenset({HL}))

    assert brief(found) == wanted
    assert [finding.field for finding in found.findings] == findings


@pytest.mark.parametrize(
    ("side", "shown", "writes", "findings"),
    [
        (TT, None, [], ["due_at"]),
        (TT, "", [], ["due_at"]),
        (TT, "y", [("update", HL, {"due_at": "y"})], []),
        (HL, None, [("update", TT, {"due_at": None})], []),
    ],
)
def test_field_highlevel_cannot_do_without_is_never_cleared_there(
    side, shown, writes, findings
):
    kind = replace(
        a_kind(CONTACT, a_field("due_at")), needed_on_highlevel=frozenset({"due_at"})
    )
    link = a_link("h1", "t1", base={"due_at": "b"})

    found = plan(
        observe(a_record(side, link.id_on(side), due_at=shown)), link, policy=a_policy(kind)
    )

    assert brief(found) == writes
    assert [finding.field for finding in found.findings] == findings


def test_value_that_could_not_be_written_is_not_called_lost():
    found = plan_field("b", "x", "y", create_only_on=frozenset({HL}), on_conflict=P.TIMETONIC)

    assert found.operations == found.lost == ()
    assert len(found.findings) == 1


def conflict_of(one: Value, two: Value) -> Conflict:
    return plan_field("b", one, two).conflicts[0]


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ("x", [("update", TT, {"f": "x"})]),
        ("y", [("update", HL, {"f": "y"})]),
        ("z", [("update", HL, {"f": "z"}), ("update", TT, {"f": "z"})]),
        (None, [("update", HL, {"f": None}), ("update", TT, {"f": None})]),
    ],
)
def test_resolution_is_written_to_the_sides_that_differ(chosen, wanted):
    conflict = conflict_of("x", "y")
    choice = Resolution(conflict.link_id, "f", conflict.fingerprint, chosen)
    policy = a_policy(a_kind(CONTACT, a_field("f")))
    link = a_link("h1", "t1", base={"f": "b"})

    found = plan(
        observe(hl("h1", f="x"), tt("t1", f="y")), link, policy=policy, resolutions=[choice]
    )

    assert brief(found) == wanted
    assert found.conflicts == ()


def test_resolution_of_other_values_is_void():
    conflict = conflict_of("x", "old")
    choice = Resolution(conflict.link_id, "f", conflict.fingerprint, "x")
    policy = a_policy(a_kind(CONTACT, a_field("f")))
    link = a_link("h1", "t1", base={"f": "b"})

    found = plan(
        observe(hl("h1", f="x"), tt("t1", f="y")), link, policy=policy, resolutions=[choice]
    )

    assert found.operations == ()
    assert len(found.conflicts) == 1


STAMPED = a_policy(
    a_kind(CONTACT, a_field("f"), a_field("seen", rides=True, direction=Direction.TO_TIMETONIC))
)


@pytest.mark.parametrize(
    ("one", "two", "wanted"),
    [
        ({"f": "b", "seen": "2"}, {"f": "b", "seen": "1"}, []),
        (
            {"f": "x", "seen": "2"},
            {"f": "b", "seen": "1"},
            [("update", TT, {"f": "x", "seen": "2"})],
        ),
        ({"f": "x", "seen": "1"}, {"f": "b", "seen": "1"}, [("update", TT, {"f": "x"})]),
        ({"f": "x"}, {"f": "b", "seen": "1"}, [("update", TT, {"f": "x"})]),
        ({"f": "b", "seen": "2"}, {"f": "y", "seen": "1"}, [("update", HL, {"f": "y"})]),
    ],
)
def test_riding_field_causes_nothing_and_goes_along_with_changes(one, two, wanted):
    link = a_link("h1", "t1", base={"f": "b", "seen": "1"})

    found = plan(observe(hl("h1", **one), tt("t1", **two)), link, policy=STAMPED)

    assert brief(found) == wanted


def test_rider_that_was_not_observed_does_not_go_along():
    link = a_link("h1", "t1", base={"f": "b"}, aliases={HL: {"seen": "9"}})

    found = plan(observe(hl("h1", f="x"), tt("t1", f="b")), link, policy=STAMPED)

    assert brief(found) == [("update", TT, {"f": "x"})]


def test_expected_digest_ignores_riders_and_the_spelling_of_blank():
    link = a_link("h1", "t1", base={"name": "Ada"})
    rows = ({"name": "Ada"}, {"name": "Ada", "phone": None}, {"name": "Ada", "seen": "9"})
    updates = [
        plan(observe(hl("h1", name="Eve"), tt("t1", **row)), link).operations[0] for row in rows
    ]

    assert len({update.expected for update in updates if isinstance(update, Update)}) == 1


def test_new_field_of_a_linked_pair_is_compared_as_on_first_match():
    link = a_link("h1", "t1", base={"name": "Ada"})
    records = (
        hl("h1", name="Ada", email="a@x.org", phone="+1"),
        tt("t1", name="Ada", email="a@x.org", phone=None),
    )

    found = plan(observe(*records), link)

    assert brief(found) == [
        ("rebase", {"email": "a@x.org"}),
        ("update", TT, {"phone": "+1"}),
    ]
    assert isinstance(found.operations[0], Rebase)


def test_unreadable_field_of_a_quiet_pair_is_reported_on_every_run():
    link = a_link("h1", "t1", base={"name": "Ada"})

    found = plan(observe(hl("h1", name="Ada"), unreadable(tt("t1", name="Ada"), "phone")), link)

    assert found.operations == ()
    assert [(f.side, f.id, f.field) for f in found.findings] == [(TT, "t1", "phone")]


def test_riders_alone_make_a_kind_that_is_never_written():
    policy = a_policy(a_kind(CONTACT, a_field("seen", rides=True)))

    found = plan(
        observe(hl("h1", seen="2"), tt("t1", seen="1")), a_link("h1", "t1"), policy=policy
    )

    assert found.operations == ()
