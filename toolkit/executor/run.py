"""Carry out a plan: intent first, then the call, then what came of it.

The only unsafe moment is the call itself; whatever stops the process there is found
as a sent write without an outcome and is looked up before anything else happens
(`toolkit.executor.recover`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.errors import (
    CredentialsError,
    ForbiddenError,
    NotFoundError,
    NotReachedError,
    QuotaExhaustedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)
from toolkit.executor.port import (
    LedgerPort,
    NewRecord,
    RecordEdit,
    RecordRef,
    Settled,
    SystemPort,
    WriteResult,
    Written,
)
from toolkit.executor.settle import Ending, half_link, settle
from toolkit.executor.stages import Stage, is_write, split_batches, split_stages
from toolkit.model.ids import Kind, LinkId, RecordId, RunId, Side
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Plan, Update, Write
from toolkit.model.records import Record
from toolkit.model.values import Value

Progress = Callable[[str, int, int], None]
"""Told (what, done, total) after every batch."""

GIVE_UP_AFTER = 20
"""Consecutive calls without an answer after which a side is left alone for this run."""


@dataclass(slots=True)
class RunContext:
    """What one run needs and remembers.

    Attributes:
        observed_at: When the plan's picture of the systems was taken.
        max_age_s: Older pictures are checked against a fresh read before a write.
        stop: Set to end early: running writes finish, nothing new starts.
        closed: Side -> why nothing more is sent there in this run.
    """

    run_id: RunId
    ports: Mapping[Side, SystemPort]
    ledger: LedgerPort
    now: Callable[[], datetime]
    observed_at: datetime
    max_age_s: float = 60.0
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    progress: Progress = lambda _what, _done, _total: None
    closed: dict[Side, str] = field(default_factory=dict)
    writes_sent: int = 0
    silent: dict[Side, int] = field(default_factory=dict)
    shown: dict[tuple[LinkId, Side], dict[str, Value]] = field(default_factory=dict)


async def apply_plan(plan: Plan, context: RunContext) -> list[Outcome]:
    """Carry out the plan's operations (never the held ones), in order.

    A second call with the same plan writes nothing: creates find their pair, updates
    find the value already there.

    Returns:
        One outcome per operation, in order of completion.
    """
    outcomes = _apply_local(plan, context)
    writes = plan.writes
    done = 0
    for stage in split_stages(writes):
        label = f"{stage.verb} {stage.kind}s"
        start = done

        def advance(count: int, label: str = label) -> None:
            nonlocal done
            done += count
            context.progress(label, done, len(writes))

        results = await asyncio.gather(
            *(_run_side(stage, side, context, advance) for side in stage.by_side)
        )
        outcomes.extend(outcome for side in results for outcome in side)
        done = start + stage.size
    return outcomes


def _apply_local(plan: Plan, context: RunContext) -> list[Outcome]:
    settled = []
    for operation in plan.operations:
        if is_write(operation):
            continue
        outcome = Outcome(operation, OutcomeState.DONE)
        link = context.ledger.get_link(operation.link_id)
        settled.append(settle(link, Ending(outcome), now=context.now()))
    if settled:
        context.ledger.record_settled(context.run_id, settled)
    return [item.outcome for item in settled]


async def _run_side(
    stage: Stage, side: Side, context: RunContext, advance: Callable[[int], None]
) -> list[Outcome]:
    port = context.ports[side]
    batches = iter(list(split_batches(stage.by_side[side], port=port)))
    outcomes: list[Outcome] = []

    async def worker() -> None:
        for batch in batches:
            outcomes.extend(await run_batch(batch, side, context))
            advance(len(batch))

    await asyncio.gather(*(worker() for _ in range(max(1, port.concurrency))))
    return outcomes


async def run_batch(batch: tuple[Write, ...], side: Side, context: RunContext) -> list[Outcome]:
    """One call's worth of writes: checked, announced, sent, settled."""
    if reason := _refusal(side, context):
        return _skip(batch, reason, context)
    ready, skipped = await _check(batch, side, context)
    if not ready:
        return skipped
    context.ledger.record_intent(context.run_id, ready)
    context.writes_sent += len(ready)
    results = await _send(ready, context.ports[side], context)
    results = await _look_up_doubtful(ready, results, context)
    _learn(side, results, context)
    settled = [_settle_one(w, r, context) for w, r in zip(ready, results, strict=True)]
    context.ledger.record_settled(context.run_id, settled)
    return skipped + [item.outcome for item in settled]


