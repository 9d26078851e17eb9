"""Dates in words, and the office's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.desk import NOW, PARIS
from toolkit.rules.calendar import Calendar
from toolkit.rules.dates import read_moment
from toolkit.rules.problems import RuleProblemError

OFFICE = Calendar(country="FR", closed=frozenset({"2026-12-24"}), zone="Europe/Paris")


def _local(text: str, *, said: str = "2026-11-23T15:00", calendar: Calendar = OFFICE) -> str:
    """What the office's clocks show at the moment it means."""
    at = calendar.instant(datetime.fromisoformat(said))
    return calendar.local(read_moment(text).resolve(at, calendar)).isoformat(" ", "minutes")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("now", "2026-11-23 15:00"),
        ("today", "2026-11-23 17:00"),
        ("tomorrow", "2026-11-24 17:00"),
        ("Tomorrow at 09:30", "2026-11-24 09:30"),
        ("2026-12-31", "2026-12-31 17:00"),
        ("2026-12-31 08:00", "2026-12-31 08:00"),
        ("2026-12-31T08:15", "2026-12-31 08:15"),
        ("2026-12-31T08:15:00Z", "2026-12-31 09:15"),
        ("2026-12-31T08:15:00Z + 1 day", "2027-01-01 09:15"),
        ("2026-12-31T08:15:00+02:00", "2026-12-31 07:15"),
        ("+3 days", "2026-11-26 17:00"),
        ("in 3 days", "2026-11-26 17:00"),
        ("+ 3 days 10:00", "2026-11-26 10:00"),
        ("-1 day", "2026-11-22 17:00"),
        ("+2 weeks", "2026-12-07 17:00"),
        ("+1 year", "2027-11-23 17:00"),
        ("in 4 hours", "2026-11-23 19:00"),
        ("in 90 minutes", "2026-11-23 16:30"),
        ("+1 day + 2 hours", "2026-11-24 17:00"),
        ("now + 1 day", "2026-11-24 15:00"),
        ("+2 business days", "2026-11-25 17:00"),
        ("+2 work days", "2026-11-25 17:00"),
        ("+0 business days", "2026-11-23 17:00"),
        ("-1 business day", "2026-11-20 17:00"),
        ("next business day 09:00", "2026-11-24 09:00"),
        ("next monday", "2026-11-30 17:00"),
        ("next tuesday 08:00", "2026-11-24 08:00"),
        ("+1 week next friday", "2026-12-04 17:00"),
        ("16:00", "2026-11-23 16:00"),
        ("at 15:00", "2026-11-24 15:00"),
        ("today 09:00", "2026-11-23 09:00"),
    ],
)
def test_what_a_date_in_words_means_on_a_monday_afternoon(text, means):
    assert _local(text) == means


@pytest.mark.parametrize(
    ("said", "text", "means"),
    [
        ("2026-11-27T15:00", "+1 business day", "2026-11-30 17:00"),
        ("2026-11-28T15:00", "+1 business day", "2026-11-30 17:00"),
        ("2026-11-28T15:00", "+0 business days", "2026-11-30 17:00"),
        ("2026-11-28T15:00", "-1 business day", "2026-11-27 17:00"),
        # Christmas eve is closed by the settings, the 25th by the law, then a weekend.
        ("2026-12-23T15:00", "+1 business day", "2026-12-28 17:00"),
        ("2026-12-30T15:00", "+2 business days", "2027-01-04 17:00"),
        ("2027-01-31T15:00", "+1 month", "2027-02-28 17:00"),
        ("2028-02-29T15:00", "+1 year", "2029-02-28 17:00"),
    ],
)
def test_weekends_holidays_closed_days_and_short_months(said, text, means):
    assert _local(text, said=said) == means


@pytest.mark.parametrize(
    ("said", "text", "means"),
    [
        # The clocks go from 02:00 to 03:00 on 2027-03-28, and back on 2026-10-25.
        ("2027-03-27T15:00", "now + 1 day", "2027-03-28 15:00"),
        ("2027-03-27T15:00", "in 24 hours", "2027-03-28 16:00"),
        ("2027-03-27T15:00", "tomorrow 02:30", "2027-03-28 03:30"),
        ("2026-10-24T15:00", "now + 1 day", "2026-10-25 15:00"),
        ("2026-10-24T15:00", "in 24 hours", "2026-10-25 14:00"),
        ("2026-10-24T23:30", "in 4 hours", "2026-10-25 02:30"),
    ],
)
def test_a_day_stays_a_day_when_the_clocks_are_moved(said, text, means):
    assert _local(text, said=said) == means


def test_of_a_time_shown_twice_the_first_one_counts():
    twice = OFFICE.instant(datetime.fromisoformat("2026-10-25T02:30"))

    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "2 days",
        "+two days",
        "+2 fortnights",
        "+2days",
        "next week",
        "25:00",
        "9:00",
        "+1 day 09:00 09:30",
        "today tomorrow",
        "2026-13-01",
        "2026-02-30",
        "2026-11-23T25:00",
        "todayish",
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(RuleProblemError) as caught:
        read_moment(text)

    assert "For example" in caught.value.remedy


@pytest.mark.parametrize("text", ["+9999 years", "-3000 years", "9999-12-31 + 9 days"])
def test_dates_beyond_the_calendar_are_a_problem(text):
    with pytest.raises(RuleProblemError, match="out of range"):
        read_moment(text).resolve(NOW, PARIS)


def test_the_day_is_that_of_the_office():
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    assert read_moment("today").resolve_day(late, PARIS) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("calendar", "free"),
    [
        (Calendar(), [5, 6]),
        (Calendar(work_days=frozenset({"sat"})), [0, 1, 2, 3, 4, 6]),
        (Calendar(country="US"), [3, 5, 6]),
        (Calendar(closed=frozenset({"2026-11-23"})), [0, 5, 6]),
        (Calendar(country="DE", subdivision="SN"), [5, 6]),
    ],
)
def test_which_days_of_a_week_are_free(calendar, free):
    # Thanksgiving week of 2026.
    week = [date(2026, 11, 23 + day) for day in range(7)]

    assert [day.weekday() for day in week if not calendar.is_work_day(day)] == free


def test_a_subdivision_has_holidays_of_its_own():
    buss_und_bettag = date(2026, 11, 18)

    assert Calendar(country="DE").is_work_day(buss_und_bettag)
    assert not Calendar(country="DE", subdivision="SN").is_work_day(buss_und_bettag)


@given(
    day=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    count=st.integers(-300, 300),
    more=st.integers(0, 50),
)
def test_working_days_are_counted_one_by_one_and_back(day, count, more):
    start = OFFICE.shift(day, 0)
    there = OFFICE.shift(start, count)

    assert OFFICE.is_work_day(there)
    assert OFFICE.shift(there, -count) == start
    assert OFFICE.shift(OFFICE.shift(start, 3), more) == OFFICE.shift(start, 3 + more)


@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 — as a clock shows it
def test_what_the_clocks_show_leads_back_to_itself_unless_it_is_skipped(moment):
    instant = OFFICE.instant(moment)

    assert OFFICE.instant(OFFICE.local(instant)) == instant
