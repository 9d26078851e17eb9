"""Both sides over the emulators in this process, built as a run builds them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.flows.world import World, build_world
from toolkit.model.ids import Side
from toolkit.sides.highlevel import HighLevelSide
from toolkit.sides.timetonic import TimeTonicSide


@dataclass
class Sides:
    """The two ports with the world behind them."""

    world: World
    highlevel: HighLevelSide
    timetonic: TimeTonicSide


@pytest.fixture(scope="session")
def _world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return asyncio.run(build_world(tmp_path_factory.mktemp("sides") / "home"))


@pytest.fixture
def settings() -> Mapping[str, Any]:
    """Sections merged into the settings file; a test parametrises it."""
    return {}


@pytest.fixture
async def sides(
    _world: World, tmp_path: Path, settings: Mapping[str, Any]
) -> AsyncIterator[Sides]:
    world = _world.copy_to(tmp_path / "home")
    world.configure(**settings)
    async with world.open() as connection:
        await connection._runner._prepare()
        built = connection._runner._sides
        yield Sides(world, built[Side.HIGHLEVEL], built[Side.TIMETONIC])  # type: ignore[arg-type]
