"""A call goes at its booked moment, or books another one."""

from pathlib import Path

import pytest

from toolkit.app.shared_pace import SharedPacer
from toolkit.clients.pacing import ManualClock
from toolkit.model.ids import Side
from toolkit.store import Store


class SleepyClock(ManualClock):
    """Wakes too late, as often as told."""

    def __init__(self, *, late_s: float, times: int) -> None:
        super().__init__()
        self._late_s, self._times = late_s, times

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self._times:
            self._times -= 1
            self.advance(self._late_s)


@pytest.mark.parametrize(
    ("late_s", "times", "bookings"),
    [(0.0, 0, 1), (0.05, 9, 1), (0.4, 1, 2), (0.4, 2, 3), (0.4, 99, 5)],
)
async def test_call_that_would_go_late_books_again_but_not_for_ever(
    tmp_path: Path, late_s: float, times: int, bookings: int
) -> None:
    clock = SleepyClock(late_s=late_s, times=times)
    with Store.open(tmp_path, clock=clock.now) as store:
        pacer = SharedPacer(store.connection("main"), side=Side.HIGHLEVEL, clock=clock)
        await pacer.acquire()
        pacer.release()

    assert len(clock.sleeps) == bookings
