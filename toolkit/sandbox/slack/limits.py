"""How often Slack lets an app call: per method and minute, and per channel and second.

Tiers: 1, 20, 50 and 100 calls a minute and more, per method and workspace, short bursts let
through; posting about one message a second and channel (docs.slack.dev/apis/web-api/rate-limits,
read 2026-11). Slack does not publish how long a burst may be: a minute's worth is let through
here, and at least ten calls, as an app that reconnects asks for several sockets at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

_MINUTE_S: Final = 60.0
_LEAST_BURST: Final = 10


@dataclass(slots=True)
class _Bucket:
    level: float
    at_s: float


@dataclass(slots=True)
class RateLimits:
    """Token buckets. A call that is refused costs nothing.

    Args:
        monotonic: The emulator's steady clock.
        is_on: False lets everything through.
        channel_burst: Messages a channel takes at once before one a second is enforced.
    """

    monotonic: Callable[[], float]
    is_on: bool = True
    channel_burst: int = 1
    _buckets: dict[str, _Bucket] = field(init=False, default_factory=dict)

    def take_call(self, method: str, per_minute: int) -> int | None:
        """Count one call of a method; whole seconds to wait when it is one too many."""
        burst = max(per_minute, _LEAST_BURST)
        return self._take(f"method {method}", per_minute / _MINUTE_S, burst)

    def take_post(self, channel: str) -> int | None:
        """Count one message to a channel; whole seconds to wait when it is one too many."""
        return self._take(f"channel {channel}", 1.0, self.channel_burst)

    def _take(self, name: str, per_s: float, burst: int) -> int | None:
        if not self.is_on:
            return None
        now = self.monotonic()
        bucket = self._buckets.setdefault(name, _Bucket(burst, now))
        bucket.level = min(burst, bucket.level + (now - bucket.at_s) * per_s)
        bucket.at_s = now
        # A whole second's refill may come out a hair below one.
        if bucket.level < 1 - 1e-9:
            return max(1, math.ceil((1 - bucket.level) / per_s))
        bucket.level -= 1
        return None
