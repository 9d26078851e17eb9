"""What rules ask for, as operations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.planner.builders import (
    CONTACT,
    HL,
    NOTE,
    TASK,
    TT,
    a_field,
    a_kind,
    a_link,
    a_policy,
    hl,
    observe,
    tt,
    unreadable,
)
from tests.unit.planner.effect_world import (
    ADA,
    ALL,
    CALL,
    births,
    fired,
    plan_for,
    reason_of,
    reasons,
    updates,
)
from toolkit.model.automation import (
    ArchiveContact,
    DeleteRecord,
    EditTags,
    NewRecord,
    Send,
    SetFields,
)
from toolkit.model.ids import Kind, LinkId
from toolkit.model.links import LinkState
from toolkit.model.plan import Delete
from toolkit.model.policy import Brakes, Direction
from toolkit.planner.births import birth_id
from toolkit.planner.plan import Observation, approve


def name_it(value: object, link: LinkId = ADA.id) -> SetFields:
    return SetFields(link, CONTACT, {"name": value})  # type: ignore[dict-item]


def test_a_field_that_is_set_is_written_to_both_sides_with_who_asked():
    found = updates(plan_for(fired(name_it("Ada L."))))

    assert found.keys() == {HL, TT}
    for side, update in found.items():
        assert update.after == {"name": "Ada L."}
        assert update.before == {"name": "Ada"}
        assert update.other == {"name": "Ada"}, "the base moves with the second write"
        assert update.id == ADA.id_on(side)
        assert update.causes == ("r/h",)


@pytest.mark.parametrize("value", ["Ada", None])
def test_what_both_sides_show_is_not_written(value):
    link = ADA if value else replace(ADA, base={"name": ""})

    plan = plan_for(fired(name_it(value)), links=[link])

    assert plan.operations == plan.findings == ()


def test_a_side_that_shows_it_already_is_left_out():
    link = replace(ADA, aliases={HL: {"name": "Ada L."}})

    found = updates(plan_for(fired(name_it("Ada L.")), links=[link]))

    assert found.keys() == {TT}
    assert found[TT].other == {"name": "Ada L."}


def test_a_field_may_be_cleared():
    found = updates(plan_for(fired(SetFields(ADA.id, CONTACT, {"email": None}))))

    assert {side: update.after for side, update in found.items()} == {
        HL: {"email": None},
        TT: {"email": None},
    }


def test_effects_on_one_pair_make_one_update_a_side():
    plan = plan_for(
        fired(name_it("Ada L."), rule="one"),
        fired(SetFields(ADA.id, CONTACT, {"phone": "+1"}), rule="two"),
        fired(EditTags(ADA.id, add=("new",)), rule="three"),
    )

    found = updates(plan)
    assert found[HL].after == {"name": "Ada L.", "phone": "+1", "tags": ("new", "old")}
    assert found[HL].causes == ("one/h", "three/h", "two/h")


def test_a_later_rule_sees_what_an_earlier_one_set():
    plan = plan_for(
        fired(name_it("A"), EditTags(ADA.id, add=("x",)), rule="one"),
        fired(name_it("B"), EditTags(ADA.id, remove=("x", "old")), rule="two"),
    )

    assert updates(plan)[TT].after == {"name": "B", "tags": None}


def test_a_rule_that_puts_back_what_stood_there_leaves_nothing_to_write():
    plan = plan_for(fired(name_it("B")), fired(name_it("Ada"), key="i"))

    assert plan.operations == ()


def test_a_task_is_finished_on_both_sides():
    done = SetFields(CALL.id, TASK, {"is_completed": True})

    found = updates(plan_for(fired(done)))

    assert {update.kind for update in found.values()} == {TASK}
    assert found[HL].after == {"is_completed": True}
    assert found[HL].parent_id == "h1"


@pytest.mark.parametrize(
    ("shown", "add", "remove", "after"),
    [
        (("old",), ("new",), (), ("new", "old")),
        (("old",), ("OLD ",), (), ("old",)),
        (("Old",), ("old",), (), ("Old",)),
        (("old", "mine"), (), ("Old",), ("mine",)),
        (("old",), (), ("old",), None),
        (None, ("b", "a", "b"), (), ("a", "b")),
        (("old",), (), ("absent",), ("old",)),
        (("old",), ("",), (), ("old",)),
    ],
)
def test_tags_are_edited_one_by_one(shown, add, remove, after):
    link = replace(ADA, base={"tags": shown})

    plan = plan_for(fired(EditTags(ADA.id, add, remove)), links=[link])

    written = {side: update.after["tags"] for side, update in updates(plan).items()}
    assert written == ({} if after == shown else {HL: after, TT: after})


def test_tags_that_stand_on_one_side_only_stay_there():
    """Somebody tagged in TimeTonic since: the next comparison carries that across."""
    seen = observe(hl("h1", tags=("old",)), tt("1", tags=("old", "mine")))

    found = updates(plan_for(fired(EditTags(ADA.id, add=("new",))), observation=seen))

    assert found[HL].after == {"tags": ("new", "old")}
    assert found[TT].after == {"tags": ("mine", "new", "old")}


@pytest.mark.parametrize(
    ("seen", "is_left"),
    [
        ([hl("h1", name="Edited")], True),
        ([tt("1", name="Edited")], True),
        ([hl("h1", name="Ada L."), tt("1", name="Ada L.")], False),
        ([hl("h1", phone="+1")], False),
    ],
)
def test_a_rule_does_not_decide_about_people_s_edits(seen, is_left):
    plan = plan_for(fired(name_it("Ada L.")), observation=observe(*seen))

    said = ["people's edits of it are not settled yet"] if is_left else []
    assert reasons(plan) == said
    assert is_left is (not plan.operations and bool(plan.findings))


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (replace(ADA, state=LinkState.HALF), "it is being created and not confirmed yet"),
        (replace(ADA, state=LinkState.UNLINKED), "it is kept apart from the other side"),
        (replace(ADA, state=LinkState.PARKED), "it rests: see `hightonic conflicts`"),
        (replace(ADA, state=LinkState.DELETED), "it was deleted"),
        (a_link("other", "2"), "there is no such contact"),
        (replace(ADA, kind=TASK), "there is no such contact"),
    ],
)
@pytest.mark.parametrize(
    "effect",
    [
        name_it("x"),
        EditTags(ADA.id, add=("x",)),
        NewRecord(NOTE, ADA.id, {"body": "x"}),
        ArchiveContact(ADA.id),
    ],
    ids=lambda effect: effect.effect,
)
def test_pairs_that_are_not_live_are_reported_and_not_guessed(link, reason, effect):
    assert reason_of(plan_for(fired(effect), links=[link])) == reason


def test_kinds_that_are_not_synced_are_reported():
    policy = a_policy(a_kind(NOTE, a_field("body")))
    one_kind = a_policy(ALL.kinds[CONTACT])

    assert reason_of(plan_for(fired(name_it("x")), policy=policy)) == "contacts are not synced"
    made = plan_for(fired(NewRecord(TASK, ADA.id, {"title": "x"})), policy=one_kind)
    assert reason_of(made) == "tasks are not synced"


ONE_WAY = a_policy(
    a_kind(
        CONTACT,
        a_field("name", direction=Direction.TO_TIMETONIC),
        a_field("email", create_only_on=frozenset({HL})),
        a_field("phone"),
        a_field("stamp", rides=True),
        a_field("total", rollup="total_tasks"),
    )
)


def test_only_sides_that_may_be_written_are():
    assert updates(plan_for(fired(name_it("x")), policy=ONE_WAY)).keys() == {TT}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("stamp", "it is not a field that can be set"),
        ("total", "it is not a field that can be set"),
        ("nonsense", "it is not a field that can be set"),
        (
            "email",
            "HighLevel takes this field only when a contact is created; "
            "change it there by hand",
        ),
    ],
)
def test_fields_that_cannot_be_set_are_reported_by_name(name, reason):
    plan = plan_for(fired(SetFields(ADA.id, CONTACT, {name: "x"})), policy=ONE_WAY)

    assert reason_of(plan) == reason
    assert plan.findings[0].field == name
    assert plan.findings[0].id == "h1"


def test_a_field_create_only_that_shows_it_there_already_is_written_on_the_other_side():
    link = replace(ADA, aliases={HL: {"email": "new@example.org"}})
    asked = fired(SetFields(ADA.id, CONTACT, {"email": "new@example.org"}))

    assert updates(plan_for(asked, links=[link], policy=ONE_WAY)).keys() == {TT}


def test_what_cannot_be_read_is_not_overwritten():
    seen = observe(unreadable(hl("h1"), "name"))

    plan = plan_for(fired(name_it("x")), observation=seen)

    assert reason_of(plan) == "what stands there cannot be read"


def test_neither_side_writable_is_said():
    policy = a_policy(
        a_kind(
            CONTACT,
            a_field("name", direction=Direction.TO_HIGHLEVEL),
            direction=Direction.TO_TIMETONIC,
        )
    )

    plan = plan_for(fired(name_it("x")), policy=policy)

    assert reason_of(plan) == "neither side may be written"


def test_a_record_is_deleted_on_both_sides_with_what_stood_there():
    seen = observe(hl("t1", TASK, title="Call", is_completed=True))

    asked = DeleteRecord(CALL.id, TASK)
    done = SetFields(CALL.id, TASK, {"title": "Other"})

    plan = plan_for(fired(asked, done, asked), observation=seen)

    assert len(plan.operations) == 2, "once a side, and not changed first"

    found = {op.side: op for op in plan.operations if isinstance(op, Delete)}
    assert {side: (op.id, op.mode, op.causes) for side, op in found.items()} == {
        HL: ("t1", "delete", ("r/h",)),
        TT: ("11", "delete", ("r/h",)),
    }
    assert found[HL].before["is_completed"] is True
    assert found[HL].parent_id == "h1"


def test_what_is_gone_is_not_deleted():
    gone = replace(CALL, state=LinkState.DELETED)

    plan = plan_for(fired(DeleteRecord(CALL.id, TASK)), links=[ADA, gone])

    assert reason_of(plan) == "it was deleted"


@pytest.mark.parametrize(
    ("effect", "reason"),
    [
        (NewRecord(NOTE, None, {"body": "x"}), "a note hangs on a contact"),
        (NewRecord(CONTACT, ADA.id, {"name": "x"}), "a contact hangs on nothing"),
    ],
)
def test_records_hang_where_they_belong(effect, reason):
    assert reason_of(plan_for(fired(effect))) == reason


def test_a_contact_begins_on_its_own():
    (made,) = births(plan_for(fired(NewRecord(CONTACT, None, {"name": "Bea"}))))

    assert (made.kind, made.side, made.parent) == (CONTACT, TT, None)


def test_messages_are_not_planned():
    assert plan_for(fired(Send("slack", "#sales", {}))).operations == ()


def test_a_rule_s_finding_names_the_rule_and_is_said_once():
    twice = fired(name_it("x", LinkId("gone")), name_it("y", LinkId("gone")), rule="welcome")

    (found,) = plan_for(twice).findings

    assert found.reason == "Rule `welcome` left it alone: there is no such contact"
    assert (found.side, found.id) == (TT, "")


def test_too_many_changes_wait_for_approval_and_own_rows_wait_with_them():
    links = [
        replace(a_link(f"h{n}", str(n)), base={"name": "x", "email": f"{n}@example.org"})
        for n in range(50)
    ]
    asked = [
        fired(ArchiveContact(link.id, "stale"), key=str(n)) for n, link in enumerate(links)
    ]

    plan = plan_for(*asked, links=links)

    assert plan.operations == ()
    assert len(plan.held) == 150
    assert {(brake.kind, brake.verb, brake.count) for brake in plan.brakes} == {
        (CONTACT, "update", 50)
    }
    released = approve(plan, plan.approval)
    assert len(released.operations) == 150


def test_a_few_archive_rows_trip_no_brake_of_their_own():
    policy = replace(ALL, brakes=Brakes(create_floor=0, create_share=0.0))

    plan = plan_for(fired(ArchiveContact(ADA.id)), policy=policy)

    assert plan.held == ()
    assert [op.kind for op in births(plan)] == [Kind.ARCHIVE]


def test_new_records_count_as_creates_of_their_kind():
    policy = replace(ALL, brakes=Brakes(create_floor=2, create_share=0.0))
    asked = fired(*(NewRecord(NOTE, ADA.id, {"body": "x"}, n) for n in range(3)))

    plan = plan_for(asked, policy=policy)

    assert len(plan.held) == 3
    assert {(brake.kind, brake.verb) for brake in plan.brakes} == {(NOTE, "create")}


def test_the_same_firings_make_the_same_plan():
    asked = fired(name_it("x"), NewRecord(NOTE, ADA.id, {"body": "x"}), ArchiveContact(ADA.id))

    one, two = plan_for(asked), plan_for(asked, links=[CALL, ADA])

    assert one.hash == two.hash
    assert len(one.operations) == 4


def test_what_was_made_before_or_is_under_way_is_not_asked_for_again():
    asked = fired(effect := NewRecord(NOTE, ADA.id, {"body": "x"}))
    name = birth_id(ALL.scope, asked, effect)
    half = replace(a_link(None, None, NOTE), id=name, state=LinkState.HALF)

    assert births(plan_for(asked, known={name})) == []
    assert births(plan_for(asked, links=[ADA, half])) == []
    assert len(births(plan_for(asked, asked))) == 1


def test_nothing_seen_means_the_pair_shows_what_it_agreed_on():
    assert Observation({}).listing(CONTACT, HL) is None
    assert updates(plan_for(fired(name_it("x"))))[HL].before == {"name": "Ada"}
