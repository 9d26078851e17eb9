"""One job's tries: call the handler, wait, call again, and note how it ended."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from toolkit.engine.port import JSON, JobError
from toolkit.errors import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from toolkit.engine.port import Args, Clock
    from toolkit.engine.trades import Trade

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended: with a result, or with an error."""

    result: JSON = None
    error: JobError | None = None

    def to_json(self) -> dict[str, JSON]:
        """As it is stored."""
        if self.error is None:
            return {"result": self.result}
        error = self.error
        return {"error": [error.kind, error.sentence, error.reference, error.tries]}

    @classmethod
    def from_json(cls, stored: object) -> Ending:
        """As it was stored; what another version stored otherwise reads as an empty result."""
        match stored:
            case {"error": [str(kind), str(sentence), str(reference), int(tries)]}:
                return cls(error=JobError(kind, sentence, reference, tries))
            case {"result": result}:
                return cls(result=result)
            case _:
                return NO_ENDING


NO_ENDING: Final = Ending()


async def run_tries(
    trade: Trade,
    args: Args,
    *,
    clock: Clock,
    resting: Callable[[], AbstractContextManager[None]],
) -> Ending:
    """Call the handler until it returns, or fails for good.

    A result that is not JSON fails the job: it could not be stored.

    Args:
        trade: Whose handler.
        args: For the handler.
        clock: Waits between tries.
        resting: Entered for the time of a wait.
    """
    for tries in count(1):
        try:
            result = await trade.handler(args)
            json.dumps(result, allow_nan=False)
        except Exception as error:  # noqa: BLE001 — whatever it is, it is this job's end
            wait_s = _wait_s(trade, error, tries=tries)
            _note(trade, error, tries=tries, wait_s=wait_s)
            if wait_s is None:
                return Ending(error=JobError.of(error, tries=tries))
        else:
            return Ending(result=result)
        with resting():
            await clock.sleep(wait_s)
    raise AssertionError  # pragma: no cover — count() never ends


def _wait_s(trade: Trade, error: Exception, *, tries: int) -> float | None:
    retry = trade.retry
    if tries >= retry.max_tries or not retry.worth_retrying(error):
        return None
    asked_s = error.retry_after_s if isinstance(error, RateLimitedError) else 0.0
    return max(retry.wait_s(tries), asked_s)


def _note(trade: Trade, error: Exception, *, tries: int, wait_s: float | None) -> None:
    note = JobError.of(error)
    facts = {"job": trade.name, "kind": note.kind, "reference": note.reference, "tries": tries}
    if wait_s is None:
        _log.error("job failed", extra=facts)
    else:
        _log.warning("job failed, to be tried again", extra={**facts, "wait_s": wait_s})
