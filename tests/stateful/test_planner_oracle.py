"""The planner against a table written by hand, and against laws over random worlds."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.planner.builders import (
    CONTACT,
    HL,
    TASK,
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
)
from toolkit.model.ids import Side
from toolkit.model.links import LinkState
from toolkit.model.plan import Create, Delete, Join, Operation, Plan, Rebase, Unlink, Update
from toolkit.model.policy import (
    Brakes,
    ConflictPolicy,
    DeleteMode,
    Direction,
    FieldPolicy,
    SyncPolicy,
)
from toolkit.planner.plan import Observation, plan_sync

B, X, Y, BLANK = "b", "x", "y", None
STATES = (B, X, Y, BLANK)

# What becomes of one field with base B, by what HighLevel and TimeTonic show:
# ">" writes HighLevel's value to TimeTonic, "<" the other way, "=" both agree anew,
# "?" is a conflict, "." is nothing. Written from the design, not from the code.
LINKED = {
    #       TT: B   X   Y  blank
    B: dict(zip(STATES, ".<<<", strict=True)),
    X: dict(zip(STATES, ">=??", strict=True)),
    Y: dict(zip(STATES, ">?=?", strict=True)),
    BLANK: dict(zip(STATES, ">??=", strict=True)),
}
# The same for two records matched for the first time, who have no base.
MATCHED = {
    B: dict(zip(STATES, "=??>", strict=True)),
    X: dict(zip(STATES, "?=?>", strict=True)),
    Y: dict(zip(STATES, "??=>", strict=True)),
    BLANK: dict(zip(STATES, "<<<=", strict=True)),
}
WINNER = {ConflictPolicy.HIGHLEVEL: ">", ConflictPolicy.TIMETONIC: "<"}


def expected_writes(table, one, two, policies):
    """Side -> values written, fields agreed, fields in conflict, fields lost."""
    writes: dict[Side, dict[str, object]] = {HL: {}, TT: {}}
    agreed, asked, lost = {}, set(), set()
    for field, policy in policies.items():
        mark = table[one[field]][two[field]]
        if mark == "?" and policy in WINNER:
            mark = WINNER[policy]
            lost.add(field)
        match mark:
            case ">":
                writes[TT][field] = one[field]
            case "<":
                writes[HL][field] = two[field]
            case "=":
                agreed[field] = one[field]
            case "?":
                asked.add(field)
    return {side: found for side, found in writes.items() if found}, agreed, asked, lost


def states_of_two_fields():
    pairs = [
        dict(zip("fg", values, strict=True)) for values in itertools.product(STATES, STATES)
    ]
    return itertools.product(pairs, pairs)


@pytest.mark.parametrize(
    "policies",
    [
        {"f": ConflictPolicy.ASK, "g": ConflictPolicy.ASK},
        {"f": ConflictPolicy.ASK, "g": ConflictPolicy.HIGHLEVEL},
        {"f": ConflictPolicy.TIMETONIC, "g": ConflictPolicy.ASK},
    ],
)
@pytest.mark.parametrize("is_linked", [True, False])
def test_every_state_of_two_fields_follows_the_table(is_linked, policies):
    fields = [a_field(name, on_conflict=policy) for name, policy in policies.items()]
    policy = a_policy(a_kind(CONTACT, *fields, a_field("email"), match_keys=("email",)))
    base = {"f": B, "g": B, "email": "e"}
    links = [a_link("h1", "t1", base=base)] if is_linked else []
    for one, two in states_of_two_fields():
        seen = observe(hl("h1", email="e", **one), tt("t1", email="e", **two))

        found = plan(seen, *links, policy=policy)

        table = LINKED if is_linked else MATCHED
        writes, agreed, asked, lost = expected_writes(table, one, two, policies)
        local = [("rebase", agreed)] if agreed else []
        if not is_linked:
            local = [("join", {"email": "e", **agreed})]
        assert brief(found) == [
            *local,
            *(("update", side, values) for side, values in writes.items()),
        ], (one, two)
        assert {conflict.field for conflict in found.conflicts} == asked
        assert {conflict.field for conflict in found.lost} == lost


@pytest.mark.parametrize("mode", list(DeleteMode))
@pytest.mark.parametrize("gone", [{HL}, {TT}, {HL, TT}])
def test_every_state_of_a_pair_that_lost_a_side_follows_the_table(gone, mode):
    policy = a_policy(a_kind(CONTACT, a_field("f"), a_field("g"), on_delete=mode))
    link = a_link("h1", "t1", base={"f": B, "g": B})
    for shown in itertools.product(STATES, STATES):
        values = dict(zip("fg", shown, strict=True))
        records = [r for r in (hl("h1", **values), tt("t1", **values)) if r.side not in gone]
        seen = observe(*records, gone=[(side, link.id_on(side)) for side in gone])

        (op,) = plan(seen, link, policy=policy).operations

        is_edited = shown != (B, B)
        if len(gone) > 1 or mode is DeleteMode.UNLINK:
            assert isinstance(op, Unlink)
            assert set(op.gone) == gone
        elif is_edited:
            assert isinstance(op, Create)
            assert op.side in gone
            assert op.values == {name: v for name, v in values.items() if v is not None}
        else:
            assert isinstance(op, Delete)
            assert (op.mode, {op.side.other}) == (mode.value, gone)


@pytest.mark.parametrize("state", list(LinkState))
@pytest.mark.parametrize("is_same_key", [True, False])
@pytest.mark.parametrize("sides", [{HL}, {TT}, {HL, TT}])
def test_new_records_beside_a_known_pair_follow_the_table(sides, is_same_key, state):
    policy = a_policy(a_kind(CONTACT, a_field("email"), match_keys=("email",)))
    link = a_link("h1", "t1", base={"email": "e"}, state=state)
    email = "e" if is_same_key else "f"
    new = [r for r in (hl("h2", email=email), tt("t2", email=email)) if r.side in sides]
    known = [] if state is LinkState.DELETED else [hl("h1", email="e"), tt("t1", email="e")]

    found = plan(observe(*new, *known), link, policy=policy)

    is_taken = is_same_key and state is not LinkState.DELETED
    assert len(found.ambiguities) == (1 if is_taken else 0)
    verbs = [] if is_taken else ["join"] if len(sides) > 1 else ["create"]
    assert [op.op for op in found.operations] == verbs


@pytest.mark.parametrize("reason", ["undone", "deleted in HighLevel", "deleted in TimeTonic"])
@pytest.mark.parametrize("is_same_key", [True, False])
@pytest.mark.parametrize("side", list(Side))
def test_new_record_beside_a_pair_that_fell_apart_follows_the_table(side, is_same_key, reason):
    policy = a_policy(a_kind(CONTACT, a_field("email"), match_keys=("email",)))
    link = a_link("h1", "t1", base={"email": "e"}, state=LinkState.UNLINKED, reason=reason)
    new = a_record(side, "n1", email="e" if is_same_key else "f")
    survivor = a_record(side.other, link.id_on(side.other), email="e")

    found = plan(observe(new, survivor), link, policy=policy)

    is_again = is_same_key and reason.endswith(side.label)
    verbs = ["join"] if is_again else [] if is_same_key else ["create"]
    assert [op.op for op in found.operations] == verbs
    assert len(found.ambiguities) == (is_same_key and not is_again)


# --- random worlds -------------------------------------------------------------------

FIELDS = (
    a_field("name"),
    a_field("email"),
    a_field("plan", on_conflict=ConflictPolicy.LONGEST),
    a_field("tags", is_set=True),
    a_field("score", on_conflict=ConflictPolicy.MAX),
    a_field("source", direction=Direction.TO_TIMETONIC),
)
BRAKES = Brakes(
    delete_floor=99, delete_cap=99, update_floor=99, create_floor=99, blank_floor=99
)
TEXTS = st.sampled_from(["a", "bb", None])
TAGS = st.sampled_from([("a",), ("a", "b"), ("b", "c"), None])
EMAILS = st.sampled_from(["1@x.org", "2@x.org", "3@x.org", None])


def a_world_policy(mode: DeleteMode) -> SyncPolicy:
    return a_policy(
        a_kind(CONTACT, *FIELDS, match_keys=("email",), on_delete=mode),
        a_kind(TASK, a_field("title"), a_field("is_completed"), on_delete=mode),
        brakes=BRAKES,
    )


def values_of(draw, name):
    """Contact values with tokens that tell who wrote them, besides common ones."""
    return {
        "name": draw(st.sampled_from(["a", "b", f"name by {name}", None])),
        "email": draw(EMAILS),
        "plan": draw(TEXTS),
        "tags": draw(TAGS),
        "score": draw(st.sampled_from([1, 2, None])),
        "source": draw(TEXTS),
    }


def perturbed(draw, base, name):
    """The base with some fields edited, as one side's people would."""
    edited = values_of(draw, name)
    touched = draw(st.sets(st.sampled_from(sorted(base)), max_size=3))
    return {field: edited[field] if field in touched else base[field] for field in base}


