"""The plan that takes a run back, as far as nobody has edited since: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from toolkit.executor.settle import operation_side
from toolkit.executor.undo_births import Births, as_shown
from toolkit.model.ids import Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import (
    Create,
    Delete,
    Finding,
    Join,
    Operation,
    Plan,
    Rebase,
    Unlink,
    Update,
)
from toolkit.model.values import correlation_key, digest
from toolkit.planner.births import own_row_key


def plan_undo(  # noqa: PLR0913 — one argument per thing an undo depends on
    connection: str,
    *,
    scope: str,
    config_digest: Digest,
    outcomes: Iterable[Outcome],
    links: Mapping[LinkId, Link],
    archive_tags: Mapping[Kind, str] | None = None,
    birth_sides: Mapping[Kind, Side] | None = None,
) -> Plan:
    """Reverse the finished operations of a run, last first.

    What it writes is checked against a fresh read when applied: records edited since
    are left alone and listed. Undoing the undo run does it again.

    Args:
        connection: Name of the connection.
        scope: Scope of correlation keys, for records that are created again.
        config_digest: Digest the plan is made under.
        outcomes: The run's outcomes in the order they happened.
        links: Every stored pair, as it stands now.
        archive_tags: The tag that marks an archived record, by kind.
        birth_sides: Where records that rules make begin, by kind; TimeTonic else.
    """
    done = [each for each in outcomes if each.state is OutcomeState.DONE]
    births = Births(scope, links, birth_sides or {})
    births.read(done)
    steps: list[Operation | Finding] = []
    for outcome in reversed(done):
        link = links.get(outcome.operation.link_id)
        if births.owns(outcome):
            steps += births.reverse(outcome)
        elif link is not None:
            step = _unarchive(outcome.operation, archive_tags or {}) or _reverse(
                outcome, link, scope=scope
            )
            steps += [] if step is None else _kept_apart_first(step)
    operations: dict[object, Operation] = {}
    for step in steps:
        if not isinstance(step, Finding):
            place = (step.op, step.link_id, operation_side(step))
            operations[place] = _joined(operations.get(place), step)
    kept = _without_spent(operations.values(), links)
    return Plan(
        connection=connection,
        config_digest=config_digest,
        operations=tuple(sorted(kept, key=_rank)),
        findings=tuple(each for each in steps if isinstance(each, Finding)),
    )


def _kept_apart_first(step: Operation | Finding) -> list[Operation | Finding]:
    """Were the pair still kept in step, a lost answer would look like a person's deletion.

    The record on the other side would follow it.
    """
    if not isinstance(step, Delete) or not step.kind.is_paired:
        return [step]
    apart = Unlink(link_id=step.link_id, kind=step.kind, gone=(), before=step.before)
    return [apart, step]


def _joined(newer: Operation | None, older: Operation) -> Operation:
    """One step for one place.

    A run may write a record several times (a sync, a rule, the counts): one update takes it
    back to what stood before the first of them. A new record and its twin are taken back
    together, whichever of them comes up first.
    """
    if not isinstance(newer, Update) or not isinstance(older, Update):
        return newer or older
    after = {**newer.after, **older.after}
    return replace(
        newer,
        before={**older.before, **newer.before},
        after=after,
        expected=digest({**older.before, **newer.before}),
    )


def _without_spent(steps: Iterable[Operation], links: Mapping[LinkId, Link]) -> list[Operation]:
    """No record is changed back that goes anyway; what was written to it is expected there."""
    found = {(step.op, step.link_id, operation_side(step)): step for step in steps}
    kept: list[Operation] = []
    for step in found.values():
        if isinstance(step, Update) and ("delete", step.link_id, step.side) in found:
            continue
        if isinstance(step, Delete):
            spent = found.get(("update", step.link_id, step.side))
            if isinstance(spent, Update):
                written = as_shown(links.get(step.link_id), step.side, spent.before)
                step = replace(step, before={**step.before, **written})  # noqa: PLW2901
        kept.append(step)
    return kept


def _rank(operation: Operation) -> tuple[int, int]:
    """Local steps, then what is brought back (parents first), then what goes (children first)."""
    depth = int(operation.kind.has_parent)
    match operation:
        case Join() | Rebase() | Unlink():
            return (0, 0)
        case Create():
            return (1, depth)
        case Update():
            return (2, depth)
        case Delete():
            return (3, 1 - depth)


def _reverse(outcome: Outcome, link: Link, *, scope: str) -> Operation | Finding | None:
    match outcome.operation:
        case Create() as op:
            return _uncreate(op, outcome.id, link)
        case Update() as op:
            return Update(
                link_id=op.link_id,
                kind=op.kind,
                side=op.side,
                id=op.id,
                # In the server's own spelling, or it would look as if somebody edited it.
                before=as_shown(link, op.side, {f: op.after[f] for f in op.before}),
                after=op.before,
                other={},
                expected=digest(dict(op.after)),
                parent_id=op.parent_id,
                is_undo=not op.is_undo,
            )
        case Delete() as op:
            return _undelete(op, link, scope=scope)
        case Join() as op:
            return Unlink(link_id=op.link_id, kind=op.kind, gone=(), before=op.base)
        case Unlink() as op if op.gone:
            return _reunite(op, link)
        case Rebase() | Unlink():
            return None


def _unarchive(op: Operation, tags: Mapping[Kind, str]) -> Update | None:
    """Take the mark off an archived record; None for everything else."""
    if not isinstance(op, Delete) or op.mode != "archive" or op.kind not in tags:
        return None
    before = op.before.get("tags")
    shown = before if isinstance(before, tuple) else ()
    marked = tuple(sorted({*shown, tags[op.kind]}))
    return Update(
        link_id=op.link_id,
        kind=op.kind,
        side=op.side,
        id=op.id,
        before={"tags": marked},
        after={"tags": shown or None},
        other={},
        expected=digest({"tags": marked}),
        parent_id=op.parent_id,
        is_undo=True,
    )


def _reunite(op: Unlink, link: Link) -> Finding | None:
    """What a person can do about a deletion by a person; None where it was done."""
    if link.state is LinkState.LIVE:
        return None
    (gone, *more) = op.gone
    if more:
        reason = "it was deleted on both sides by people, and is not brought back"
    else:
        reason = (
            f"its twin in {gone.label} was deleted by a person: add it there again, with the "
            "same e-mail, phone or key, and the next sync links the two"
        )
    survivor = link.id_on(gone.other) or link.id_on(gone) or RecordId("")
    return Finding(op.kind, gone if more else gone.other, survivor, reason)


def _uncreate(op: Create, new_id: RecordId | None, link: Link) -> Operation | None:
    if new_id is None:
        return None
    return Delete(
        link_id=op.link_id,
        kind=op.kind,
        side=op.side,
        id=new_id,
        mode="delete",
        # Blank ones too: what was typed into them since must not go with the record.
        before={f: link.shown_on(op.side).get(f) for f in op.shown},
        expected=digest(dict(op.values)),
        is_undo=not op.is_undo,
    )


def _undelete(op: Delete, link: Link, *, scope: str) -> Operation:
    if not op.kind.is_paired:
        return _put_back(op, link)
    origin = link.id_on(op.side.other) or op.id
    generation = link.generation + 1
    return Create(
        link_id=op.link_id,
        kind=op.kind,
        side=op.side,
        origin_id=origin,
        correlation=correlation_key(
            scope,
            kind=op.kind,
            origin=op.side.other,
            origin_id=origin,
            generation=generation,
        ),
        values={f: v for f, v in op.before.items() if v is not None},
        # What the server had made of it is its own again; the pair agreed on something else.
        shown={f: link.shown_on(op.side.other).get(f, v) for f, v in op.before.items()},
        parent=link.parent,
        generation=generation,
        is_undo=not op.is_undo,
    )


def _put_back(op: Delete, link: Link) -> Create:
    """A row of our own again, under the name it had."""
    generation = link.generation + 1
    given = {f: v for f, v in op.before.items() if v is not None}
    return Create(
        link_id=op.link_id,
        kind=op.kind,
        side=op.side,
        origin_id=RecordId(""),
        correlation=own_row_key(op.link_id, generation),
        values=given,
        shown=given,
        parent=link.parent,
        generation=generation,
        causes=op.causes,
    )
