import asyncio
import random
from itertools import pairwise

import pytest

from toolkit.clients.pacing import CallCounter, ManualClock, NoPacer, SystemClock, WindowPacer
from toolkit.errors import QuotaExhaustedError


def busiest_window(starts: list[float], window_s: float) -> int:
    return max(
        sum(1 for other in starts if 0 <= other - start < window_s - 1e-9) for start in starts
    )


async def starts_of(pacer: WindowPacer, clock: ManualClock, calls: int) -> list[float]:
    starts = []
    for _ in range(calls):
        await pacer.acquire()
        starts.append(clock.monotonic())
        pacer.release()
    return starts


async def test_an_idle_pacer_lets_the_whole_share_go_at_once():
    clock = ManualClock()

    starts = await starts_of(WindowPacer(clock=clock), clock, 98)

    assert set(starts) == {0.0}


@pytest.mark.parametrize("idle_s", [0.0, 3.3, 9.99, 10.0, 25.0])
async def test_no_window_exceeds_the_share_and_at_least_95_percent_of_it_is_used(idle_s):
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)

    starts = await starts_of(pacer, clock, 40)
    clock.advance(idle_s)
    starts += await starts_of(pacer, clock, 400)

    assert busiest_window(starts, 10.0) == 98
    assert len(starts) / (starts[-1] - idle_s + 10.0) >= 0.95 * 9.8 - 1


async def test_concurrent_callers_go_first_come_first_served():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock, limit=4, share=0.5)
    order: list[int] = []

    async def caller(number: int) -> None:
        await pacer.acquire()
        order.append(number)
        pacer.release()

    await asyncio.gather(*(caller(number) for number in range(9)))

    assert order == list(range(9))
    assert clock.monotonic() == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("headers", "capacity", "window_s"),
    [
        ({"X-RateLimit-Max": "25"}, 24, 10.0),
        (
            {"x-ratelimit-max": "1000000", "x-ratelimit-interval-milliseconds": "5000"},
            980000,
            5,
        ),
        ({"x-ratelimit-max": "0"}, 98, 10.0),
        ({"x-ratelimit-max": "many", "x-ratelimit-interval-milliseconds": "-1"}, 98, 10.0),
        ({}, 98, 10.0),
    ],
)
async def test_limits_follow_the_headers(headers, capacity, window_s):
    pacer = WindowPacer(clock=ManualClock())

    pacer.learn(headers)

    assert (pacer.capacity, pacer.window_s) == (capacity, window_s)


async def test_a_lowered_limit_waits_until_enough_starts_have_left():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)
    await starts_of(pacer, clock, 50)

    pacer.learn({"x-ratelimit-max": "25"})
    await pacer.acquire()

    assert clock.monotonic() == 10.0


@pytest.mark.parametrize(
    ("own", "remaining", "free_now"),
    [
        (10, 90, 88),  # the vendor counted exactly ours
        (10, 88, 88),  # within the slack: ours, seen late
        (10, 50, 48),  # 40 calls of another worker
        (0, 0, 0),  # all taken by others
    ],
)
async def test_calls_of_other_workers_take_room(own, remaining, free_now):
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)
    await starts_of(pacer, clock, own)

    pacer.learn({"x-ratelimit-max": "100", "x-ratelimit-remaining": str(remaining)})
    starts = await starts_of(pacer, clock, 99)

    assert starts.count(0.0) == free_now


@pytest.mark.parametrize("latency_s", [0.0, 0.3, 4.0, 25.0])
async def test_however_slow_the_way_no_vendor_counts_more_than_the_share(latency_s):
    pacer = WindowPacer(clock=(clock := ManualClock()), limit=20, share=0.5)
    jitter = random.Random(1)
    arrivals: list[float] = []

    for _ in range(12):
        waiting = []
        for _ in range(10):
            await pacer.acquire()
            arrivals.append(clock.monotonic() + jitter.uniform(0, latency_s))
            waiting.append(pacer)
        clock.advance(latency_s)
        for call in waiting:
            call.release()

    assert busiest_window(arrivals, 10.0) <= 10