@st.composite
def worlds(draw) -> World:
    """Linked pairs perturbed on both sides, new records, tasks, and some deletions."""
    world = World()
    linked = draw(st.integers(0, 3))
    for i in range(linked):
        base = {**values_of(draw, f"base{i}"), "email": f"{i}@linked.org"}
        state = draw(st.sampled_from([LinkState.LIVE] * 4 + [LinkState.UNLINKED]))
        link = a_link(f"h{i}", f"t{i}", base=base, state=state)
        world.links[link.id] = link
        for side in Side:
            record_id = link.id_on(side)
            world.add(a_record(side, record_id, **perturbed(draw, base, f"{side}{i}")))
            if draw(st.integers(0, 5)) == 0:
                world.remove(side, CONTACT, record_id)
        if draw(st.booleans()):
            add_task(draw, world, link, number=i)
    for side in Side:
        for i in range(draw(st.integers(0, 2))):
            world.add(a_record(side, f"{side[0]}-own-{i}", **values_of(draw, f"own-{side}{i}")))
        add_new_tasks(draw, world, side, linked=linked)
    return world


def add_task(draw, world, contact, *, number):
    base = {"title": f"task {number}", "is_completed": False}
    link = a_link(f"hk{number}", f"tk{number}", TASK, base=base, parent=contact.id)
    world.links[link.id] = link
    for side in Side:
        title = draw(st.sampled_from([base["title"], f"title by {side}", None]))
        task = a_record(side, link.id_on(side), TASK, title=title, is_completed=False)
        world.add(replace(task, parent_id=contact.id_on(side)))
        if draw(st.integers(0, 5)) == 0:
            world.remove(side, TASK, task.id)


