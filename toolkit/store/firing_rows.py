"""Firings as values, and as rows of their table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter
from sqlalchemy import bindparam, update

from toolkit.model.automation import Effect, Firing, Happening, Send
from toolkit.model.ids import RunId
from toolkit.store.schema_automation import firing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import RowMapping

_NOBODY: Final = RunId("")


class FiringState(StrEnum):
    """How far a firing has come."""

    WAITING = "waiting"
    HELD = "held"
    """A brake holds it; its reason is the approval that releases it."""
    DONE = "done"
    SKIPPED = "skipped"
    """There was nothing to do: conditions that did not hold, a rule that changed."""
    REFUSED = "refused"
    """It must not be done: a loop, a pair that is not kept in step."""
    FAILED = "failed"
    """It was tried, and is not tried again by itself."""

    @property
    def is_ended(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self not in {FiringState.WAITING, FiringState.HELD}


@dataclass(frozen=True, slots=True)
class FiringEntry:
    """One firing as remembered.

    Attributes:
        is_decided: Its effects are worked out, and stand.
        is_approved: A person released it from a brake.
        reason: For people; of a held one the approval that releases it.
        tries: How often its writes were tried.
        run_id: The run that dealt with it last; empty for none.
    """

    firing: Firing
    state: FiringState = FiringState.WAITING
    is_decided: bool = False
    is_approved: bool = False
    reason: str = ""
    tries: int = 0
    at: datetime | None = None
    not_before: datetime | None = None
    ended_at: datetime | None = None
    run_id: RunId = _NOBODY

    @property
    def is_again(self) -> bool:
        """Whether a person asked for it to be worked out once more."""
        waits = self.state is FiringState.WAITING and not self.is_decided
        return waits and self.run_id != _NOBODY

    @property
    def key(self) -> tuple[str, str]:
        """Rule and happening."""
        return self.firing.rule, self.firing.happening.key


@dataclass(frozen=True, slots=True)
class _Body:
    """What no query asks for."""

    happening: Happening
    effects: tuple[Effect, ...] = ()
    problem: str = ""
    is_decided: bool = False
    is_approved: bool = False


_BODY: TypeAdapter[_Body] = TypeAdapter(_Body)

_CHANGING: Final = (
    "body",
    "state",
    "reason",
    "tries",
    "not_before",
    "ended_at",
    "run_id",
)
# A name of a column cannot be bound twice in one UPDATE, so the key has names of its own.
_KEY: Final = {"connection": "of", "rule": "the_rule", "happening": "the_happening"}
CHANGE: Final = (
    update(firing)
    .where(*(firing.c[column] == bindparam(name) for column, name in _KEY.items()))
    .values({column: bindparam(f"new_{column}") for column in _CHANGING})
)


def without_bodies(entry: FiringEntry) -> FiringEntry:
    """Message bodies hold personal values: they are kept for as long as they are needed."""
    if not entry.state.is_ended or entry.state is FiringState.FAILED:
        return entry
    kept = tuple(
        replace(each, body={}) if isinstance(each, Send) else each
        for each in entry.firing.effects
    )
    return replace(entry, firing=replace(entry.firing, effects=kept))


def entry_of(row: RowMapping) -> FiringEntry:
    """A firing from its columns."""
    body = _BODY.validate_json(row["body"])
    return FiringEntry(
        firing=Firing(row["rule"], body.happening, body.effects, body.problem),
        state=FiringState(row["state"]),
        is_decided=body.is_decided,
        is_approved=body.is_approved,
        reason=row["reason"],
        tries=row["tries"],
        at=row["at"],
        not_before=row["not_before"],
        ended_at=row["ended_at"],
        run_id=RunId(row["run_id"]),
    )


def change_of(name: str, entry: FiringEntry) -> dict[str, Any]:
    """What `CHANGE` wants bound for a firing of this connection."""
    row = row_of(name, entry)
    return {bound: row[column] for column, bound in _KEY.items()} | {
        f"new_{column}": row[column] for column in _CHANGING
    }


def row_of(name: str, entry: FiringEntry) -> dict[str, Any]:
    """A firing of this connection as the columns of its table."""
    happening = entry.firing.happening
    body = _Body(
        happening=happening,
        effects=entry.firing.effects,
        problem=entry.firing.problem,
        is_decided=entry.is_decided,
        is_approved=entry.is_approved,
    )
    return {
        "connection": name,
        "rule": entry.firing.rule,
        "happening": happening.key,
        "trigger": happening.trigger.value,
        "contact": happening.contact,
        "body": _BODY.dump_json(body).decode(),
        "state": entry.state.value,
        "reason": entry.reason,
        "tries": entry.tries,
        "at": entry.at or happening.at,
        "not_before": entry.not_before,
        "ended_at": entry.ended_at,
        "run_id": entry.run_id,
    }
