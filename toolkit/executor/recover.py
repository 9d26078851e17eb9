"""What a run that died left behind: look before anything else."""

from __future__ import annotations

from dataclasses import replace

from toolkit.errors import VendorError
from toolkit.executor.context import RunContext, new_record, ref_of
from toolkit.executor.port import PendingWrite, Settled, Written
from toolkit.executor.run import find_twin
from toolkit.executor.settle import Ending, let_go, settle
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Update
from toolkit.model.records import Record


async def recover(context: RunContext) -> list[Outcome]:
    """Find the outcome of every write that was sent and never answered.

    A create is looked up by its correlation key, then by match key or content: found,
    the pair is completed; not found, it is forgotten and planned again, with the same
    key, once the vendor's index had time to show it. An update or delete is done when
    a fresh read shows its result: taken for a person's act it would travel back, and
    what an undo removed would be removed on the other side as well. Else it is left to
    the next comparison.

    A second call finds nothing to do.
    """
    outcomes = []
    for pending in context.ledger.list_pending():
        settled = await _recover_one(pending, context)
        context.ledger.record_settled(pending.run_id, [settled])
        outcomes.append(settled.outcome)
    return outcomes


async def _recover_one(pending: PendingWrite, context: RunContext) -> Settled:
    write = pending.operation
    link = context.ledger.get_link(write.link_id)
    if not isinstance(write, Create):
        return await _recover_change(write, link, context)
    twin = await find_twin(write, context)
    if twin is not None:
        parent_id = new_record(write, context).parent_id
        ending = Ending(_found(write, twin), record=twin.record, parent_id=parent_id)
        return settle(link, ending, now=context.now())
    age_s = (context.now() - pending.sent_at).total_seconds()
    if age_s < context.ports[write.side].settle_s(write.kind, new_record(write, context)):
        reason = "no answer came; waiting to look again"
        return Settled(Outcome(write, OutcomeState.UNKNOWN, reason=reason), link)
    reason = "it was not created; planned again"
    outcome = Outcome(write, OutcomeState.SKIPPED, reason=reason)
    return Settled(outcome, let_go(link, now=context.now()))


async def _recover_change(
    write: Update | Delete, link: Link | None, context: RunContext
) -> Settled:
    outcome = Outcome(write, OutcomeState.SKIPPED, id=write.id, reason="left to the comparison")
    try:
        found = await context.ports[write.side].get_records(
            write.kind, [ref_of(write, context)]
        )
    except VendorError:
        # Still silent: the write stays open, and the next run asks again.
        unknown = replace(outcome, state=OutcomeState.UNKNOWN, reason="no answer came")
        return Settled(unknown, link)
    record = found.get(write.id)
    if link is None or not _took_effect(write, record):
        return Settled(outcome, link)
    done = replace(outcome, state=OutcomeState.DONE, reason="found after a lost answer")
    return settle(link, Ending(done, record=record, known=record), now=context.now())


def _took_effect(write: Update | Delete, record: Record | None) -> bool:
    if isinstance(write, Delete) or record is None:
        return isinstance(write, Delete) and record is None
    # Roll-ups are never read back; they alone prove nothing, and nothing hangs on them.
    visible = write.after.keys() & record.values.keys()
    return bool(visible) and all(record.values[f] == write.after[f] for f in visible)


def _found(write: Create, twin: Written) -> Outcome:
    return Outcome(write, OutcomeState.DONE, id=twin.id, reason="found after a lost answer")