def add_new_tasks(draw, world, side, *, linked):
    for i in range(draw(st.integers(0, 2))):
        task = a_record(side, f"{side[0]}-task-{i}", TASK, title=draw(TEXTS))
        parents = [f"{side[0]}{n}" for n in range(linked)] + [f"{side[0]}-own-0", None]
        world.add(replace(task, parent_id=draw(st.sampled_from(parents))))


MODES = st.sampled_from(list(DeleteMode))
law = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def shuffled(world: World, draw) -> Observation:
    seen = world.observe()
    return Observation(
        {
            kind: {
                side: replace(
                    listing,
                    records={
                        i: listing.records[i]
                        for i in draw(st.permutations(sorted(listing.records)))
                    },
                )
                for side, listing in reversed(sides.items())
            }
            for kind, sides in reversed(seen.listings.items())
        }
    )


@law
@given(world=worlds(), mode=MODES, more=st.data())
def test_order_of_the_input_changes_no_byte(world, mode, more):
    policy = a_world_policy(mode)
    links = more.draw(st.permutations(sorted(world.links.values(), key=lambda link: link.id)))

    one = world.plan(policy)
    two = plan(shuffled(world, more.draw), *links, policy=policy)

    assert one.hash == two.hash
    assert one == two


@law
@given(world=worlds(), mode=MODES)
def test_applied_plan_leaves_nothing_to_write(world, mode):
    policy = a_world_policy(mode)
    first = world.plan(policy)
    world.apply(first)

    second = world.plan(policy)
    world.apply(second)

    assert [op for op in second.writes if not _is_freed(op, first, second)] == []
    again = [each for each in second.conflicts if not _is_freed(each, first, second)]
    assert len(again) == len(first.conflicts)


