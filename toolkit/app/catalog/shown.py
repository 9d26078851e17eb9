"""What is stored, as the catalogue shows it: plain values without live objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.outcomes import OutcomeState
from toolkit.model.plan import Ambiguity, Finding
from toolkit.store import ConflictEntry, JournalEntry, RunEntry


@dataclass(frozen=True, slots=True)
class RunShown:
    """One run; `report` is None until it ended."""

    run_id: str
    verb: str
    state: str
    verdict: str
    started_at: datetime
    ended_at: datetime | None
    report: dict[str, Any] | None

    @classmethod
    def of(cls, run: RunEntry) -> RunShown:
        """As stored."""
        return cls(
            run_id=run.id,
            verb=run.verb,
            state=run.state.value,
            verdict=run.verdict,
            started_at=run.started_at,
            ended_at=run.ended_at,
            report=json.loads(run.report) if run.report else None,
        )


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of the journal; `before` and `after` only where they were asked for."""

    seq: int
    at: datetime
    run_id: str
    kind: Kind
    verb: str
    side: Side | None
    record_id: RecordId | None
    state: OutcomeState
    fields: tuple[str, ...]
    reason: str
    error: str
    reference: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    @classmethod
    def of(cls, entry: JournalEntry, *, with_values: bool) -> JournalLine:
        """As stored."""
        return cls(
            seq=entry.seq,
            at=entry.at,
            run_id=entry.run_id,
            kind=entry.kind,
            verb=entry.verb,
            side=entry.side,
            record_id=entry.record_id,
            state=entry.state,
            fields=tuple(sorted({*entry.before, *entry.after})),
            reason=entry.reason,
            error=entry.error,
            reference=entry.reference,
            before=dict(entry.before) if with_values else None,
            after=dict(entry.after) if with_values else None,
        )


@dataclass(frozen=True, slots=True)
class ConflictShown:
    """One open conflict, both values included: they are what the decision is about."""

    id: str
    kind: Kind
    field: str
    highlevel_id: RecordId
    timetonic_id: RecordId
    highlevel: Any
    timetonic: Any
    base: Any

    @classmethod
    def of(cls, stored: ConflictEntry) -> ConflictShown:
        """As stored."""
        each = stored.conflict
        return cls(
            id=stored.id,
            kind=each.kind,
            field=each.field,
            highlevel_id=each.highlevel_id,
            timetonic_id=each.timetonic_id,
            highlevel=each.highlevel,
            timetonic=each.timetonic,
            base=each.base,
        )


@dataclass(frozen=True, slots=True)
class FindingShown:
    """Something a person should look at."""

    kind: Kind
    ids: dict[Side, tuple[RecordId, ...]]
    field: str
    reason: str

    @classmethod
    def of(cls, each: Finding | Ambiguity) -> FindingShown:
        """As stored."""
        if isinstance(each, Finding):
            return cls(each.kind, {each.side: (each.id,)}, each.field, each.reason)
        ids = {Side.HIGHLEVEL: each.highlevel_ids, Side.TIMETONIC: each.timetonic_ids}
        return cls(each.kind, ids, "", each.reason)
