"""What every engine promises."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count

import pytest
import pytest_asyncio

from tests.unit.engine.bench import Bench, copy_of, eventually
from toolkit.engine.coalesce import drain_id, poke
from toolkit.engine.port import JobError, JobState, Submission
from toolkit.errors import NotReachedError, RejectedError, UseError

pytestmark = pytest.mark.asyncio(loop_scope="module")
_keys = (f"k{number:04d}" for number in count())


@pytest.fixture(scope="module", params=["inline", "sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str | None:
    match request.param:
        case "sqlite":
            return copy_of(
                request.getfixturevalue("template"), tmp_path_factory.mktemp("contract")
            )
        case "postgres":
            return request.getfixturevalue("postgres").new_database()
        case _:
            return None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(url: str | None) -> AsyncIterator[Bench]:
    bench = Bench(url)
    Bench.made.clear()
    await bench.engine.start()
    yield bench
    await bench.engine.stop(1)


@pytest.fixture
def key() -> str:
    return next(_keys)


async def test_what_the_handler_returns_is_kept(bench: Bench, key: str) -> None:
    submitted = await bench.engine.submit(bench.job(key))

    status = await bench.end_of(f"work:{key}")
    assert submitted is Submission.NEW
    assert (status.id, status.name, status.partition) == (f"work:{key}", "work", key)
    assert (status.state, status.result, status.error) == (JobState.DONE, {"key": key}, None)


async def test_a_job_submitted_twice_runs_once(bench: Bench, key: str) -> None:
    job = bench.job(key)
    at_once = await asyncio.gather(*(bench.engine.submit(job) for _ in range(5)))
    await bench.end_of(job.id)

    later = await bench.engine.submit(job)

    assert at_once.count(Submission.NEW) == 1
    assert later is Submission.OVER
    assert bench.calls[key] == 1


async def test_a_job_under_way_is_open(bench: Bench, key: str) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def wait(_args):
        inside.set()
        await leave.wait()

    bench.deeds[key] = wait
    bench.submit_soon(bench.job(key))
    await inside.wait()

    again = await bench.engine.submit(bench.job(key))

    leave.set()
    assert again is Submission.OPEN
    assert (await bench.end_of(f"work:{key}")).state is JobState.DONE
    assert bench.calls[key] == 1


_PASSING = NotReachedError("Nobody answers", system="highlevel")
_LASTING = RejectedError("No such field", system="highlevel")


@pytest.mark.parametrize(
    ("name", "error", "tries"),
    [
        pytest.param("patient", _PASSING, 3, id="worth it"),
        pytest.param("patient", _LASTING, 1, id="not worth it"),
        pytest.param("work", _PASSING, 1, id="never"),
    ],
)
async def test_a_failing_job_is_tried_again_while_worth_it_then_recorded(
    bench: Bench, key: str, name: str, error: NotReachedError, tries: int
) -> None:
    async def fail(_args):
        raise error

    bench.deeds[key] = fail
    await bench.engine.submit(bench.job(key, name=name))

    status = await bench.end_of(f"{name}:{key}")
    assert status.state is JobState.FAILED
    assert status.error == JobError(
        type(error).__name__, error.happened, error.reference, tries
    )
    assert bench.calls[key] == tries


async def test_a_job_that_goes_well_at_last_is_done(bench: Bench, key: str) -> None:
    async def fail_twice(_args):
        if bench.calls[key] < 3:
            raise _PASSING
        return 7

    bench.deeds[key] = fail_twice
    await bench.engine.submit(bench.job(key, name="patient"))

    status = await bench.end_of(f"patient:{key}")
    assert (status.state, status.result) == (JobState.DONE, 7)


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        pytest.param(lambda: 1 / 0, "ZeroDivisionError", id="foreign error"),
        pytest.param(lambda: int("ada@example.com"), "ValueError", id="personal value"),
        pytest.param(lambda: datetime(2026, 1, 1, tzinfo=UTC), "TypeError", id="not JSON"),
        pytest.param(lambda: float("nan"), "ValueError", id="not a number"),
    ],
)
async def test_of_a_foreign_error_only_the_kind_is_kept(
    bench: Bench, key: str, end, kind: str, caplog
) -> None:
    async def fail(_args):
        return end()

    bench.deeds[key] = fail
    await bench.engine.submit(bench.job(key))

    assert (await bench.end_of(f"work:{key}")).error == JobError(kind)
    assert "ada@" not in caplog.text


async def test_jobs_of_a_partition_run_in_turn_and_in_order(bench: Bench, key: str) -> None:
    ran: list[str] = []

    async def note(args):
        ran.append(f"{args['key']} in")
        await asyncio.sleep(0.001)
        ran.append(f"{args['key']} out")

    keys = [f"{key}-{number}" for number in range(4)]
    for each in keys:
        bench.deeds[each] = note
        await bench.engine.submit(bench.job(each, partition=key))
    await bench.end_of(f"work:{keys[-1]}")

    assert ran == [f"{each} {way}" for each in keys for way in ("in", "out")]


async def test_a_handler_may_submit_jobs(bench: Bench, key: str) -> None:
    async def submit_more(_args):
        await bench.engine.submit(bench.job(f"{key}-more", partition=key))

    bench.deeds[key] = submit_more
    await bench.engine.submit(bench.job(key))

    assert (await bench.end_of(f"work:{key}-more")).state is JobState.DONE


async def test_handlers_run_on_the_loop_that_started_the_engine(bench: Bench, key: str) -> None:
    loops = []

    async def note(_args):
        loops.append(asyncio.get_running_loop())

    bench.deeds[key] = note
    await bench.engine.submit(bench.job(key))
    await bench.end_of(f"work:{key}")

    assert loops == [asyncio.get_running_loop()]


class Inbox:
    """Events of one connection, and its generation."""

    def __init__(self, bench: Bench, connection: str) -> None:
        self.bench, self.connection = bench, connection
        self.waiting: list[str] = []
        self.handled: list[str] = []
        self.generation = 0
        self.before_end = lambda: asyncio.sleep(0)
        bench.deeds[connection] = self.drain

    async def read_generation(self) -> int:
        return self.generation

    async def bump_generation(self, generation: int) -> None:
        self.generation = max(self.generation, generation + 1)

    async def arrive(self, event: str) -> str:
        self.waiting.append(event)
        job = await poke(
            self.bench.engine,
            self.connection,
            read_generation=self.read_generation,
            bump_generation=self.bump_generation,
        )
        return job.id

    async def drain(self, args):
        await self.bump_generation(args["generation"])
        self.handled += self.waiting
        self.waiting.clear()
        await self.before_end()

    async def all_handled(self) -> bool | None:
        return True if not self.waiting else None


async def test_an_event_that_comes_while_a_drain_ends_is_not_stuck(
    bench: Bench, key: str
) -> None:
    inbox = Inbox(bench, key)

    async def after_the_last_read():
        inbox.before_end = lambda: asyncio.sleep(0)
        await inbox.arrive("late")

    inbox.before_end = after_the_last_read
    await inbox.arrive("early")
    await eventually(inbox.all_handled)

    await bench.end_of(drain_id(key, 1))
    assert inbox.handled == ["early", "late"]
    assert bench.calls[key] == 2


async def test_events_that_come_together_share_a_drain(bench: Bench, key: str) -> None:
    inbox = Inbox(bench, key)

    async def many():
        inbox.before_end = lambda: asyncio.sleep(0)
        for number in range(10):
            await inbox.arrive(f"event {number}")

    inbox.before_end = many
    await inbox.arrive("first")
    await eventually(inbox.all_handled)

    assert len(inbox.handled) == 11
    assert bench.calls[key] == 2


async def test_a_drain_that_failed_before_it_began_is_passed_over(
    bench: Bench, key: str
) -> None:
    inbox = Inbox(bench, key)

    async def fail(_args):
        bench.deeds[key] = inbox.drain
        raise RuntimeError

    bench.deeds[key] = fail
    failed_id = await inbox.arrive("first")
    await bench.end_of(failed_id)
    stuck = list(inbox.waiting)

    await inbox.arrive("second")
    await eventually(inbox.all_handled)

    assert stuck == ["first"]
    assert inbox.handled == ["first", "second"]


async def test_a_waiting_job_that_is_cancelled_never_runs(bench: Bench, key: str) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def wait(_args):
        inside.set()
        await leave.wait()

    bench.deeds[key] = wait
    bench.submit_soon(bench.job(key))
    await inside.wait()
    bench.submit_soon(bench.job(f"{key}-next", partition=key))
    next_id = f"work:{key}-next"
    await eventually(lambda: bench.engine.status(next_id))

    was_open = await bench.engine.cancel(next_id)

    leave.set()
    await bench.end_of(f"work:{key}")
    await bench.engine.submit(bench.job(f"{key}-last", partition=key))
    await bench.end_of(f"work:{key}-last")
    status = await bench.engine.status(next_id)
    assert was_open
    assert status is not None
    assert status.state is JobState.CANCELLED
    assert bench.calls[f"{key}-next"] == 0


async def test_a_running_handler_is_cancelled(bench: Bench, key: str) -> None:
    inside = asyncio.Event()
    ended = asyncio.Event()

    async def wait(_args):
        inside.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    bench.deeds[key] = wait
    bench.submit_soon(bench.job(key))
    await inside.wait()

    was_open = await bench.engine.cancel(f"work:{key}")

    await ended.wait()
    assert was_open
    assert (await bench.end_of(f"work:{key}")).state is JobState.CANCELLED
    assert not await bench.engine.cancel(f"work:{key}")


async def test_the_backlog_counts_what_is_unfinished(bench: Bench, key: str) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def wait(_args):
        inside.set()
        await leave.wait()

    bench.deeds[key] = wait
    bench.submit_soon(bench.job(key, name="patient"))
    await inside.wait()
    bench.submit_soon(bench.job(f"{key}-next", name="patient", partition=key))
    await eventually(lambda: bench.engine.status(f"patient:{key}-next"))

    during = await bench.engine.backlog()

    leave.set()
    await bench.end_of(f"patient:{key}-next")
    assert during == {"patient": 2}
    assert await bench.engine.backlog() == {}


async def test_an_unknown_job_has_no_status_and_nothing_to_cancel(bench: Bench) -> None:
    assert await bench.engine.status("nobody") is None
    assert not await bench.engine.cancel("nobody")


async def test_a_name_that_nobody_registered_is_refused(bench: Bench, key: str) -> None:
    with pytest.raises(UseError, match="No handler for jobs named wrok"):
        await bench.engine.submit(bench.job(key, name="wrok"))


async def test_what_comes_too_late_is_refused(bench: Bench) -> None:
    async def do(_args):
        return None

    with pytest.raises(UseError, match="Too late"):
        bench.engine.register("late", do)
    with pytest.raises(UseError, match="Too late"):
        bench.engine.every("work", 60)
