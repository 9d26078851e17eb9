"""What the use cases may ask of the engine: jobs that run once, in turn, also after a crash.

The engine knows names, ids and JSON; what a job means is known above it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeAlias, Union

from toolkit.errors import HightonicError, NotReachedError, StateBusyError, UnknownOutcomeError

JSON: TypeAlias = Union[bool, int, float, str, "Sequence[JSON]", "Mapping[str, JSON]", None]
Args: TypeAlias = Mapping[str, JSON]
Handler: TypeAlias = Callable[[Args], Awaitable[JSON]]
"""Does the work of one job and may be called again for the same job after a crash: work done
twice must come to the same as work done once. What it returns is kept; keep it to counts."""


class Clock(Protocol):
    """The time, as an argument."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Attributes:
        id: Names the work for ever; submitted twice, it runs once.
        name: Says who does it: a name given to `register`.
        args: JSON and nothing else; ids and counts, never a record's values.
        partition: Jobs of one name and one partition never overlap. They start in the order
            of submission; those of the same second by id, so pad numbers in ids.
    """

    id: str
    name: str
    args: Args
    partition: str


class Submission(StrEnum):
    """What became of a submitted job."""

    NEW = "new"
    OPEN = "open"  # known, still to be finished: it will see whatever is stored by now
    OVER = "over"  # known and finished: nothing will happen


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed, without personal values.

    Attributes:
        kind: Class name of the error.
        sentence: Our own words; blank for errors that are not ours.
        reference: What a person quotes; blank for errors that are not ours.
        tries: How often the handler was called since the engine last took the job up.
    """

    kind: str
    sentence: str = ""
    reference: str = ""
    tries: int = 1

    @classmethod
    def of(cls, error: BaseException, *, tries: int = 1) -> JobError:
        """The note for an error; the text of foreign errors is left out, it may hold values."""
        if isinstance(error, HightonicError):
            return cls(type(error).__name__, error.happened, error.reference, tries)
        return cls(type(error).__name__, tries=tries)


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What is known of a job."""

    id: str
    name: str
    partition: str
    state: JobState
    result: JSON = None
    error: JobError | None = None


def is_worth_retrying(error: Exception) -> bool:
    """Whether the same job may go better in some minutes, judged by type alone."""
    return isinstance(error, NotReachedError | UnknownOutcomeError | StateBusyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a failing job is repeated. Its partition waits with it.

    Attributes:
        max_tries: Tries in all, 1 to 3; 1 never repeats.
        first_wait_s: Seconds before the second try.
        factor: Every further wait is this many times longer.
        worth_retrying: Whether this error may pass.
    """

    max_tries: int = 3
    first_wait_s: float = 60.0
    factor: float = 3.0
    worth_retrying: Callable[[Exception], bool] = is_worth_retrying

    def wait_s(self, tries: int) -> float:
        """Seconds to wait after this many tries."""
        return self.first_wait_s * self.factor ** (tries - 1)


PATIENT: Final = Retry()
ONCE: Final = Retry(max_tries=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How eagerly the jobs of one name are taken up.

    Attributes:
        poll_s: Seconds between two looks for work; each look costs some 4 ms of CPU.
        at_once: Jobs of this name that one process runs side by side.
    """

    poll_s: float = 0.25
    at_once: int = 10


STEADY: Final = Pace()


class Engine(Protocol):
    """Runs jobs. `register` everything, then `start`; what was submitted earlier goes on."""

    def register(
        self, name: str, handler: Handler, *, retry: Retry = ..., pace: Pace = ...
    ) -> None:
        """Say who does the jobs of this name; to be called before `start`.

        Raises:
            UseError: The name is taken, or the engine runs already.
        """
        ...

    async def submit(self, job: Job) -> Submission:
        """Store the job; it is safe when this returns. The same id again changes nothing.

        Raises:
            UseError: Nobody registered the name.
            StateError: The engine does not run, or its database refuses.
        """
        ...

    def every(self, name: str, seconds: float, *, args: Args | None = None) -> None:
        """Submit a job of this name once per `seconds`, over all processes together.

        The job gets `args` and `slot`, the number of the period since 1970. Periods that
        passed while nothing ran are not made up for.

        Raises:
            UseError: Nobody registered the name, or the engine runs already.
        """
        ...

    async def start(self) -> None:
        """Begin to work, first of all on what an earlier process left unfinished.

        Raises:
            StateError: The engine's database cannot be used.
        """
        ...

    async def stop(self, grace_s: float) -> int:
        """Start nothing new and let running handlers finish; twice is once.

        Args:
            grace_s: After this many seconds handlers are cancelled; their jobs run again
                at the next start.

        Returns:
            How many jobs were cut short.
        """
        ...

    async def status(self, job_id: str) -> JobStatus | None:
        """What is known of a job; None: never heard of it, or forgotten by now."""
        ...

    async def cancel(self, job_id: str) -> bool:
        """Never start a waiting job; a handler running in this process is cancelled.

        A handler running elsewhere goes on, but the job counts as cancelled.

        Returns:
            Whether there was anything left to cancel.
        """
        ...

    async def backlog(self) -> Mapping[str, int]:
        """How many jobs are waiting or running, by name; names without any are left out."""
        ...
