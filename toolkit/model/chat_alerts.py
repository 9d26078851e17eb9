"""Alerts in a channel: what is routed there, and the one message that stands for many events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum

from toolkit.model.events import Severity


class AlertState(Enum):
    """How far an alert has come; being muted is no state of its own."""

    OPEN = "open"
    ACKED = "acked"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition on a field of the record an event is about."""

    field: str
    operator: str
    """`=`, `!=`, `<`, `>` or `~` (contains)."""
    value: str


@dataclass(frozen=True, slots=True)
class Route:
    """A rule that sends events to a channel; all that is said must hold.

    Attributes:
        name: What `why` calls it; unique in the workspace.
        objects: `contact`, `task`, `note`, `appointment`, `conflict`, `run`, `account`,
            `automation`; empty for all.
        events: Names of event kinds; empty for all.
        at_least: The quietest severity that passes.
        owners: HighLevel users that own the record; empty for anybody's.
        tags: The record has one of these; empty for any.
        connections: Of these connections; empty for all.
    """

    name: str
    team: str
    channel: str
    objects: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    at_least: Severity = Severity.INFO
    owners: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    connections: frozenset[str] = frozenset()
    where: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence for a while; what is silenced is counted still.

    Attributes:
        scope: An alert's id, an object, an event kind, a connection, or `all`.
        channel: Empty for every channel of the workspace.
    """

    scope: str
    until: datetime
    by: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a channel wants its alerts.

    Attributes:
        zone: IANA name; quiet hours and the digest are reckoned in it.
        quiet_from: Only critical alerts come between this time and `quiet_until`.
        digest_at: When the digest comes; None for never.
        digest_days: 0 is Monday.
        group_s: How long a warning waits for others like it.
        edit_s: A message is edited at most this often.
        crowd: While so many messages wait to be posted, repetitions wait and are told
            together: no channel falls behind what it is told. Those of critical alerts wait
            from twice as many on.
        storm_roots: More new alerts than this within `storm_s` are a storm.
        escalate_s: After so long an unanswered critical alert goes to `on_duty`, and after
            as long again to `second_channel`.
    """

    zone: str = "UTC"
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time | None = None
    digest_days: frozenset[int] = frozenset(range(7))
    group_s: float = 60
    edit_s: float = 10
    crowd: int = 10
    storm_roots: int = 20
    storm_s: float = 600
    escalate_s: float = 900
    on_duty: str = ""
    second_channel: str = ""

    @property
    def storm_span(self) -> timedelta:
        """`storm_s` as a span."""
        return timedelta(seconds=self.storm_s)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event of an alert, as its thread tells it."""

    seq: int
    at: datetime
    reference: str = ""
    link_id: str = ""
    kind: str = "contact"


@dataclass(frozen=True, slots=True)
class Incident:
    """One alert in one channel: one message, edited in place, with a thread.

    Attributes:
        id: Short; what `alert ack` takes.
        key: What it stands for; events with the same key in the same channel are one alert.
        generation: Counts messages: a new one is begun when the old one is long over.
        event: The event kind.
        rules: Routes that sent it here; `why` names them.
        count: Events so far, all of them.
        open: How many of its conditions stand; at 0 it is resolved.
        shown: Of `count`, how many the message tells of.
        fresh: Newest events that the message does not tell of yet; at most ten.
        due_at: When the message is next written; None while it says all there is to say.
        is_folded: It came in a storm and lives in the storm's thread.
        folded: Of `shown`, how many were told in a storm's thread.
        pending: What its thread is to be told besides: `resolved` or `reopened`; empty.
        escalated: How often it was.
    """

    id: str
    team: str
    channel: str
    key: str
    connection: str
    event: str
    severity: Severity
    first_at: datetime
    last_at: datetime
    generation: int = 1
    rules: tuple[str, ...] = ()
    state: AlertState = AlertState.OPEN
    count: int = 0
    open: int = 0
    shown: int = 0
    fresh: tuple[Occurrence, ...] = ()
    due_at: datetime | None = None
    shown_at: datetime | None = None
    acked_by: str = ""
    assigned_to: str = ""
    resolved_at: datetime | None = None
    is_folded: bool = False
    folded: int = 0
    is_reopened: bool = False
    pending: str = ""
    escalated: int = 0
    cause: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def slot(self) -> str:
        """Names its message in the outbox."""
        return f"alert:{self.id}:{self.generation}"


@dataclass(frozen=True, slots=True)
class Storm:
    """More alerts than a channel can bear, told in one message.

    Attributes:
        began_at: None while there is none.
        last_at: When the last new alert came.
        alerts: New alerts since it began.
        events: Events since it began.
        roots: When messages were begun lately, storm or not; for the count.
    """

    began_at: datetime | None = None
    last_at: datetime | None = None
    alerts: int = 0
    events: int = 0
    number: int = 0
    shown: int = 0
    shown_at: datetime | None = None
    roots: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A channel's alerts and counters between two events; kept in the store.

    Attributes:
        incidents: Key -> alert; resolved ones stay for a day.
        digest: Event kind -> how many came since the last digest.
        digested_on: The day, in the channel's zone, of the last digest.
    """

    team: str
    channel: str
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    storm: Storm = field(default_factory=Storm)
    digest: Mapping[str, int] = field(default_factory=dict)
    digested_on: date | None = None
