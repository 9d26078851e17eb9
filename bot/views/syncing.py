"""Runs and the state of sync."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.views.blocks import (
    Block,
    Message,
    actions,
    bars,
    button,
    context,
    header,
    lines,
    message,
    section,
)
from bot.words import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.words import Voice
    from toolkit.model.cards import RunCard, SyncCard

_BAR: Final = 20
_MOST_STATES: Final = 15


def run(voice: Voice, shown: RunCard) -> Message:
    """A run: its progress while it goes on, what came of it after."""
    said = _headline(voice, shown)
    blocks: list[Block] = [header(said)]
    if shown.state == "running":
        blocks.append(section(_progress(voice, shown)))
    if shown.cause:
        blocks.append(section(lines(shown.cause, voice.say("error.unchanged"), shown.remedy)))
    blocks.append(section(_counts(voice, shown)))
    blocks += _next_step(voice, shown)
    blocks.append(context(_moments(voice, shown)))
    return message(voice, said, blocks)


def _headline(voice: Voice, shown: RunCard) -> str:
    verb = (
        voice.tell(f"run.verb.{shown.verb}")
        if voice.knows(f"run.verb.{shown.verb}")
        else shown.verb
    )
    return voice.tell(f"run.{shown.state}", verb=verb, connection=shown.connection)


def _progress(voice: Voice, shown: RunCard) -> Markup:
    if not shown.total:
        return voice.say("run.counting", done=voice.number(shown.done))
    share = min(1.0, shown.done / shown.total)
    filled = round(share * _BAR)
    bar = Markup("\u2588" * filled + "\u2591" * (_BAR - filled))
    of = voice.say(
        "run.progress",
        share=f"{share:.0%}",
        done=voice.number(shown.done),
        total=voice.number(shown.total),
    )
    left = Markup("")
    if shown.left_s is not None:
        left = voice.say("run.left", span=voice.span(timedelta(seconds=shown.left_s)))
    return lines(bar, of, left)


def _counts(voice: Voice, shown: RunCard) -> Markup:
    counted = {
        "run.applied": shown.applied,
        "run.held_back": shown.held,
        "run.conflicts": shown.conflicts,
        "run.failures": shown.failed,
    }
    said = [voice.say(key, count=count) for key, count in counted.items() if count]
    return Markup(" \u00b7 ".join(said)) if said else voice.say("run.nothing")


def _next_step(voice: Voice, shown: RunCard) -> list[Block]:
    can_undo = shown.state in {"done", "stopped", "held"} and shown.applied
    buttons = [
        button(voice.tell("button.retry"), "sync.retry", value=shown.id, style="primary")
        if shown.state == "failed" or shown.failed
        else None,
        button(voice.tell("button.conflicts"), "sync.conflicts", value=shown.connection)
        if shown.conflicts
        else None,
        button(voice.tell("button.undo"), "sync.undo", value=shown.id) if can_undo else None,
    ]
    return [actions(*buttons)] if any(buttons) else []


def _moments(voice: Voice, shown: RunCard) -> Markup:
    parts = [voice.say("run.id", id=shown.id)]
    if shown.began_at:
        parts.append(voice.say("run.began", at=voice.moment(shown.began_at)))
    if shown.ended_at:
        parts.append(voice.say("run.ended", at=voice.moment(shown.ended_at)))
    return Markup(" \u00b7 ".join(parts))


def status(voice: Voice, states: Sequence[SyncCard]) -> Message:
    """How every connection is doing, the first with a chart of its last hours."""
    if not states:
        none = voice.say("sync.none")
        return message(voice, none, [section(none)])
    said = verdict(voice, states)
    blocks: list[Block] = [header(voice.tell("sync.title")), section(said)]
    blocks += [
        section(state_line(voice, state), accessory=_switch(voice, state))
        for state in states[:_MOST_STATES]
    ]
    if any(states[0].hourly):
        title = voice.tell("sync.chart", connection=states[0].connection)
        blocks.append(bars(title, states[0].hourly, series=voice.tell("sync.chart_series")))
    left = len(states) - _MOST_STATES
    if left > 0:
        blocks.append(context(voice.say("sync.more", count=left)))
    return message(voice, said, blocks)


def verdict(voice: Voice, states: Sequence[SyncCard]) -> Markup:
    """One sentence: all is well, or the worst that is not."""
    failing = [each for each in states if each.failures]
    paused = [each for each in states if each.is_paused]
    conflicts = sum(each.conflicts for each in states)
    if failing:
        return voice.say("sync.failing", count=len(failing), connection=failing[0].connection)
    if paused:
        return voice.say("sync.paused", count=len(paused), connection=paused[0].connection)
    if conflicts:
        return voice.say("sync.waiting", count=conflicts)
    return voice.say("sync.well")


def state_line(voice: Voice, state: SyncCard) -> Markup:
    """One connection in two lines."""
    seen = voice.moment(state.synced_at) if state.synced_at else voice.tell("sync.never")
    figures = [
        voice.say("sync.lag", span=voice.span(timedelta(seconds=state.lag_s))),
        voice.say("sync.queued", count=state.queued),
        voice.say("sync.failures", count=state.failures),
        voice.say("sync.conflicts", count=state.conflicts),
    ]
    first = voice.say("sync.line", connection=state.connection, at=seen)
    return lines(first, Markup(" \u00b7 ".join(figures)))


def _switch(voice: Voice, state: SyncCard) -> Block:
    verb = "resume" if state.is_paused else "pause"
    action = f"sync.{verb}.{state.connection}"[:255]
    return button(voice.tell(f"button.{verb}"), action, value=state.connection)
