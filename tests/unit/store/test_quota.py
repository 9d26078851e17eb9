import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.store.samples import NOON
from toolkit.model.ids import Side
from toolkit.store import Allowance, Store, Work
from toolkit.store.gcra import Lanes, book, hold

SECOND = 1_000_000
BUSY = Allowance(limit=95, window_s=10)


def most_in_a_window(times: list[float], window: float) -> int:
    """The most that lie in any window, its end left out."""
    times = sorted(times)
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - window:
            first += 1
        most = max(most, last - first + 1)
    return most


allowances = st.builds(
    Allowance,
    limit=st.integers(1, 40),
    window_s=st.sampled_from([0.1, 1.0, 3.3, 10.0]),
    webhook_share=st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9]),
    burst=st.integers(1, 6),
)
# Steps may go back a little: workers look at the clock before their turn comes.
calls = st.lists(
    st.tuples(st.floats(-0.5, 2.0), st.sampled_from(Work), st.integers(1, 3)), max_size=150
)


@given(allowance=allowances, calls=calls)
def test_never_more_than_the_limit_in_any_window(allowance, calls):
    lanes, now, booked = Lanes(), 10**15, []
    latest = now
    for step_s, work, cost in calls:
        # Within a window, all steps together, else the clock counts as set back.
        now = max(now + round(step_s * SECOND), latest - allowance.window_us // 2)
        latest = max(latest, now)
        try:
            lanes, wait = book(lanes, now, allowance=allowance, work=work, cost=cost)
        except ValueError:
            assert cost > 1
            continue
        assert wait >= 0
        booked += [now + wait] * cost

    assert most_in_a_window(booked, allowance.window_us) <= allowance.limit


def sent(allowance: Allowance, *, works: list[Work], seconds: float) -> dict[Work, list[int]]:
    """When workers that send one call after the other, each of one kind of work, send them."""
    lanes, start = Lanes(), 10**15
    ready = [start] * len(works)
    found: dict[Work, list[int]] = {work: [] for work in Work}
    while min(ready) < start + seconds * SECOND:
        turn = ready.index(min(ready))
        lanes, wait = book(lanes, ready[turn], allowance=allowance, work=works[turn])
        ready[turn] += wait
        found[works[turn]].append(ready[turn] - start)
        ready[turn] += SECOND // 10
    return found


@pytest.mark.parametrize(
    ("works", "share"),
    [
        ([Work.SCHEDULE] * 4, 0.3),
        ([Work.WEBHOOK] * 4, 0.3),
        ([Work.SCHEDULE, Work.WEBHOOK] * 3, 0.3),
        ([Work.SCHEDULE] * 4, 0.0),
        ([Work.WEBHOOK] * 4, 0.0),
    ],
)
def test_where_there_is_work_the_whole_allowance_is_used(works, share):
    allowance = Allowance(limit=98, webhook_share=share)

    found = sent(allowance, works=works, seconds=100)

    times = [at for each in found.values() for at in each]
    assert most_in_a_window(times, allowance.window_us) <= 98
    assert len(times) / 10 >= 95


def test_webhook_work_keeps_its_share_however_much_is_scheduled():
    found = sent(BUSY, works=[Work.SCHEDULE] * 50 + [Work.WEBHOOK] * 5, seconds=100)

    assert len(found[Work.WEBHOOK]) / 10 >= 0.95 * 0.3 * 95


def test_a_webhook_does_not_queue_behind_scheduled_work():
    lanes, now = Lanes(), 10**15
    for _ in range(500):
        lanes, _ = book(lanes, now, allowance=BUSY, work=Work.SCHEDULE)

    _, wait = book(lanes, now, allowance=BUSY, work=Work.WEBHOOK)
    _, longest = book(lanes, now, allowance=BUSY, work=Work.SCHEDULE)

    assert wait <= 0.4 * SECOND
    assert longest > 60 * SECOND


def test_calls_that_must_go_together_fit_the_burst_or_are_refused():
    allowance = replace(BUSY, burst=5)

    lanes, wait = book(Lanes(), 10**15, allowance=allowance, work=Work.SCHEDULE, cost=5)
    _, after = book(lanes, 10**15, allowance=allowance, work=Work.SCHEDULE, cost=5)

    assert wait == 0
    assert after == 0, "lent by the other lane"
    for cost in (0, 6):
        with pytest.raises(ValueError, match="cannot be booked"):
            book(Lanes(), 10**15, allowance=allowance, work=Work.SCHEDULE, cost=cost)


def test_after_a_hold_calls_go_at_the_usual_rate():
    now = 10**15
    lanes = hold(Lanes(), now, for_us=5 * SECOND)
    lanes = hold(lanes, now, for_us=2 * SECOND)

    waits = []
    for _ in range(200):
        lanes, wait = book(lanes, now, allowance=BUSY, work=Work.SCHEDULE)
        waits.append(wait)

    assert min(waits) == 5 * SECOND
    assert most_in_a_window(waits, BUSY.window_us) <= 95


def test_a_clock_that_was_set_back_costs_one_window_and_no_more():
    lanes, _ = book(Lanes(), 10**15, allowance=BUSY, work=Work.SCHEDULE)
    earlier = 10**15 - 3600 * SECOND

    lanes, wait = book(lanes, earlier, allowance=BUSY, work=Work.SCHEDULE)

    assert wait == 10 * SECOND
    _, wait = book(lanes, earlier + 20 * SECOND, allowance=BUSY, work=Work.SCHEDULE)
    assert wait == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"burst": 0},
        {"window_s": 0},
        {"webhook_share": 1},
        {"webhook_share": -0.1},
    ],
)
def test_an_allowance_that_allows_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        replace(BUSY, **wrong)


