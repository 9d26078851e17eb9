"""Whether a failed try is worth repeating, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from toolkit.errors import (
    MalformedAnswerError,
    NotReachedError,
    RateLimitedError,
    UnknownOutcomeError,
    VendorError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from toolkit.clients.pacing import Clock

T = TypeVar("T")

# None: the connection broke. 401 arrives as an unknown outcome only for HighLevel's
# gateway hiccup "Command timed out" (reported by third parties, read 2026-11).
_PASSING_STATUS = frozenset({None, 401, 502, 503, 504})


def is_worth_repeating(error: VendorError, *, is_read: bool) -> bool:
    """Whether the same call may be made again.

    A write is repeated only when it provably was not executed; a read also when its answer
    got lost or a gateway on the way failed.
    """
    match error:
        case NotReachedError():
            return True
        case MalformedAnswerError():
            return False
        case UnknownOutcomeError():
            return is_read and error.http_status in _PASSING_STATUS
        case _:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently.

    Args:
        max_tries: Tries in all, the first included; 1 never repeats.
        base_s: Wait before the second try, in seconds, before jitter; doubles each time.
        cap_s: Longest wait, in seconds; a vendor's own `retry_after_s` may exceed it.
        random: Source of jitter.
    """

    max_tries: int = 5
    base_s: float = 0.5
    cap_s: float = 20.0
    random: random.Random = field(default_factory=random.SystemRandom, repr=False)

    def wait_s(self, error: VendorError, tries: int) -> float:
        """Seconds to wait after `tries` failed tries, the last with `error`."""
        backoff_s = min(self.cap_s, self.base_s * 2.0 ** (tries - 1))
        jitter = self.random.random()
        if isinstance(error, RateLimitedError) and error.retry_after_s > 0:
            return error.retry_after_s + self.base_s * jitter
        return backoff_s * (1 + jitter) / 2

    async def run(
        self, attempt: Callable[[], Awaitable[T]], *, is_read: bool, clock: Clock
    ) -> T:
        """The first success of `attempt`; its last error once the tries are used up.

        Raises:
            VendorError: As `attempt` raised it.
        """
        for tries in count(1):
            try:
                return await attempt()
            except VendorError as error:
                if tries >= self.max_tries or not is_worth_repeating(error, is_read=is_read):
                    raise
                await clock.sleep(self.wait_s(error, tries))
        raise AssertionError  # pragma: no cover — count() has no end
