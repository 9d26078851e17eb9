"""Progress on its way to a page: at most ten lines a second, and always the last one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_EVERY_S: Final = 0.1


class Ticker:
    """Takes (what, done, total) as every use case tells it, and says what is worth drawing.

    Args:
        push: `Talk.push`.
        monotonic_s: Replaces the clock.
    """

    def __init__(
        self, push: Callable[..., None], *, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._push = push
        self._monotonic_s = monotonic_s
        self._said_s = float("-inf")
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """One step; from any thread. Total 0 means that nobody knows."""
        now_s = self._monotonic_s()
        is_end = total > 0 and done >= total
        if what == self._what and not is_end and now_s - self._said_s < _EVERY_S:
            return
        self._what, self._said_s = what, now_s
        self._push("progress", what=what, done=done, total=total)
