"""kill -9 of `hightonic serve` while people work on both sides: nothing is lost, nothing twice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from tests.bench.stage import NAME, Served, Stage, staged, until
from tests.flows.world import (
    HIGH,
    SMALL,
    TIME,
    World,
    assert_converged,
    assert_linked,
    assert_nothing_lost,
)
from tests.unit.store.postgres import NoServerError, serving
from toolkit.app.connection import open_connection
from toolkit.clients.pacing import ManualClock
from toolkit.model.ids import Kind
from toolkit.sandbox.common import EmulatorClock
from toolkit.store import FILE_NAME, migrate_store

PEOPLE = replace(SMALL, contacts=60, tasks=20, notes=10, leads=20, shared=5)
IS_LONG = os.environ.get("HIGHTONIC_LONG_TESTS") == "1"
long_one = pytest.mark.skipif(not IS_LONG, reason="minutes long: set HIGHTONIC_LONG_TESTS=1")
TAKEN_OVER_WITHIN_S = 60.0


@asynccontextmanager
async def _at_work(tmp_path: Path, *, every_minutes: int = 15) -> AsyncIterator[_Day]:
    async with staged(tmp_path / "home", PEOPLE) as stage:
        # So many edits by so few people are what brakes are there to hold.
        brakes = {"update_floor": 100_000, "create_floor": 100_000, "blank_floor": 100_000}
        stage.configure(
            webhooks={"quiet_s": 0, "cap_s": 0},
            schedule={"every_minutes": every_minutes},
            sync={"brakes": brakes},
        )
        await stage.first_sync()
        clock = EmulatorClock().now()
        yield _Day(stage, World(stage.emulators, ManualClock(clock), stage.home))


class _Day:
    """People's hands on both sides. Each person is edited on one side only: no conflicts."""

    def __init__(self, stage: Stage, world: World) -> None:
        self.stage, self.world = stage, world
        self._random = Random(11)
        emails = world.emails()
        self._mine = [world.contact_id(email) for email in emails[::2]]
        self._theirs = [world.row_id(email) for email in emails[1::2]]
        self.edits = 0
        self.made: list[str] = []

    async def work(self, edits: int, *, per_s: float) -> None:
        """So many edits, at this pace."""
        for _ in range(edits):
            await self.stage.emulators.do(self._edit)
            await asyncio.sleep(self._random.expovariate(per_s))

    def _edit(self) -> None:
        self.edits += 1
        number = self.edits
        mine, theirs = self._random.choice(self._mine), self._random.choice(self._theirs)
        match self._random.randrange(8):
            case 0:
                self.made.append(f"high.person{number}@example.org")
                self.world.add_contact(self.made[-1])
            case 1:
                self.made.append(f"time.person{number}@example.org")
                values = {"Name": f"Time Person{number}", "Email": self.made[-1]}
                self.world.time.add_row("Contacts", values)
            case 2:
                self.world.add_task(mine, f"Do {number}")
            case 3 | 4:
                phone = f"+336{30_000_000 + number}"
                self.world.time.edit_row("Contacts", theirs, {"Phone": phone})
            case _:
                self.world.edit_contact(mine, phone=f"+336{20_000_000 + number}")

    async def check(self) -> None:
        """What stands on both sides, once nobody works."""
        async with open_connection(NAME, home=self.stage.home) as connection:
            self.world.pairs = connection._parts.store.links()
            conflicts = connection.conflicts()
        assert not list(conflicts)
        assert_converged(self.world)
        assert_linked(self.world)
        assert_nothing_lost(self.world, {Kind.CONTACT: self.made})


async def _die_again_and_again(day: _Day, *, kills: int, edits: int, per_s: float) -> Served:
    """Edits go on while the service dies and comes back; the last one lives."""
    stage, random = day.stage, Random(3)
    served = await stage.serve()
    stage.send_to(served)
    working = asyncio.create_task(day.work(edits, per_s=per_s))
    for _ in range(kills):
        await asyncio.sleep(random.uniform(0.05, 1.2))
        await asyncio.to_thread(served.kill)
        served = await stage.serve(port=served.port)
    await working
    return served


async def test_three_kills_during_edits_lose_and_double_nothing(tmp_path: Path) -> None:
    async with _at_work(tmp_path) as day:
        served = await _die_again_and_again(day, kills=3, edits=80, per_s=25)
        await asyncio.sleep(1)
        code = await asyncio.to_thread(served.stop)
        async with open_connection(NAME, home=day.stage.home) as connection:
            for _ in range(3):
                report = await connection.sync()
        await day.check()

    assert code == 0
    assert report.writes_sent == 0


@long_one
@pytest.mark.slow
async def test_twenty_kills_during_two_thousand_edits_lose_and_double_nothing(
    tmp_path: Path,
) -> None:
    async with _at_work(tmp_path, every_minutes=1) as day:
        served = await _die_again_and_again(day, kills=20, edits=2_000, per_s=40)
        await until(lambda: _is_equal(day), seconds=180, every_s=1)
        await asyncio.to_thread(served.stop)
        await day.check()


async def _is_equal(day: _Day) -> bool:
    def is_equal() -> bool:
        try:
            assert_converged(day.world)
        except AssertionError:
            return False
        return True

    return await day.stage.emulators.do(is_equal)


@long_one
@pytest.mark.slow
async def test_twenty_kills_of_two_workers_and_one_that_is_gone_for_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        with serving() as server:
            took_s = await _take_over(tmp_path, server.new_database(), kills=20, edits=2_000)
    except NoServerError as missing:
        pytest.skip(f"no PostgreSQL: {missing}")
    with capsys.disabled():
        print(f"taken over after {took_s:.1f} s")  # noqa: T201 — the figure of a long test
    assert took_s < TAKEN_OVER_WITHIN_S


async def _take_over(tmp_path: Path, url: str, *, kills: int, edits: int) -> float:
    """Two workers die in turn and come back; then one dies for good. How long it is missed."""
    async with _at_work(tmp_path, every_minutes=1) as day:
        stage, random = day.stage, Random(4)
        migrate_store(stage.home / FILE_NAME, url)
        stage.database_url = url
        web = await stage.serve(role="web")
        workers = [await stage.serve(role="worker") for _ in range(2)]
        stage.send_to(web)
        working = asyncio.create_task(day.work(edits, per_s=30))
        for _ in range(kills):
            await asyncio.sleep(random.uniform(0.05, 1.2))
            one = random.randrange(2)
            await asyncio.to_thread(workers[one].kill)
            workers[one] = await stage.serve(role="worker")
        first, second = workers
        await asyncio.to_thread(first.kill)
        killed_at = monotonic()
        await stage.emulators.do(lambda: day.world.add_contact("after.death@example.org"))
        day.made.append("after.death@example.org")
        await until(lambda: _is_across(day, "after.death@example.org"), seconds=120)
        took_s = monotonic() - killed_at
        await working
        await until(lambda: _is_equal(day), seconds=180, every_s=1)
        await asyncio.to_thread(second.stop)
        with stage.open_store() as store:
            day.world.pairs = store.connection(NAME).links()
        assert_linked(day.world)
        assert_nothing_lost(day.world, {Kind.CONTACT: day.made})
        return took_s


async def _is_across(day: _Day, email: str) -> bool:
    return await day.stage.emulators.do(
        lambda: all(
            email in {key for key, _ in day.world.facts(side, Kind.CONTACT)}
            for side in (HIGH, TIME)
        )
    )
