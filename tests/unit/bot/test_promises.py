"""What is said of a deed, whatever its runs came to, and by whichever try."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.commands.promises import forget, may_take_back, see_through, told_before
from bot.words import Voice
from toolkit.app.once import ActRun
from toolkit.model.chat_people import Person
from toolkit.model.ids import RunId

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def run(name: str, *, writes: int = 0, is_whole: bool = True, **more: Any) -> ActRun:
    return ActRun(RunId(name), "edit", AT, is_whole, writes, **more)


class Front:
    """A connection that remembers the runs of one act."""

    name = "main"

    def __init__(self, *runs: ActRun) -> None:
        self.runs = [*runs]

    async def acts(self, _once: str) -> list[ActRun]:
        return self.runs

    def makes(self, made: ActRun) -> Any:
        async def act() -> Any:
            self.runs.append(made)
            return SimpleNamespace(
                run_id=made.id,
                verb=made.verb,
                started_at=AT,
                writes_sent=made.writes,
                held=made.held,
                conflicts=made.conflicts,
                approval=made.approval,
                brakes=made.brakes,
                failures=made.failures,
            )

        return act


def ground_of(shelf: Any, clock: Any, front: Front) -> Any:
    scene = SimpleNamespace(
        shelf=shelf, person=Person("T1", "U1"), team="T1", now=clock(), voice=Voice()
    )
    return SimpleNamespace(scene=scene, fronts={"main": front}, once="deed")


@pytest.mark.parametrize(
    ("made", "said", "undo"),
    [
        (run("r1", writes=2), "Done.", "r1"),
        (run("r1"), "It stands so already", ""),
        (run("r1", held=3, brakes=("too many",), approval="abc"), "too many", ""),
        (run("r1", writes=1, failures=("refused",)), "refused", ""),
    ],
)
@pytest.mark.parametrize("is_again", [False, True])
async def test_what_a_run_came_to_is_said_alike_by_the_first_try_and_a_later_one(
    shelf: Any, clock: Any, made: ActRun, said: str, undo: str, *, is_again: bool
) -> None:
    front = Front()
    ground = ground_of(shelf, clock, front)

    shown = await see_through(ground, front, front.makes(made), said="Done.")
    if is_again:
        shown = await told_before(ground)

    assert said in str(shown.blocks)
    assert (f"'value': '{undo}'" in str(shown.blocks)) is bool(undo)
    assert may_take_back(ground.scene, [undo]) is bool(undo)


async def test_undo_takes_back_what_the_try_that_was_cut_off_did_too(
    shelf: Any, clock: Any
) -> None:
    front = Front(run("r1", writes=1, is_whole=False))
    ground = ground_of(shelf, clock, front)

    assert await told_before(ground) is None
    shown = await see_through(ground, front, front.makes(run("r2", writes=1)), said="Done.")

    assert "'value': 'r1,r2'" in str(shown.blocks)
    assert may_take_back(ground.scene, ["r1", "r2"])
    assert not may_take_back(ground.scene, ["r1", "r3"])
    assert not may_take_back(ground.scene, [])


@pytest.mark.parametrize(
    ("runs", "acts", "is_told"),
    [
        ([], 1, False),
        ([run("r1", is_whole=False)], 1, False),
        ([run("r1")], 1, True),
        ([run("r1")], 2, False),
        ([run("r1"), run("r2", is_whole=False)], 1, False),
        ([run("r1"), run("r2")], 2, True),
    ],
)
async def test_a_deed_is_told_again_only_once_all_of_it_was_done(
    shelf: Any, clock: Any, runs: list[ActRun], acts: int, *, is_told: bool
) -> None:
    front = Front()
    ground = ground_of(shelf, clock, front)
    await see_through(ground, front, front.makes(run("r0")), said="Done.", acts=acts)
    front.runs = runs

    assert (await told_before(ground) is not None) is is_told


async def test_what_was_told_is_forgotten(shelf: Any, clock: Any) -> None:
    front = Front()
    ground = ground_of(shelf, clock, front)
    await see_through(ground, front, front.makes(run("r1")), said="Done.", way="card")

    assert "r1" in str((await told_before(ground)).blocks)
    forget(shelf.people, "T1", "deed")

    assert await told_before(ground) is None
