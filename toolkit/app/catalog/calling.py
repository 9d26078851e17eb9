"""Calls one entry of the catalogue; a write to a vendor is a run of its own in the log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toolkit.app.catalog.delivering import deliver
from toolkit.app.catalog.entry import input_digest
from toolkit.app.live import check_live, may_write
from toolkit.app.report import report_to_json
from toolkit.errors import HightonicError, UnknownOutcomeError
from toolkit.model.ids import Side
from toolkit.model.outcomes import RunReport

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel

    from toolkit.app.catalog.entry import Entry
    from toolkit.app.wiring import Parts
    from toolkit.clients.pacing import Clock
    from toolkit.model.ids import RunId
    from toolkit.model.plan import Plan

VERB = "call"
"""Runs of single entries are called `call ID`; they are not taken back by `undo`."""


@dataclass(frozen=True, slots=True)
class Called:
    """What an entry answered.

    Attributes:
        value: JSON.
        api_calls: Tries sent, by side.
        run_id: The run in the log; empty for a read, and where the entry is a run itself.
    """

    entry: str
    value: Any
    api_calls: dict[Side, int]
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a call would do; nothing was sent.

    Attributes:
        request: Method and path, or function, at the vendor.
        input: As it would be sent to the client.
        calls: The estimate of the entry's example; None where it depends on the data.
        approval: Names exactly this entry with this input.
        is_allowed: Whether it would go through now.
        obstacle: Why not, and what to type next.
        would: Figures of the plan it would carry out, where it is one; both sides were read
            for a sync's.
    """

    entry: str
    summary: str
    is_write: bool
    is_idempotent: bool
    request: str
    input: Any
    calls: int | None
    approval: str
    is_allowed: bool
    obstacle: str = ""
    would: dict[str, Any] | None = None


@dataclass(slots=True)
class _Activity:
    """One raw write as the log keeps it: names of fields, never values."""

    id: RunId
    record_id: str = ""
    failure: str = ""
    verdict: str = "done"
    outcome: str = "done"
    fields: tuple[str, ...] = field(default=())


async def foresee_call(entry: Entry, given: BaseModel, parts: Parts) -> Plan | None:
    """The plan that a call would carry out now; None where it is a single operation.

    Writes to neither side; only a sync has to read both.

    Raises:
        HightonicError: As the call itself would, before it writes.
    """
    return None if entry.foresee is None else await entry.foresee(parts, given)


def preview_call(
    entry: Entry, given: BaseModel, parts: Parts, *, found: Plan | None = None
) -> Previewed:
    """What `call_entry` would do; sends and stores nothing.

    Args:
        entry: Of the catalogue.
        given: From `entry.read_input`.
        parts: The open connection.
        found: From `foresee_call`.
    """
    leave = may_write(parts)
    is_free = not entry.is_write or leave.is_granted or entry.id == "hightonic.resume"
    return Previewed(
        entry=entry.id,
        summary=entry.summary,
        is_write=entry.is_write,
        is_idempotent=entry.is_idempotent,
        request=entry.request,
        input=json.loads(given.model_dump_json(exclude_unset=True)),
        calls=entry.calls,
        approval=input_digest(entry, given),
        is_allowed=is_free,
        obstacle="" if is_free else leave.sentence,
        would=None if found is None else _figures(found),
    )


def _figures(plan: Plan) -> dict[str, Any]:
    return {
        "plan": plan.hash,
        "writes": dict(
            Counter(f"{op.op} {op.kind.value} in {op.side.label}" for op in plan.writes)
        ),
        "held": len(plan.held),
        "approval": plan.approval,
        "brakes": [brake.reason for brake in plan.brakes],
        "conflicts": len(plan.conflicts),
        "findings": [each.reason for each in plan.findings],
    }


async def call_entry(
    entry: Entry, given: BaseModel, parts: Parts, *, clock: Clock | None = None
) -> Called:
    """Call it.

    Args:
        entry: Of the catalogue.
        given: From `entry.read_input`.
        parts: The open connection; it must hold the home where `entry.is_write`.
        clock: For triggers; the machine's where left out.

    Raises:
        DecisionNeededError: A write, and the connection may not write; nothing was sent.
        UnknownOutcomeError: A write may have happened: look it up before calling again.
        HightonicError: As the client or use case says.
    """
    before, began_at = dict(parts.meter.calls), parts.now()
    run_id = ""
    try:
        if entry.run is None:
            value: object = await deliver(entry, given, parts, clock=clock)
        elif entry.is_vendor_write:
            check_live(parts)
            with _logged(entry, given, parts, began_at) as activity:
                run_id = activity.id
                value = await entry.run(parts, given)
                activity.record_id = _id_of(value)
        else:
            value = await entry.run(parts, given)
    finally:
        calls = parts.meter.since(before)
        if not _is_run(entry):
            for side, count in calls.items():
                parts.store.add_calls(side, f"{began_at:%Y-%m}", count)
    return Called(entry.id, entry.to_json(value), calls, run_id)


def _is_run(entry: Entry) -> bool:
    """Whether its calls are counted by the runs it makes."""
    return entry.is_write and not entry.is_vendor_write


@contextmanager
def _logged(
    entry: Entry, given: BaseModel, parts: Parts, began_at: datetime
) -> Iterator[_Activity]:
    # Begun before the call: a process that dies in between leaves an interrupted run.
    activity = _Activity(
        parts.store.begin_run(f"{VERB} {entry.id}", config_digest=parts.config.digest),
        fields=tuple(sorted(given.model_fields_set)),
    )
    before = dict(parts.meter.calls)
    try:
        yield activity
    except UnknownOutcomeError as error:
        error.remedy = error.remedy or "Look up whether it took effect before calling again"
        activity.outcome, activity.failure = "unknown", error.happened
        raise
    except HightonicError as error:
        activity.outcome, activity.failure = "failed", error.happened
        raise
    except BaseException:
        activity.outcome, activity.failure = "unknown", "interrupted"
        raise
    finally:
        if activity.failure:
            activity.verdict = f"{activity.outcome}: {activity.failure}"
        report = _report(activity, parts, began_at, before)
        parts.store.finish_run(activity.id, report, activity.verdict)


def _report(
    activity: _Activity, parts: Parts, began_at: datetime, before: dict[Side, int]
) -> str:
    calls = parts.meter.since(before)
    figures = RunReport(
        run_id=activity.id,
        connection=parts.config.name,
        verb=VERB,
        started_at=began_at,
        duration_s=(parts.now() - began_at).total_seconds(),
        tallies={},
        conflicts=0,
        ambiguous=0,
        findings=0,
        held=0,
        api_calls=calls,
        minimum_api_calls=calls,
        writes_sent=1,
        writes_needed=1,
        failures=(activity.failure,) if activity.failure else (),
    )
    entry = {
        "outcome": activity.outcome,
        "record_id": activity.record_id,
        "fields": list(activity.fields),
    }
    return json.dumps({**report_to_json(figures), "call": entry}, ensure_ascii=False)


def _id_of(value: object) -> str:
    found = getattr(value, "id", None)
    return str(found) if isinstance(found, str | int) else ""