async def test_with_every_call_under_way_the_next_waits_for_one_to_end():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock, limit=2, share=0.5)
    await pacer.acquire()
    following = asyncio.create_task(pacer.acquire())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(60)
    assert not following.done()

    pacer.release()
    await following

    assert clock.monotonic() == 70.0


async def test_releasing_more_than_was_acquired_changes_nothing():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock, limit=2, share=0.5)

    pacer.release()
    await pacer.acquire()

    assert clock.monotonic() == 0.0


async def test_own_calls_that_arrived_late_are_not_taken_for_others():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock, limit=25)
    await starts_of(pacer, clock, 23)
    clock.advance(10.0)
    await pacer.acquire()

    pacer.learn({"x-ratelimit-max": "25", "x-ratelimit-remaining": "2"})
    starts = await starts_of(pacer, clock, 22)

    assert set(starts) == {10.0}


async def test_a_vendor_that_counts_millions_of_others_is_waited_for_and_not_listed():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)

    pacer.learn({"x-ratelimit-max": "100000000", "x-ratelimit-remaining": "0"})
    await pacer.acquire()

    assert clock.monotonic() == pytest.approx(10.0)
    assert len(pacer._window._left) == 1


async def test_a_pause_holds_every_caller_for_the_longest_time_asked():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)

    pacer.pause()
    pacer.pause(3)
    await pacer.acquire()

    assert clock.monotonic() == 10.0


async def test_a_used_up_day_refuses_until_it_is_renewed():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)
    pacer.learn({"x-ratelimit-daily-remaining": "1", "x-ratelimit-daily-reset": "60000"})
    await pacer.acquire()

    with pytest.raises(QuotaExhaustedError) as caught:
        await pacer.acquire()

    assert "Nothing was sent" in caught.value.sentence
    assert pacer.daily_remaining == 0
    clock.advance(60)
    await pacer.acquire()
    assert pacer.daily_remaining is None


async def test_a_used_up_day_without_a_reset_is_asked_again_after_an_hour():
    clock = ManualClock()
    pacer = WindowPacer(clock=clock)
    pacer.learn({"x-ratelimit-daily-remaining": "0"})

    with pytest.raises(QuotaExhaustedError):
        await pacer.acquire()

    clock.advance(3600)
    await pacer.acquire()


async def test_no_pacer_never_waits():
    pacer = NoPacer()
    pacer.learn({"x-ratelimit-max": "1"})
    pacer.pause(100)

    await pacer.acquire()
    pacer.release()


async def test_the_system_clock_runs_forward_and_is_aware():
    clock = SystemClock()
    first = clock.monotonic()

    await clock.sleep(0)

    assert clock.monotonic() >= first
    assert clock.now().utcoffset() is not None


async def test_a_manual_clock_jumps_and_remembers_each_sleep():
    clock = ManualClock()
    started_at = clock.now()

    await clock.sleep(1.5)
    await clock.sleep(2)

    assert clock.sleeps == [1.5, 2]
    assert (clock.now() - started_at).total_seconds() == 3.5


def test_calls_are_counted_per_system_and_operation():
    counter = CallCounter()
    for system, operation in [
        ("highlevel", "GET /a"),
        ("highlevel", "GET /a"),
        ("timetonic", "b"),
    ]:
        counter.count(system, operation)

    assert counter.total == 3
    assert counter.by_system == {"highlevel": 2, "timetonic": 1}
    assert counter.by_operation["highlevel", "GET /a"] == 2


async def test_starts_never_go_backwards():
    clock = ManualClock()

    starts = await starts_of(
        WindowPacer(clock=clock, limit=3, share=1.0, window_s=0.1), clock, 50
    )

    assert all(later >= earlier for earlier, later in pairwise(starts))
