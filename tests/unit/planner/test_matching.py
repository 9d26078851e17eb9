"""Records in no link: who is whose partner, and who is nobody's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.planner.builders import (
    CONTACT,
    CONTACTS,
    HL,
    TT,
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
)
from toolkit.model.links import LinkState
from toolkit.model.plan import Create, Join
from toolkit.model.policy import ConflictPolicy, Direction

E, F = "ada@x.org", "eve@x.org"
P, Q = "+15550100", "+15550101"


def joins(found):
    return {
        (op.highlevel_id, op.timetonic_id): op.by
        for op in found.operations
        if isinstance(op, Join)
    }


def created(found):
    return {op.origin_id for op in found.operations if isinstance(op, Create)}


def listed(found):
    return [(a.key, a.highlevel_ids, a.timetonic_ids) for a in found.ambiguities]


@pytest.mark.parametrize(
    ("records", "joined", "new", "ambiguous"),
    [
        # one to one
        ([hl("h1", email=E), tt("t1", email=E)], {("h1", "t1"): "email"}, set(), []),
        ([hl("h1", phone=P), tt("t1", phone=P)], {("h1", "t1"): "phone"}, set(), []),
        ([hl("h1", email=E), tt("t1", email=F)], {}, {"h1", "t1"}, []),
        ([hl("h1", name="A"), tt("t1", name="A")], {}, {"h1", "t1"}, []),
        ([hl("h1", email=None), tt("t1", email=None)], {}, {"h1", "t1"}, []),
        # e-mail first, then phone
        (
            [
                hl("h1", email=E, phone=P),
                tt("t1", email=E),
                hl("h2", phone=Q),
                tt("t2", phone=Q),
            ],
            {("h1", "t1"): "email", ("h2", "t2"): "phone"},
            set(),
            [],
        ),
        # one to many, many to one, many to none
        (
            [hl("h1", email=E), tt("t1", email=E), tt("t2", email=E)],
            {},
            set(),
            [("email", ("h1",), ("t1", "t2"))],
        ),
        (
            [hl("h1", email=E), hl("h2", email=E), tt("t1", email=E)],
            {},
            set(),
            [("email", ("h1", "h2"), ("t1",))],
        ),
        (
            [hl("h1", email=E), hl("h2", email=E)],
            {},
            set(),
            [("email", ("h1", "h2"), ())],
        ),
        ([tt("t10", email=E), tt("t9", email=E)], {}, set(), [("email", (), ("t9", "t10"))]),
        # keys that disagree
        (
            [hl("h1", email=E, phone=P), tt("t1", email=E), tt("t2", phone=P)],
            {},
            set(),
            [("email", ("h1",), ("t1", "t2"))],
        ),
        (
            [tt("t1", email=E, phone=P), hl("h1", email=E), hl("h2", phone=P)],
            {},
            set(),
            [("email", ("h1", "h2"), ("t1",))],
        ),
        # a phone shared in a household does not outweigh two e-mail addresses
        (
            [
                hl("h1", email=E, phone=P),
                tt("t1", email=E, phone=P),
                hl("h2", email=F, phone=P),
                tt("t2", email=F, phone=P),
            ],
            {("h1", "t1"): "email", ("h2", "t2"): "email"},
            set(),
            [],
        ),
        # ... but it holds back a third who has nothing else
        (
            [hl("h1", email=E, phone=P), tt("t1", email=E, phone=P), hl("h2", phone=P)],
            {("h1", "t1"): "email"},
            set(),
            [("phone", ("h1", "h2"), ("t1",))],
        ),
        # who is listed for the e-mail is not matched by phone
        (
            [
                hl("h1", email=E, phone=P),
                hl("h2", email=E),
                tt("t1", phone=P),
            ],
            {},
            set(),
            [("email", ("h1", "h2"), ()), ("phone", ("h1",), ("t1",))],
        ),
    ],
)
def test_partner_is_unique_on_both_sides_or_nobody(records, joined, new, ambiguous):
    for seen in (records, records[::-1]):
        found = plan(observe(*seen))

        assert joins(found) == joined
        assert created(found) == new
        assert listed(found) == ambiguous


LINKED = a_link("h1", "t1", base={"email": E, "phone": P})
PAIR = (hl("h1", email=E, phone=P), tt("t1", email=E, phone=P))


@pytest.mark.parametrize("new", [hl("h2", email=E), tt("t2", email=E), tt("t2", phone=P)])
@pytest.mark.parametrize("seen", [PAIR, ()])
def test_new_record_with_the_key_of_a_linked_one_is_a_probable_duplicate(new, seen):
    found = plan(observe(new, *seen, is_complete=bool(seen)), LINKED)

    (ambiguity,) = found.ambiguities
    assert {"h1", "t1", new.id} == {*ambiguity.highlevel_ids, *ambiguity.timetonic_ids}
    assert found.operations == ()
    assert "probable duplicate" in ambiguity.reason


@pytest.mark.parametrize("state", [LinkState.UNLINKED, LinkState.PARKED, LinkState.HALF])
def test_key_of_a_pair_kept_apart_holds_a_new_record_back(state):
    found = plan(observe(hl("h2", email=E), is_complete=False), replace(LINKED, state=state))

    assert created(found) == set()
    assert len(found.ambiguities) == 1


def test_key_of_a_deleted_pair_is_free_again():
    tombstone = replace(LINKED, state=LinkState.DELETED)

    found = plan(observe(hl("h2", email=E), is_complete=False), tombstone)

    assert created(found) == {"h2"}


def test_key_of_a_record_that_is_gone_is_free_again():
    seen = observe(hl("h2", email=E), gone=[(HL, "h1"), (TT, "t1")], is_complete=False)

    assert created(plan(seen, LINKED)) == {"h2"}


def test_edited_email_of_a_linked_record_is_an_ordinary_edit():
    found = plan(observe(hl("h1", email=F, phone=P), PAIR[1]), LINKED)

    assert brief(found) == [("update", TT, {"email": F})]


@pytest.mark.parametrize(
    "state", [LinkState.HALF, LinkState.UNLINKED, LinkState.PARKED, LinkState.DELETED]
)
def test_known_id_is_never_created_again(state):
    found = plan(observe(*PAIR), replace(LINKED, state=state))

    assert found.operations == found.ambiguities == ()


@pytest.mark.parametrize(("origin", "generation"), [(HL, 0), (HL, 2), (TT, 0), (TT, 1)])
def test_correlation_key_pairs_a_record_with_its_origin(origin, generation):
    one, two = hl("h1", name="Ada"), tt("t1", name="Eve")
    key = key_of(CONTACT, origin, "h1" if origin is HL else "t1", generation)
    records = (one, bearing(two, key)) if origin is HL else (bearing(one, key), two)

    found = plan(observe(*records))

    assert joins(found) == {("h1", "t1"): "correlation"}
    (join,) = (op for op in found.operations if isinstance(op, Join))
    assert join.correlation == key
    assert join.link_id == key_of(CONTACT, origin, "h1" if origin is HL else "t1")


def test_correlation_key_outweighs_match_keys():
    key = key_of(CONTACT, HL, "h1")

    found = plan(observe(hl("h1", email=E), bearing(tt("t1", email=F), key), tt("t2", email=E)))

    assert joins(found) == {("h1", "t1"): "correlation"}
    assert listed(found) == [("email", ("h1",), ("t2",))]


def test_two_rows_with_one_key_are_listed():
    key = key_of(CONTACT, HL, "h1")
    rows = (bearing(tt("t1"), key), bearing(tt("t2"), key))

    found = plan(observe(hl("h1"), *rows))

    assert listed(found) == [("correlation", ("h1",), ("t1", "t2"))]
    assert found.operations == ()


def test_copy_of_a_linked_row_is_new_and_its_key_ignored():
    copy = bearing(tt("t2", name="copy"), LINKED.correlation)

    found = plan(observe(*PAIR, copy), LINKED)

    assert created(found) == {"t2"}


def test_copies_of_a_linked_row_are_no_rivals():
    copies = [bearing(tt(f"t{i}", name="copy"), LINKED.correlation) for i in (2, 3)]

    found = plan(observe(*PAIR, *copies), LINKED)

    assert created(found) == {"t2", "t3"}
    assert found.ambiguities == ()


def test_key_of_an_absent_origin_says_nothing():
    row = bearing(tt("t1", email=E), key_of(CONTACT, HL, "h-deleted"))

    found = plan(observe(hl("h1", email=E), row))

    assert joins(found) == {("h1", "t1"): "email"}


def test_record_bound_by_two_keys_is_taken_once():
    records = (
        bearing(hl("h1"), key_of(CONTACT, TT, "t1")),
        bearing(tt("t2"), key_of(CONTACT, HL, "h1")),
        tt("t1"),
    )

    found = plan(observe(*records))

    assert len(joins(found)) == 1
    assert len(created(found)) == 1


@pytest.mark.parametrize("state", [LinkState.HALF, LinkState.PARKED])
def test_result_of_a_lost_create_belongs_to_recovery(state):
    half = a_link("h1", None, state=state)
    row = bearing(tt("t1", name="Ada"), half.correlation)

    found = plan(observe(hl("h1", name="Ada"), row), half)

    assert found.operations == found.ambiguities == ()


def test_join_fills_blanks_keeps_what_agrees_and_merges_sets():
    records = (
        hl("h1", email=E, name="Ada", phone=None, tags=("a",)),
        tt("t1", email=E, name=None, phone=P, tags=("b",)),
    )

    found = plan(observe(*records))

    assert brief(found) == [
        ("join", {"email": E}),
        ("update", HL, {"phone": P, "tags": ("a", "b")}),
        ("update", TT, {"name": "Ada", "tags": ("a", "b")}),
    ]
    assert found.operations[0].link_id == key_of(CONTACT, HL, "h1")


def test_join_with_unlike_values_asks_and_remembers_nothing_of_the_field():
    found = plan(observe(hl("h1", email=E, name="Ada"), tt("t1", email=E, name="Eve")))

    assert brief(found) == [("join", {"email": E})]
    (conflict,) = found.conflicts
    assert (conflict.field, conflict.base, conflict.link_id) == (
        "name",
        None,
        found.operations[0].link_id,
    )


@pytest.mark.parametrize(
    ("on_conflict", "winner", "wanted"),
    [
        (ConflictPolicy.TIMETONIC, HL, ("update", HL, {"name": "Eve"})),
        (ConflictPolicy.NEWEST, HL, ("update", TT, {"name": "Ada"})),
        (ConflictPolicy.NEWEST, TT, ("update", HL, {"name": "Eve"})),
    ],
)
def test_join_with_unlike_values_follows_the_policy_then_the_winner(
    on_conflict, winner, wanted
):
    kind = a_kind(
        CONTACT,
        a_field("email"),
        a_field("name", on_conflict=on_conflict),
        match_keys=("email",),
    )
    policy = a_policy(kind, first_sync_winner=winner)

    found = plan(
        observe(hl("h1", email=E, name="Ada"), tt("t1", email=E, name="Eve")), policy=policy
    )

    assert brief(found)[1] == wanted
    assert len(found.lost) == 1


def test_join_leaves_a_field_that_one_side_did_not_show():
    found = plan(observe(hl("h1", email=E, name="Ada"), tt("t1", email=E)))

    assert brief(found) == [("join", {"email": E})]


def test_create_carries_what_flows_and_leaves_blanks_out():
    kind = a_kind(
        CONTACT,
        a_field("name"),
        a_field("phone"),
        a_field("company", create_only_on=frozenset({HL})),
        a_field("score", direction=Direction.TO_HIGHLEVEL),
        a_field("seen", rides=True, direction=Direction.TO_TIMETONIC),
    )
    values = {"name": "Ada", "phone": None, "company": "X", "score": 3, "seen": "now"}

    found = plan(observe(hl("h1", **values)), policy=a_policy(kind))

    (op,) = found.operations
    assert isinstance(op, Create)
    assert (op.side, op.origin_id, op.generation) == (TT, "h1", 0)
    assert op.link_id == op.correlation == key_of(CONTACT, HL, "h1")
    assert op.values == {"name": "Ada", "company": "X", "seen": "now"}
    assert op.shown == {"name": "Ada", "phone": None, "company": "X", "seen": "now"}


@pytest.mark.parametrize(
    ("record", "made"),
    [
        (tt("t1", name="Ada"), True),
        (tt("t1", name=None, email=None), False),
        (tt("t1"), False),
        (hl("h1"), True),
    ],
)
def test_contact_that_highlevel_would_refuse_is_reported(record, made):
    kind = replace(CONTACTS, required_on_highlevel=frozenset({"name", "email", "phone"}))

    found = plan(observe(record), policy=a_policy(kind))

    assert created(found) == ({record.id} if made else set())
    assert len(found.findings) == (0 if made else 1)


def test_id_that_comes_back_gets_a_key_of_its_own():
    link = replace(a_link("h1", "t1"), highlevel_id="h2")

    found = plan(observe(hl("h1", name="restored")), link)

    (op,) = found.operations
    assert isinstance(op, Create)
    assert op.generation == 1
    assert op.link_id == op.correlation == key_of(CONTACT, HL, "h1", 1)


ONE_WAY = a_policy(replace(CONTACTS, direction=Direction.TO_TIMETONIC))


@pytest.mark.parametrize(
    ("records", "new", "ambiguities"),
    [
        ([tt("t1", name="Ada")], set(), 0),
        ([tt("t1", email=E), tt("t2", email=E)], set(), 0),
        ([hl("h1", email=E), hl("h2", email=E)], set(), 1),
        ([hl("h1", name="Ada")], {"h1"}, 0),
    ],
)
def test_records_that_only_stand_at_the_target_of_a_one_way_kind_are_ignored(
    records, new, ambiguities
):
    found = plan(observe(*records), policy=ONE_WAY)

    assert created(found) == new
    assert len(found.ambiguities) == ambiguities
    assert found.findings == ()


def test_unreadable_fields_of_new_records_are_reported():
    from tests.unit.planner.builders import unreadable

    found = plan(observe(unreadable(hl("h1", name="Ada"), "phone")))

    assert created(found) == {"h1"}
    assert [f.field for f in found.findings] == ["phone"]


FALLEN = a_link(
    "h1",
    "t1",
    base={"email": "a@x.org"},
    state=LinkState.UNLINKED,
    reason="deleted in TimeTonic",
)
SURVIVOR = hl("h1", email="a@x.org", phone="1")


@pytest.mark.parametrize(
    ("link", "records", "verbs"),
    [
        (FALLEN, [tt("t2", email="a@x.org")], ["join"]),
        (FALLEN, [tt("t2", phone="1")], ["join"]),
        (FALLEN, [bearing(tt("t2", email="new@x.org"), FALLEN.correlation)], ["join"]),
        (FALLEN, [tt("t2", email="a@x.org"), tt("t3", email="a@x.org")], []),
        (FALLEN, [tt("t2", email="a@x.org"), hl("h3", email="a@x.org")], []),
        (FALLEN, [tt("t2", email="a@x.org", phone="2"), hl("h3", phone="2")], []),
        (FALLEN, [tt("t2", email="b@x.org")], ["create"]),
        (FALLEN, [tt("t1", email="a@x.org")], []),
        (
            FALLEN,
            [bearing(tt(i, name=i), FALLEN.correlation) for i in ("t2", "t3")],
            ["create", "create"],
        ),
        (replace(FALLEN, reason="undone"), [tt("t2", email="a@x.org")], []),
        (
            replace(FALLEN, reason="undone"),
            [bearing(tt("t2", email="a@x.org"), FALLEN.correlation)],
            [],
        ),
        (replace(FALLEN, state=LinkState.PARKED), [tt("t2", email="a@x.org")], []),
    ],
)
@pytest.mark.parametrize("is_complete", [True, False])
def test_record_added_again_is_linked_to_the_survivor_of_its_pair(
    link, records, verbs, is_complete
):
    found = plan(observe(SURVIVOR, *records, is_complete=is_complete), link)

    assert [op.op for op in found.operations if op.op != "update"] == verbs
    for op in found.operations:
        if isinstance(op, Join):
            assert (op.link_id, op.correlation) == (link.id, link.correlation)
            assert (op.highlevel_id, op.timetonic_id) == ("h1", "t2")


def test_survivor_that_is_gone_too_is_no_partner():
    found = plan(observe(tt("t2", email="a@x.org"), gone=[(HL, "h1")]), FALLEN)

    assert not any(isinstance(op, Join) for op in found.operations)
