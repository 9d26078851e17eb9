"""Worlds for the flows: built once, copied for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.flows.bulk_office import Bulk, open_bulk
from tests.flows.world import MEDIUM, SMALL, World, build_world
from tests.slack_takes import unsound  # noqa: F401 — in every test

_VARIABLES = (
    "HIGHTONIC_CONNECTION",
    "HIGHTONIC_DATABASE_URL",
    "HIGHTONIC_HIGHLEVEL_TOKEN",
    "HIGHTONIC_KEY",
    "HIGHTONIC_TIMETONIC_SESSKEY",
)

Make = Callable[[Path], World]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def _fresh(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("fresh") / "home"
    return asyncio.run(build_world(home, SMALL))


@pytest.fixture(scope="session")
def _synced(_fresh: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = _fresh.copy_to(tmp_path_factory.mktemp("synced") / "home")

    async def first_sync() -> None:
        await world.sync()
        await world.settle()

    asyncio.run(first_sync())
    world.sandbox.recorder.clear()
    return world


@pytest.fixture
def fresh(_fresh: World, tmp_path: Path) -> World:
    """Connected, nothing synced: 12 contacts and 6 leads, 2 of them the same people."""
    return _fresh.copy_to(tmp_path / "home")


@pytest.fixture
def world(_synced: World, tmp_path: Path) -> World:
    """The same after its first sync and a quiet run."""
    return _synced.copy_to(tmp_path / "home")


@pytest.fixture(scope="session")
def _medium(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("medium") / "home"
    return asyncio.run(build_world(home, MEDIUM))


@pytest.fixture
def medium(_medium: World, tmp_path: Path) -> World:
    """Connected, nothing synced: 40 contacts and 12 leads, 4 of them the same people."""
    return _medium.copy_to(tmp_path / "home")


@pytest_asyncio.fixture
async def bulk(world: World) -> AsyncIterator[Bulk]:
    """A batch desk over `world`."""
    async with open_bulk(world) as opened:
        yield opened
