"""Commands that run, pause and settle: the sync itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bot.commands.arguments import text
from bot.commands.deeds import show_plan
from bot.commands.ground import Deed, Ground
from bot.commands.promises import may_take_back, see_through
from bot.commands.settling import resolve
from bot.views.blocks import Message, message, section
from toolkit.errors import UseError

if TYPE_CHECKING:
    from bot.parse import Parsed
    from toolkit.app.front_desk import FrontDesk
    from toolkit.model.outcomes import RunReport
    from toolkit.store import RunEntry

_UNCHANGED: Final = "Nothing was changed"


async def run_sync(ground: Ground, parsed: Parsed) -> Message:
    """Make both sides agree; with --dry-run only look."""
    if "dry-run" in parsed.flags:
        return await plan_sync(ground, parsed)
    front = ground.front(text(parsed, "connection"))
    is_full = "full" in parsed.flags
    return await see_through(
        ground, front, lambda: front.sync(full=is_full, once=ground.once), way="card"
    )


async def plan_sync(ground: Ground, parsed: Parsed) -> Message:
    """What a sync would do now."""
    front = ground.front(text(parsed, "connection"))
    return await show_plan(ground, await front.preview())


async def pause(ground: Ground, parsed: Parsed) -> Message:
    """Write nothing for a while."""
    front = ground.front(text(parsed, "connection"))
    await front.pause()
    return _said(ground, "deed.paused", connection=front.name)


async def resume(ground: Ground, parsed: Parsed) -> Message:
    """Go on."""
    front = ground.front(text(parsed, "connection"))
    await front.resume()
    return _said(ground, "deed.resumed", connection=front.name)


async def retry(ground: Ground, _parsed: Parsed) -> Message:
    """Try again what was refused."""
    front = ground.front()
    return await see_through(ground, front, lambda: front.retry(once=ground.once), way="card")


async def undo(ground: Ground, parsed: Parsed) -> Message:
    """Take a run back, or those of one deed, the newest first."""
    found = [await _run_of(ground, each) for each in _runs(parsed)]
    if len({front.name for front, _ in found}) != 1:
        raise UseError("There is no such run", unchanged=_UNCHANGED)
    front = found[0][0]
    *later, first = reversed([run.id for _, run in found])
    said = ground.scene.voice.say("deed.undone")

    async def act() -> RunReport:
        for run_id in later:
            await front.undo(run_id, once=ground.once)
        return await front.undo(first, once=ground.once)

    return await see_through(ground, front, act, said=said, acts=len(found))


async def undo_own(ground: Ground, parsed: Parsed) -> Message:
    """Take back what one did oneself, within ten minutes."""
    if not await asyncio.to_thread(may_take_back, ground.scene, _runs(parsed)):
        raise UseError(ground.scene.voice.tell("deed.not_yours"), unchanged=_UNCHANGED)
    return await undo(ground, parsed)


def _runs(parsed: Parsed) -> list[str]:
    return [each for each in text(parsed, "run").split(",") if each]


async def _run_of(ground: Ground, wanted: str) -> tuple[FrontDesk, RunEntry]:
    last: UseError | None = None
    for front in ground.fronts.values():
        try:
            return front, await front.ask(lambda it: it.get_run(wanted))
        except UseError as error:
            last = error
    raise last or UseError("There is no such run", unchanged=_UNCHANGED)


def _said(ground: Ground, key: str, *, connection: str) -> Message:
    said = ground.scene.voice.say(key, connection=connection)
    return message(ground.scene.voice, said, [section(said)])


SYNC_DEEDS: Final[dict[str, Deed]] = {
    "sync run": run_sync,
    "sync plan": plan_sync,
    "sync pause": pause,
    "sync resume": resume,
    "sync retry": retry,
    "sync undo": undo,
    "sync resolve": resolve,
    "write undo": undo_own,
}