def _is_freed(op, first: Plan, second: Plan) -> bool:
    """What an ambiguity or an unfinished contact held back may follow a run later.

    Two records that only became partners by what the first run took apart are filled from
    each other then.
    """
    joined = {each.link_id for each in second.operations if isinstance(each, Join)}
    is_held = bool(first.ambiguities or first.findings)
    return is_held and (isinstance(op, Create) or op.link_id in joined)


def settle_world(world: World, policy: SyncPolicy) -> list[Plan]:
    plans = []
    for _ in range(5):
        plans.append(world.plan(policy))
        world.apply(plans[-1])
    return plans


@law
@given(world=worlds(), mode=MODES, more=st.data())
def test_writes_that_fail_are_made_good_and_no_edit_is_lost(world, mode, more):
    policy = a_world_policy(mode)
    edits = list(edits_of(world))
    first = world.plan(policy)
    failing = more.draw(st.sets(st.integers(0, max(0, len(first.operations) - 1))))
    writes = {
        i for i in failing if i < len(first.operations) and first.operations[i] in first.writes
    }
    world.apply(first, failing=writes)

    plans = [first, *settle_world(world, policy)]

    assert plans[-1].operations == ()
    kept = {
        value
        for side in Side
        for kind in (CONTACT, TASK)
        for values in world.values(side, kind).values()
        for value in values.values()
    }
    listed = {
        v for p in plans for c in (*p.lost, *p.conflicts) for v in (c.highlevel, c.timetonic)
    }
    assert [edit for edit in edits if edit not in kept | listed] == []
    assert_sides_agree(world, plans[-1])


def edits_of(world: World):
    """What people typed into records that still stand; bases are nobody's edit."""
    for records in world.records.values():
        for record in records.values():
            for value in record.values.values():
                if isinstance(value, str) and " by " in value and " by base" not in value:
                    yield value


def assert_sides_agree(world: World, last: Plan) -> None:
    open_fields = {(c.link_id, c.field) for c in last.conflicts}
    for link in world.links.values():
        if link.state is not LinkState.LIVE or link.kind is not CONTACT:
            continue
        one = world.records[HL, CONTACT][link.highlevel_id]
        two = world.records[TT, CONTACT][link.timetonic_id]
        for field in ("name", "email", "plan", "tags", "score"):
            if (link.id, field) not in open_fields:
                assert one.values.get(field) == two.values.get(field), (link, field)


@law
@given(world=worlds(), mode=MODES)
def test_no_record_is_created_twice_and_none_vanishes_unasked(world, mode):
    policy = a_world_policy(mode)
    before = {side: set(world.values(side)) for side in Side}

    plans = settle_world(world, policy)

    created = [
        (op.side, op.kind, op.origin_id, op.generation)
        for p in plans
        for op in p.operations
        if isinstance(op, Create)
    ]
    assert len(created) == len(set(created))
    deleted = {(op.side, op.id) for p in plans for op in p.operations if isinstance(op, Delete)}
    for side in Side:
        missing = before[side] - set(world.values(side))
        assert all((side, record_id) in deleted for record_id in missing)
    live = [link for link in world.links.values() if link.state is LinkState.LIVE]
    for side in Side:
        ids = [(link.kind, link.id_on(side)) for link in live]
        assert len(ids) == len(set(ids))


