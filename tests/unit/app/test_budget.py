"""A month's calls: the forecast, the slower period, and what a person is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from toolkit.app.budget import Budget, stretched_minutes, tell_budget
from toolkit.app.happenings import Telling
from toolkit.model.events import EventKind, Severity
from toolkit.model.ids import ConnectionName, RunId

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
MIDDLE = datetime(2026, 11, 16, tzinfo=UTC)
LAST = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
TELLING = Telling(ConnectionName("main"), RunId("run-1"), MIDDLE)


@pytest.mark.parametrize(
    ("used", "at", "forecast"),
    [
        (500, MIDDLE, 1000),
        (0, MIDDLE, 0),
        (10, FIRST, 310),  # a first hour is not taken for a month's habit
        (1000, LAST, 1001),
    ],
)
def test_forecast_goes_on_as_the_month_began(used: int, at: datetime, forecast: int) -> None:
    assert Budget(1000, used, at).forecast == forecast


@pytest.mark.parametrize(
    ("limit", "used", "at", "calls_each", "minutes"),
    [
        (100_000, 0, FIRST, 10, 15),  # 2880 comparisons, 28,800 calls
        (30_000, 0, FIRST, 10, 30),
        (10_000, 0, FIRST, 10, 60),
        (100_000, 95_000, MIDDLE, 10, 60),
        (100_000, 100_000, MIDDLE, 10, 1440),
        (100_000, 200_000, MIDDLE, 10, 1440),
        (100_000, 99_000, LAST, 10, 15),  # an hour is left: that will do
        (100, 0, FIRST, None, 15),  # nobody knows yet what one costs
    ],
)
def test_period_is_doubled_until_what_is_left_lasts(
    limit: int, used: int, at: datetime, calls_each: float | None, minutes: int
) -> None:
    assert stretched_minutes(15, Budget(limit, used, at), calls_each=calls_each) == minutes


@pytest.mark.parametrize("every", [1, 7, 15, 1440])
def test_period_stays_within_a_day(every: int) -> None:
    spent = Budget(10, 10, MIDDLE)

    assert stretched_minutes(every, spent, calls_each=5.0) == 1440
    assert stretched_minutes(every, None, calls_each=5.0) == every


@pytest.mark.parametrize(
    ("used", "level"), [(0, 0), (799, 0), (800, 80), (949, 80), (950, 95), (2000, 95)]
)
def test_level_is_told_once_a_month(used: int, level: int) -> None:
    events = list(tell_budget(TELLING, Budget(1000, used, MIDDLE), minutes=30))

    assert [event.once for event in events] == ([f"budget:2026-11:{level}"] if level else [])
    for event in events:
        assert event.kind is EventKind.QUOTA_LOW
        assert event.severity is Severity.WARNING
        assert event.facts["left"] == max(0, 1000 - used)
        assert event.facts["every_minutes"] == 30
