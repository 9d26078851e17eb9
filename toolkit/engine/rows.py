"""What DBOS's rows say about a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.engine.attempts import NO_ENDING, Ending
from toolkit.engine.port import JobError, JobState, JobStatus
from toolkit.engine.reaper import MAX_LIVES

if TYPE_CHECKING:
    from dbos import WorkflowStatus

LIVES: Final = "lives"
GIVEN_UP: Final = JobError("WorkersDied", "The processes that did this job died each time")


def status_of(found: WorkflowStatus) -> JobStatus:
    """A job as the port shows it."""
    ending, state = NO_ENDING, JobState.RUNNING
    match found.status:
        case "ENQUEUED" | "DELAYED":
            state = JobState.WAITING
        case "PENDING":
            state = JobState.RUNNING
        case "SUCCESS":
            ending = Ending.from_json(found.output)
            state = JobState.FAILED if ending.error else JobState.DONE
        case "CANCELLED" if lives_of(found) < MAX_LIVES:
            state = JobState.CANCELLED
        case "ERROR":
            ending, state = Ending(error=JobError("EngineError")), JobState.FAILED
        case _:
            ending, state = Ending(error=GIVEN_UP), JobState.FAILED
    return JobStatus(
        found.workflow_id,
        found.name,
        found.queue_partition_key or "",
        state,
        ending.result,
        ending.error,
    )


def lives_of(found: WorkflowStatus) -> int:
    """How often the job was taken over from a dead worker."""
    lives = (found.attributes or {}).get(LIVES, 0)
    return lives if isinstance(lives, int) else 0
