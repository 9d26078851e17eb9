"""What the durable engine does beyond the contract: ends, begins again, keeps house."""

import asyncio
import logging
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.engine.bench import USUAL, Bench, Hearts, copy_of, eventually, sqlite_url
from toolkit.clients.pacing import SystemClock
from toolkit.engine.durable import DurableEngine
from toolkit.engine.port import Job, JobState, Submission
from toolkit.engine.sqlite_tuning import WalConnection
from toolkit.errors import StateBusyError, StateDamagedError, StateError, UseError


@pytest.fixture
def url(template: Path, tmp_path: Path) -> str:
    return copy_of(template, tmp_path)


@pytest.fixture(autouse=True)
async def _one_at_a_time() -> AsyncIterator[None]:
    """A test that fails must not leave its engine to the next one."""
    yield
    while Bench.made:
        await Bench.made.pop().stop(0)


def rows(url: str, query: str) -> list[tuple]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(query).fetchall()


class Gate:
    """A handler that waits until it is let go."""

    def __init__(self) -> None:
        self.inside, self.leave = asyncio.Event(), asyncio.Event()

    async def __call__(self, _args) -> str:
        self.inside.set()
        await self.leave.wait()
        return "through"


async def test_stop_waits_for_the_running_handler_and_starts_no_other(url: str) -> None:
    first, gate = Bench(url), Gate()
    first.deeds["k"] = gate
    await first.engine.start()
    await first.engine.submit(first.job("k"))
    await first.engine.submit(first.job("next", partition="k"))
    await gate.inside.wait()

    stopping = asyncio.create_task(first.engine.stop(grace_s=10))
    await asyncio.sleep(0.1)
    was_waiting = not stopping.done()
    gate.leave.set()

    assert was_waiting
    assert await stopping == 0
    assert first.calls == {"k": 1}
    then = Bench(url)
    await then.engine.start()
    assert (await then.end_of("work:next")).state is JobState.DONE
    assert (await then.end_of("work:k")).result == "through"
    await then.engine.stop(1)
    assert then.calls == {"next": 1}


async def test_a_handler_that_outlasts_the_grace_is_cut_and_runs_again(url: str) -> None:
    first, gate = Bench(url), Gate()
    first.deeds["k"] = gate
    await first.engine.start()
    await first.engine.submit(first.job("k"))
    await gate.inside.wait()

    cut = await first.engine.stop(grace_s=0.01)

    # Handed over: another worker need not wait until this one is taken for dead.
    then = Bench(url, executor_id="another")
    await then.engine.start()
    assert cut == 1
    assert (await then.end_of("work:k")).state is JobState.DONE
    await then.engine.stop(1)
    assert then.calls == {"k": 1}


