"""Whatever rules ask for and whatever fails of it: in the end it stands on both sides, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.planner.builders import (
    CONTACT,
    NOTE,
    TASK,
    TT,
    World,
    a_link,
    a_policy,
    hl,
    tt,
    under,
)
from tests.unit.planner.effect_world import ALL, births, fired, plan_for
from toolkit.model.automation import (
    ArchiveContact,
    EditTags,
    Effect,
    Firing,
    NewRecord,
    SetFields,
)
from toolkit.model.ids import Kind, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Plan
from toolkit.planner.births import birth_ids

POLICY = a_policy(*(ALL.kinds[kind] for kind in (CONTACT, TASK, NOTE)))
PEOPLE = [
    replace(a_link(f"h{n}", f"{n}"), base={"name": f"N{n}", "email": None, "tags": ("a",)})
    for n in range(3)
]
CALL = replace(
    a_link("t0", "10", TASK, base={"title": "Call", "is_completed": False}),
    parent=PEOPLE[0].id,
)
LINKS = [*PEOPLE, CALL]

people = st.sampled_from([each.id for each in PEOPLE])
words = st.sampled_from(["", "x", "y"]).map(lambda word: word or None)
tags = st.lists(st.sampled_from("abc"), max_size=2).map(tuple)
effects: st.SearchStrategy[Effect] = st.one_of(
    st.builds(
        SetFields,
        people,
        st.just(CONTACT),
        st.dictionaries(st.sampled_from(["email", "name", "phone"]), words, min_size=1),
    ),
    st.builds(SetFields, st.just(CALL.id), st.just(TASK), st.just({"is_completed": True})),
    st.builds(EditTags, people, tags, tags),
    st.builds(NewRecord, st.just(NOTE), people, st.just({"body": "b"}), st.integers(0, 2)),
    st.builds(NewRecord, st.just(TASK), people, st.just({"title": "t"}), st.integers(0, 2)),
    st.builds(ArchiveContact, people),
)
firings = st.lists(st.lists(effects, max_size=4), max_size=4).map(
    lambda asked: [fired(*each, key=str(n)) for n, each in enumerate(asked)]
)


def a_world() -> World:
    world = World(links={link.id: link for link in LINKS})
    for link in LINKS:
        for record in (
            hl(link.highlevel_id or "", link.kind),
            tt(link.timetonic_id or "", link.kind),
        ):
            shown = replace(record, values=dict(link.base))
            parent = PEOPLE[0].id_on(record.side) or ""
            world.add(shown if link.kind is CONTACT else under(shown, parent))
    return world


def asked_of(world: World, wanted: Sequence[Firing]) -> Plan:
    made = {each.correlation for each in world.records.get((TT, NOTE), {}).values()}
    made |= {each.correlation for each in world.records.get((TT, TASK), {}).values()}
    return plan_for(
        *wanted,
        links=list(world.links.values()),
        policy=POLICY,
        observation=world.observe(),
        known={each for each in birth_ids(POLICY.scope, wanted) if each in made},
    )


def synced(world: World) -> None:
    """Compared until both sides agree."""
    for _ in range(4):
        plan = world.plan(POLICY)
        if not plan.operations:
            assert not plan.conflicts
            return
        world.apply(plan)
    raise AssertionError("never quiet")


def contents(world: World, side: Side, kind: Kind) -> Counter[str]:
    """What stands on one side, blanks left out."""
    return Counter(
        str(sorted((f, v) for f, v in values.items() if v is not None))
        for values in world.values(side, kind).values()
    )


@given(firings, st.sets(st.integers(0, 12), max_size=4))
def test_what_rules_ask_for_stands_on_both_sides_once(
    wanted: list[Firing], failing: set[int]
) -> None:
    world = a_world()
    world.apply(asked_of(world, wanted), failing=failing)
    synced(world)
    world.apply(asked_of(world, wanted))
    synced(world)

    assert births(asked_of(world, wanted)) == []
    for kind in (CONTACT, TASK, NOTE):
        assert contents(world, Side.HIGHLEVEL, kind) == contents(world, TT, kind)
    names = set(birth_ids(POLICY.scope, wanted))
    assert (
        sum(contents(world, TT, NOTE).values()) + sum(contents(world, TT, TASK).values())
        == len(names) + 1
    )
    archived = [
        each.link_id for f in wanted for each in f.effects if isinstance(each, ArchiveContact)
    ]
    assert len(world.values(TT, Kind.ARCHIVE)) == len(set(archived))


@given(firings)
def test_asked_again_it_finds_everything_as_it_should_be(wanted: list[Firing]) -> None:
    world = a_world()
    world.apply(asked_of(world, wanted))

    again = asked_of(world, wanted)

    assert again.operations == ()
    assert [link for link in world.links.values() if link.state is not LinkState.LIVE] == []


@given(firings, st.randoms(use_true_random=False))
def test_the_order_in_which_pairs_are_stored_makes_no_difference(wanted, random) -> None:
    shuffled: list[Link] = [*LINKS]
    random.shuffle(shuffled)

    assert plan_for(*wanted, links=shuffled).hash == plan_for(*wanted, links=LINKS).hash
