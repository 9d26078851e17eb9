"""Deeds seen through: what will be said is kept before anything is written.

A job may die behind its write. When it is taken up again, the act's own runs tell what they
did; without what was promised, it could only find that everything stands so already.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from bot.views import answers, syncing
from bot.views.blocks import Message, message, section
from bot.words import Markup
from toolkit.model.cards import RunCard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.commands.ground import Ground
    from bot.commands.scene import Scene
    from toolkit.app.front_desk import FrontDesk
    from toolkit.app.once import ActRun
    from toolkit.app.slack_memory import SlackPeople
    from toolkit.model.outcomes import RunReport

UNDO_WITHIN: Final = timedelta(minutes=10)
OWN_RUNS: Final = "own_runs"
_PROMISE: Final = "promise"
Way = Literal["sentence", "card"]


@dataclass(frozen=True, slots=True)
class Came:
    """What the runs of one act came to, all together.

    Attributes:
        runs: Those that wrote, oldest first: what takes the act back.
        writes: Of all of them; the rest is of the last.
        left: Why nothing was written, where it does not stand so already.
    """

    last: str
    verb: str
    began_at: datetime
    runs: tuple[str, ...]
    writes: int
    held: int = 0
    conflicts: int = 0
    approval: str = ""
    brakes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @classmethod
    def of(cls, runs: Sequence[ActRun]) -> Came:
        """All runs of an act, oldest first; at least one."""
        last = runs[-1]
        return cls(
            last.id,
            last.verb,
            runs[0].started_at,
            tuple(each.id for each in runs if each.writes),
            sum(each.writes for each in runs),
            last.held,
            last.conflicts,
            last.approval,
            last.brakes,
            last.failures,
        )

    @classmethod
    def of_report(cls, report: RunReport, earlier: Sequence[ActRun]) -> Came:
        """A run that has just ended, and those of tries that were cut off."""
        before = [each for each in earlier if each.id != report.run_id and each.writes]
        own = (report.run_id,) if report.writes_sent else ()
        return cls(
            report.run_id,
            report.verb,
            report.started_at,
            (*(each.id for each in before), *own),
            sum(each.writes for each in before) + report.writes_sent,
            report.held,
            report.conflicts,
            report.approval,
            report.brakes,
            report.failures,
        )


async def see_through(  # noqa: PLR0913 — what is done, and all that is said of it
    ground: Ground,
    front: FrontDesk,
    act: Callable[[], Awaitable[RunReport]],
    *,
    said: str = "",
    way: Way = "sentence",
    acts: int = 1,
    left: Callable[[], Awaitable[tuple[str, ...]]] | None = None,
) -> Message:
    """Have a run made under the deed's name, and say what came of it.

    Args:
        ground: Its `once` names the deed.
        front: The connection.
        act: Makes the run, with the same `once`.
        said: The sentence of success.
        way: Said as a sentence with its undo, or as the card of a run.
        acts: How many runs the deed is made of; `act` makes the last.
        left: Asked where nothing was written: reasons why it was left alone.
    """
    promise = {"front": front.name, "said": said, "way": way, "acts": acts}
    await asyncio.to_thread(_keep, ground, promise)
    report = await act()
    came = Came.of_report(report, await front.acts(ground.once))
    if left is not None and not came.writes:
        came = replace(came, left=await left())
    return await _shown(ground, front.name, came, promise)


async def told_before(ground: Ground) -> Message | None:
    """What a deed did whose job died before it could say so; None where it is to be done."""
    promise = await asyncio.to_thread(_kept, ground)
    front = None if promise is None else _front(ground, promise["front"])
    if promise is None or front is None:
        return None
    runs = await front.acts(ground.once)
    is_done = sum(each.is_whole for each in runs) >= promise["acts"] and runs[-1].is_whole
    return await _shown(ground, front.name, Came.of(runs), promise) if is_done else None


def forget(people: SlackPeople, team: str, once: str) -> None:
    """The deed is done and told."""
    people.put_setting(team, once, _PROMISE, value=None)


def run_card(ground: Ground, connection: str, came: Came) -> Message:
    """What a run came to."""
    failed = len(came.failures)
    return syncing.run(
        ground.scene.voice,
        RunCard(
            id=",".join(came.runs) or came.last,
            connection=connection,
            verb=came.verb,
            state="failed" if failed else "held" if came.held else "done",
            applied=came.writes,
            held=came.held,
            conflicts=came.conflicts,
            failed=failed,
            began_at=came.began_at,
            cause="; ".join(came.failures or came.brakes),
        ),
    )


def may_take_back(scene: Scene, runs: Sequence[str]) -> bool:
    """Whether this person did it, just now."""
    return bool(runs) and set(runs) <= _own_runs(scene).keys()


async def _shown(
    ground: Ground, connection: str, came: Came, promise: dict[str, Any]
) -> Message:
    if promise["way"] == "card":
        return run_card(ground, connection, came)
    return await _said(ground, came, promise["said"])


async def _said(ground: Ground, came: Came, said: str) -> Message:
    """What a run came to; with the way back for ten minutes where it wrote."""
    voice = ground.scene.voice
    if came.held:
        reason = "; ".join(came.brakes)
        said = voice.say("deed.held", reason=reason, approval=came.approval)
        return message(voice, said, [section(said)])
    if came.failures:
        said = voice.say("deed.failed", reason="; ".join(came.failures))
        return message(voice, said, [section(said)])
    if not came.writes:
        reason = "; ".join(came.left)
        said = voice.say("deed.left_alone" if reason else "deed.nothing", reason=reason)
        return message(voice, said, [section(said)])
    await asyncio.to_thread(_remember_own, ground.scene, came.runs)
    # Made harmless when it was made; a promise holds it as plain JSON.
    return answers.saved(voice, Markup(said), undo=",".join(came.runs))


def _remember_own(scene: Scene, runs: Sequence[str]) -> None:
    people, person = scene.shelf.people, scene.person
    kept = _own_runs(scene) | dict.fromkeys(runs, scene.now.isoformat())
    people.put_setting(person.team, person.user, OWN_RUNS, value=kept)


def _own_runs(scene: Scene) -> dict[str, str]:
    person = scene.person
    kept = scene.shelf.people.get_setting(person.team, person.user, OWN_RUNS) or {}
    since = scene.now - UNDO_WITHIN
    return {run: at for run, at in kept.items() if datetime.fromisoformat(at) > since}


def _keep(ground: Ground, promise: dict[str, Any]) -> None:
    scene = ground.scene
    scene.shelf.people.put_setting(scene.team, ground.once, _PROMISE, value=promise)


def _kept(ground: Ground) -> dict[str, Any] | None:
    scene = ground.scene
    kept: dict[str, Any] | None = scene.shelf.people.get_setting(
        scene.team, ground.once, _PROMISE
    )
    return kept


def _front(ground: Ground, name: str) -> FrontDesk | None:
    return next((each for each in ground.fronts.values() if each.name == name), None)
