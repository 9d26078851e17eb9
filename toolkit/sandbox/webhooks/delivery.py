"""Deliveries that wait for their turn: faults, order, retries. Nothing here sends anything."""

from __future__ import annotations

import heapq
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Literal

from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.webhooks.faults import DeliveryFaults
from toolkit.sandbox.webhooks.retry import Policy, is_accepted, wait_s

CAPACITY: Final = 100_000
# On the emulator's clock: an incomplete group that is to be shuffled is let go after this while.
HOLD_S: Final = 0.5
_REMEMBERED: Final = 200_000

Why = Literal["dropped", "overflow", "given_up"]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one address. Equal `id` means the same event.

    Attributes:
        due_at: Seconds of the emulator's monotonic clock; not before.
        tries: How often it was sent so far.
        copy: 1 for the second of a duplicated pair.
    """

    id: str
    event: str
    record_id: str
    url: str
    body: bytes
    headers: Headers = ()
    due_at: float = 0.0
    tries: int = 0
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `status` is None when there was no answer; `at` is the emulator's monotonic clock."""

    id: str
    event: str
    record_id: str
    number: int
    status: int | None
    at: float


@dataclass(frozen=True, slots=True)
class Lost:
    """An event, or a copy of it, that nobody will send (again)."""

    id: str
    event: str
    record_id: str
    why: Why
    copy: int = 0


class _Guard:
    """A lock that leaves its copies open, so that a sandbox can be copied."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __deepcopy__(self, _: object) -> _Guard:
        return _Guard()


class DeliveryQueue:
    """Takes deliveries from any thread, and gives out those that are due.

    Args:
        clock: Of the waits; moving it makes retries due.
        policy: Which failures are tried again.
        capacity: Deliveries kept at most; further events are lost.

    Attributes:
        attempts: The last 200,000 tries.
        lost: The last 200,000 losses.
        on_put: Called, from any thread, when something arrives.
    """

    def __init__(
        self, clock: EmulatorClock, *, policy: Policy, capacity: int = CAPACITY
    ) -> None:
        self._clock = clock
        self._capacity = capacity
        self._guard = _Guard()
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._group: list[Delivery] = []
        self._group_since = 0.0
        self._on_the_way: dict[int, Delivery] = {}
        self._sequence = 0
        self._counts: Counter[str] = Counter()
        self.policy = policy
        self.faults = DeliveryFaults()
        self.attempts: deque[Attempt] = deque(maxlen=_REMEMBERED)
        self.lost: deque[Lost] = deque(maxlen=_REMEMBERED)
        self.on_put: Callable[[], None] | None = None
        self.set_faults(self.faults)

    def set_faults(self, faults: DeliveryFaults) -> None:
        """Put other faults in force; all draws start afresh, what waits is left alone."""
        with self._guard:
            self.faults = faults
            self._fate = Random(f"fate {faults.seed}")
            self._order = Random(f"order {faults.seed}")
            self._jitter = Random(f"jitter {faults.seed}")

    def put(self, delivery: Delivery) -> None:
        """Take an event on, or lose it, as the faults have it."""
        with self._guard:
            self._counts["emitted"] += 1
            # Always two draws, so that one share does not move the other's victims.
            is_dropped = self._fate.random() < self.faults.drop_share
            is_doubled = self._fate.random() < self.faults.duplicate_share
            if is_dropped:
                self._lose(delivery, "dropped")
                return
            self._admit(delivery)
            if is_doubled:
                self._counts["duplicated"] += 1
                self._admit(replace(delivery, copy=1))
        if self.on_put is not None:
            self.on_put()

    def take_due(
        self, most: int | None = None, *, is_last_call: bool = False
    ) -> list[Delivery]:
        """What is due now, in order; each must be settled or recalled.

        Args:
            most: At most so many.
            is_last_call: Whether an incomplete group is let go at once.
        """
        with self._guard:
            now = self._clock.monotonic()
            if self._group and (is_last_call or now - self._group_since >= HOLD_S):
                self._release()
            due: list[Delivery] = []
            while self._waiting and self._waiting[0][0] <= now and len(due) != most:
                _, _, delivery = heapq.heappop(self._waiting)
                self._on_the_way[id(delivery)] = delivery
                due.append(delivery)
            return due

    def settle(self, delivery: Delivery, status: int | None) -> Attempt:
        """Say how a try ended: delivered, tried again later, or given up."""
        with self._guard:
            del self._on_the_way[id(delivery)]
            tries, now = delivery.tries + 1, self._clock.monotonic()
            attempt = Attempt(
                delivery.id, delivery.event, delivery.record_id, tries, status, now
            )
            self.attempts.append(attempt)
            pause_s = wait_s(self.policy, tries=tries, status=status, rng=self._jitter)
            if is_accepted(status):
                self._counts["delivered"] += 1
            elif pause_s is None:
                self._lose(delivery, "given_up")
            else:
                self._counts["retried"] += 1
                self._push(replace(delivery, tries=tries, due_at=now + pause_s))
            return attempt

    def recall(self) -> None:
        """Undo every take that was not settled: the sender was stopped on the way."""
        with self._guard:
            for delivery in self._on_the_way.values():
                self._push(delivery)
            self._on_the_way.clear()

    def retarget(self, url: str) -> None:
        """Send everything that waits to another address."""
        with self._guard:
            self._group = [replace(one, url=url) for one in self._group]
            self._waiting = [
                (at, number, replace(one, url=url)) for at, number, one in self._waiting
            ]

    def clear(self) -> None:
        """Forget what waits; counters and memories stay."""
        with self._guard:
            self._group.clear()
            self._waiting.clear()

    @property
    def pending(self) -> tuple[Delivery, ...]:
        """What is not settled, in the order in which it is due; groups to be shuffled come last."""
        with self._guard:
            waiting = [one for _, _, one in sorted(self._waiting, key=lambda row: row[:2])]
            return (*self._on_the_way.values(), *waiting, *self._group)

    @property
    def is_idle(self) -> bool:
        """Whether everything is settled."""
        return not (self._on_the_way or self._waiting or self._group)

    def counts(self) -> dict[str, int]:
        """Events `emitted`, deliveries `delivered`, `pending`, `duplicated`, `retried`, and losses."""
        names = (
            "emitted",
            "delivered",
            "duplicated",
            "retried",
            "dropped",
            "overflow",
            "given_up",
        )
        with self._guard:
            counts = {name: self._counts[name] for name in names}
        return counts | {"pending": len(self.pending)}

    def _admit(self, delivery: Delivery) -> None:
        if len(self._waiting) + len(self._group) >= self._capacity:
            self._lose(delivery, "overflow")
            return
        if not self._group:
            self._group_since = self._clock.monotonic()
        self._group.append(delivery)
        if len(self._group) >= max(self.faults.reorder_window, 1):
            self._release()

    def _release(self) -> None:
        group, self._group = self._group, []
        now = self._clock.monotonic()
        if self.faults.reorder_window > 1:
            self._order.shuffle(group)
        for delivery in group:
            jitter_s = self._jitter.uniform(0, self.faults.delay_jitter_s)
            self._push(replace(delivery, due_at=now + self.faults.delay_s + jitter_s))

    def _push(self, delivery: Delivery) -> None:
        self._sequence += 1
        heapq.heappush(self._waiting, (delivery.due_at, self._sequence, delivery))

    def _lose(self, delivery: Delivery, why: Why) -> None:
        self._counts[why] += 1
        self.lost.append(
            Lost(delivery.id, delivery.event, delivery.record_id, why, delivery.copy)
        )
