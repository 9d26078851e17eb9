"""The process is killed while it does what a rule asks for: nothing lost, nothing twice.

By default every fourth boundary after which something new is durable is tried;
HIGHTONIC_EXHAUSTIVE=1 tries them all.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.flows.crashing import judged, sync_and_die
from tests.flows.deeds import act, carry_out, contact_link, everything, firing
from tests.flows.world import World, assert_converged, assert_linked, build_world
from tests.sampling import IS_EXHAUSTIVE, some
from toolkit.app.connection import Connection
from toolkit.model.automation import Firing
from toolkit.model.ids import Kind, Side

SLICES = 2


class Story:
    """A settled world, one firing with an effect of each sort, and what must come of it."""

    def __init__(self, home: Path) -> None:
        self.world = asyncio.run(build_world(home))
        self.world.configure(metrics={"enabled": False})
        asyncio.run(self.world.settle())
        self.email = self.world.emails()[0]
        contact = asyncio.run(contact_link(self.world, self.email))
        self.firing: Firing = firing(*everything(contact))
        self.boundaries = judged(self._count)

    @property
    def durable(self) -> list[int]:
        """Numbers of the boundaries just after something became durable."""
        return [n for n, name in enumerate(self.boundaries, 1) if name.startswith("after")]

    def judge(self, dies_at: int) -> None:
        try:
            judged(lambda: self._survive(dies_at))
        except AssertionError as error:
            where = f"killed at {dies_at}, {self.boundaries[dies_at - 1]}"
            pytest.fail(f"{where}:\n{error}", pytrace=False)

    async def _work(self, connection: Connection) -> None:
        await carry_out(connection, [self.firing])

    async def _count(self) -> list[str]:
        how, passed = await sync_and_die(self._elsewhere("counting"), 0, self._work)
        assert how == "lived"
        return list(passed)

    async def _survive(self, dies_at: int) -> None:
        world = self._elsewhere(str(dies_at))
        await sync_and_die(world, dies_at, self._work)
        world.clock.advance(60)
        await world.sync()
        await act(world, self.firing)
        await world.settle()
        assert_converged(world)
        assert_linked(world)
        self._check(world)
        writes = world.writes()
        await act(world, self.firing)
        assert world.writes() == writes, "what was done is not done again"
        shutil.rmtree(world.home)

    def _check(self, world: World) -> None:
        for side in Side:
            tasks = world.by_identity(side, Kind.TASK)
            assert {(self.email, "Welcome call"), (self.email, "Second call")} <= set(tasks)
            assert (self.email, "Written by a rule") in world.by_identity(side, Kind.NOTE)
            contact = world.by_identity(side, Kind.CONTACT)[self.email]
            assert contact["stage"] == "customer"
            assert {"archived", "welcomed"} <= set(contact["tags"])
        assert len(world.rows("Archive")) == 1

    def _elsewhere(self, name: str) -> World:
        """The same world with a copied home; in a child, whose memory is a copy already."""
        home = self.world.home.parent / name
        shutil.copytree(self.world.home, home)
        self.world.home = home
        return self.world


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("deeds") / "home")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_killed_while_it_does_what_a_rule_asks_nothing_is_lost_or_doubled(
    story: Story, part: int
) -> None:
    every = list(range(1, len(story.boundaries) + 1))
    assert len(story.durable) > 10

    chosen = every if IS_EXHAUSTIVE else some(story.durable, one_in=4)
    for dies_at in chosen[part::SLICES]:
        story.judge(dies_at)
