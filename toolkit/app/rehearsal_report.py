"""What a rehearsal found: counts only, so that it can be stored and shown to anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from toolkit.errors import StateDamagedError
from toolkit.model.ids import Kind, Side

Counts = Mapping[Kind, Mapping[Side, int]]


@dataclass(frozen=True, slots=True)
class Did:
    """What the first run did to one kind on one side.

    Attributes:
        left_alone: Records that were there and stay as they are.
        failed: Writes that the service would refuse, or that got no sure answer.
    """

    created: int = 0
    updated: int = 0
    deleted: int = 0
    linked: int = 0
    unlinked: int = 0
    skipped: int = 0
    failed: int = 0
    left_alone: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What the same run costs on the real accounts.

    Attributes:
        calls: Calls of the run, reading included.
        duration_s: About how long, at HighLevel's pace and TimeTonic's measured answers.
        share_of_day: Part of HighLevel's daily allowance, 0 to 1 and above.
        spent_calls: Calls that the rehearsal itself made, all of them reads.
    """

    calls: Mapping[Side, int]
    duration_s: float
    share_of_day: float
    spent_calls: Mapping[Side, int]


@dataclass(frozen=True, slots=True)
class RuleRehearsed:
    """What one rule did, and what it would do.

    Attributes:
        answered: Happenings it answered in the first run.
        would_act: Contacts, of the first thousand, for whom it would have something to do if
            its moment came now.
        would_fail: Those for whom it could not be worked out.
    """

    answered: int = 0
    would_act: int = 0
    would_fail: int = 0


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """One rehearsal. Never holds a value, a name or an id of a record.

    Attributes:
        records: Records that were read, per kind and side.
        conflicts: `contact.name` -> how many wait for a person.
        ambiguous: Kind -> unclear matches, left alone.
        findings: Reason -> how many; values that a service would not take are among them.
        failures: Writes the emulated service refused, with their number and reason.
        held: Operations a brake would hold back.
        brakes: Why.
        is_quiet: A second run right after wrote nothing.
        notes_unread: Contacts whose notes were left out on both sides, for their calls.
        unreadable: Cells and times that could not be read and were taken for blank.
        rules: Rule -> what it did and would do; nothing it would send left the house.
        rule_problems: Why rules could not be worked out, with file and line.
        held_rules: Rule -> firings that a brake would hold back.
    """

    connection: str
    made_at: datetime
    records: Counts
    did: Mapping[Kind, Mapping[Side, Did]]
    cost: Cost
    is_quiet: bool
    conflicts: Mapping[str, int] = field(default_factory=dict)
    ambiguous: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    held: int = 0
    brakes: tuple[str, ...] = ()
    notes_unread: int = 0
    unreadable: int = 0
    rules: Mapping[str, RuleRehearsed] = field(default_factory=dict)
    rule_problems: tuple[str, ...] = ()
    held_rules: Mapping[str, int] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """Records that would be written, both sides together."""
        return sum(
            did.created + did.updated + did.deleted
            for sides in self.did.values()
            for did in sides.values()
        )


_ADAPTER: TypeAdapter[RehearsalReport] = TypeAdapter(RehearsalReport)


def write_report(report: RehearsalReport) -> str:
    """The report as JSON for the store."""
    return _ADAPTER.dump_json(report).decode()


def report_json(report: RehearsalReport) -> dict[str, Any]:
    """The report as plain values, for machines."""
    plain: dict[str, Any] = _ADAPTER.dump_python(report, mode="json")
    return plain


def read_report(text: str) -> RehearsalReport:
    """Read what `write_report` wrote.

    Raises:
        StateDamagedError: It is not one.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError:
        raise StateDamagedError(
            "A stored rehearsal cannot be read",
            unchanged="Nothing was changed",
            remedy="Run `hightonic rehearse` again",
        ) from None
