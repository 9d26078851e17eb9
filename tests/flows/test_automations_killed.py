"""The process is killed at the boundaries of a run with rules: each firing is done once.

By default every sixth boundary after which something new is durable is tried;
HIGHTONIC_EXHAUSTIVE=1 tries them all.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests.flows.crashing import judged, sync_and_die
from tests.flows.ruled import a_rule, notes_of, put_rules, seen, tasks_of
from tests.flows.world import World, assert_converged, assert_linked, build_world
from toolkit.model.ids import Kind, Side
from toolkit.store.firings import FiringState

IS_EXHAUSTIVE = bool(os.environ.get("HIGHTONIC_EXHAUSTIVE"))
SLICES = 2
NEW = ("ada.a@example.com", "bob.b@example.com")


def the_rules(people: list[str]) -> list[dict]:
    """A chain of two, turns to take, a message, and something made on both sides."""
    return [
        a_rule(
            "welcome",
            "contact_created",
            {"assign_owner": {"round_robin": people}},
            {"add_tags": ["welcomed"]},
            {"create_task": {"title": "Call {{ name }}", "due": "+1 day"}},
            {"post": {"channel": "#sales", "text": "{{ name }}"}},
        ),
        a_rule(
            "told",
            {"trigger": "contact_tagged", "tags": ["welcomed"]},
            {"add_note": {"body": "Was welcomed"}},
            {"lifecycle_stage": "lead"},
        ),
    ]


class Story:
    """A settled world with rules and two newcomers, and what must come of them."""

    def __init__(self, home: Path) -> None:
        self.world = asyncio.run(build_world(home))
        self.people = [user["name"] for user in self.world.high.users.values()][:2]
        put_rules(self.world, *the_rules(self.people), metrics={"enabled": False})
        asyncio.run(self.world.settle())
        for email in NEW:
            self.world.add_contact(email)
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

    async def _count(self) -> list[str]:
        how, passed = await sync_and_die(self._elsewhere("counting"), 0)
        assert how == "lived"
        return list(passed)

    async def _survive(self, dies_at: int) -> None:
        world = self._elsewhere(str(dies_at))
        await sync_and_die(world, dies_at)
        world.clock.advance(60)
        await world.settle()
        assert_converged(world)
        assert_linked(world)
        await self._check(world)
        shutil.rmtree(world.home)

    async def _check(self, world: World) -> None:
        for email, name in zip(NEW, ("Ada A", "Bob B"), strict=True):
            assert tasks_of(world, email) == [[f"Call {name}"]] * 2
            assert notes_of(world, email) == [["Was welcomed"]] * 2
            for shown in seen(world, Kind.CONTACT, email):
                assert (shown["tags"], shown["stage"]) == (["welcomed"], "lead")
        for side in Side:
            contacts = world.by_identity(side, Kind.CONTACT)
            assert {contacts[email]["owner"] for email in NEW} == set(self.people)
        async with world.open() as connection:
            store = connection._parts.store
            assert [each.rule for each in store.list_deliveries()] == ["welcome"] * 2
            states = {each.key: each.state for each in store.list_firings()}
            assert store.get_turns() == {"welcome": 2}
        assert len(states) == 4
        assert set(states.values()) == {FiringState.DONE}

    def _elsewhere(self, name: str) -> World:
        """The same world with a copied home; in a child, whose memory is a copy already."""
        home = self.world.home.parent / name
        shutil.copytree(self.world.home, home)
        self.world.home = home
        return self.world


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("ruled") / "home")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_killed_while_rules_are_answered_each_is_answered_once(story: Story, part: int) -> None:
    every = list(range(1, len(story.boundaries) + 1))
    assert len(story.durable) > 20

    chosen = every if IS_EXHAUSTIVE else story.durable[1::6]
    for dies_at in chosen[part::SLICES]:
        story.judge(dies_at)
