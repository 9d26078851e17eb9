"""Contacts that may be one person: what is found, why, and what would become of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from time import perf_counter

import pytest

from toolkit.app.duplicates import DuplicateGroup, find_duplicates
from toolkit.app.likeness import Evidence, mailbox_of, name_likeness, score_of
from toolkit.app.merging import Children, mark_of, plan_merges
from toolkit.mapping.defaults import default_mapping
from toolkit.model.automation import EditTags, SetFields
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId
from toolkit.model.links import Link, LinkState

POLICY = default_mapping().kinds[Kind.CONTACT].to_policy()


def contact(number: int, **values) -> Link:
    link_id = f"{number:032x}"
    return Link(
        LinkId(link_id),
        Kind.CONTACT,
        CorrelationKey(link_id),
        highlevel_id=RecordId(f"h{number}"),
        timetonic_id=RecordId(str(number)),
        base=values,
    )


ADA = {
    "name": "Ada King",
    "email": "ada@example.com",
    "phone": "+33102030405",
    "company": "Nu SA",
}


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("Ada@Example.com", "ada@example.com"),
        ("ada+news@example.com", "ada@example.com"),
        ("a.d.a@gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("+@example.com", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_a_mailbox_is_an_email_without_what_servers_ignore(email, mailbox):
    assert mailbox_of(email) == mailbox


@pytest.mark.parametrize(
    ("one", "two", "is_alike"),
    [
        ("ada king", "ada king", True),
        ("ada king", "ada kign", True),
        ("a king", "ada king", True),
        ("a k", "ada king", False),
        ("ada king", "grace hopper", False),
        ("b king", "ada king", False),
        ("", "ada", False),
    ],
)
def test_names_are_alike_whatever_the_order_of_their_words(one, two, is_alike):
    for first in permutations(one.split()):
        likeness = name_likeness(tuple(sorted(first)), tuple(sorted(two.split())))
        assert (likeness >= 0.84) is is_alike
        assert likeness == name_likeness(tuple(sorted(two.split())), tuple(sorted(first)))


@pytest.mark.parametrize(
    ("weights", "score"), [([], 0), ([60], 60), ([80, 80], 96), ([95, 80, 60], 99)]
)
def test_pieces_of_evidence_add_up_as_independent_chances_do(weights, score):
    assert score_of(Evidence(each, "why") for each in weights) == score


@pytest.mark.parametrize(
    ("other", "score", "why"),
    [
        ({"email": "ada@example.com"}, 95, "the same e-mail"),
        ({"email": "ada+x@example.com"}, 85, "e-mails of one mailbox"),
        ({"phone": "+33102030405"}, 60, "the same phone"),
        ({"phone": "+33102030405", "name": "King Ada"}, 92, "a like name on that phone"),
        (
            {"phone": "+33102030405", "email": "g@example.com"},
            42,
            "the same phone, but another e-mail",
        ),
        (
            {"phone": "+33102030405", "name": "King Ada", "email": "g@example.com"},
            92,
            "the same phone",
        ),
        ({"name": "Àda King", "company": "NU"}, 65, "a like name at one company"),
        (
            {"name": "Ada King", "company": "nu", "email": "g@example.com"},
            45,
            "a like name at one company, but another e-mail",
        ),
        ({"name": "Ada King", "company": "Other"}, None, ""),
        ({"name": "Ada King"}, None, ""),
        ({"name": "Grace Hopper", "company": "Nu SA"}, None, ""),
    ],
)
def test_who_is_found_how_surely_and_why(other, score, why):
    found = find_duplicates([contact(1, **ADA), contact(2, **other)])

    assert [each.score for each in found.groups] == ([score] if score else [])
    if score:
        (likeness,) = found.groups[0].likenesses
        assert why in [each.reason for each in likeness.evidence]
        assert not any("ada" in each.reason.lower() for each in likeness.evidence)


def test_only_sure_groups_are_shown_where_asked_for():
    links = [contact(1, **ADA), contact(2, **{**ADA, "email": "g@example.com", "phone": None})]

    assert [each.score for each in find_duplicates(links).groups] == [45]
    assert find_duplicates(links, at_least=46).groups == ()


@pytest.mark.parametrize(
    "link",
    [
        replace(contact(2, **ADA), state=LinkState.UNLINKED),
        replace(contact(2, **ADA), kind=Kind.TASK),
        contact(2, **{**ADA, "tags": ("duplicate-of-abc", "x")}),
    ],
)
def test_only_contacts_in_step_that_are_not_marked_yet_are_compared(link):
    found = find_duplicates([contact(1, **ADA), link])

    assert (found.groups, found.searched) == ((), 1)


def test_a_group_holds_all_that_hang_together_the_oldest_first():
    links = [
        contact(10, email="ada@example.com", phone="+331"),
        contact(9, phone="+331"),
        contact(2, email="ada+x@example.com"),
        contact(3, email="grace@example.com"),
    ]

    for order in permutations(links):
        (group,) = find_duplicates(order).groups
        assert [int(each, 16) for each in group.contacts] == [2, 9, 10]
        assert group.score == 60
        assert group.id == find_duplicates(links).groups[0].id


def test_the_surest_group_comes_first():
    links = [contact(1, phone="+331"), contact(2, phone="+331")]
    links += [contact(3, email="ada@example.com"), contact(4, email="ada@example.com")]

    assert [each.score for each in find_duplicates(links).groups] == [95, 60]


def test_a_value_that_very_many_share_compares_nobody_and_is_counted():
    links = [contact(number, phone="+331") for number in range(1, 80)]

    found = find_duplicates(links)

    assert (found.groups, found.crowds) == ((), 1)


def test_thousands_of_contacts_are_searched_in_seconds():
    links = [
        contact(
            n, name=f"Person {n % 997} {n % 7919}", company=f"Firm {n % 200}", phone=f"+{n}"
        )
        for n in range(5_000)
    ]
    began = perf_counter()

    assert find_duplicates(links).searched == 5_000
    assert perf_counter() - began < 20


# -- what would become of a group -----------------------------------------------------------


def plan_of(*links: Link, among: tuple[Link, ...] = ()):
    contacts = tuple(each.id for each in links)
    (plan,) = plan_merges([DuplicateGroup(contacts, 90, ())], [*links, *among], POLICY)
    return plan


def test_the_oldest_is_completed_and_the_others_are_marked():
    keep = contact(1, name="Ada King", source=None, tags=("a",), lifecycle_stage="")
    other = contact(2, name="A King", source="web", tags=("b", "a"), lifecycle_stage="lead")
    third = contact(3, source="fair", tags=("c",))

    plan = plan_of(keep, other, third)

    assert plan.keep == keep.id
    assert plan.effects == (
        SetFields(keep.id, Kind.CONTACT, {"source": "web", "lifecycle_stage": "lead"}),
        EditTags(keep.id, add=("b", "c")),
        EditTags(other.id, add=(mark_of(keep.id),)),
        EditTags(third.id, add=(mark_of(keep.id),)),
    )
    assert [(each.field, each.kept, each.other) for each in plan.differences] == [
        ("name", "Ada King", "A King")
    ]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"email": "a@example.com"}, "one contact only"),
        ({"company": "Nu"}, "new contacts only"),
    ],
)
def test_what_a_service_would_refuse_is_left_to_a_person(values, word):
    plan = plan_of(contact(1), contact(2, **values))

    (fill,) = plan.fills
    assert word in fill.by_hand
    assert plan.effects == (EditTags(contact(2).id, add=(mark_of(contact(1).id),)),)


def test_counts_and_stamps_are_nobodys_values():
    plan = plan_of(contact(1), contact(2, open_tasks=3, updated_at="2026-01-01T00:00:00Z"))

    assert (plan.fills, plan.differences) == ((), ())


def test_what_hangs_on_the_others_is_counted_to_be_moved_by_hand():
    keep, other = contact(1), contact(2)

    def below(number: int, kind: Kind, parent: Link, **values) -> Link:
        return replace(contact(number, **values), kind=kind, parent=parent.id)

    plan = plan_of(
        keep,
        other,
        among=(
            below(11, Kind.TASK, other, is_completed=True),
            below(12, Kind.TASK, other),
            below(13, Kind.NOTE, other),
            below(14, Kind.APPOINTMENT, other),
            below(15, Kind.TASK, keep),
            below(16, Kind.ARCHIVE, other),
            replace(below(17, Kind.NOTE, other), state=LinkState.DELETED),
        ),
    )

    assert plan.children == (
        Children(other.id, tasks=2, open_tasks=1, notes=1, appointments=1),
    )


def test_without_tags_nobody_is_marked():
    fields = {name: each for name, each in POLICY.fields.items() if name != "tags"}
    group = DuplicateGroup((contact(1).id, contact(2).id), 90, ())
    (plan,) = plan_merges(
        [group], [contact(1), contact(2, source="web")], replace(POLICY, fields=fields)
    )

    assert plan.effects == (SetFields(contact(1).id, Kind.CONTACT, {"source": "web"}),)
