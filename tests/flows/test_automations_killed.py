"""The process is killed at the boundaries of a run with rules: each firing is done once.

By default every ninth boundary after which something new is durable is tried;
HIGHTONIC_EXHAUSTIVE=1 tries them all.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.flows.crashing import judged, sync_and_die
from tests.flows.ruled import a_rule, notes_of, put_rules, seen, tasks_of
from tests.flows.world import World, assert_converged, assert_linked, build_world
from tests.sampling import IS_EXHAUSTIVE, some
from toolkit.app.connection import Connection
from toolkit.model.ids import Kind, Side
from toolkit.store.firings import FiringState

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


def elsewhere(world: World, name: str) -> World:
    """The same world with a copied home; in a child, whose memory is a copy already."""
    home = world.home.parent / name
    shutil.copytree(world.home, home)
    world.home = home
    return world


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
        how, passed = await sync_and_die(elsewhere(self.world, "counting"), 0)
        assert how == "lived"
        return list(passed)

    async def _survive(self, dies_at: int) -> None:
        world = elsewhere(self.world, str(dies_at))
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


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("ruled") / "home")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_killed_while_rules_are_answered_each_is_answered_once(story: Story, part: int) -> None:
    every = list(range(1, len(story.boundaries) + 1))
    assert len(story.durable) > 20

    chosen = every if IS_EXHAUSTIVE else some(story.durable[1:], one_in=9)
    for dies_at in chosen[part::SLICES]:
        story.judge(dies_at)


class Approval:
    """What a brake holds of a rule, and a person's word that releases it, cut short."""

    CROWD = tuple(f"p{number:02}.crowd@example.com" for number in range(12))

    def __init__(self, home: Path) -> None:
        self.world = asyncio.run(build_world(home))
        for email in self.CROWD:
            self.world.add_contact(email)
        sweep = a_rule(
            "sweep",
            {"trigger": "schedule", "every": "week"},
            {"add_tags": ["swept"]},
            {"post": {"channel": "#ops", "text": "{{ name }}"}},
            condition={"field": "email", "contains": ".crowd@"},
        )
        put_rules(self.world, sweep, metrics={"enabled": False})
        asyncio.run(self.world.settle())
        self.world.clock.advance(7 * 86_400)
        (held,) = asyncio.run(self.world.sync()).held_rules
        self.approval = held.approval
        self.boundaries = judged(self._count)

    async def _approve(self, connection: Connection) -> None:
        await connection.sync(approve=self.approval)

    async def _count(self) -> list[str]:
        world = elsewhere(self.world, "counting")
        how, passed = await sync_and_die(world, 0, self._approve)
        assert how == "lived"
        return list(passed)

    async def survive(self, dies_at: int) -> None:
        world = elsewhere(self.world, str(dies_at))
        await sync_and_die(world, dies_at, self._approve)
        world.clock.advance(60)
        async with world.open() as connection:
            report = await connection.sync()
            if report.held_rules:
                await self._approve(connection)
        await world.settle()
        for email in self.CROWD:
            assert [each["tags"] for each in seen(world, Kind.CONTACT, email)] == [
                ["swept"]
            ] * 2
        async with world.open() as connection:
            store = connection._parts.store
            assert len(store.list_deliveries()) == len(self.CROWD)
            states = [each.state for each in store.list_firings(rule="sweep")]
            assert connection.rules.held() == []
        assert states == [FiringState.DONE] * len(self.CROWD)
        shutil.rmtree(world.home)


@pytest.mark.slow
def test_an_approval_that_is_cut_short_is_given_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    story = Approval(tmp_path_factory.mktemp("approval") / "home")
    every = list(range(1, len(story.boundaries) + 1))

    for dies_at in some(every[2:], one_in=43):
        try:
            judged(lambda dies_at=dies_at: story.survive(dies_at))
        except AssertionError as error:
            pytest.fail(f"killed at {dies_at}, {story.boundaries[dies_at - 1]}:\n{error}")
