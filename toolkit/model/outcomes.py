"""What became of an operation, and of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from toolkit.model.ids import Kind, RecordId, RunId, Side
from toolkit.model.plan import Operation


class OutcomeState(StrEnum):
    """The four ends of an operation."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One operation's end.

    Attributes:
        id: The record's id on the written side, where there is one.
        altered: Fields the server stored otherwise than sent.
        reason: One clause for people; no personal values.
        error: Class name from the error tree, empty when done.
        reference: Ties the line a person sees to the log.
        is_retryable: Worth trying again without a person.
    """

    operation: Operation
    state: OutcomeState
    id: RecordId | None = None
    altered: tuple[str, ...] = ()
    reason: str = ""
    error: str = ""
    reference: str = ""
    is_retryable: bool = False


@dataclass(slots=True)
class Tally:
    """Counts per kind and side; the keys are the words of the report."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    unlinked: int = 0
    linked: int = 0
    conflicts: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0


@dataclass(slots=True)
class RuleTally:
    """Counts of one rule's firings that a run dealt with; the keys are words of the report.

    Attributes:
        skipped: There was nothing to do: its conditions did not hold, or it was so already.
        waiting: They will be tried again.
        held: A brake holds them.
        refused: They must not be done: a loop, a pair that is not kept in step.
    """

    done: int = 0
    skipped: int = 0
    waiting: int = 0
    held: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class HeldRules:
    """What a brake holds of rules, and the word that releases it.

    Attributes:
        rules: Rule -> how many of its firings wait.
        operations: Writes that wait.
        brakes: Why, in words.
    """

    approval: str
    rules: Mapping[str, int]
    operations: int
    brakes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run did and what it cost.

    Attributes:
        tallies: kind -> side -> counts.
        api_calls: Calls sent per side, retries and look-ups included.
        minimum_api_calls: The least calls that could have done it, per side.
        write_amplification: Record writes sent over records that needed a write.
        approval: What a person types to release the held operations, once.
        resting: One line for each pair left alone after a refusal, this run's or an older one's.
        rules: What became of the firings of each rule that had any.
        held_rules: What brakes hold of rules, this run's and older ones'.
        parked_rules: One line for each rule that led to itself and rests: the loop.
    """

    run_id: RunId
    connection: str
    verb: str
    started_at: datetime
    duration_s: float
    tallies: Mapping[Kind, Mapping[Side, Tally]]
    conflicts: int
    ambiguous: int
    findings: int
    held: int
    api_calls: Mapping[Side, int]
    minimum_api_calls: Mapping[Side, int]
    writes_sent: int
    writes_needed: int
    plan_hash: str = ""
    approval: str = ""
    brakes: tuple[str, ...] = ()
    failures: tuple[str, ...] = field(default_factory=tuple)
    resting: tuple[str, ...] = ()
    rules: Mapping[str, RuleTally] = field(default_factory=dict)
    held_rules: tuple[HeldRules, ...] = ()
    parked_rules: tuple[str, ...] = ()

    @property
    def api_ratio(self) -> float:
        """Calls over the least possible; 1.0 when none were needed and none sent."""
        least = sum(self.minimum_api_calls.values())
        return sum(self.api_calls.values()) / least if least else 1.0

    @property
    def write_amplification(self) -> float:
        """1.0 is perfect; also when nothing was written."""
        return self.writes_sent / self.writes_needed if self.writes_needed else 1.0
