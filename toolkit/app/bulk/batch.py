"""A batch as people meet it: its state, its plan, what became of each of its items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.values import Value

if TYPE_CHECKING:
    from toolkit.app.bulk.items import Item
    from toolkit.model.outcomes import RunReport
    from toolkit.store import BatchEntry


class BatchState(StrEnum):
    """How far a batch has come."""

    STAGED = "staged"
    """Kept; nothing of it was sent."""
    APPLYING = "applying"
    STOPPED = "stopped"
    """Some of it was not sent: by a person, a dead key, or a process that ended."""
    PARTLY = "partly"
    """All was tried; some failed, was refused, or was changed by somebody meanwhile."""
    DONE = "done"
    REVERTED = "reverted"


class ItemState(StrEnum):
    """How one item stands."""

    OPEN = "to do"
    DONE = "done"
    CHANGED = "changed since"
    """Somebody else changed it after it was staged: it is not overwritten."""
    FAILED = "failed"
    REFUSED = "refused"
    """It cannot be written as it is."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item and how it stands.

    Attributes:
        reason: Why it is not done, in a clause; no personal values.
        now: What stands there instead, where somebody changed it.
    """

    item: Item
    state: ItemState
    reason: str = ""
    now: Value = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch, without its items.

    Attributes:
        items: How many changes it is about.
        counts: Word of `ItemState` -> how many, as of its last end; empty before.
        said: What happened, what was not changed and what to do, where it did not end well.
        runs: Runs that wrote for it, oldest first.
        undo_runs: Runs that took it back.
        done: Writes done so far, of `total`, while it is applied.
    """

    id: str
    name: str
    state: BatchState
    made_at: datetime
    changed_at: datetime
    items: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    said: str = ""
    runs: tuple[str, ...] = ()
    undo_runs: tuple[str, ...] = ()
    done: int = 0
    total: int = 0

    @classmethod
    def of(cls, entry: BatchEntry) -> Self:
        """A batch out of the store; what another version left out is as by default."""
        body: Mapping[str, Any] = entry.body
        return cls(
            id=entry.id,
            name=entry.name,
            state=BatchState(entry.state),
            made_at=entry.made_at,
            changed_at=entry.changed_at,
            items=int(body.get("items", 0)),
            counts=body.get("counts", {}),
            said=str(body.get("said", "")),
            runs=tuple(body.get("runs", ())),
            undo_runs=tuple(body.get("undo_runs", ())),
            done=int(body.get("done", 0)),
            total=int(body.get("total", 0)),
        )

    @property
    def body(self) -> dict[str, Any]:
        """What the store keeps beside the columns."""
        return {
            "items": self.items,
            "counts": dict(self.counts),
            "said": self.said,
            "runs": list(self.runs),
            "undo_runs": list(self.undo_runs),
            "done": self.done,
            "total": self.total,
        }

    @property
    def can_apply(self) -> bool:
        """Whether something of it may still be sent."""
        return self.state in {BatchState.STAGED, BatchState.STOPPED, BatchState.APPLYING}

    @property
    def can_retry(self) -> bool:
        """Whether something of it failed."""
        return bool(self.counts.get(ItemState.FAILED.value)) and self.state in {
            BatchState.PARTLY,
            BatchState.STOPPED,
        }

    @property
    def can_revert(self) -> bool:
        """Whether something was written that may be taken back."""
        return bool(self.runs) and self.state is not BatchState.REVERTED


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch would do now.

    Attributes:
        to_do: Items that would be written.
        contacts: Contacts they are about, new ones included.
        done: Items that stand as wanted already.
        left: Items that would not be written, with the reason for each.
        operations: (side, kind, verb) -> writes, those that a brake holds included.
        api_calls: Per side, with the reads that make sure nobody edited meanwhile.
        minutes: About, at HighLevel's pace of 9.5 calls a second.
        share_of_day: Of HighLevel's daily allowance; 1 is all of it.
        left_today: Calls HighLevel said are left today; None where it has not said so.
        brakes: Why a part waits for a person; nothing at all is sent then without approval.
        approval: What lets it pass, once.
    """

    batch: Batch
    to_do: int
    contacts: int
    done: int
    left: tuple[ItemLine, ...]
    operations: Mapping[tuple[Side, Kind, str], int]
    api_calls: Mapping[Side, int]
    minutes: float
    share_of_day: float
    left_today: int | None = None
    brakes: tuple[str, ...] = ()
    approval: str = ""

    @property
    def sentence(self) -> str:
        """The plan in one line."""
        calls = sum(self.api_calls.values())
        about = "under a minute" if self.minutes < 1 else f"about {self.minutes:,.0f} min"
        return (
            f"{_several(self.to_do, 'change')} of {_several(self.contacts, 'contact')}, "
            f"{_several(calls, 'API call')}, "
            f"{about}, {self.share_of_day:.1%} of HighLevel's daily allowance"
        )


def _several(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What an act on a batch came to.

    Attributes:
        left: Items that are not done, with the reason for each.
        run: The run's own report; None where nothing had to be sent.
        brakes: Why nothing was sent, where a brake holds it.
        approval: What lets it pass, once.
    """

    batch: Batch
    left: tuple[ItemLine, ...] = ()
    run: RunReport | None = None
    brakes: tuple[str, ...] = ()
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a revert did not take back.

    Attributes:
        contact: The contact, or the task's or note's own pair.
        fields: What it is about; empty where it is a whole record.
    """

    contact: LinkId
    kind: Kind
    side: Side | None
    fields: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RevertReport:
    """What a revert did.

    Attributes:
        undone: Writes that took something back.
        kept: What somebody else changed since, and so stands as it is.
    """

    batch: Batch
    undone: int
    kept: tuple[Kept, ...] = ()


def count_states(lines: Iterable[ItemLine]) -> dict[str, int]:
    """How many items stand how."""
    return dict(Counter(each.state.value for each in lines))