# --- symmetry ------------------------------------------------------------------------

_SWAPPED = {
    Direction.TO_TIMETONIC: Direction.TO_HIGHLEVEL,
    Direction.TO_HIGHLEVEL: Direction.TO_TIMETONIC,
    Direction.BOTH: Direction.BOTH,
}


def mirrored_policy(policy: SyncPolicy) -> SyncPolicy:
    def field(found: FieldPolicy) -> FieldPolicy:
        return replace(found, direction=_SWAPPED[found.direction])

    kinds = {
        kind: replace(found, fields={n: field(f) for n, f in found.fields.items()})
        for kind, found in policy.kinds.items()
    }
    return replace(policy, kinds=kinds, first_sync_winner=policy.first_sync_winner.other)


def mirrored_world(world: World) -> World:
    mirror = World()
    for records in world.records.values():
        mirror.add(*(replace(record, side=record.side.other) for record in records.values()))
    mirror.gone = {(side.other, kind, i) for side, kind, i in world.gone}
    mirror.links = {
        link.id: replace(link, highlevel_id=link.timetonic_id, timetonic_id=link.highlevel_id)
        for link in world.links.values()
    }
    return mirror


def rows_of(found: Plan, world: World, *, is_mirrored: bool) -> list[str]:
    """The plan by record ids instead of link ids, seen from one side of the mirror."""
    names = names_of(found, world)
    rows: list[object] = [row_of(op, names, is_mirrored) for op in found.operations]
    for word, conflicts in (("?", found.conflicts), ("lost", found.lost)):
        rows += [
            (word, c.field, *sorted(map(str, (c.highlevel, c.timetonic)))) for c in conflicts
        ]
    rows += [("many", sorted((*a.highlevel_ids, *a.timetonic_ids))) for a in found.ambiguities]
    return sorted(map(repr, rows))


def names_of(found: Plan, world: World) -> dict[str, list[str]]:
    """Link id -> the ids of its records, which do not depend on the side they stand on."""
    names = {
        link.id: sorted(map(str, (link.highlevel_id, link.timetonic_id)))
        for link in world.links.values()
    }
    for op in found.operations:
        if isinstance(op, Join):
            names[op.link_id] = sorted((op.highlevel_id, op.timetonic_id))
        elif isinstance(op, Create):
            names.setdefault(op.link_id, [op.origin_id])
    return names


def row_of(op: Operation, names: dict[str, list[str]], is_mirrored: bool) -> object:
    """One operation without link ids."""

    def seen(side: Side) -> Side:
        return side.other if is_mirrored else side

    who = (op.op, op.kind, names[op.link_id])
    match op:
        case Create():
            parent = names[op.parent] if op.parent else None
            return who, seen(op.side), sorted(op.values.items()), parent
        case Update():
            return who, seen(op.side), sorted(op.after.items()), sorted(op.before.items())
        case Delete():
            return who, seen(op.side), op.id
        case Join() | Rebase():
            return who, sorted(op.base.items())
        case Unlink():
            return who, sorted(seen(side) for side in op.gone)


@law
@given(world=worlds(), mode=MODES)
def test_swapped_sides_give_the_mirrored_plan(world, mode):
    policy = a_world_policy(mode)
    mirror = mirrored_world(world)

    one = world.plan(policy)
    two = mirror.plan(mirrored_policy(policy))

    assert rows_of(one, world, is_mirrored=False) == rows_of(two, mirror, is_mirrored=True)


def test_plan_of_nothing_is_empty():
    found = plan_sync(
        connection="demo",
        config_digest="d",
        policy=a_policy(),
        links=[],
        observation=Observation({}),
        is_first_run=False,
    )

    assert found == Plan("demo", "d")