def _refusal(side: Side, context: RunContext) -> str:
    if context.stop.is_set():
        return "stopped before it was sent"
    return context.closed.get(side, "")


def _skip(batch: Sequence[Write], reason: str, context: RunContext) -> list[Outcome]:
    outcomes = [Outcome(w, OutcomeState.SKIPPED, reason=reason) for w in batch]
    settled = [Settled(o, context.ledger.get_link(o.operation.link_id)) for o in outcomes]
    context.ledger.record_settled(context.run_id, settled)
    return outcomes


async def _check(
    batch: tuple[Write, ...], side: Side, context: RunContext
) -> tuple[list[Write], list[Outcome]]:
    """Sort out what must not be sent: twins that exist, targets that changed."""
    reasons: dict[LinkId, str] = {}
    age_s = (context.now() - context.observed_at).total_seconds()
    fresh: Mapping[RecordId, Record | None] | None = None
    if age_s > context.max_age_s:
        refs = [_ref(w, context) for w in batch if not isinstance(w, Create)]
        try:
            fresh = await context.ports[side].get_records(batch[0].kind, refs) if refs else {}
        except VendorError as error:
            return [], _skip(batch, f"could not be checked: {error.happened}", context)
    for write in batch:
        if reason := _objection(write, fresh, context):
            reasons[write.link_id] = reason
    refused = [w for w in batch if w.link_id in reasons]
    skipped = [
        outcome
        for write in refused
        for outcome in _skip([write], reasons[write.link_id], context)
    ]
    return [w for w in batch if w.link_id not in reasons], skipped


def _objection(
    write: Write, fresh: Mapping[RecordId, Record | None] | None, context: RunContext
) -> str:
    if isinstance(write, Create):
        return _create_objection(write, context)
    if fresh is None:
        return ""
    record = fresh.get(write.id)
    if record is None:
        return "it is gone"
    if isinstance(write, Update) and _shows_all(record, write.after):
        return "it shows the wanted values already"
    return "" if _shows(record, write.before) else "it was edited since"


def _create_objection(write: Create, context: RunContext) -> str:
    link = context.ledger.get_link(write.link_id)
    if link is not None and link.generation >= write.generation:
        return "its twin exists already" if link.id_on(write.side) else "it waits for a person"
    if write.parent is not None and _parent_id(write, context) is None:
        return "its contact does not exist there"
    return ""


def _shows(record: Record, wanted: Mapping[str, Value]) -> bool:
    """Whether the record shows these values, as far as it shows the fields at all."""
    return all(record.values[f] == v for f, v in wanted.items() if f in record.values)


def _shows_all(record: Record, wanted: Mapping[str, Value]) -> bool:
    return wanted.keys() <= record.values.keys() and _shows(record, wanted)


def _ref(write: Update | Delete, context: RunContext) -> RecordRef:
    """Where the record stands; the contact comes from the pair if the plan is silent."""
    if write.parent_id is not None or not write.kind.has_parent:
        return RecordRef(write.id, write.parent_id)
    link = context.ledger.get_link(write.link_id)
    parent = context.ledger.get_link(link.parent) if link and link.parent else None
    return RecordRef(write.id, parent.id_on(write.side) if parent else None)


def _parent_id(write: Create, context: RunContext) -> RecordId | None:
    if write.parent is None:
        return None
    parent = context.ledger.get_link(write.parent)
    return parent.id_on(write.side) if parent is not None else None


def new_record(write: Create, context: RunContext) -> NewRecord:
    """The create as the port takes it."""
    return NewRecord(
        values={f: v for f, v in write.values.items() if v is not None},
        correlation=write.correlation,
        parent_id=_parent_id(write, context),
        origin_id=write.origin_id,
    )


async def _send(
    batch: Sequence[Write], port: SystemPort, context: RunContext
) -> Sequence[WriteResult]:
    kind = batch[0].kind
    try:
        return await _call(batch, kind, port, context)
    except VendorError as error:
        return [error] * len(batch)


