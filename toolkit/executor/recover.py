"""What a run that died left behind: look before anything else."""

from __future__ import annotations

from toolkit.executor.context import RunContext, new_record
from toolkit.executor.port import PendingWrite, Settled, Written
from toolkit.executor.run import find_twin
from toolkit.executor.settle import Ending, settle
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create


async def recover(context: RunContext) -> list[Outcome]:
    """Find the outcome of every write that was sent and never answered.

    A create is looked up by its correlation key, then by match key or content: found,
    the pair is completed; not found, it is forgotten and planned again, with the same
    key, once the vendor's index had time to show it. An update or delete is left to
    the next comparison, which sees what is really there.

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
        outcome = Outcome(
            write, OutcomeState.SKIPPED, id=write.id, reason="left to the comparison"
        )
        return Settled(outcome, link)
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
    return Settled(Outcome(write, OutcomeState.SKIPPED, reason=reason), None)


def _found(write: Create, twin: Written) -> Outcome:
    return Outcome(write, OutcomeState.DONE, id=twin.id, reason="found after a lost answer")
