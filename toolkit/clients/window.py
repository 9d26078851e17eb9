"""Which calls a vendor may still be counting in its sliding window."""

from __future__ import annotations

from collections import deque

# An answer reaches us after the vendor counted its calls; ours that left the window in the
# meantime are remembered this much longer, so as not to be taken for somebody else's.
_LATE_S = 2.0


class CallWindow:
    """Counts calls from their start until `length_s` after their end.

    The vendor counts a call when it arrives, which we cannot see: some time between start and
    end. Whatever arrived within any `length_s` is counted here, so keeping this count under
    the limit keeps the vendor's under it too, however slow the way there is.

    Args:
        length_s: Window length in seconds; may be changed at any time.
    """

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self._under_way = 0
        # Calls that ended together stand together: a vendor may announce millions of others.
        self._ended: deque[tuple[float, int]] = deque()
        self._left: deque[tuple[float, int]] = deque()
        self._ended_calls = 0
        self._left_calls = 0

    def begin(self) -> None:
        """Count a call that starts now."""
        self._under_way += 1

    def end(self, now_s: float) -> None:
        """The call begun longest ago, or any other, has ended."""
        if self._under_way > 0:
            self._under_way -= 1
            self._add_ended(1, now_s)

    def used(self, now_s: float) -> int:
        """Calls the vendor may count now."""
        while self._ended and self._ended[0][0] + self.length_s <= now_s:
            gone = self._ended.popleft()
            self._left.append(gone)
            self._ended_calls -= gone[1]
            self._left_calls += gone[1]
        while self._left and self._left[0][0] + self.length_s + _LATE_S <= now_s:
            self._left_calls -= self._left.popleft()[1]
        return self._under_way + self._ended_calls

    def foreign(self, counted: int, now_s: float) -> int:
        """How many of `counted` calls, as the vendor says, cannot be ours."""
        return max(0, counted - self.used(now_s) - self._left_calls)

    def add_foreign(self, calls: int, now_s: float) -> None:
        """Count calls of others as if they ended now."""
        self._add_ended(calls, now_s)

    def free_at_s(self, capacity: int) -> float | None:
        """When a full count falls below `capacity`; None: not before a call under way ends."""
        excess = self._under_way + self._ended_calls - capacity
        for ended_at_s, calls in self._ended:
            excess -= calls
            if excess < 0:
                return ended_at_s + self.length_s
        return None

    def _add_ended(self, calls: int, now_s: float) -> None:
        together = 0
        if self._ended and self._ended[-1][0] == now_s:
            together = self._ended.pop()[1]
        self._ended.append((now_s, together + calls))
        self._ended_calls += calls