async def _call(
    batch: Sequence[Write], kind: Kind, port: SystemPort, context: RunContext
) -> Sequence[WriteResult]:
    first = batch[0]
    match first:
        case Create():
            creates = [new_record(w, context) for w in batch if isinstance(w, Create)]
            return await port.create_records(kind, creates)
        case Update():
            edits = [
                RecordEdit(_ref(w, context), w.after) for w in batch if isinstance(w, Update)
            ]
            return await port.update_records(kind, edits)
        case Delete():
            refs = [_ref(w, context) for w in batch if isinstance(w, Delete)]
            return await port.delete_records(kind, refs, archive=first.mode == "archive")


async def _look_up_doubtful(
    batch: Sequence[Write], results: Sequence[WriteResult], context: RunContext
) -> list[WriteResult]:
    """A create that may have happened is looked for at once; nothing is sent again.

    Besides missing answers a refusal is no proof: a 422 was seen although the record had
    been created (HighLevel's public issue 64, read 2026-11).
    """
    looked_up: list[WriteResult] = []
    for write, result in zip(batch, results, strict=True):
        answer = result
        if isinstance(write, Create) and isinstance(
            result, UnknownOutcomeError | RejectedError
        ):
            answer = await find_twin(write, context) or result
        looked_up.append(answer)
    return looked_up


async def find_twin(write: Create, context: RunContext) -> Written | None:
    """The record an unanswered create left behind, if it can be seen and is free."""
    port = context.ports[write.side]
    try:
        found = await port.find_created(write.kind, new_record(write, context))
    except VendorError:
        return None
    ledger = context.ledger
    free = [r for r in found if not ledger.find_link_by_id(write.kind, write.side, r.id)]
    # Several free twins are equal in content; the lowest id keeps the choice repeatable.
    first = min(free, key=lambda record: record.id, default=None)
    return Written(first.id, first) if first else None


def _learn(side: Side, results: Sequence[WriteResult], context: RunContext) -> None:
    """Stop using a side that refuses the key, is out of quota or keeps silent."""
    for result in results:
        if isinstance(result, CredentialsError | ForbiddenError | QuotaExhaustedError):
            context.closed[side] = f"not sent: {result.happened}"
        silent = isinstance(result, NotReachedError | UnknownOutcomeError)
        context.silent[side] = context.silent.get(side, 0) + 1 if silent else 0
        if context.silent[side] >= GIVE_UP_AFTER:
            context.closed[side] = f"not sent: {side.label} does not answer"


def _settle_one(write: Write, result: WriteResult, context: RunContext) -> Settled:
    link = context.ledger.get_link(write.link_id)
    if link is None and isinstance(write, Create):
        link = half_link(write)
    ending = Ending(
        outcome=outcome_of(write, result),
        record=result.record if isinstance(result, Written) else None,
        known=_known(write, context),
        other_now=context.shown.get((write.link_id, write.side.other)),
        parent_id=_parent_id(write, context) if isinstance(write, Create) else None,
    )
    if isinstance(result, Written) and isinstance(write, Update):
        context.shown.setdefault((write.link_id, write.side), {}).update(write.after)
    return settle(link, ending, now=context.now())


def _known(write: Write, context: RunContext) -> Record | None:
    if not isinstance(write, Update):
        return None
    return context.ledger.get_observed(write.side, write.kind, write.id)


def outcome_of(write: Write, result: WriteResult) -> Outcome:
    """A port's answer as an outcome a person can read."""
    if isinstance(result, Written):
        return Outcome(write, OutcomeState.DONE, id=result.id)
    target = None if isinstance(write, Create) else write.id
    is_unknown = isinstance(result, UnknownOutcomeError)
    if isinstance(result, NotFoundError) and isinstance(write, Delete):
        return Outcome(write, OutcomeState.DONE, id=target, reason="was gone already")
    passing = (
        NotReachedError
        | NotFoundError
        | QuotaExhaustedError
        | CredentialsError
        | ForbiddenError
    )
    return Outcome(
        write,
        OutcomeState.UNKNOWN if is_unknown else OutcomeState.FAILED,
        id=target,
        reason=result.happened,
        error=type(result).__name__,
        reference=result.reference,
        is_retryable=is_unknown or isinstance(result, passing),
    )
