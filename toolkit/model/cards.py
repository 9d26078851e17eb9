"""What front ends show: records of both sides side by side, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.model.ids import Side
from toolkit.model.values import Value


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field as both sides show it.

    Attributes:
        shown: Side -> its value, None where it is blank; a side that was not seen to have
            the field is absent.
    """

    name: str
    shown: Mapping[Side, Value]

    @property
    def is_agreed(self) -> bool:
        """Whether both sides were seen, with one value."""
        values = [*self.shown.values()]
        return len(values) == len(Side) and values[0] == values[1]

    @property
    def value(self) -> Value:
        """The agreed value, or the first that is not blank."""
        values = [self.shown[side] for side in Side if side in self.shown]
        return next((each for each in values if each is not None), None)


@dataclass(frozen=True, slots=True)
class FieldManner:
    """How a field of a contact is asked for.

    Attributes:
        type: As the mapping calls it.
        choices: Its known options.
        is_typed: People may write it; else it is made from other fields, or comes along.
    """

    name: str
    type: str
    choices: tuple[str, ...] = ()
    is_typed: bool = True


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in a list.

    Attributes:
        id: Short, and enough to name it in a command.
        is_overdue: Reckoned by who made the line, who knows today.
    """

    id: str
    title: str
    due_at: datetime | None = None
    is_completed: bool = False
    is_overdue: bool = False
    owner: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class NoteLine:
    """A note in a list."""

    id: str
    body: str
    author: str = ""
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactHit:
    """A contact in search results."""

    id: str
    name: str
    email: str = ""
    phone: str = ""
    sides: frozenset[Side] = frozenset(Side)


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A contact of both sides in one.

    Attributes:
        id: Of the pair.
        urls: Side -> where to open the record.
        synced_at: When both sides were last seen to agree; None for never.
        tasks: The first few that are open.
        open_tasks: How many are open.
        conflicts: How many fields wait for a decision.
    """

    id: str
    connection: str
    name: str
    lines: tuple[FieldLine, ...] = ()
    urls: Mapping[Side, str] = field(default_factory=dict)
    synced_at: datetime | None = None
    tasks: tuple[TaskLine, ...] = ()
    open_tasks: int = 0
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One field that both sides changed."""

    id: str
    field: str
    highlevel: Value
    timetonic: Value
    base: Value = None


@dataclass(frozen=True, slots=True)
class ConflictCard:
    """A record's conflicts.

    Attributes:
        id: Of the pair.
        similar: Other conflicts of the same field or fields.
        since: When the first of them opened.
    """

    id: str
    name: str
    lines: tuple[ConflictLine, ...]
    similar: int = 0
    since: datetime | None = None
    run: str = ""


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run while it goes on, and after.

    Attributes:
        state: `running`, `done`, `failed`, `stopped` or `held`.
        total: How much there is to do; 0 while nobody knows.
        left_s: Seconds it will take still; None where nobody can tell.
        remedy: What to do about a failure or a brake, as the error says it.
    """

    id: str
    connection: str
    verb: str
    state: str
    done: int = 0
    total: int = 0
    left_s: float | None = None
    applied: int = 0
    held: int = 0
    conflicts: int = 0
    failed: int = 0
    began_at: datetime | None = None
    ended_at: datetime | None = None
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class SyncCard:
    """How one connection is doing.

    Attributes:
        lag_s: Age of the oldest change that waits; 0 for none.
        hourly: Changes written in each of the last hours, oldest first.
    """

    connection: str
    synced_at: datetime | None = None
    lag_s: float = 0
    queued: int = 0
    failures: int = 0
    conflicts: int = 0
    is_paused: bool = False
    hourly: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One intended write of a plan, a field at a time."""

    record: str
    side: Side
    field: str
    before: Value
    after: Value
    verb: str = "update"
