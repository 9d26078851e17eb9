"""The second half of an automation: twins of what was born, and counts of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from toolkit.app.config import ConnectionConfig
from toolkit.app.stored_view import births_in, observe_births
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.links import Link
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Operation, Plan, Update
from toolkit.planner.plan import plan_sync
from toolkit.store import ConnectionStore

_Causes = dict[tuple[Kind, Side, RecordId], tuple[str, ...]]


def plan_twins(
    config: ConnectionConfig,
    store: ConnectionStore,
    outcomes: Iterable[Outcome],
    links: Sequence[Link],
) -> Plan | None:
    """What follows from the writes of rules, by the ordinary planner and without a read.

    Twins carry the causes of the record they are made for, and counts those of the tasks
    counted, so that what follows from a rule is known to. No brake holds them: the births
    passed theirs. Left undone by a crash, the next comparison plans the same.

    Args:
        config: The connection.
        store: Its memory, in which the run's outcomes are settled.
        outcomes: Of the plan of effects.
        links: Every pair as it stands after it.

    Returns:
        None where nothing was born and no task was touched.
    """
    done = [
        each
        for each in outcomes
        # Whether a new contact has a partner already is seen by a look only.
        if each.state is OutcomeState.DONE and each.operation.kind is not Kind.CONTACT
    ]
    if not births_in(done) and not any(_touches_tasks(each) for each in done):
        return None
    plan = plan_sync(
        connection=config.name,
        config_digest=config.digest,
        policy=config.policy,
        links=links,
        observation=observe_births(store, done, links),
        # Whoever is new in this picture was born in this run: no brake on creates.
        is_first_run=True,
    )
    births = _causes(done)
    counted = _counted(done, links)
    operations = tuple(_told(each, births, counted) for each in plan.operations)
    return replace(plan, operations=operations)


def _touches_tasks(outcome: Outcome) -> bool:
    return outcome.operation.kind is Kind.TASK


def _causes(done: Iterable[Outcome]) -> _Causes:
    return {
        (each.operation.kind, each.operation.side, each.id): each.operation.causes
        for each in done
        if isinstance(each.operation, Create) and each.id is not None
    }


def _counted(done: Iterable[Outcome], links: Sequence[Link]) -> dict[LinkId, set[str]]:
    """Contact -> who made or finished a task of it."""
    parents = {link.id: link.parent for link in links}
    counted: dict[LinkId, set[str]] = {}
    for each in done:
        op = each.operation
        if isinstance(op, Create | Update) and op.kind is Kind.TASK:
            parent = op.parent if isinstance(op, Create) else parents.get(op.link_id)
            if parent is not None:
                counted.setdefault(parent, set()).update(op.causes)
    return counted


def _told(operation: Operation, births: _Causes, counted: dict[LinkId, set[str]]) -> Operation:
    match operation:
        case Create() as op:
            causes = births.get((op.kind, op.side.other, op.origin_id), ())
            return replace(op, causes=causes)
        case Update() as op:
            return replace(op, causes=tuple(sorted(counted.get(op.link_id, ()))))
        case _:
            return operation
