"""Commands about alerts: who looks after them, which come, when it is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING, Final

from bot.alerts import explain
from bot.alerts.subjects import OBJECTS
from bot.commands.arguments import channel, text, user
from bot.parse.problems import nearest
from bot.views import alerts as views
from bot.views.blocks import Message, header, lines, message, section
from bot.words import Markup
from toolkit.errors import UseError
from toolkit.model.chat_alerts import AlertState, Mute, Predicate, Route
from toolkit.model.events import EventKind, Severity

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.commands.scene import Handler, Scene
    from bot.parse import Parsed
    from toolkit.model.chat_alerts import Incident

_DAYS: Final = {
    "weekdays": frozenset(range(5)),
    "daily": frozenset(range(7)),
    "mondays": frozenset({0}),
}
_STATES: Final = {each.value: (each,) for each in AlertState} | {"all": tuple(AlertState)}
_OPERATORS: Final = ("!=", "=", "~", "<", ">")


def list_alerts(scene: Scene, parsed: Parsed) -> Message:
    """Alerts in a state; those that stand where none is said."""
    found = alerts_of(scene, parsed)
    told = [
        scene.voice.say("storm.line", headline=views.headline(scene.voice, each), id=each.id)
        for each in found
    ]
    said = scene.voice.say("answer.alerts", count=len(found))
    return message(scene.voice, said, [header(said), *map(section, told)])


def alerts_of(scene: Scene, parsed: Parsed) -> list[Incident]:
    """The alerts that are meant, the newest."""
    states = _STATES.get(text(parsed, "state"), (AlertState.OPEN, AlertState.ACKED))
    return [*scene.shelf.alerts.list_incidents(scene.team, states=states, limit=20)]


def acknowledge(scene: Scene, parsed: Parsed) -> Message:
    """This person looks after an alert."""
    id_ = text(parsed, "alert")
    did = scene.alerts.acknowledge(scene.team, id_, user=scene.person.user)
    return _alert_done(scene, id_, "answer.acked", did=did)


def resolve(scene: Scene, parsed: Parsed) -> Message:
    """Closes an alert."""
    id_ = text(parsed, "alert")
    did = scene.alerts.resolve(scene.team, id_, user=scene.person.user)
    return _alert_done(scene, id_, "answer.resolved", did=did)


def assign(scene: Scene, parsed: Parsed) -> Message:
    """Gives an alert to somebody."""
    id_, to = text(parsed, "alert"), user(parsed, "to", me=scene.person.user)
    did = bool(to) and scene.alerts.assign(scene.team, id_, to=to)
    return _alert_done(scene, id_, "answer.assigned", did=did)


def _alert_done(scene: Scene, id_: str, key: str, *, did: bool) -> Message:
    return say(scene, key if did else "answer.alert_unchanged", id=id_)


def list_routes(scene: Scene, _parsed: Parsed) -> Message:
    """The rules of this channel."""
    own = [each for each in scene.settings.routes() if each.channel == scene.channel]
    said = scene.voice.say("answer.routes", count=len(own))
    return message(scene.voice, said, [header(said), *(section(_route(each)) for each in own)])


def _route(route: Route) -> str:
    parts = {
        "object": route.objects,
        "event": route.events,
        "owner": route.owners,
        "tag": route.tags,
        "connection": route.connections,
    }
    said = [f"{name}={','.join(sorted(each))}" for name, each in parts.items() if each]
    said += [f"where {each.field}{each.operator}{each.value}" for each in route.where]
    return f"{route.name}: severity={route.at_least.value} {' '.join(said)}".strip()


def add_route(scene: Scene, parsed: Parsed) -> Message:
    """Sends alerts to this channel.

    Raises:
        UseError: An object, event or severity that does not exist.
    """
    severity = _known(text(parsed, "severity") or "info", [each.value for each in Severity])
    objects = [_known(each, OBJECTS) for each in _several(parsed, "object")]
    kinds = [each.value for each in EventKind]
    route = Route(
        name=text(parsed, "name") or f"{scene.channel}-{len(scene.settings.routes()) + 1}",
        team=scene.team,
        channel=scene.channel,
        objects=frozenset(objects),
        events=frozenset(_event(each, kinds) for each in _several(parsed, "event")),
        at_least=Severity(severity),
        owners=frozenset(_several(parsed, "owner")),
        tags=frozenset(_several(parsed, "tag")),
        connections=frozenset(_several(parsed, "connection")),
        where=tuple(_predicate(each) for each in _several(parsed, "where")),
    )
    scene.settings.put_route(route)
    return say(scene, "answer.route_added", name=route.name)


def _several(parsed: Parsed, name: str) -> list[str]:
    return [each.strip() for each in text(parsed, name).split(",") if each.strip()]


def _event(word: str, kinds: Collection[str]) -> str:
    """`conflict` is short for `conflict_opened`."""
    begun = [each for each in kinds if each == word or each.startswith(f"{word}_")]
    return begun[0] if begun else _known(word, kinds)


def _known(word: str, known: Collection[str]) -> str:
    if word in known:
        return word
    close = ", ".join(nearest(word, known)) or ", ".join(sorted(known)[:8])
    raise UseError(
        f"There is no `{word}`", unchanged="Nothing was changed", remedy=f"Try {close}"
    )


def _predicate(word: str) -> Predicate:
    for operator in _OPERATORS:
        name, found, value = word.partition(operator)
        if found and name.strip():
            return Predicate(name.strip(), operator, value.strip())
    raise UseError(
        "A condition needs a field, a sign and a value",
        unchanged="Nothing was changed",
        remedy='Write where="plan=gold"',
    )


def remove_route(scene: Scene, parsed: Parsed) -> Message:
    """Takes a rule away."""
    name = text(parsed, "name")
    did = scene.settings.remove_route(name)
    return say(scene, "answer.route_removed" if did else "answer.nothing_so_named", name=name)


def test_route(scene: Scene, parsed: Parsed) -> Message:
    """Where an event of the feed would go, and which rule says so."""
    number = text(parsed, "event")
    seq = int(number) if number.isdigit() else 0
    found = scene.feed.list_events(seq - 1, limit=1) if seq > 0 else []
    if not found or found[0].seq != seq:
        return say(scene, "answer.nothing_so_named", name=number)
    findings = explain(scene.settings.routes(), found[0], scene.values_of(found[0]))
    told = [
        scene.voice.say(
            "answer.route_sends" if each.is_match else "answer.route_misses",
            name=each.route.name,
            channel=Markup(f"<#{each.route.channel}>"),
            missed=each.missed,
        )
        for each in findings
    ]
    said = scene.voice.say("answer.route_test", count=sum(each.is_match for each in findings))
    return message(scene.voice, said, [header(said), section(lines(*told) or said)])


def show_digest(scene: Scene, _parsed: Parsed) -> Message:
    """When this channel's summary comes."""
    at = scene.settings.habits(scene.channel).digest_at
    if at is None:
        return say(scene, "answer.digest_off")
    return say(scene, "answer.digest_at", time=f"{at:%H:%M}")


