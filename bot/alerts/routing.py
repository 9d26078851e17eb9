"""Which channel an event goes to, and why: every answer names its rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.alerts.subjects import object_of
from toolkit.model.events import EventKind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from toolkit.model.chat_alerts import Incident, Mute, Predicate, Route
    from toolkit.model.events import Event
    from toolkit.model.values import Value

_LOUDNESS: Final = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one event.

    Attributes:
        missed: Why it does not send it: `object`, `event`, `severity`, `connection`,
            `owner`, `tag` or `where FIELD`; empty where it does.
    """

    route: Route
    missed: str = ""

    @property
    def is_match(self) -> bool:
        """Whether the rule sends the event."""
        return not self.missed


def matches(route: Route, event: Event, values: Mapping[str, Value]) -> Finding:
    """Whether a rule sends an event, and if not, the first thing that is missing.

    Args:
        route: The rule.
        event: From the feed.
        values: Of the record it is about, as both sides agreed; empty where unknown.
    """
    checks: tuple[tuple[str, bool], ...] = (
        ("object", not route.objects or object_of(event.kind) in route.objects),
        ("event", not route.events or event.kind.value in route.events),
        ("severity", _LOUDNESS[event.severity] >= _LOUDNESS[route.at_least]),
        ("connection", not route.connections or event.connection in route.connections),
        ("owner", not route.owners or values.get("owner_id") in route.owners),
        ("tag", not route.tags or bool(route.tags & _tags(values))),
        *((f"where {each.field}", _holds(each, values)) for each in route.where),
    )
    return Finding(route, next((name for name, holds in checks if not holds), ""))


def route_event(
    routes: Sequence[Route], event: Event, values: Mapping[str, Value]
) -> dict[tuple[str, str], list[Route]]:
    """(Team, channel) -> the rules that send the event there."""
    sent: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        if matches(route, event, values).is_match:
            sent.setdefault((route.team, route.channel), []).append(route)
    return sent


def explain(
    routes: Sequence[Route], event: Event, values: Mapping[str, Value]
) -> list[Finding]:
    """What every rule says of an event, those that send it first."""
    found = [matches(route, event, values) for route in routes]
    return sorted(found, key=lambda each: (bool(each.missed), each.route.name))


def names_it(route: Route, event: Event) -> bool:
    """Whether a rule asks for this very thing, so that it is shown even if it is quiet."""
    return bool(route.objects or route.events) and object_of(event.kind) != "run"


def find_mute(mutes: Sequence[Mute], alert: Incident) -> Mute | None:
    """The silence that covers an alert longest; None where there is none."""
    object_ = object_of(EventKind(alert.event))
    scopes = {"all", alert.event, object_, alert.connection, alert.id}
    found = [
        each for each in mutes if each.scope in scopes and each.channel in {"", alert.channel}
    ]
    return max(found, key=lambda each: each.until, default=None)


def _tags(values: Mapping[str, Value]) -> frozenset[str]:
    tags = values.get("tags")
    return frozenset(tags) if isinstance(tags, tuple) else frozenset()


_COMPARES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "=": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: found != wanted,
    "~": lambda found, wanted: wanted in found,
    "<": lambda found, wanted: _ordered(found, wanted) < 0,
    ">": lambda found, wanted: _ordered(found, wanted) > 0,
}


def _holds(predicate: Predicate, values: Mapping[str, Value]) -> bool:
    # What was never seen is not blank: a rule about it cannot be said to hold.
    if predicate.field not in values:
        return False
    value = values[predicate.field]
    if isinstance(value, tuple):
        return (predicate.value in value) == (predicate.operator != "!=")
    found = "" if value is None else str(value).lower()
    compare = _COMPARES.get(predicate.operator)
    return compare is not None and compare(found, predicate.value.lower())


def _ordered(found: str, wanted: str) -> float:
    """Below 0 where `found` comes first; numbers by size, dates and words as text."""
    try:
        return float(found) - float(wanted)
    except ValueError:
        return -1 if found < wanted else float(found > wanted)
