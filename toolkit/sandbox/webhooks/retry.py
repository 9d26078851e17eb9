"""How long a vendor waits before it tries again, or that it gives up: pure.

HighLevel's help centre and its Integration Guide of 2026 contradict each other (both read
2026-11); a receiver has to live with either, so both are here.
"""

from __future__ import annotations

from enum import StrEnum
from random import Random
from typing import Final

_TOO_MANY: Final = 429
_SUCCESS: Final = range(200, 300)
_AGAIN_AT_MOST: Final = 6
_AGAIN_S: Final = 600.0
# Six waits come to about 70 minutes.
_AGAIN_JITTER_S: Final = 200.0
_TRIES_AT_MOST: Final = 12
# First wait and growth are not published; these spread twelve tries over some eight hours.
_FIRST_WAIT_S: Final = 10.0
_JITTER_SHARE: Final = 0.5


class Policy(StrEnum):
    """Which failures are tried again.

    `ONLY_429`: after 429 alone, six times, about ten minutes apart. `BACKOFF`: after whatever is
    no 2xx, silence included, twelve tries in all with doubling waits. `NEVER`: one try.
    """

    ONLY_429 = "only_429"
    BACKOFF = "backoff"
    NEVER = "never"


def is_accepted(status: int | None) -> bool:
    """Whether the receiver took it: any 2xx."""
    return status in _SUCCESS


def wait_s(policy: Policy, *, tries: int, status: int | None, rng: Random) -> float | None:
    """Seconds until the next try, or None to give up.

    Args:
        policy: Whose rules.
        tries: How often it was tried so far, at least 1.
        status: The last HTTP status; None when there was no answer.
        rng: Draws the jitter.
    """
    match policy:
        case Policy.ONLY_429 if status == _TOO_MANY and tries <= _AGAIN_AT_MOST:
            return _AGAIN_S + rng.uniform(0, _AGAIN_JITTER_S)
        case Policy.BACKOFF if not is_accepted(status) and tries < _TRIES_AT_MOST:
            base_s: float = _FIRST_WAIT_S * 2 ** (tries - 1)
            return base_s * (1 + rng.uniform(0, _JITTER_SHARE))
        case _:
            return None