def test_bookings_are_remembered_per_connection_and_system(place):
    with Store.open(place) as store:
        one, two = store.connection("one"), store.connection("two")
        tight = Allowance(limit=1, window_s=10, webhook_share=0, burst=1)

        def wait(memory, system, seconds=0.0, **options):
            now = NOON + timedelta(seconds=seconds)
            return memory.reserve(system, tight, now=now, **options)

        assert wait(one, Side.HIGHLEVEL) == 0
        assert wait(one, Side.HIGHLEVEL, 1) == 9
        assert wait(one, Side.HIGHLEVEL, 1, work=Work.WEBHOOK) == 19
        assert wait(one, Side.TIMETONIC) == 0
        assert wait(two, Side.HIGHLEVEL) == 0
        two.hold(Side.HIGHLEVEL, 30, now=NOON)
        assert wait(two, Side.HIGHLEVEL, 1) == 29
        assert wait(one, Side.HIGHLEVEL, 60) == 0


def test_what_is_refused_books_nothing(place):
    with Store.open(place) as store:
        memory = store.connection("main")
        with pytest.raises(ValueError, match="cannot be booked"):
            memory.reserve(Side.HIGHLEVEL, BUSY, cost=9, now=NOON)

        assert memory.reserve(Side.HIGHLEVEL, BUSY) == 0


WORKER = """
import json, sys, time
from datetime import UTC, datetime
from toolkit.model.ids import Side
from toolkit.store import Allowance, Store, Work
place, window_s, seconds, work = json.loads(sys.argv[1])
allowance = Allowance(limit=95, window_s=window_s)
store = Store.open(place)
memory = store.connection("main")
print("ready", flush=True)
sys.stdin.readline()
booked = []
if seconds == 0:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for _ in range(150):
        wait = memory.reserve(Side.HIGHLEVEL, allowance, work=Work(work), now=at)
        booked.append(wait)
else:
    end = time.time() + seconds
    while time.time() < end:
        time.sleep(memory.reserve(Side.HIGHLEVEL, allowance, work=Work(work)))
        booked.append(time.time())
print(json.dumps(booked), flush=True)
"""


def work_together(place: str, window_s: float, seconds: float) -> list[float]:
    """What two processes booked that began at the same moment."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, json.dumps([place, window_s, seconds, work.value])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for work in Work
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    return [at for worker in workers for at in json.loads(worker.communicate(timeout=60)[0])]


def test_two_processes_book_at_one_moment_and_keep_the_limit(place):
    booked = work_together(place, 10.0, 0)

    assert len(booked) == 300
    assert most_in_a_window(booked, 10.0) <= 95
    # At one moment nothing can be lent: the slowest end is that of scheduled work alone.
    assert max(booked) <= 300 / 66 * 10


def test_two_processes_send_for_real_and_keep_the_limit(place):
    """Ten seconds scaled to one: the bar of 100 leaves five for late wake-ups."""
    sent_at = work_together(place, 1.0, 1.6)

    assert most_in_a_window(sent_at, 1.0) <= 100
    assert len(sent_at) >= 0.5 * 93 * 1.6
