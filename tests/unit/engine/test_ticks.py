"""Periods, padded ids, and the inline engine's clockwork."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.engine.bench import Bench, JumpingClock
from toolkit.engine.coalesce import drain_job, sync_job
from toolkit.engine.inline import InlineEngine
from toolkit.engine.port import Job, JobState, JobStatus, Submission
from toolkit.engine.ticks import Tick, keep_ticking, padded
from toolkit.errors import StateError, UseError

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**12 - 1))
def test_padded_numbers_sort_as_numbers(one: int, other: int) -> None:
    assert (padded(one) < padded(other)) == (one < other)


@pytest.mark.parametrize(
    ("passed_s", "is_same"), [(0, True), (59.9, True), (60, False), (-0.1, False)]
)
def test_a_period_has_one_job(passed_s: float, is_same: bool) -> None:
    tick = Tick("tick", 60, {})

    job = tick.job(NOON + timedelta(seconds=passed_s))

    assert (job.id == tick.job(NOON).id) == is_same


def test_the_jobs_say_whose_turn_it_is() -> None:
    assert Tick("tick", 60, {"a": 1}).job(NOON) == Job(
        "tick:000029892240", "tick", {"a": 1, "slot": 29892240}, "tick"
    )
    assert drain_job("main", 7) == Job(
        "drain:main:000000000007", "drain", {"connection": "main", "generation": 7}, "main"
    )
    assert sync_job("main", 7) == Job(
        "sync:main:000000000007", "sync", {"connection": "main", "slot": 7}, "main"
    )


def test_a_period_of_nothing_is_refused() -> None:
    with pytest.raises(UseError, match="longer than nothing"):
        Tick("tick", 0, {})


class EnoughError(Exception):
    """Ends a loop that never ends."""


class Listener:
    """An engine that only listens; `open_for` says how often a job is still unfinished."""

    def __init__(self, *, open_for: int = 0, fails_at: int = -1, enough: int = 3) -> None:
        self.jobs: list[str] = []
        self.open_for, self.fails_at, self.enough = open_for, fails_at, enough

    async def submit(self, job: Job) -> Submission:
        if len(self.jobs) == self.fails_at:
            self.fails_at = -1
            raise StateError("disk")
        self.jobs.append(job.id)
        return Submission.NEW

    async def status(self, job_id: str) -> JobStatus:
        self.open_for -= 1
        state = JobState.RUNNING if self.open_for >= 0 else JobState.DONE
        return JobStatus(job_id, "tick", "tick", state)


class BoundedClock(JumpingClock):
    """Ends the loop after some sleeps."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if len(self.sleeps) == 4:
            raise EnoughError


@pytest.mark.parametrize(
    ("listener", "minutes"),
    [
        pytest.param(Listener(), [0, 1, 2, 3], id="every period"),
        pytest.param(Listener(open_for=2), [0, 3], id="not while the last one lasts"),
        pytest.param(Listener(fails_at=1), [0, 2, 3], id="a bad minute is survived"),
    ],
)
async def test_ticks(listener, minutes: list[int]) -> None:
    tick, clock = Tick("tick", 60, {}), BoundedClock()
    clock.at = NOON + timedelta(seconds=20)

    with pytest.raises(EnoughError):
        await keep_ticking(listener, tick, clock)

    expected = [tick.job(NOON + timedelta(minutes=minute)).id for minute in minutes]
    assert listener.jobs == expected
    assert clock.sleeps == [40, 60, 60, 60]


async def test_an_inline_engine_ticks_when_told_once_per_period() -> None:
    clock = JumpingClock()
    bench = Bench(None, clock=clock)
    bench.engine.every("work", 60, args={"key": "tick"})
    engine = bench.engine
    assert isinstance(engine, InlineEngine)
    await engine.start()

    for _ in range(2):
        await engine.tick()
        await engine.tick()
        clock.at += timedelta(seconds=60)

    assert bench.calls == {"tick": 2}
