from dataclasses import replace

import pytest

from tests.unit.cli.examples import (
    CREATE,
    EMPTY_PLAN,
    FULL_PLAN,
    SECRET,
    UPDATE,
    shown,
)
from toolkit.app.parking import RESTING
from toolkit.app.plan_counts import plan_summary
from toolkit.cli.render.plan import MOST_OPERATIONS, MOST_RESTING, render_plan
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.plan import Finding


@pytest.mark.parametrize(
    "line",
    [
        "Plan for main",
        "Contacts  create  -               1",
        "Contacts  update  1               -               phone 1",
        "Tasks     delete  -               1",
        "1 pair found on both sides and linked (by email 1).",
        "1 pair unlinked: one side is gone, the other is kept as it is.",
        "Held back by a brake: 1 operation",
        "60 contacts would be deleted in TimeTonic, more than 50",
        f"hightonic sync --approve {FULL_PLAN.approval}",
        "1 conflict a person must decide (contact name 1).",
        "1 group of records that may be the same; nothing is written for them.",
        "1 finding about 1 record",
        "1 x this is not a phone number",
        "Calls it will take, about: HighLevel 1, TimeTonic 2",
    ],
)
def test_plan_says_per_kind_and_direction_what_would_happen(line):
    assert line in shown(render_plan(FULL_PLAN))


def test_findings_are_counted_apart_from_their_records():
    two = replace(FULL_PLAN.findings[0], field="email", reason="this is not an e-mail address")
    text = shown(render_plan(replace(EMPTY_PLAN, findings=(*FULL_PLAN.findings, two))))

    assert "2 findings about 1 record" in text
    assert "left out" not in text


def test_plan_whose_work_waits_says_held_back():
    text = shown(render_plan(replace(EMPTY_PLAN, held=FULL_PLAN.held)))

    assert "held back" in text


def test_plan_without_work_says_so():
    assert "Nothing to write: both sides agree." in shown(render_plan(EMPTY_PLAN))
    assert "Calls" not in shown(render_plan(EMPTY_PLAN))


@pytest.mark.parametrize("waiting", ["held", "conflicts", "ambiguities", "findings"])
def test_plan_never_says_both_sides_agree_while_something_waits(waiting):
    plan = replace(EMPTY_PLAN, **{waiting: getattr(FULL_PLAN, waiting)})

    assert "both sides agree" not in shown(render_plan(plan))


def test_resting_pairs_are_listed_one_by_one():
    resting = [
        Finding(Kind.CONTACT, Side.HIGHLEVEL, RecordId(f"h{n}"), f"{RESTING}refused; later")
        for n in range(MOST_RESTING + 1)
    ]
    text = shown(render_plan(replace(EMPTY_PLAN, findings=tuple(resting))))

    assert f"{MOST_RESTING + 1} records refused before and left out of step" in text
    assert "contact HighLevel h0: Left to rest: refused; later" in text
    assert "... and 1 more" in text


@pytest.mark.parametrize("value", [SECRET, "+33123456789", "Call Ada", "Ada Byron"])
def test_personal_values_show_only_when_asked_for(value):
    assert value not in shown(render_plan(FULL_PLAN))
    assert value in shown(render_plan(FULL_PLAN, with_values=True))


def test_values_show_before_and_after():
    text = shown(render_plan(replace(EMPTY_PLAN, operations=(UPDATE,)), with_values=True))

    assert "phone: +33123456789 -> (blank)" in text


def test_long_plans_list_the_first_operations_and_say_how_many_follow():
    many = [
        replace(CREATE, link_id=LinkId(f"l{number}")) for number in range(MOST_OPERATIONS + 2)
    ]
    text = shown(render_plan(replace(EMPTY_PLAN, operations=tuple(many)), with_values=True))

    assert text.count(SECRET) == MOST_OPERATIONS
    assert "... and 2 more operations" in text


def test_empty_plan_lists_no_values():
    text = shown(render_plan(EMPTY_PLAN, with_values=True))

    assert "Values" not in text


def test_summary_is_counts_without_values():
    summary = plan_summary(FULL_PLAN)

    assert summary["hash"] == FULL_PLAN.hash
    assert summary["writes"]["contact"]["timetonic"] == {"create": 1, "update": 0, "delete": 0}
    assert summary["writes"]["task"]["timetonic"]["delete"] == 1
    assert {key: summary[key] for key in ("links", "unlinks", "held", "conflicts")} == {
        "links": 1,
        "unlinks": 1,
        "held": 1,
        "conflicts": 1,
    }
    assert SECRET not in str(summary)