async def test_a_job_that_waits_for_its_next_try_is_not_waited_for(url: str) -> None:
    class Patience(SystemClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(3600 if seconds == 0.001 else seconds)

    async def fail(_args):
        raise StateBusyError("Somebody writes")

    first = Bench(url, clock=Patience())
    first.deeds["k"] = fail
    await first.engine.start()
    await first.engine.submit(first.job("k", name="patient"))
    await eventually(lambda: _true(first.calls["k"]))

    cut = await asyncio.wait_for(first.engine.stop(grace_s=60), 10)

    assert cut == 1


async def _true(value: object) -> bool | None:
    return True if value else None


async def test_work_is_not_stranded_by_new_code_or_by_a_web_process(url: str) -> None:
    web = Bench(url, role="web", executor_id="web")
    await web.engine.start()
    await web.engine.submit(web.job("k"))
    await asyncio.sleep(0.1)
    await web.engine.stop(1)

    class NewerBench(Bench):
        async def _handle(self, args):
            return "newer"

    newer = NewerBench(url)
    await newer.engine.start()
    status = await newer.end_of("work:k")
    await newer.engine.stop(1)

    assert web.calls == {}
    assert status.result == "newer"
    assert rows(url, "select distinct application_version from workflow_status") == [("1",)]


async def test_nothing_is_stored_as_a_pickle_and_none_is_read(url: str, caplog) -> None:
    web = Bench(url, role="web")
    await web.engine.start()
    await web.engine.submit(web.job("good"))
    await web.engine.submit(web.job("bad"))
    await web.engine.stop(1)
    stored = rows(url, "select distinct serialization from workflow_status")
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        # protocol 0: builtins.exit(); would end the test run
        pickled = "Y2J1aWx0aW5zCmV4aXQKKHRSLg=="
        connection.execute(
            "update workflow_status set serialization = 'py_pickle'"
            " where workflow_uuid = 'work:bad'"
        )
        for table, column in (("workflow_status", "inputs"), ("workflow_input", "inputs")):
            connection.execute(
                f"update {table} set {column} = ? where workflow_uuid = 'work:bad'",  # noqa: S608
                (pickled,),
            )

    worker = Bench(url)
    await worker.engine.start()
    good, bad = await worker.end_of("work:good"), await worker.end_of("work:bad")
    await worker.engine.stop(1)

    assert stored == [("hightonic_json",)]
    assert good.state is JobState.DONE
    assert bad.state is JobState.FAILED
    assert bad.error is not None
    assert worker.calls == {"good": 1}


async def test_the_file_is_private_and_writes_ahead(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "engine.db"
    bench = Bench(f"sqlite:///{path}")
    await bench.engine.start()
    await bench.engine.stop(1)

    with closing(sqlite3.connect(path, factory=WalConnection)) as connection:
        journal = connection.execute("PRAGMA journal_mode").fetchone()
        synchronous = connection.execute("PRAGMA synchronous").fetchone()
    assert (journal, synchronous) == (("wal",), (1,))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def _damaged_database() -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table t (a primary key)")
        connection.executemany("insert into t values (?)", [(f"{n:0200d}",) for n in range(99)])
        connection.commit()
        whole = connection.serialize()
    return whole[:8192] + b"\x0d" * 4096 + whole[12288:]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(_damaged_database(), StateDamagedError, id="a page overwritten"),
        pytest.param(_damaged_database()[:4096], StateDamagedError, id="cut off"),
        pytest.param(b"no database at all" * 100, StateDamagedError, id="not a database"),
        pytest.param(None, StateError, id="a folder"),
    ],
)
async def test_an_unusable_file_is_said_and_nothing_stays_open(
    tmp_path: Path, content: bytes | None, error: type[StateError]
) -> None:
    path = tmp_path / "engine.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    bench = Bench(sqlite_url(tmp_path))

    with pytest.raises(error, match=str(path)):
        await bench.engine.start()

    await bench.engine.stop(1)
    again = Bench(sqlite_url(tmp_path / "elsewhere"))
    await again.engine.start()
    await again.engine.stop(1)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        pytest.param("/db?host={}", "The database cannot be opened", id="no server"),
        pytest.param("?host={}", "cannot be used by the engine", id="no database named"),
    ],
)
async def test_a_server_that_does_not_answer_is_said(
    tmp_path: Path, caplog, address: str, words: str
) -> None:
    bench = Bench("postgresql+psycopg://hightonic:s3cret@" + address.format(tmp_path))

    with pytest.raises(StateError, match=words):
        await bench.engine.start()

    assert "s3cret" not in caplog.text


async def test_one_engine_per_process(url: str, tmp_path: Path) -> None:
    bench = Bench(url)
    await bench.engine.start()
    await bench.engine.start()

    with pytest.raises(StateBusyError, match="in this process already"):
        await Bench(sqlite_url(tmp_path / "b")).engine.start()

    await bench.engine.submit(bench.job("k"))
    assert (await bench.end_of("work:k")).state is JobState.DONE
    await bench.engine.stop(1)


