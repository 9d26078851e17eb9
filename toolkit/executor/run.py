"""Carry out a plan: intent first, then the call, then what came of it.

The only unsafe moment is the call itself; whatever stops the process there is found
as a sent write without an outcome and is looked up before anything else happens
(`toolkit.executor.recover`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TypeVar

from toolkit.errors import (
    CredentialsError,
    DuplicateContactError,
    ForbiddenError,
    NotReachedError,
    QuotaExhaustedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)
from toolkit.executor.answers import note_shown, outcome_of
from toolkit.executor.context import GIVE_UP_AFTER, RunContext, new_record, parent_id_of, ref_of
from toolkit.executor.objections import child_objection, local_objection, write_objection
from toolkit.executor.port import (
    RecordEdit,
    Settled,
    SystemPort,
    WriteResult,
    Written,
)
from toolkit.executor.settle import Ending, half_link, settle
from toolkit.executor.stages import Stage, split_batches, split_stages
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import (
    Conflict,
    Create,
    Delete,
    Join,
    Plan,
    Rebase,
    Unlink,
    Update,
    Write,
)
from toolkit.model.records import Record

T = TypeVar("T")


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

        results = await _all_of(
            [_run_side(stage, side, context, advance) for side in stage.by_side]
        )
        outcomes.extend(outcome for side in results for outcome in side)
        done = start + stage.size
    return outcomes


def _apply_local(plan: Plan, context: RunContext) -> list[Outcome]:
    settled = []
    for operation in plan.operations:
        match operation:
            case Join() | Rebase() | Unlink():
                settled.append(_settle_local(operation, context))
            case Create() | Update() | Delete():
                continue
    if settled:
        context.ledger.record_settled(context.run_id, settled)
    return [item.outcome for item in settled]


def _settle_local(operation: Join | Rebase | Unlink, context: RunContext) -> Settled:
    link = context.ledger.get_link(operation.link_id)
    if reason := local_objection(operation, link, context):
        return Settled(Outcome(operation, OutcomeState.SKIPPED, reason=reason), link)
    done = Outcome(operation, OutcomeState.DONE)
    return settle(link, Ending(done), now=context.now())


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

    await _all_of([worker() for _ in range(max(1, port.concurrency))])
    return outcomes


async def _all_of(acts: Sequence[Coroutine[object, object, T]]) -> list[T]:
    """Answers in order; a failure is raised when everything under way has ended.

    A write left running behind a raised error would settle into a closed store.
    """
    results = await asyncio.gather(*acts, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def run_batch(batch: tuple[Write, ...], side: Side, context: RunContext) -> list[Outcome]:
    """One call's worth of writes: checked, announced, sent, settled."""
    if reason := refusal(side, context):
        return skip(batch, reason, context)
    ready, skipped = await _check(batch, side, context)
    if not ready:
        return skipped
    lost = [each for write in ready for each in _lost_by(write, context)]
    context.ledger.record_intent(context.run_id, ready, lost)
    context.writes_sent += len(ready)
    results = await _send(ready, context.ports[side], context)
    results = await _look_up_doubtful(ready, results, context)
    learn(side, results, context)
    settled = [_settle_one(w, r, context) for w, r in zip(ready, results, strict=True)]
    context.ledger.record_settled(context.run_id, settled)
    return skipped + [item.outcome for item in settled]


def _lost_by(write: Write, context: RunContext) -> list[Conflict]:
    """The values that this write replaces although a person typed them."""
    names = write.after if isinstance(write, Update) else ()
    found = (context.lost.get((write.link_id, name)) for name in names)
    return [each for each in found if each is not None]


def refusal(side: Side, context: RunContext) -> str:
    """Why nothing more is sent to a side in this run; empty where it is."""
    if context.stop.is_set():
        return "stopped before it was sent"
    return context.closed.get(side, "")


def skip(batch: Sequence[Write], reason: str, context: RunContext) -> list[Outcome]:
    """Record writes that are not sent, and why."""
    outcomes = [Outcome(w, OutcomeState.SKIPPED, reason=reason) for w in batch]
    settled = [Settled(o, context.ledger.get_link(o.operation.link_id)) for o in outcomes]
    context.ledger.record_settled(context.run_id, settled)
    return outcomes


def refuse(write: Write, reason: str, context: RunContext) -> Outcome:
    """Record a write that must not be sent as failed, and why."""
    outcome = Outcome(
        write, OutcomeState.FAILED, reason=reason, error=DuplicateContactError.__name__
    )
    settled = Settled(outcome, context.ledger.get_link(write.link_id))
    context.ledger.record_settled(context.run_id, [settled])
    return outcome


async def _check(
    batch: tuple[Write, ...], side: Side, context: RunContext
) -> tuple[list[Write], list[Outcome]]:
    """Sort out what must not be sent: twins that exist, targets that changed."""
    try:
        reasons = await _objections(batch, side, context)
    except VendorError as error:
        return [], skip(batch, f"could not be checked: {error.happened}", context)
    refused = [w for w in batch if w.link_id in reasons]
    skipped = [
        outcome
        for write in refused
        for outcome in skip([write], reasons[write.link_id], context)
    ]
    return [w for w in batch if w.link_id not in reasons], skipped


async def _objections(
    batch: tuple[Write, ...], side: Side, context: RunContext
) -> dict[LinkId, str]:
    """What speaks against the writes, by a fresh read where what was seen may be old."""
    age_s = (context.now() - context.observed_at).total_seconds()
    fresh: Mapping[RecordId, Record | None] | None = None
    port, first = context.ports[side], batch[0]
    if age_s > context.max_age_s or port.must_read_first(first.kind, first.op):
        refs = [ref_of(w, context) for w in batch if not isinstance(w, Create)]
        fresh = await port.get_records(first.kind, refs) if refs else {}
    reasons: dict[LinkId, str] = {}
    for write in batch:
        reason = write_objection(write, fresh, context)
        if not reason and isinstance(write, Delete):
            reason = await child_objection(write, context)
        if reason:
            reasons[write.link_id] = reason
    return reasons


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
                RecordEdit(ref_of(w, context), w.after) for w in batch if isinstance(w, Update)
            ]
            return await port.update_records(kind, edits)
        case Delete():
            refs = [ref_of(w, context) for w in batch if isinstance(w, Delete)]
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


def learn(side: Side, results: Sequence[WriteResult], context: RunContext) -> None:
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
        other_stored=context.stored.get((write.link_id, write.side.other)),
        parent_id=parent_id_of(write, context) if isinstance(write, Create) else None,
    )
    if isinstance(result, Written) and isinstance(write, Update):
        note_shown(write, result, context)
    return settle(link, ending, now=context.now())


def _known(write: Write, context: RunContext) -> Record | None:
    if not isinstance(write, Update):
        return None
    return context.ledger.get_observed(write.side, write.kind, write.id)
