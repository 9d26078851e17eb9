"""The day's figures: counted from agreed values and journal lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from toolkit.app.census import take_census
from toolkit.app.day_figures import (
    ApiUse,
    Census,
    Dashboard,
    DayFigures,
    SyncHealth,
    Week,
    figures_from_json,
    figures_to_json,
    iso_week,
    sum_weeks,
    top_counts,
)
from toolkit.app.funnel import count_steps
from toolkit.app.measures_day import gauges_of
from toolkit.app.metrics_row import RIDERS, metric_row, plan_metric_row
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, RunId
from toolkit.model.links import Link
from toolkit.model.plan import Create, Update
from toolkit.planner.births import own_row_id
from toolkit.store.metrics import Step

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = RunId("20261101-1")
LATER = RunId("20261123-1")


def a_task(**values: object) -> tuple[Kind, Mapping[str, object]]:
    return Kind.TASK, values


@pytest.mark.parametrize(
    ("tasks", "total", "still_open", "overdue"),
    [
        ([], 0, 0, 0),
        ([a_task(is_completed=True, due_at="2026-01-01T00:00:00Z")], 1, 0, 0),
        ([a_task(is_completed=False, due_at="2026-11-23T11:59:59Z")], 1, 1, 1),
        ([a_task(is_completed=False, due_at="2026-11-23T12:00:00Z")], 1, 1, 0),
        ([a_task(is_completed=None, due_at=None)], 1, 1, 0),
        ([a_task(due_at="")], 1, 1, 0),
        ([a_task()], 1, 1, 0),
    ],
)
def test_tasks_are_open_until_done_and_overdue_once_due(tasks, total, still_open, overdue):
    census = take_census(tasks, now=NOON)

    assert (census.tasks, census.open_tasks, census.overdue_tasks) == (
        total,
        still_open,
        overdue,
    )
    assert census.completed_tasks == total - still_open


def test_contacts_are_counted_by_stage_source_and_owners_name():
    live = [
        (Kind.CONTACT, {"lifecycle_stage": "lead", "source": "web", "owner_id": "u1"}),
        (Kind.CONTACT, {"lifecycle_stage": "lead", "source": None, "owner_id": "u2"}),
        (Kind.CONTACT, {"lifecycle_stage": ""}),
        (Kind.NOTE, {}),
        (Kind.APPOINTMENT, {}),
        (Kind.ARCHIVE, {"lifecycle_stage": "lead"}),
    ]

    census = take_census(live, now=NOON, owner_name={"u1": "Ada", "u2": "Ada"}.__getitem__)

    assert census.by_stage == {"lead": 2, "": 1}
    assert census.by_source == {"web": 1, "": 2}
    assert census.by_owner == {"Ada": 2, "": 1}
    assert (census.contacts, census.notes, census.appointments) == (3, 1, 1)


def test_free_text_is_kept_by_its_largest_counts_alone():
    live = [(Kind.CONTACT, {"source": f"source {number}"}) for number in range(900)]

    assert len(take_census(live, now=NOON).by_source) == 201


def a_step(verb: str = "update", run: str = LATER, link: str = "l1", **changes) -> Step:
    step = Step(
        RunId(run), LinkId(link), verb, {}, {}, datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    )
    return replace(step, **changes)


WON = {"before": {"lifecycle_stage": "lead"}, "after": {"lifecycle_stage": "customer"}}


@pytest.mark.parametrize(
    ("steps", "new", "won"),
    [
        ([a_step("create")], 1, 0),
        ([a_step("join")], 1, 0),
        ([a_step("create", is_again=True)], 0, 0),
        ([a_step("create", run=FIRST)], 0, 0),
        ([a_step("create", after={"lifecycle_stage": "customer"})], 1, 1),
        ([a_step(**WON)], 0, 1),
        ([a_step(**WON), a_step(**WON)], 0, 1),
        ([a_step(**WON), a_step(run="20261123-2", **WON)], 0, 2),
        ([a_step(**WON), a_step(link="l2", **WON)], 0, 2),
        ([a_step(before=WON["after"], after={"lifecycle_stage": "vip"})], 0, 0),
        ([a_step("rebase", after={"lifecycle_stage": "vip"})], 0, 1),
        ([a_step(before=WON["after"], after=WON["before"])], 0, 0),
        ([a_step(after={"name": "Ada"})], 0, 0),
    ],
)
def test_a_contact_is_new_once_and_won_where_it_comes_from_a_stage_that_is_not(steps, new, won):
    funnel = count_steps(steps, won={"customer", "vip"}, zone=UTC, first_run=FIRST)

    assert (sum(funnel.new.values()), sum(funnel.won.values())) == (new, won)


def test_the_day_begins_where_the_location_is():
    paris = count_steps(
        [a_step("create")], won=(), zone=ZoneInfo("Europe/Paris"), first_run=FIRST
    )

    assert paris.days == [date(2026, 11, 24)]


def test_before_the_first_sync_ended_nobody_is_new():
    assert count_steps([a_step("create")], won=(), zone=UTC, first_run=None).days == []


def a_day(day: str, **changes) -> DayFigures:
    return replace(DayFigures(day=date.fromisoformat(day), at=NOON), **changes)


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-11-23", "2026-W48"), ("2027-01-01", "2026-W53"), ("2024-12-30", "2025-W01")],
)
def test_a_week_belongs_to_its_own_year(day, week):
    assert iso_week(date.fromisoformat(day)) == week


@pytest.mark.parametrize(
    ("new", "won", "conversion"), [(0, 0, None), (0, 3, None), (4, 1, 0.25), (1, 2, 2.0)]
)
def test_conversion_is_won_over_new_of_one_week(new, won, conversion):
    assert Week("2026-W48", new, won, 7).conversion == conversion


def test_days_are_summed_by_week():
    days = [
        a_day("2026-11-22", new_contacts=1),
        a_day("2026-11-23", new_contacts=2, won_contacts=1),
        a_day("2026-11-25", won_contacts=1),
    ]

    assert list(sum_weeks(days)) == [Week("2026-W47", 1, 0, 1), Week("2026-W48", 2, 2, 2)]
    assert Dashboard(tuple(days)).latest == days[-1]
    assert Dashboard().latest is None


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({}, {}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1, "b": 2, "c": 2}, {"b": 2, "c": 2, "other": 1}),
        ({"other": 5, "b": 2, "c": 1}, {"other": 6, "b": 2}),
    ],
)
def test_the_largest_counts_go_by_name_and_the_rest_as_one(counts, shown):
    assert top_counts(counts, 2) == shown


def full_day() -> DayFigures:
    return DayFigures(
        day=date(2026, 11, 23),
        at=NOON,
        census=Census(contacts=3, tasks=2, by_stage={"lead": 2, "": 1}, by_source={"web": 3}),
        new_contacts=1,
        health=SyncHealth(equal_at=NOON.isoformat(), conflicts=2),
        api=ApiUse(today={"highlevel": 5, "timetonic": 4}),
        journal_seq=7,
    )


def test_a_day_comes_back_from_its_json_and_unknown_names_are_left_out():
    plain = figures_to_json(full_day())

    assert figures_from_json(plain) == full_day()
    plain["of_a_later_version"] = 1
    plain["census"]["unheard_of"] = 2
    assert figures_from_json(plain) == full_day()


def test_lag_is_told_where_the_sides_were_ever_equal():
    assert full_day().health.lag_s(NOON) == 0.0
    assert SyncHealth().lag_s(NOON) is None


def test_gauges_have_few_names_whatever_the_accounts_hold():
    census = Census(by_stage={f"stage {n}": 1 for n in range(50)}, by_source={"": 1, "none": 2})
    gauges = gauges_of([("main", replace(full_day(), census=census))])

    assert len(gauges["stages"]) == 11
    assert gauges["stages"]["main", "other"] == 40
    assert gauges["sources"] == {("main", "none"): 3}
    assert gauges["steps"] == {("main", "new"): 1, ("main", "won"): 0}
    assert gauges["conflicts"] == {("main",): 2}


def link_of_row(figures: DayFigures) -> Link:
    row = metric_row("main", figures)
    name = own_row_id("scope", row)
    return Link(
        name,
        Kind.METRIC,
        CorrelationKey(name),
        timetonic_id=RecordId("9"),
        base=dict(row.values),
    )


@pytest.mark.parametrize(
    ("changes", "is_written"),
    [
        ({}, False),
        ({"api": ApiUse(today={"highlevel": 99})}, False),
        ({"health": SyncHealth(conflicts=2, duration_s=9.5)}, False),
        ({"census": replace(full_day().census, overdue_tasks=1)}, False),
        ({"census": replace(full_day().census, contacts=4)}, True),
        ({"new_contacts": 2}, True),
        ({"health": SyncHealth(conflicts=3)}, True),
    ],
)
def test_a_row_is_written_again_only_where_a_figure_moved_that_time_alone_does_not_move(
    changes, is_written
):
    now = metric_row("main", replace(full_day(), **changes))

    planned = plan_metric_row("scope", now, link_of_row(full_day()))

    assert (planned is not None) is is_written
    if planned is not None:
        assert isinstance(planned, Update)
        assert planned.after.keys() - RIDERS


def test_each_day_and_connection_has_a_row_of_its_own():
    rows = [
        metric_row(name, a_day(day))
        for name in ("main", "second")
        for day in ("2026-11-23", "2026-11-24")
    ]

    assert len({own_row_id("scope", row) for row in rows}) == 4
    assert isinstance(plan_metric_row("scope", rows[0], None), Create)