def set_digest(scene: Scene, parsed: Parsed) -> Message:
    """Sets when it comes; without days, on weekdays."""
    at = parsed.values.get("time")
    days = _DAYS[text(parsed, "days") or "weekdays"]
    habits = scene.settings.habits(scene.channel)
    clock = at if isinstance(at, time) else None
    # A channel has the zone of who set its hours, until somebody chooses another.
    zone = habits.zone if habits.digest_at else scene.voice.zone
    chosen = replace(habits, digest_at=clock, digest_days=days, zone=zone)
    scene.settings.put_habits(scene.channel, chosen)
    return show_digest(scene, parsed)


def end_digest(scene: Scene, parsed: Parsed) -> Message:
    """Stops it."""
    habits = scene.settings.habits(scene.channel)
    scene.settings.put_habits(scene.channel, replace(habits, digest_at=None))
    return show_digest(scene, parsed)


def list_mutes(scene: Scene, _parsed: Parsed) -> Message:
    """What is silent, and until when."""
    mutes = scene.settings.mutes(scene.now)
    said = scene.voice.say("answer.mutes", count=len(mutes))
    told = [
        scene.voice.say("answer.mute", scope=each.scope, at=scene.voice.moment(each.until))
        for each in mutes
    ]
    return message(scene.voice, said, [header(said), *map(section, told)])


def add_mute(scene: Scene, parsed: Parsed) -> Message:
    """Silences this channel's alerts of a scope, or another one's that is named."""
    span = parsed.values.get("for")
    until = scene.now + (span if isinstance(span, timedelta) else timedelta())
    mute = Mute(text(parsed, "scope"), until, scene.person.user, channel(scene, parsed))
    scene.settings.put_mute(mute, scene.now)
    return say(scene, "answer.mute", scope=mute.scope, at=scene.voice.moment(until))


def end_mute(scene: Scene, parsed: Parsed) -> Message:
    """Ends a silence."""
    scope = text(parsed, "scope")
    did = scene.settings.end_mute(scope, channel=channel(scene, parsed), now=scene.now)
    return say(scene, "answer.mute_ended" if did else "answer.nothing_so_named", name=scope)


def say(scene: Scene, key: str, **values: str) -> Message:
    """One sentence as an answer."""
    said = scene.voice.say(key, **values)  # type: ignore[arg-type]  # no value is called `count`
    return message(scene.voice, said, [section(said)])


ALERTING: Final[dict[str, Handler]] = {
    "alert list": list_alerts,
    "alert ack": acknowledge,
    "alert resolve": resolve,
    "alert assign": assign,
    "route list": list_routes,
    "route add": add_route,
    "route remove": remove_route,
    "route test": test_route,
    "digest show": show_digest,
    "digest set": set_digest,
    "digest off": end_digest,
    "mute list": list_mutes,
    "mute add": add_mute,
    "mute off": end_mute,
}