async def test_what_a_lost_database_cannot_take_is_said_at_the_end(url: str, caplog) -> None:
    first, gate = Bench(url, rhythm=replace(USUAL, beat_s=3600, answer_s=0.2)), Gate()
    first.deeds["k"] = gate
    await first.engine.start()
    await first.engine.submit(first.job("k"))
    await gate.inside.wait()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as locker:
        locker.execute("BEGIN IMMEDIATE")

        cut = await first.engine.stop(0.01)

        locker.rollback()
    then = Bench(url)
    await then.engine.start()
    assert cut == 1
    assert "unfinished jobs not handed over" in caplog.text
    assert (await then.end_of("work:k")).state is JobState.DONE
    await then.engine.stop(1)


async def test_stopping_twice_at_once_is_stopping_once(url: str) -> None:
    bench, gate = Bench(url), Gate()
    bench.deeds["k"] = gate
    await bench.engine.start()
    await bench.engine.submit(bench.job("k"))
    await gate.inside.wait()

    first = asyncio.create_task(bench.engine.stop(10))
    await asyncio.sleep(0)
    again = await bench.engine.stop(10)
    until_the_last = await bench.engine.submit(bench.job("late"))
    gate.leave.set()

    assert (await first, again) == (0, 0)
    assert until_the_last is Submission.NEW


async def test_a_stopped_engine_says_so_and_leaves_the_loop_usable(url: str) -> None:
    bench = Bench(url)
    await bench.engine.start()
    await bench.engine.stop(1)

    assert await bench.engine.stop(1) == 0
    assert await asyncio.to_thread(lambda: "threads") == "threads"
    with pytest.raises(StateError, match="does not run"):
        await bench.engine.submit(bench.job("k"))
    with pytest.raises(StateError, match="does not run"):
        await bench.engine.status("work:k")


async def test_a_database_that_does_not_answer_keeps_nobody_waiting(url: str) -> None:
    bench = Bench(url, rhythm=replace(USUAL, answer_s=1.0))
    await bench.engine.start()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as locker:
        locker.execute("BEGIN IMMEDIATE")

        with pytest.raises(StateBusyError, match="does not answer"):
            await bench.engine.submit(bench.job("k"))

        locker.rollback()
    await bench.engine.submit(bench.job("k"))
    assert (await bench.end_of("work:k")).state is JobState.DONE
    await bench.engine.stop(1)
    assert bench.calls == {"k": 1}


async def test_finished_jobs_are_forgotten_after_their_time(url: str) -> None:
    class Later(SystemClock):
        ahead = timedelta()

        def now(self) -> datetime:
            return super().now() + self.ahead

    clock, gate = Later(), Gate()
    bench = Bench(url, clock=clock, rhythm=replace(USUAL, keep_s=86_400, beat_s=3600))
    bench.deeds["open"] = gate
    await bench.engine.start()
    for key in ("done", "open"):
        await bench.engine.submit(bench.job(key))
    await bench.end_of("work:done")
    await gate.inside.wait()
    engine = bench.engine
    assert isinstance(engine, DurableEngine)

    clock.ahead = timedelta(hours=23)
    too_early = await engine.forget()
    clock.ahead = timedelta(hours=25)
    in_time = await engine.forget()

    assert (too_early, in_time) == (0, 1)
    assert await engine.status("work:done") is None
    gate.leave.set()
    assert (await bench.end_of("work:open")).state is JobState.DONE
    await engine.stop(1)


