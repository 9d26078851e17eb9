"""The process is killed at every boundary of a sync: nothing lost, nothing twice, then quiet.

By default every third boundary after which something new is durable (a commit, a vendor's
write) is tried on the first sync, and a sample of all boundaries of a busy day;
HIGHTONIC_EXHAUSTIVE=1 tries them all (tests/sampling.py).
"""

from __future__ import annotations

import asyncio
import gc
import random
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.flows.busy_day import Work, assert_done, busy_day
from tests.flows.crashing import judged, sync_and_die
from tests.flows.world import (
    World,
    assert_converged,
    assert_linked,
    assert_nothing_lost,
    build_world,
    identities,
)
from tests.sampling import IS_EXHAUSTIVE, some
from toolkit.sandbox.serve import SandboxOptions

FORTY_RECORDS = SandboxOptions(
    contacts=10, tasks=12, notes=10, leads=10, shared=2, seed=3, rate_limit=False
)
SLICES = 2
"""The boundaries are dealt out to so many tests, for workers side by side."""

Oracle = Callable[[World], Awaitable[None]]


@dataclass(frozen=True)
class Story:
    """A world before the sync that will be killed, its boundaries, and what must be true."""

    world: World
    boundaries: tuple[str, ...]
    check: Oracle

    @property
    def durable(self) -> list[int]:
        """Numbers of the boundaries just after something became durable."""
        return [n for n, name in enumerate(self.boundaries, 1) if name.startswith("after")]


@pytest.fixture(scope="module", autouse=True)
def _frozen_memory() -> None:
    # Forked children would copy every page the collector touches.
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def first_sync(tmp_path_factory: pytest.TempPathFactory) -> Story:
    world = asyncio.run(build_world(tmp_path_factory.mktemp("crash") / "home", FORTY_RECORDS))
    asyncio.run(world.copy_to(tmp_path_factory.mktemp("warm") / "home").sync())
    seeded = identities(world)
    assert sum(map(len, seeded.values())) >= 36

    async def check(after: World) -> None:
        assert_nothing_lost(after, seeded)

    return _story(world, check)


@pytest.fixture(scope="module")
def second_sync(_synced: World, tmp_path_factory: pytest.TempPathFactory) -> Story:
    world = _synced.copy_to(tmp_path_factory.mktemp("crash") / "home")
    work: Work = asyncio.run(busy_day(world))

    async def check(after: World) -> None:
        assert_done(after, work)

    return _story(world, check)


def _story(world: World, check: Oracle) -> Story:
    boundaries = judged(lambda: _boundaries_of(world))
    return Story(world, tuple(boundaries), check)


async def _boundaries_of(world: World) -> list[str]:
    how, boundaries = await sync_and_die(_in_a_new_home(world, "counting"), 0)
    assert how == "lived"
    return list(boundaries)


def _in_a_new_home(world: World, name: str) -> World:
    """The same world with a copied home; for children, whose memory is a copy already."""
    home = world.home.parent / name
    shutil.copytree(world.home, home)
    world.home = home
    return world


async def _survive(story: Story, *deaths: int) -> None:
    world = _in_a_new_home(story.world, "-".join(map(str, deaths)))
    for dies_at in deaths:
        world.clock.advance(60)
        await sync_and_die(world, dies_at)
    await world.settle()
    await story.check(world)
    assert_converged(world)
    assert_linked(world)
    shutil.rmtree(world.home)


def _judge(story: Story, *deaths: int) -> None:
    try:
        judged(lambda: _survive(story, *deaths))
    except AssertionError as error:
        names = [story.boundaries[at - 1] for at in deaths if at <= len(story.boundaries)]
        pytest.fail(f"killed at {deaths} {names}:\n{error}", pytrace=False)


def _dealt(numbers: list[int], part: int) -> list[int]:
    return numbers[part::SLICES]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_killed_during_the_first_sync_loses_and_doubles_nothing(
    first_sync: Story, part: int
) -> None:
    every = list(range(1, len(first_sync.boundaries) + 1))
    assert len(every) > 100

    sample = every if IS_EXHAUSTIVE else some(first_sync.durable, one_in=3)
    for dies_at in _dealt(sample, part):
        _judge(first_sync, dies_at)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_killed_during_edits_and_deletions_loses_and_doubles_nothing(
    second_sync: Story, part: int
) -> None:
    every = list(range(1, len(second_sync.boundaries) + 1))
    # A stride without a common divisor meets every sort of boundary in turn.
    for dies_at in _dealt(some(every[3:], one_in=37), part):
        _judge(second_sync, dies_at)


@pytest.mark.slow
def test_killed_again_while_recovering_loses_and_doubles_nothing(first_sync: Story) -> None:
    rng = random.Random(7)
    for _ in range(200 if IS_EXHAUSTIVE else 2):
        first = rng.choice(first_sync.durable[len(first_sync.durable) // 3 :])
        _judge(first_sync, first, rng.randrange(1, 60), rng.randrange(1, 60))
