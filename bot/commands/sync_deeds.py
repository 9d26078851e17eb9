"""Commands that run, pause and settle: the sync itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.commands.arguments import text
from bot.commands.deeds import Deed, Ground, may_take_back, show_plan, told
from bot.commands.settling import resolve
from bot.views import syncing
from bot.views.blocks import Message, message, section
from toolkit.errors import UseError
from toolkit.model.cards import RunCard

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
    report = await front.sync(full="full" in parsed.flags)
    return run_card(ground, front, report)


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
    return run_card(ground, front, await front.retry())


async def undo(ground: Ground, parsed: Parsed) -> Message:
    """Take a run back."""
    front, run = await _run_of(ground, text(parsed, "run"))
    report = await front.undo(run.id)
    return told(ground, report, ground.scene.voice.say("deed.undone"))


async def undo_own(ground: Ground, parsed: Parsed) -> Message:
    """Take back what one did oneself, within ten minutes."""
    wanted = text(parsed, "run")
    if not may_take_back(ground.scene, wanted):
        raise UseError(ground.scene.voice.tell("deed.not_yours"), unchanged=_UNCHANGED)
    return await undo(ground, parsed)


def run_card(ground: Ground, front: FrontDesk, report: RunReport) -> Message:
    """What a run came to."""
    failed = len(report.failures)
    state = "failed" if failed else "held" if report.held else "done"
    return syncing.run(
        ground.scene.voice,
        RunCard(
            id=report.run_id,
            connection=front.name,
            verb=report.verb,
            state=state,
            applied=report.writes_sent,
            held=report.held,
            conflicts=report.conflicts,
            failed=failed,
            began_at=report.started_at,
            cause="; ".join(report.failures or report.brakes),
        ),
    )


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
