"""Alerts: the message that is edited in place, its thread, storms and digests."""

from __future__ import annotations

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
    option,
    overflow,
    section,
)
from bot.words import Markup
from toolkit.model.chat_alerts import AlertState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.words import Voice
    from toolkit.model.chat_alerts import Incident, Occurrence, Storm

_MOST_NAMED: Final = 10


def root(voice: Voice, alert: Incident) -> Message:
    """The one message of an alert, as things stand."""
    said = headline(voice, alert)
    text = lines(
        _about(voice, "effect", alert),
        voice.say("alert.cause", cause=alert.cause) if alert.cause else "",
        _about(voice, "remedy", alert),
    )
    blocks: list[Block] = [header(said), section(text, accessory=_menu(voice, alert))]
    if alert.state is not AlertState.RESOLVED and alert.open:
        blocks.append(_buttons(voice, alert))
    blocks.append(context(_state(voice, alert)))
    blocks.append(context(_origin(voice, alert)))
    return message(voice, lines(said, _state(voice, alert)), blocks)


def headline(voice: Voice, alert: Incident) -> str:
    """Where, what happened, how often."""
    what = voice.tell(f"alert.{alert.event}", count=alert.count)
    return voice.tell("alert.title", connection=alert.connection, what=what)


def _about(voice: Voice, what: str, alert: Incident) -> Markup:
    """The sentence of this event, or the one for plain changes."""
    key = f"alert.{what}.{alert.event}"
    return voice.say(key if voice.knows(key) else f"alert.{what}.change")


def _menu(voice: Voice, alert: Incident) -> Block:
    choices = [
        option(voice.tell("button.mute"), f"mute:{alert.id}"),
        option(voice.tell("button.assign"), f"assign:{alert.id}"),
        option(voice.tell("button.why"), f"why:{alert.id}"),
    ]
    return overflow("alert.more", choices)


def _buttons(voice: Voice, alert: Incident) -> Block:
    step = {
        "conflict_opened": ("button.conflicts", "sync.conflicts"),
        "run_failed": ("button.retry", "sync.retry"),
        "brake_tripped": ("button.details", "sync.plan"),
    }.get(alert.event)
    first = (
        button(voice.tell(step[0]), step[1], value=alert.connection, style="primary")
        if step
        else None
    )
    ack = button(voice.tell("button.ack"), "alert.ack", value=alert.id)
    return actions(
        first,
        ack if alert.state is AlertState.OPEN else None,
        button(voice.tell("button.resolve"), "alert.resolve", value=alert.id),
    )


def _state(voice: Voice, alert: Incident) -> Markup:
    who = Markup(f"<@{alert.acked_by}>") if alert.acked_by else voice.say("alert.nobody")
    if alert.state is AlertState.RESOLVED and alert.resolved_at:
        return voice.say("alert.state.resolved", at=voice.moment(alert.resolved_at))
    if alert.state is AlertState.ACKED:
        return voice.say("alert.state.acked", who=who)
    stands = "alert.state.open" if alert.open else "alert.state.news"
    key = "alert.state.reopened" if alert.is_reopened else stands
    said = voice.say(key, at=voice.moment(alert.first_at))
    if not alert.assigned_to:
        return said
    return Markup(
        f"{said} {voice.say('alert.assigned', who=Markup(f'<@{alert.assigned_to}>'))}"
    )


def _origin(voice: Voice, alert: Incident) -> Markup:
    count = voice.say("alert.count", count=alert.count, at=voice.moment(alert.last_at))
    rule = voice.say("alert.rule", rules=", ".join(alert.rules), id=alert.id)
    return Markup(f"{count} \u00b7 {rule}")


def repeats(voice: Voice, fresh: Sequence[Occurrence], *, more: int) -> Message:
    """What came since the message was written last; goes into its thread."""
    said = voice.say("alert.repeats", count=more)
    named = [_occurrence(voice, each) for each in fresh[-_MOST_NAMED:]]
    left = more - len(named)
    tail = voice.say("alert.repeats_more", count=left) if left > 0 else ""
    return message(voice, said, [section(lines(said, *named, tail))])


def _occurrence(voice: Voice, each: Occurrence) -> Markup:
    return voice.say(
        "alert.occurrence",
        at=voice.moment(each.at),
        number=each.seq,
        reference=each.reference or "\u2013",
    )


def news(voice: Voice, alert: Incident, key: str, *, who: str = "") -> Message:
    """One line of the thread: acknowledged, resolved, reopened, escalated."""
    person = Markup(f"<@{who}>") if who else voice.say("alert.nobody")
    said = voice.say(f"alert.news.{key}", who=person, headline=headline(voice, alert))
    return message(voice, said, [section(said)])


def storm(voice: Voice, state: Storm) -> Message:
    """The one message while more comes than anybody can read."""
    key = "storm.on" if state.began_at else "storm.over"
    said = voice.say(key, alerts=voice.number(state.alerts), events=voice.number(state.events))
    blocks: list[Block] = [header(voice.tell("storm.title")), section(said)]
    if state.began_at:
        blocks.append(section(voice.say("storm.what")))
        blocks.append(actions(button(voice.tell("button.alerts"), "alert.list")))
    return message(voice, said, blocks)


def folded(voice: Voice, alerts: Sequence[tuple[Incident, int]]) -> Message:
    """What a storm's thread tells of the alerts that came in it."""
    said = voice.say("storm.folded", count=len(alerts))
    named = [
        voice.say("storm.line", headline=headline(voice, alert), id=alert.id)
        for alert, _ in alerts[:_MOST_NAMED]
    ]
    left = len(alerts) - len(named)
    tail = voice.say("alert.repeats_more", count=left) if left else ""
    return message(voice, said, [section(lines(said, *named, tail))])


def digest(voice: Voice, counts: Mapping[str, int], *, hourly: Sequence[int] = ()) -> Message:
    """What a day was like: how many of each, most first."""
    total = sum(counts.values())
    said = voice.say("digest.headline", count=total)
    blocks: list[Block] = [header(voice.tell("digest.title")), section(said)]
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    told = [voice.say(f"digest.{event}", count=count) for event, count in most]
    if told:
        blocks.append(section(lines(*told)))
    if any(hourly):
        series = voice.tell("sync.chart_series")
        blocks.append(bars(voice.tell("digest.chart"), hourly, series=series))
    shows = [
        button(voice.tell("button.alerts"), "alert.list"),
        button(voice.tell("button.sync"), "sync.status"),
    ]
    return message(voice, said, [*blocks, actions(*shows)])
