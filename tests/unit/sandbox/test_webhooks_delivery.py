"""Deliveries: drops, copies, order and delays by seed; retries on the emulator's own time."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.highlevel_door import NOW
from tests.unit.sandbox.webhook_receiver import TARGET, Receiver
from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.serve import Sandbox, SandboxOptions
from toolkit.sandbox.webhooks import DeliveryFaults, Policy
from toolkit.sandbox.webhooks.delivery import HOLD_S, Attempt, Delivery, DeliveryQueue
from toolkit.sandbox.webhooks.posting import open_client, post_forever, pump
from toolkit.sandbox.webhooks.retry import wait_s

MINUTE_S = 60.0


class Line:
    """A queue on a clock of its own, and the receiver at its end."""

    def __init__(
        self, *, policy: Policy = Policy.ONLY_429, capacity: int = 20_000, **faults: Any
    ) -> None:
        self.clock = EmulatorClock.frozen(NOW)
        self.queue = DeliveryQueue(self.clock, policy=policy, capacity=capacity)
        self.queue.set_faults(DeliveryFaults(**faults))
        self.receiver = Receiver()

    def put(self, count: int) -> None:
        for number in range(count):
            body = b'{"type":"%d"}' % number
            self.queue.put(
                Delivery(id=str(number), event="Event", record_id="r", url=TARGET, body=body)
            )

    def pump(self) -> list[Attempt]:
        async def send() -> list[Attempt]:
            async with open_client(self.receiver.transport) as client:
                return await pump(self.queue, client)

        return asyncio.run(send())

    def take(self) -> list[tuple[str, int]]:
        """What is due now, as (id, copy)."""
        return [(one.id, one.copy) for one in self.queue.take_due(is_last_call=True)]


# -- faults ----------------------------------------------------------------------------------


def _run(seed: int) -> tuple[list[tuple[str, int]], list[str]]:
    line = Line(duplicate_share=0.1, drop_share=0.05, reorder_window=25, seed=seed)
    line.put(10_000)
    return line.take(), [lost.id for lost in line.queue.lost]


def test_the_same_seed_drops_doubles_and_shuffles_the_same() -> None:
    assert _run(7) == _run(7)


def test_another_seed_does_not() -> None:
    assert _run(7)[0] != _run(8)[0]
    assert _run(7)[1] != _run(8)[1]


def test_what_arrives_and_what_is_lost_add_up() -> None:
    taken, lost = _run(7)
    copies = [number for number, copied in taken if copied]

    assert sorted({number for number, _ in taken} | {*lost}, key=int) == [
        str(number) for number in range(10_000)
    ]
    assert {number for number, _ in taken}.isdisjoint(lost)
    assert max(Counter(number for number, _ in taken).values()) == 2
    assert len(taken) == 10_000 - len(lost) + len(copies)
    assert 0.04 < len(lost) / 10_000 < 0.06
    assert 0.09 < len(copies) / (10_000 - len(lost)) < 0.11


def test_dropping_does_not_choose_other_duplicates() -> None:
    doubled = []
    for drop_share in (0.0, 0.05):
        line = Line(duplicate_share=0.1, drop_share=drop_share, seed=3)
        line.put(1_000)
        dropped = {lost.id for lost in line.queue.lost}
        doubled.append(({number for number, copied in line.take() if copied}, dropped))

    assert doubled[1][0] == doubled[0][0] - doubled[1][1]


@pytest.mark.parametrize("window", [0, 1, 2, 10, 100])
def test_order_is_lost_within_the_window_alone(window: int) -> None:
    line = Line(reorder_window=window)
    line.put(1_000)

    taken = [int(number) for number, _ in line.take()]

    assert sorted(taken) == list(range(1_000))
    assert all(abs(place - number) < max(window, 1) for place, number in enumerate(taken))
    assert (taken == sorted(taken)) is (window < 2)


def test_an_incomplete_group_is_let_go_after_a_while() -> None:
    line = Line(reorder_window=10)
    line.put(3)

    early = line.queue.take_due()
    line.clock.advance(HOLD_S)
    late = line.queue.take_due()

    assert (len(early), len(late)) == (0, 3)


def test_delays_hold_deliveries_back_until_the_clock_has_moved() -> None:
    line = Line(delay_s=30, delay_jitter_s=30)
    line.put(200)
    seen = [len(line.pump())]

    for advance_s in (29, 16, 16):
        line.clock.advance(advance_s)
        seen.append(len(line.pump()))

    assert seen[:2] == [0, 0]
    assert seen[2] + seen[3] == 200
    assert 50 < seen[2] < 150


def test_a_full_queue_loses_what_comes_on_top() -> None:
    line = Line(capacity=10)
    line.put(12)

    counts = line.queue.counts()

    assert [(lost.id, lost.why) for lost in line.queue.lost] == [
        ("10", "overflow"),
        ("11", "overflow"),
    ]
    assert (counts["pending"], counts["overflow"], counts["emitted"]) == (10, 2, 12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"drop_share": 1.1},
        {"duplicate_share": -0.1},
        {"delay_s": "1"},
        {"seed": 1.5},
        {"reorder_window": True},
        {"delay_s": float("nan")},
        {"losses": 1},
    ],
)
def test_faults_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UseError):
        DeliveryFaults.from_json(wrong)


def test_faults_survive_json() -> None:
    faults = DeliveryFaults(drop_share=0.5, reorder_window=3, seed=9)

    assert DeliveryFaults.from_json(faults.to_json()) == faults


# -- retries ---------------------------------------------------------------------------------


def _tries_until_the_end(line: Line) -> list[Attempt]:
    """One event, its receiver never content, the clock moved from try to try."""
    line.put(1)
    line.pump()
    while line.queue.pending:
        due_at = line.queue.pending[0].due_at
        line.clock.advance(due_at - line.clock.monotonic() - 0.001)
        assert line.pump() == []
        line.clock.advance(0.002)
        assert len(line.pump()) == 1
    return list(line.queue.attempts)


@pytest.mark.parametrize(
    ("policy", "status", "tries"),
    [
        (Policy.ONLY_429, 429, 7),
        (Policy.ONLY_429, 500, 1),
        (Policy.ONLY_429, 503, 1),
        (Policy.ONLY_429, 401, 1),
        (Policy.ONLY_429, 0, 1),
        (Policy.BACKOFF, 429, 12),
        (Policy.BACKOFF, 500, 12),
        (Policy.BACKOFF, 302, 12),
        (Policy.BACKOFF, 401, 12),
        (Policy.BACKOFF, 0, 12),
        (Policy.NEVER, 429, 1),
        (Policy.NEVER, 0, 1),
    ],
)
def test_tries_until_a_policy_gives_up(policy: Policy, status: int, tries: int) -> None:
    line = Line(policy=policy)
    line.receiver.always = status

    attempts = _tries_until_the_end(line)

    assert [one.number for one in attempts] == list(range(1, tries + 1))
    assert {one.status for one in attempts} == {status or None}
    assert [lost.why for lost in line.queue.lost] == ["given_up"]
    assert line.queue.counts()["given_up"] == 1
    assert len({request.content for request in line.receiver.requests}) == 1


def test_after_429_six_retries_take_about_seventy_minutes() -> None:
    line = Line()
    line.receiver.always = 429

    at = [one.at for one in _tries_until_the_end(line)]

    waits = [later - earlier for earlier, later in pairwise(at)]
    assert all(10 * MINUTE_S <= wait <= 14 * MINUTE_S for wait in waits)
    assert 60 * MINUTE_S <= at[-1] <= 84 * MINUTE_S
    assert len(set(waits)) == 6


def test_backoff_doubles_with_jitter() -> None:
    rng = Random(1)

    waits = [
        wait_s(Policy.BACKOFF, tries=tries, status=None, rng=rng) for tries in range(1, 13)
    ]

    assert waits[-1] is None
    for tries, wait in enumerate(waits[:-1]):
        assert wait is not None
        assert 1.0 <= wait / (10 * 2**tries) <= 1.5


@pytest.mark.parametrize(
    ("policy", "script"),
    [
        (Policy.ONLY_429, [429, 429, 200]),
        (Policy.BACKOFF, [500, 0, 429, 204]),
        (Policy.NEVER, [201]),
    ],
)
def test_any_2xx_ends_the_tries(policy: Policy, script: list[int]) -> None:
    line = Line(policy=policy)
    line.receiver.script = [*script]
    line.receiver.always = 500

    attempts = _tries_until_the_end(line)

    counts = line.queue.counts()
    assert [one.status or 0 for one in attempts] == script
    assert (counts["delivered"], counts["given_up"]) == (1, 0)
    assert counts["retried"] == len(script) - 1


def test_a_retry_lets_others_pass() -> None:
    line = Line()
    line.receiver.script = [429]
    line.put(3)

    first = [one.id for one in line.pump()]
    line.clock.advance(14 * MINUTE_S)
    second = [one.id for one in line.pump()]

    assert (first, second) == (["0", "1", "2"], ["0"])


# -- being stopped, being copied ------------------------------------------------------------------


class _Stuck(httpx.AsyncBaseTransport):
    """Takes a request and never answers."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


