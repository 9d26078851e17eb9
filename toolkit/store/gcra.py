"""When a call may go: the generic cell rate algorithm in two lanes, pure.

Each lane keeps one number, its theoretical arrival time (TAT). Times are whole microseconds:
rounded fractions would let one call too many into a window now and then.

Bound. A lane of n calls a window and burst b spaces calls by I = W / (n - b + 1). Of k
calls booked for one window W, the last is at least (k - b) * I after the first, and less
than W; so k - b < n - b + 1, hence k <= n. Both lanes together never exceed the limit,
in whatever order and from however many processes they are booked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Work(StrEnum):
    """On whose behalf a call is made."""

    WEBHOOK = "webhook"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many calls may go.

    Attributes:
        limit: Calls in any window, 1 or more. Keep a few below the vendor's own: calls
            arrive sooner or later than they were sent.
        window_s: The vendor's window, in seconds.
        webhook_share: Part of the limit, from 0 to below 1, that scheduled work leaves to
            webhook work. It is lent out call by call while no webhook work wants it.
        burst: Calls that may go at once in a lane that was idle, 1 or more. Each one above
            1 costs one call per lane and window of the lasting rate, which is
            `limit - 2 * (burst - 1)`.
    """

    limit: int = 98
    window_s: float = 10.0
    webhook_share: float = 0.3
    burst: int = 2

    def __post_init__(self) -> None:
        if self.limit < 1 or self.burst < 1 or self.window_s <= 0:
            raise ValueError("limit, burst and window must be above zero")
        if not 0 <= self.webhook_share < 1:
            raise ValueError("the webhook share must be from 0 to below 1")

    @property
    def window_us(self) -> int:
        """The window in microseconds."""
        return round(self.window_s * 1_000_000)


@dataclass(frozen=True, slots=True)
class Lanes:
    """What is booked, in microseconds since 1970.

    Attributes:
        not_before: No call goes earlier; set when the vendor said 429.
        seen_at: The latest time anybody booked at.
    """

    schedule_tat: int = 0
    webhook_tat: int = 0
    not_before: int = 0
    seen_at: int = 0


@dataclass(frozen=True, slots=True)
class _Slot:
    at: int
    tat: int
    is_webhook_lane: bool


def book(
    lanes: Lanes, now: int, *, allowance: Allowance, work: Work, cost: int = 1
) -> tuple[Lanes, int]:
    """Book `cost` calls.

    Returns:
        What is booked now, and how long to wait before the calls, in microseconds.

    Raises:
        ValueError: More calls at once than the burst allows; nothing is booked.
    """
    lanes = _settled(lanes, now, window_us=allowance.window_us)
    start = max(now, lanes.not_before)
    slot = _choose(_slots(lanes, start, allowance=allowance, cost=cost), start, work=work)
    lane = "webhook_tat" if slot.is_webhook_lane else "schedule_tat"
    booked = replace(lanes, seen_at=max(now, lanes.seen_at), **{lane: slot.tat})
    return booked, slot.at - now


def hold(lanes: Lanes, now: int, *, for_us: int) -> Lanes:
    """Let nobody book a call in the next `for_us` microseconds; never shortens a hold."""
    return replace(lanes, not_before=max(lanes.not_before, now + for_us))


def _settled(lanes: Lanes, now: int, *, window_us: int) -> Lanes:
    """The lanes, or fresh ones where the clock was set back and they lie in nobody's future."""
    if now >= lanes.seen_at - window_us:
        return lanes
    # What went out just before is unknown in the new time, so one window passes first.
    until = now + window_us
    return Lanes(until, until, not_before=until, seen_at=now)


def _slots(lanes: Lanes, start: int, *, allowance: Allowance, cost: int) -> list[_Slot]:
    """The next slot of each lane that can take so many calls, the webhook lane first."""
    for_webhooks = round(allowance.limit * allowance.webhook_share)
    found = []
    for tat, calls, is_webhook_lane in (
        (lanes.webhook_tat, for_webhooks, True),
        (lanes.schedule_tat, allowance.limit - for_webhooks, False),
    ):
        burst = min(allowance.burst, calls)
        if 1 <= cost <= burst:
            interval = -(-allowance.window_us // (calls - burst + 1))
            after = max(tat, start) + cost * interval
            found.append(_Slot(max(start, after - burst * interval), after, is_webhook_lane))
    if not found:
        raise ValueError(f"{cost} calls cannot be booked at once")
    return found


def _choose(slots: list[_Slot], start: int, *, work: Work) -> _Slot:
    if work is Work.WEBHOOK:
        return min(slots, key=lambda slot: slot.at)
    # Scheduled work borrows the webhook lane only for a call that can go now: it never
    # queues there, so a webhook waits for one interval of that lane at most.
    own = slots[-1]
    lent = slots[0]
    return lent if own.at > start and lent.at <= start else own
