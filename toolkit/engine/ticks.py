"""Work that comes with the time: one job per name and period, whoever's clock asks for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from toolkit.engine.port import Job
from toolkit.errors import UseError

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.engine.port import Args, Clock, Engine

_log = logging.getLogger(__name__)
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Tick:
    """A job that comes every `seconds`."""

    name: str
    seconds: float
    args: Args

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise UseError(f"The period of {self.name} must be longer than nothing")

    def slot(self, now: datetime) -> int:
        """Number of the period that `now` falls into, counted from 1970."""
        return int(now.timestamp() / self.seconds)

    def job(self, now: datetime) -> Job:
        """The job of the period; the same in every process, so it runs once over all."""
        slot = self.slot(now)
        return Job(
            f"{self.name}:{padded(slot)}", self.name, {**self.args, "slot": slot}, self.name
        )

    def rest_s(self, now: datetime) -> float:
        """Seconds until the next period begins."""
        return max(0.001, (self.slot(now) + 1) * self.seconds - now.timestamp())


def padded(number: int) -> str:
    """A number whose texts sort as the numbers do."""
    return f"{number:0{_DIGITS}d}"


async def keep_ticking(engine: Engine, tick: Tick, clock: Clock) -> None:
    """Submit the job of every period until cancelled.

    While this process's last one is unfinished, the period is left out: work that takes
    longer than its period must not pile up.
    """
    last_id = ""
    while True:
        job = tick.job(clock.now())
        try:
            before = await engine.status(last_id) if last_id else None
            if before is None or before.state.is_over:
                await engine.submit(job)
                last_id = job.id
        except Exception as error:  # noqa: BLE001 — the clock must outlive a bad minute
            _log.warning(
                "tick not stored", extra={"job": job.name, "kind": type(error).__name__}
            )
        await clock.sleep(tick.rest_s(clock.now()))
