"""What a run's plans and outcomes come to, for those who remember it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from toolkit.app.costs import takes_children_along
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Resolution
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Plan, Update


def told_together(first: Plan, second: Plan) -> Plan:
    """The first plan, with what both leave for people."""
    return replace(
        first,
        conflicts=(*first.conflicts, *second.conflicts),
        ambiguities=(*first.ambiguities, *second.ambiguities),
        findings=(*first.findings, *second.findings),
    )


def written_choices(
    plan: Plan, outcomes: Sequence[Outcome], resolutions: Sequence[Resolution]
) -> list[Resolution]:
    """The choices that both sides show now."""
    done: dict[LinkId, bool] = {}
    for outcome in outcomes:
        link_id = outcome.operation.link_id
        done[link_id] = done.get(link_id, True) and outcome.state is OutcomeState.DONE
    still_open = {(each.link_id, each.field) for each in plan.conflicts}
    return [
        each
        for each in resolutions
        if done.get(each.link_id) and (each.link_id, each.field) not in still_open
    ]


def created_contacts(outcomes: Sequence[Outcome]) -> list[RecordId]:
    """HighLevel contacts that were made."""
    return [
        outcome.id
        for outcome in outcomes
        if outcome.state is OutcomeState.DONE
        and isinstance(outcome.operation, Create)
        and outcome.operation.kind is Kind.CONTACT
        and outcome.operation.side is Side.HIGHLEVEL
        and outcome.id is not None
    ]


def contacts_with_news(outcomes: Sequence[Outcome]) -> list[RecordId]:
    """HighLevel contacts whose notes somebody else wrote meanwhile, or may have."""
    skipped = [o.operation for o in outcomes if o.state is OutcomeState.SKIPPED]
    kept = [op.id for op in skipped if isinstance(op, Delete) and takes_children_along(op)]
    edited = [
        op.parent_id
        for op in skipped
        if isinstance(op, Update) and op.kind is Kind.NOTE and op.side is Side.HIGHLEVEL
    ]
    return [*kept, *(each for each in edited if each is not None)]


def was_sent(outcome: Outcome) -> bool:
    """Whether a call was made for it."""
    return outcome.state is not OutcomeState.SKIPPED
