"""Thousands of webhooks, some twice, some never, none in order: one comparison makes it whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.flows.office import Office, open_office
from tests.flows.world import MEDIUM, World, assert_converged, build_world
from tests.unit.store.postgres import NoServerError, Postgres, serving
from toolkit.model.events import EventKind
from toolkit.model.ids import Side
from toolkit.sandbox.webhooks import DeliveryFaults
from toolkit.store import FILE_NAME, Store, migrate_store

FAULTS = DeliveryFaults(duplicate_share=0.1, drop_share=0.05, reorder_window=50, seed=5)
LARGE = replace(MEDIUM, contacts=500, tasks=100, notes=0, leads=20, shared=5)
IS_LONG = os.environ.get("HIGHTONIC_LONG_TESTS") == "1"
long_one = pytest.mark.skipif(not IS_LONG, reason="minutes long: set HIGHTONIC_LONG_TESTS=1")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    try:
        with serving() as server:
            yield server
    except NoServerError as missing:
        pytest.skip(f"no PostgreSQL: {missing}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Empty for the home's own file, else a new database's address."""
    if request.param == "sqlite":
        return ""
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


async def _weather(world: World, database: str, *, events: int, patch: Any) -> None:
    # A storm changes nearly everybody at once, which a brake would rightly hold.
    brakes = {"update_floor": 100_000, "create_floor": 100_000, "blank_floor": 100_000}
    # Only the comparisons made here: one in the midst of the storm would tell of half of it.
    world.configure(
        webhooks={"quiet_s": 0, "cap_s": 0},
        sync={"brakes": brakes},
        schedule={"every_minutes": 1440},
    )
    if database:
        migrate_store(world.home / FILE_NAME, database)
        patch.setattr("tests.flows.office.Store", _Elsewhere(database))
    async with open_office(world) as office:
        await office.compare()
        world.edit_contact(world.contact_id(world.emails()[0]), phone="+33612345678")
        await office.settle()  # one that arrives: events do come from this side
        await office.compare()
        await _check_storm(office, events=events)
    assert_converged(world)


async def _check_storm(office: Office, *, events: int) -> None:
    world, webhooks, done_before = office.world, office.world.sandbox.webhooks, _done(office)
    known, repeated_before = len(webhooks.attempts), _repeated(office)
    await _storm(office, events=events)
    posted = webhooks.attempts[known:]
    lost = [each.record_id for each in webhooks.lost if each.why == "dropped"]
    untold = {*lost} - {each.record_id for each in posted}
    ids = {each.id for each in posted}

    assert {each.status for each in posted} == {200}
    assert 0.02 < len(lost) / events < 0.09
    assert _repeated(office) - repeated_before == len(posted) - len(ids) > 0
    assert _done(office) - done_before == len(ids)
    assert set(office.states) == {"done"}
    await office.compare()
    (event,) = office.events(EventKind.WEBHOOK_GAP)
    assert event.facts["untold"] == len(untold)
    assert {subject.highlevel_id for subject in event.subjects} <= untold
    writes = world.writes()
    await office.compare()
    assert world.writes() == writes


async def _storm(office: Office, *, events: int) -> None:
    """Edits until so many events were told, drained now and then, to the last one."""
    webhooks, hands = office.world.sandbox.webhooks, _Hands(office.world)
    webhooks.configure(faults=FAULTS)
    before = webhooks.queue.counts()["emitted"]
    while webhooks.queue.counts()["emitted"] - before < events:
        hands.act()
        if not hands.acts % 100:
            await office.deliver()
            await office.tick()
    await office.settle()


def _repeated(office: Office) -> int:
    return int(office.intake.counts.results().get((Side.HIGHLEVEL.value, "repeated"), 0))


def _done(office: Office) -> int:
    return office.states.get("done", 0)


class _Elsewhere:
    """Opens the state on a server, whatever home is asked for."""

    def __init__(self, url: str) -> None:
        self._url = url

    def open(self, _home: Path, **options: Any) -> Store:
        return Store.open(self._url, **options)


class _Hands:
    """People who edit, tag, add and finish, in HighLevel; every value is new."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = Random(7)
        self._people = [world.contact_id(email) for email in world.emails()]
        self._open = [
            each.id
            for each in world.high.tasks.values()
            if each.contact_id and not each.is_completed
        ]
        self.acts = 0

    def act(self) -> None:
        self.acts += 1
        person = self._random.choice(self._people)
        match self._random.randrange(8):
            case 0:
                self._world.add_contact(f"storm.person{self.acts}@example.org")
            case 1:
                self._world.add_task(person, f"Storm {self.acts}")
            case 2:
                self._world.edit_contact(person, tags=[f"storm {self.acts % 9}", "wet"])
            case 3 if self._open:
                self._world.edit_task(self._open.pop(), is_completed=True)
            case _:
                self._world.edit_contact(person, phone=f"+336{20_000_000 + self.acts}")


async def test_five_hundred_webhooks_end_in_equal_sides_and_an_exact_gap(
    medium: World, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _weather(medium, database, events=500, patch=monkeypatch)


@long_one
@pytest.mark.slow
async def test_ten_thousand_webhooks_end_in_equal_sides_and_an_exact_gap(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await build_world(tmp_path / "home", LARGE)
    await _weather(world, database, events=10_000, patch=monkeypatch)
