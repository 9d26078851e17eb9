"""Many wake-ups, little work: one job per connection and generation.

A job per event costs some 6 ms of CPU and gains nothing, for one drain reads whatever has
come. A lock that is held until the drain ends would lose the event that arrives after its
last read (seen in one run of three). So the generation is in the job's id:
the drain raises it *before* its first read, and later events ask for the next drain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from toolkit.engine.port import Job, Submission
from toolkit.engine.ticks import padded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from toolkit.engine.port import Args, Engine

DRAIN: Final = "drain"
SYNC: Final = "sync"


def drain_id(connection: str, generation: int) -> str:
    """Id of the drain that this generation's events wait for."""
    return f"{DRAIN}:{connection}:{padded(generation)}"


def sync_id(connection: str, slot: int) -> str:
    """Id of a scheduled sync; the slot counts the connection's periods."""
    return f"{SYNC}:{connection}:{padded(slot)}"


def drain_job(connection: str, generation: int) -> Job:
    """The drain of one generation; its handler raises the generation first, then reads."""
    args: Args = {"connection": connection, "generation": generation}
    return Job(drain_id(connection, generation), DRAIN, args, connection)


def sync_job(connection: str, slot: int) -> Job:
    """The scheduled sync of one slot."""
    args: Args = {"connection": connection, "slot": slot}
    return Job(sync_id(connection, slot), SYNC, args, connection)


async def poke(
    engine: Engine,
    connection: str,
    *,
    read_generation: Callable[[], Awaitable[int]],
    bump_generation: Callable[[int], Awaitable[object]],
) -> Job:
    """See to it that a drain will read what is in the inbox now.

    Call it after the event is stored. Called twice, the drain is the same one. A drain that
    ended without raising its generation (it failed, or was cancelled) is passed over.

    Args:
        engine: Runs jobs named `drain`.
        connection: Whose inbox.
        read_generation: The connection's generation now.
        bump_generation: Raises it to one more than the given number, if it is not higher.

    Returns:
        The drain that will do it.
    """
    while True:
        generation = await read_generation()
        job = drain_job(connection, generation)
        if await engine.submit(job) is not Submission.OVER:
            return job
        await bump_generation(generation)