async def test_a_dead_workers_jobs_are_taken_over_until_they_are_taken_for_the_cause(
    url: str, caplog
) -> None:
    web = Bench(url, role="web")
    await web.engine.start()
    for key in ("once", "always", "young"):
        await web.engine.submit(web.job(key))
    await web.engine.stop(1)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(
            "update workflow_status set status = 'PENDING', executor_id = case workflow_uuid"
            " when 'work:young' then 'alive' else 'dead' end, attributes = case workflow_uuid"
            """ when 'work:always' then '{"lives": 25}' else null end"""
        )

    hearts = Hearts(alive=datetime.now(UTC) + timedelta(hours=1))
    worker = Bench(url, executor_id="a", heartbeats=hearts, rhythm=USUAL)
    await worker.engine.start()
    once, always = await worker.end_of("work:once"), await worker.end_of("work:always")
    young = await worker.engine.status("work:young")
    await worker.engine.stop(1)

    assert once.state is JobState.DONE
    assert always.state is JobState.FAILED
    assert always.error is not None
    assert always.error.kind == "WorkersDied"
    assert young is not None
    assert young.state is JobState.RUNNING
    assert worker.calls == {"once": 1}
    assert {"jobs taken over", "job given up, its workers die"} <= {
        record.message for record in caplog.records
    }


async def test_a_claim_that_never_reached_its_handler_is_noticed(url: str) -> None:
    bench = Bench(url, rhythm=USUAL)
    await bench.engine.start()
    gate = Gate()
    bench.deeds["k"] = gate
    await bench.engine.submit(bench.job("k"))
    await gate.inside.wait()
    await bench.engine.submit(bench.job("lost", partition="k"))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(
            "update workflow_status set status = 'PENDING', executor_id = 'a'"
            " where workflow_uuid = 'work:lost'"
        )
    gate.leave.set()

    assert (await bench.end_of("work:lost")).state is JobState.DONE
    assert (await bench.end_of("work:k")).state is JobState.DONE
    await bench.engine.stop(1)
    assert bench.calls == {"k": 1, "lost": 1}


async def test_the_tick_comes_once_per_period_and_not_while_it_lasts(url: str) -> None:
    bench = Bench(url)
    slots: list[int] = []

    async def note(args) -> None:
        slots.append(args["slot"])
        await asyncio.sleep(0.3 if len(slots) == 1 else 0)

    bench.deeds["tick"] = note
    bench.engine.every("work", 0.1, args={"key": "tick"})
    await bench.engine.start()
    await eventually(lambda: _true(len(slots) >= 3))
    await bench.engine.stop(1)

    assert slots == sorted(set(slots))
    assert slots[1] - slots[0] >= 3


async def test_looking_after_outlives_a_bad_minute(url: str, caplog) -> None:
    class Faint(Hearts):
        rounds = 0

        def beat(self, executor_id: str, *, role: str, at: datetime) -> None:
            self.rounds += 1
            if self.rounds == 2:
                raise StateError("disk")
            super().beat(executor_id, role=role, at=at)

    hearts = Faint()
    bench = Bench(url, heartbeats=hearts, rhythm=USUAL)
    await bench.engine.start()
    await eventually(lambda: _true(hearts.rounds >= 4))
    await bench.engine.stop(1)

    assert "engine not looked after" in caplog.text


def test_workers_on_a_server_must_show_that_they_live() -> None:
    with pytest.raises(UseError, match="must show"):
        Bench("postgresql+psycopg://localhost/db", heartbeats=None)


async def test_nothing_of_dbos_goes_to_the_terminal(url: str, capsys) -> None:
    bench = Bench(url)
    await bench.engine.start()
    logging.getLogger("dbos").warning("one of its own")
    known = await bench.engine.submit(Job("work:x", "work", {"key": "x"}, "x"))
    await bench.end_of("work:x")
    await bench.engine.stop(1)

    assert known is Submission.NEW
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("steps", range(5))
async def test_cancellation_that_comes_with_the_answer_is_heard(url: str, steps: int) -> None:
    engine = Bench(url).engine
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int] = loop.create_future()

    async def question() -> int:
        return await answer

    asking = asyncio.create_task(engine._answer(question()))
    for _ in range(4):
        await asyncio.sleep(0)
    answer.set_result(1)
    for _ in range(steps):
        await asyncio.sleep(0)
    if asking.cancel():
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert asking.done()
