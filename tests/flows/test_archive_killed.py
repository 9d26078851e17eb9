"""The process is killed while it archives a contact and puts down the day's figures.

By default every third boundary after which something new is durable is tried;
HIGHTONIC_EXHAUSTIVE=1 tries them all.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests.flows.crashing import judged, sync_and_die
from tests.flows.world import World, assert_converged, assert_linked, build_world
from toolkit.app.connection import Connection
from toolkit.app.effects_run import Wish
from toolkit.model.automation import ArchiveContact, NewRecord
from toolkit.model.ids import Kind, Side

IS_EXHAUSTIVE = bool(os.environ.get("HIGHTONIC_EXHAUSTIVE"))


class Story:
    """A settled world without figures yet, and one wish."""

    def __init__(self, home: Path) -> None:
        self.world = asyncio.run(build_world(home))
        asyncio.run(self.world.settle())
        self.world.configure(metrics={"enabled": True})
        self.email = self.world.emails()[0]
        self.boundaries = judged(self._count)

    async def work(self, connection: Connection) -> None:
        """A contact is archived with a word on why; the run ends with the day's row."""
        (who,) = connection.find_contacts([self.email])
        note = NewRecord(Kind.NOTE, who, {"body": "Set aside by hand"})
        await connection.carry_wish(Wish((ArchiveContact(who, "moved"), note), "archive"))

    async def _count(self) -> list[str]:
        how, passed = await sync_and_die(self._elsewhere("counting"), 0, self.work)
        assert how == "lived"
        return list(passed)

    async def survive(self, dies_at: int) -> None:
        world = self._elsewhere(str(dies_at))
        await sync_and_die(world, dies_at, self.work)
        world.clock.advance(60)
        async with world.open() as connection:
            # Whoever saw it die asks again; where it was done already, that is another act.
            if not connection.archived() or not world.rows("Archive"):
                await self.work(connection)
        await world.settle()
        assert_converged(world)
        assert_linked(world)
        self._check(world)
        shutil.rmtree(world.home)

    def _check(self, world: World) -> None:
        (row,) = world.rows("Archive").values()
        assert (row["Email"], row["Reason"]) == (self.email, "moved")
        for side in Side:
            assert "archived" in world.by_identity(side, Kind.CONTACT)[self.email]["tags"]
            notes = [key for key, _ in world.facts(side, Kind.NOTE) if key[1:] == (_NOTE,)]
            assert len(notes) <= 1
        (day,) = world.rows("Metrics").values()
        assert day["Total contacts"] == len(world.high.contacts)

    def _elsewhere(self, name: str) -> World:
        """The same world with a copied home; in a child, whose memory is a copy already."""
        home = self.world.home.parent / name
        shutil.copytree(self.world.home, home)
        self.world.home = home
        return self.world


_NOTE = "Set aside by hand"


@pytest.mark.slow
def test_killed_while_it_archives_there_is_one_row_of_each_kind(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    story = Story(tmp_path_factory.mktemp("archive") / "home")
    every = list(range(1, len(story.boundaries) + 1))
    durable = [n for n, name in enumerate(story.boundaries, 1) if name.startswith("after")]
    assert len(durable) > 10

    for dies_at in every if IS_EXHAUSTIVE else durable[::3]:
        try:
            judged(lambda at=dies_at: story.survive(at))
        except AssertionError as error:
            where = f"killed at {dies_at}, {story.boundaries[dies_at - 1]}"
            pytest.fail(f"{where}:\n{error}", pytrace=False)
