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
        self._ends: deque[float] = deque()
        self._left: deque[float] = deque()

    def begin(self) -> None:
        """Count a call that starts now."""
        self._under_way += 1

    def end(self, now_s: float) -> None:
        """The call begun longest ago, or any other, has ended."""
        if self._under_way > 0:
            self._under_way -= 1
            self._ends.append(now_s)

    def used(self, now_s: float) -> int:
        """Calls the vendor may count now."""
        while self._ends and self._ends[0] + self.length_s <= now_s:
            self._left.append(self._ends.popleft())
        while self._left and self._left[0] + self.length_s + _LATE_S <= now_s:
            self._left.popleft()
        return self._under_way + len(self._ends)

    def foreign(self, counted: int, now_s: float) -> int:
        """How many of `counted` calls, as the vendor says, cannot be ours."""
        return max(0, counted - self.used(now_s) - len(self._left))

    def add_foreign(self, calls: int, now_s: float) -> None:
        """Count calls of others as if they ended now."""
        self._ends.extend([now_s] * calls)

    def free_at_s(self, capacity: int) -> float | None:
        """When a full count falls below `capacity`; None: not before a call under way ends."""
        excess = self._under_way + len(self._ends) - capacity
        if excess >= len(self._ends):
            return None
        return self._ends[excess] + self.length_s
