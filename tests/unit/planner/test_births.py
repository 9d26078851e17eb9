"""Records that begin here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.planner.builders import HL, NOTE, TASK, TT, a_field, a_kind, a_link, a_policy
from tests.unit.planner.effect_world import (
    ADA,
    ALL,
    APPOINTMENT,
    births,
    fired,
    plan_for,
    reason_of,
)
from toolkit.model.automation import ArchiveContact, NewRecord
from toolkit.model.ids import Kind
from toolkit.model.links import LinkState
from toolkit.model.plan import Create, Update
from toolkit.model.policy import Direction
from toolkit.planner.births import OwnRow, birth_ids, own_row_id, own_row_key, plan_own_row

SCOPE = ALL.scope
ROW = OwnRow(Kind.METRIC, "2026-11-01", {"day": "2026-11-01", "notes": 3, "open_tasks": None})


def test_a_record_begins_where_its_twin_can_follow_it_from():
    (made,) = births(plan_for(fired(NewRecord(TASK, ADA.id, {"title": "Call"}))))

    assert made.side is TT
    assert made.is_birth
    assert made.values == made.shown == {"title": "Call"}
    assert made.parent == ADA.id
    assert made.causes == ("r/h",)
    assert made.link_id == made.correlation


def test_a_kind_that_only_flows_into_timetonic_begins_in_highlevel():
    one_way = a_kind(TASK, a_field("title"), direction=Direction.TO_TIMETONIC)
    policy = a_policy(ALL.kinds[Kind.CONTACT], one_way)

    plan = plan_for(fired(NewRecord(TASK, ADA.id, {"title": "Call"})), policy=policy)

    assert [(made.side, made.values) for made in births(plan)] == [(HL, {"title": "Call"})]


def test_nothing_is_made_of_fields_that_cannot_be_written_there():
    shown_only = a_kind(TASK, a_field("title", direction=Direction.TO_HIGHLEVEL))
    policy = a_policy(ALL.kinds[Kind.CONTACT], shown_only)

    plan = plan_for(fired(NewRecord(TASK, ADA.id, {"title": "Call"})), policy=policy)

    assert reason_of(plan) == "nothing of it can be written in TimeTonic"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"title": "x", "colour": "red"}, "no field of a task is called colour"),
        ({"body": "x"}, "HighLevel needs title to create it"),
        ({"title": None}, "HighLevel needs title to create it"),
    ],
)
def test_what_neither_side_could_have_is_reported(values, reason):
    tasks = replace(
        a_kind(TASK, a_field("title"), a_field("body")),
        needed_on_highlevel=frozenset({"title"}),
    )
    policy = a_policy(ALL.kinds[Kind.CONTACT], tasks)

    assert reason_of(plan_for(fired(NewRecord(TASK, ADA.id, values)), policy=policy)) == reason


def test_each_record_of_a_firing_has_its_own_name_and_keeps_it():
    asked = fired(
        NewRecord(NOTE, ADA.id, {"body": "x"}, 0),
        NewRecord(NOTE, ADA.id, {"body": "x"}, 1),
        NewRecord(TASK, ADA.id, {"title": "x"}, 0),
    )
    other = replace(asked, rule="other")

    names = list(birth_ids(SCOPE, [asked, other]))

    assert len(set(names)) == 6
    assert names == list(birth_ids(SCOPE, [asked, other]))
    assert {made.link_id for made in births(plan_for(asked))} == set(names[:3])


def test_an_archived_contact_is_tagged_and_put_down_with_who_when_why_and_where():
    plan = plan_for(fired(ArchiveContact(ADA.id, "no answer")))

    (row,) = births(plan)
    assert (row.kind, row.side, row.parent) == (Kind.ARCHIVE, TT, ADA.id)
    assert row.values == {
        "name": "Ada",
        "email": "ada@example.org",
        "archived_at": "2026-11-01T08:30:00Z",
        "reason": "no answer",
        "record": "HighLevel contact h1; TimeTonic row 1; asked for by r",
        "highlevel_id": "h1",
    }
    tagged = [op.after for op in plan.operations if isinstance(op, Update)]
    assert tagged == [{"tags": ("archived", "old")}] * 2


def test_a_contact_that_stands_in_the_archive_is_not_put_down_twice():
    row = replace(a_link(None, "9", Kind.ARCHIVE), parent=ADA.id)
    asked = fired(ArchiveContact(ADA.id))

    assert births(plan_for(asked, links=[ADA, row])) == []
    left = replace(row, state=LinkState.DELETED)
    assert len(births(plan_for(asked, links=[ADA, left]))) == 1
    both = plan_for(asked, fired(ArchiveContact(ADA.id), rule="s"))
    assert len(births(both)) == 1


def test_a_book_without_an_archive_gets_the_tag_and_a_finding():
    plan = plan_for(fired(ArchiveContact(ADA.id)), own_kinds=())

    assert births(plan) == []
    assert len(plan.operations) == 2
    assert "no archive table" in plan.findings[0].reason


def test_an_own_row_is_made_then_changed_in_place_then_left_alone():
    made = plan_own_row(SCOPE, ROW, None, causes=("r/h",))
    assert isinstance(made, Create)
    assert made.values == {"day": "2026-11-01", "notes": 3}
    link = replace(
        a_link(None, "7", Kind.METRIC), id=made.link_id, base=made.values, parent=None
    )

    assert plan_own_row(SCOPE, ROW, link) is None
    changed = plan_own_row(SCOPE, replace(ROW, values={**ROW.values, "notes": 4}), link)
    assert isinstance(changed, Update)
    assert (changed.id, changed.before, changed.after) == ("7", {"notes": 3}, {"notes": 4})
    assert changed.other == {}


@pytest.mark.parametrize("state", [LinkState.DELETED, LinkState.UNLINKED])
def test_an_own_row_that_was_removed_comes_back_as_another_one(state):
    name = own_row_id(SCOPE, ROW)
    link = replace(a_link(None, "7", Kind.METRIC), id=name, state=state)

    made = plan_own_row(SCOPE, ROW, link)

    assert isinstance(made, Create)
    assert made.generation == 1
    assert made.correlation == own_row_key(name, 1) != own_row_key(name, 0)


@pytest.mark.parametrize("state", [LinkState.HALF, LinkState.PARKED])
def test_an_own_row_under_way_is_left_to_recovery(state):
    link = replace(a_link(None, None, Kind.METRIC), state=state)

    assert plan_own_row(SCOPE, ROW, link) is None


def test_rules_make_no_appointments():
    plan = plan_for(fired(NewRecord(APPOINTMENT, ADA.id, {"title": "x"})))

    assert reason_of(plan) == "appointments are not made here"
