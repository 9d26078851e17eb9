"""What time brings: schedules, overdue tasks, and what a contact's records add up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.rules.desk import ANNA, CALL, FRAME, NOW, PARIS, contact, rule, task
from toolkit.model.automation import ContactFacts, Happening, Trigger
from toolkit.rules.derived import derive
from toolkit.rules.due import due, slot, waits_for_time
from toolkit.rules.spec import When

TAG = {"add_tags": "x"}


def _frame(local: str):
    return replace(FRAME, now=PARIS.instant(datetime.fromisoformat(local)))


@pytest.mark.parametrize(
    ("every", "clock", "local", "name", "begun"),
    [
        ("hour", "00:00", "2026-11-23T15:10", "2026-11-23T15", "2026-11-23T15:00"),
        ("hour", "00:30", "2026-11-23T15:10", "2026-11-23T14", "2026-11-23T14:30"),
        ("hour", "00:30", "2026-11-23T15:30", "2026-11-23T15", "2026-11-23T15:30"),
        ("day", "00:00", "2026-11-23T00:00", "2026-11-23", "2026-11-23T00:00"),
        ("day", "09:00", "2026-11-23T08:59", "2026-11-22", "2026-11-22T09:00"),
        ("day", "09:00", "2026-11-23T09:00", "2026-11-23", "2026-11-23T09:00"),
        ("day", "02:30", "2027-03-28T12:00", "2027-03-28", "2027-03-28T03:30"),
        ("work_day", "09:00", "2026-11-22T12:00", "work_day-2026-11-20", "2026-11-20T09:00"),
        ("work_day", "09:00", "2026-12-25T12:00", "work_day-2026-12-24", "2026-12-24T09:00"),
        ("work_day", "09:00", "2026-11-23T08:00", "work_day-2026-11-20", "2026-11-20T09:00"),
        ("week", "09:00", "2026-11-26T08:00", "week-2026-11-23", "2026-11-23T09:00"),
        ("week", "09:00", "2026-11-23T08:00", "week-2026-11-16", "2026-11-16T09:00"),
        ("month", "09:00", "2026-11-01T09:00", "month-2026-11-01", "2026-11-01T09:00"),
        ("month", "09:00", "2026-11-01T08:00", "month-2026-10-01", "2026-10-01T09:00"),
    ],
)
def test_slots_begin_by_the_office_s_clocks(every, clock, local, name, begun):
    now = PARIS.instant(datetime.fromisoformat(local))

    found, at = slot(When(Trigger.SCHEDULE, every=every, at=clock), now, PARIS)

    assert found == name
    assert PARIS.local(at) == datetime.fromisoformat(begun)


def test_a_schedule_comes_once_a_slot_for_whom_it_changes_anything():
    made = rule(TAG, when={"trigger": "schedule", "every": "day", "at": "09:00"})
    morning, evening, tomorrow = (
        due(made, contact(), _frame(local))
        for local in ("2026-11-23T10:00", "2026-11-23T23:00", "2026-11-24T10:00")
    )

    assert [each.key for each in morning] == ["schedule/2026-11-23/anna"]
    assert morning == evening
    assert tomorrow[0].key == "schedule/2026-11-24/anna"
    assert due(made, contact(tags=("x",)), FRAME) == ()


@pytest.mark.parametrize(
    ("condition", "count"),
    [({"field": "plan", "is": "gold"}, 1), ({"field": "plan", "is": "silver"}, 0)],
)
def test_a_schedule_asks_its_conditions(condition, count):
    made = rule(TAG, when="schedule", **{"if": condition})

    assert len(due(made, contact(), FRAME)) == count


def test_a_schedule_with_a_function_asks_it_once_only():
    calls = []
    frame = replace(FRAME, functions={"welcome": lambda *_: calls.append(1)})

    assert len(due(rule({"run": "welcome"}, when="schedule"), contact(), frame)) == 1
    assert calls == []


def test_a_problem_of_a_schedule_comes_out_once_a_slot():
    made = rule({"add_note": "{{ company }}"}, when="schedule")

    assert len(due(made, contact(), FRAME)) == 1


def test_moments_of_the_past_are_left_out():
    made = rule(TAG, when={"trigger": "schedule", "at": "09:00"})
    begun = PARIS.instant(datetime.fromisoformat("2026-11-23T09:00"))

    assert due(made, contact(), FRAME, since=begun) == ()
    assert len(due(made, contact(), FRAME, since=begun - timedelta(seconds=1))) == 1


@pytest.mark.parametrize(
    ("values", "after", "is_due"),
    [
        ({"due_at": "2026-11-23T13:59:59Z"}, None, True),
        ({"due_at": "2026-11-23T14:00:00Z"}, None, False),
        ({"due_at": "2026-11-23T13:00:00Z", "is_completed": True}, None, False),
        ({"due_at": "2026-11-23T13:00:00Z", "is_completed": None}, None, True),
        ({"due_at": None}, None, False),
        ({"due_at": "whenever"}, None, False),
        # A day without a time of day is over when the office closes.
        ({"due_at": "2026-11-22"}, None, True),
        ({"due_at": "2026-11-23"}, None, False),
        ({"due_at": "2026-11-20T13:59:00Z"}, "1 business day", True),
        ({"due_at": "2026-11-20T14:01:00Z"}, "1 business day", False),
        ({"due_at": "2026-11-23T11:59:00Z"}, "2 hours", True),
        ({"due_at": "2026-11-23T12:01:00Z"}, "2 hours", False),
        ({"due_at": "9999-12-30T00:00:00Z"}, "5 days", False),
    ],
)
def test_when_a_task_is_overdue(values, after, is_due):
    when = {"trigger": "task_overdue", **({"after": after} if after else {})}

    assert bool(due(rule(TAG, when=when), contact(task(**values)), FRAME)) is is_due


def test_an_overdue_task_is_named_by_its_due_date():
    made = rule(TAG, when="task_overdue")
    late = task(due_at="2026-11-20T10:00:00Z")

    (found,) = due(made, contact(late, task("b")), FRAME)

    assert found == Happening(
        "overdue/call/2026-11-20T10:00:00Z",
        Trigger.TASK_OVERDUE,
        datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        contact=ANNA,
        subject=CALL,
    )


@pytest.mark.parametrize(
    ("when", "enabled", "waits"),
    [
        ("schedule", True, True),
        (["note_added", "task_overdue"], True, True),
        ("schedule", False, False),
        ("note_added", True, False),
    ],
)
def test_which_rules_wait_for_time(when, enabled, waits):
    assert waits_for_time(rule(TAG, when=when, enabled=enabled)) is waits


def test_other_triggers_are_never_due():
    assert due(rule(TAG), contact(task(due_at="2026-11-20T10:00:00Z")), FRAME) == ()


# -- what a contact's records add up to ----------------------------------------------------

NOTHING = {
    "first_seen_at": None,
    "last_note_at": None,
    "last_appointment_at": None,
    "next_appointment_at": None,
    "next_task_due_at": None,
    "last_activity_at": None,
    "last_touch_on": None,
    "next_step_on": None,
    "total_tasks": 0,
    "open_tasks": 0,
    "overdue_tasks": 0,
}
SEEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, {}),
        (
            {"values": {"updated_at": "2026-11-01T00:00:00Z"}},
            {"last_activity_at": "2026-11-01T00:00:00Z"},
        ),
        (
            {"first_seen_at": SEEN, "values": {"updated_at": "2026-11-01T00:00:00Z"}},
            {
                "first_seen_at": "2026-01-01T00:00:00Z",
                "last_activity_at": "2026-01-01T00:00:00Z",
            },
        ),
        (
            {"values": {"last_contacted": "2026-11-05"}},
            {"last_activity_at": "2026-11-04T23:00:00Z"},
        ),
        (
            {"notes": ({"written_at": "2026-11-02T23:30:00Z"}, {"written_at": None}, {})},
            {
                "last_note_at": "2026-11-02T23:30:00Z",
                "last_activity_at": "2026-11-02T23:30:00Z",
                "last_touch_on": "2026-11-03",
            },
        ),
        ({"notes": ({"written_at": "some day"},)}, {}),
        (
            {
                "appointments": (
                    {"starts_at": "2026-11-20T10:00:00Z", "status": "confirmed"},
                    {"starts_at": "2026-11-21T10:00:00Z", "status": "Cancelled"},
                    {"starts_at": "2026-11-27T10:00:00Z", "status": None},
                    {"starts_at": "2026-11-25T10:00:00Z", "status": "noshow"},
                )
            },
            {
                "last_appointment_at": "2026-11-20T10:00:00Z",
                "next_appointment_at": "2026-11-27T10:00:00Z",
                "last_activity_at": "2026-11-20T10:00:00Z",
                "last_touch_on": "2026-11-20",
                "next_step_on": "2026-11-27",
            },
        ),
        (
            {
                "tasks": (
                    task("a", due_at="2026-11-20T10:00:00Z"),
                    task("b", due_at="2026-11-30T10:00:00Z"),
                    task("c", due_at="2026-11-10T10:00:00Z", is_completed=True),
                    task("d", due_at=None),
                    task("e", due_at="whenever"),
                )
            },
            {
                "next_task_due_at": "2026-11-20T10:00:00Z",
                "last_activity_at": "2026-11-10T10:00:00Z",
                "next_step_on": "2026-11-20",
                "total_tasks": 5,
                "open_tasks": 4,
                "overdue_tasks": 1,
            },
        ),
    ],
)
def test_what_records_add_up_to(facts, expected):
    given = ContactFacts(ANNA, **{"values": {}, **facts})

    assert derive(given, now=NOW, calendar=PARIS) == {**NOTHING, **expected}
