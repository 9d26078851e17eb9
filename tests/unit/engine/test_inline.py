"""What the inline engine does its own way."""

import asyncio

import pytest

from tests.unit.engine.bench import QUICK_RETRY, Bench, JumpingClock
from toolkit.engine.attempts import Ending
from toolkit.engine.inline import InlineEngine
from toolkit.engine.port import PATIENT, Job, JobState, Retry
from toolkit.engine.rows import status_of
from toolkit.engine.serializer import JsonSerializer
from toolkit.errors import NotReachedError, RateLimitedError, StateError, UseError


async def test_an_eager_engine_has_run_the_job_when_submit_returns() -> None:
    bench = Bench(None)
    await bench.engine.start()

    await bench.engine.submit(bench.job("k"))

    assert bench.calls == {"k": 1}


async def test_a_lazy_engine_runs_jobs_when_drained() -> None:
    ran: list[object] = []

    async def note(args) -> None:
        ran.append(args["key"])

    engine = InlineEngine(JumpingClock(), is_eager=False)
    engine.register("work", note)
    await engine.start()
    await engine.submit(Job("1", "work", {"key": "a"}, "p"))
    before = list(ran)

    await engine.drain()

    assert (before, ran) == ([], ["a"])


async def test_stop_cuts_what_outlasts_the_grace_and_start_takes_it_up_again() -> None:
    bench, inside = Bench(None), asyncio.Event()

    async def wait(_args):
        inside.set()
        if bench.calls["k"] == 1:
            await asyncio.Event().wait()

    bench.deeds["k"] = wait
    await bench.engine.start()
    submitted = bench.submit_soon(bench.job("k"))
    await inside.wait()

    cut = await bench.engine.stop(0.01)
    await submitted
    with pytest.raises(StateError, match="does not run"):
        await bench.engine.submit(bench.job("other"))
    await bench.engine.start()

    status = await bench.engine.status("work:k")
    assert cut == 1
    assert status is not None
    assert status.state is JobState.DONE
    assert bench.calls == {"k": 2}
    assert await bench.engine.stop(1) == 0
    assert await bench.engine.stop(1) == 0


async def test_whoever_is_cancelled_while_submitting_leaves_the_job_waiting() -> None:
    bench, inside = Bench(None), asyncio.Event()

    async def wait(_args):
        inside.set()
        await asyncio.Event().wait()

    bench.deeds["k"] = wait
    await bench.engine.start()
    submitted = bench.submit_soon(bench.job("k"))
    await inside.wait()

    submitted.cancel()

    with pytest.raises(asyncio.CancelledError):
        await submitted
    status = await bench.engine.status("work:k")
    assert status is not None
    assert status.state is JobState.WAITING


def _limited(retry_after_s: float) -> RateLimitedError:
    error = RateLimitedError("Too many calls", system="highlevel")
    error.retry_after_s = retry_after_s
    return error


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        pytest.param(NotReachedError("Nobody", system="highlevel"), [60, 180], id="minutes"),
        pytest.param(_limited(100), [100, 180], id="at least what the vendor asks"),
        pytest.param(ValueError(), [], id="not worth it"),
    ],
)
async def test_waits_between_tries(error: Exception, waits: list[float]) -> None:
    clock = JumpingClock()
    engine = InlineEngine(clock)

    async def fail(_args):
        raise error

    engine.register("work", fail, retry=PATIENT)
    await engine.start()

    await engine.submit(Job("1", "work", {}, "p"))

    assert clock.sleeps == waits


@pytest.mark.parametrize(
    ("names", "retry", "words"),
    [
        pytest.param(["work", "work"], QUICK_RETRY, "Two handlers", id="name taken"),
        pytest.param(["work"], Retry(max_tries=4), "1 to 3", id="too patient"),
        pytest.param(["work"], Retry(max_tries=0), "1 to 3", id="never"),
    ],
)
def test_registrations_that_are_refused(names: list[str], retry: Retry, words: str) -> None:
    engine = InlineEngine(JumpingClock())

    async def do(_args):
        return None

    def register_all() -> None:
        for name in names:
            engine.register(name, do, retry=retry)

    with pytest.raises(UseError, match=words):
        register_all()


def test_a_tick_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(UseError, match="No handler"):
        InlineEngine(JumpingClock()).every("tick", 60)


@pytest.mark.parametrize(
    ("value", "again"),
    [
        pytest.param({"args": ("a",), "kwargs": {}}, {"args": ["a"], "kwargs": {}}, id="input"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_values_are_stored_as_json(value: object, again: object) -> None:
    serializer = JsonSerializer()

    assert serializer.deserialize(serializer.serialize(value)) == again


def test_of_a_stored_error_only_the_kind_remains() -> None:
    serializer = JsonSerializer()

    stored = serializer.serialize(ValueError("ada@example.com"))

    assert "ada" not in stored
    assert str(serializer.deserialize(stored)) == "ValueError"


@pytest.mark.parametrize("value", [float("inf"), object()])
def test_what_is_not_json_is_not_stored(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        JsonSerializer().serialize(value)


def test_an_ending_of_another_version_reads_as_an_empty_result() -> None:
    assert Ending.from_json({"other": 1}) == Ending()


class Row:
    """As much of DBOS's row as we read."""

    workflow_id, name, queue_partition_key, output = "j", "work", None, None

    def __init__(self, status: str, attributes: object = None) -> None:
        self.status, self.attributes = status, attributes


@pytest.mark.parametrize(
    ("row", "state", "kind"),
    [
        (Row("DELAYED"), JobState.WAITING, ""),
        (Row("CANCELLED", {"lives": "?"}), JobState.CANCELLED, ""),
        (Row("CANCELLED", {"lives": 25}), JobState.FAILED, "WorkersDied"),
        (Row("MAX_RECOVERY_ATTEMPTS_EXCEEDED"), JobState.FAILED, "WorkersDied"),
        (Row("ERROR"), JobState.FAILED, "EngineError"),
    ],
)
def test_what_rows_say(row, state: JobState, kind: str) -> None:
    status = status_of(row)

    assert status.state is state
    assert (status.error.kind if status.error else "") == kind