async def test_a_pump_that_is_cancelled_puts_everything_back() -> None:
    line = Line()
    line.put(3)
    stuck = _Stuck()
    async with open_client(stuck) as client:
        pumping = asyncio.create_task(pump(line.queue, client))
        await stuck.reached.wait()
        on_the_way = len(line.queue.pending)
        pumping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pumping

    assert on_the_way == 3
    assert sorted(one.id for one in line.queue.pending) == ["0", "1", "2"]
    assert line.queue.take_due(most=2)
    assert not line.queue.is_idle


async def test_a_sender_that_is_stopped_leaves_nothing_behind() -> None:
    line = Line()
    sending = asyncio.create_task(post_forever([line.queue]))
    while line.queue.on_put is None:
        await asyncio.sleep(0)
    wake = line.queue.on_put
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert line.queue.on_put is None
    wake()


def test_copies_of_a_sandbox_send_apart() -> None:
    sandbox = Sandbox(
        SandboxOptions(contacts=3, tasks=0, notes=0, leads=2, shared=1),
        clock=EmulatorClock.frozen(NOW),
    )
    sandbox.webhooks.configure(target="http://127.0.0.1:1/x")
    twin = copy.deepcopy(sandbox, {id(sandbox._control): sandbox._control})

    state = twin.highlevel.state
    state.remove(next(iter(state.contacts.values())))

    assert len(twin.webhooks.pending) == 1
    assert len(sandbox.webhooks.pending) == 0


def test_clear_forgets_what_waits() -> None:
    line = Line(reorder_window=2)
    line.put(3)

    line.queue.clear()

    assert line.queue.is_idle
    assert line.queue.counts()["emitted"] == 3
