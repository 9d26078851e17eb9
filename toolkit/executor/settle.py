"""What is true of a pair after an operation ended: pure, shared by runs and recovery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from toolkit.errors import NotFoundError
from toolkit.executor.port import Settled
from toolkit.model.ids import LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState, deletion_reason
from toolkit.model.outcomes import Outcome, OutcomeState
from toolkit.model.plan import Create, Delete, Join, Operation, Rebase, Unlink, Update
from toolkit.model.records import Record
from toolkit.model.values import Value

PARK_S = (900.0, 3_600.0, 14_400.0, 86_400.0)
"""How long a refused record rests, by number of refusals; the last repeats."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one operation ended, before it is folded into the pair.

    Attributes:
        record: The written record as the vendor's answer shows it.
        known: The written record as we saw it last, for answers that show nothing.
        parent_id: The contact a new record hangs on, for answers that do not say.
        other_now: Field -> value the other side shows, earlier writes of this run
            included, as they were sent.
        other_stored: Field -> what the other side made of such a write, where it differs.
    """

    outcome: Outcome
    record: Record | None = None
    known: Record | None = None
    other_now: Mapping[str, Value] | None = None
    other_stored: Mapping[str, Value] | None = None
    parent_id: RecordId | None = None


def settle(link: Link | None, ending: Ending, *, now: datetime) -> Settled:
    """Fold an ending into its pair.

    Args:
        link: The pair as stored; None when there is none yet.
        ending: The operation's end.
        now: For the resting time of refused records.
    """
    outcome = ending.outcome
    match outcome.state:
        case OutcomeState.DONE:
            return _settle_done(link, ending)
        case OutcomeState.UNKNOWN | OutcomeState.SKIPPED:
            is_kept = link is None or not _is_empty_half(link) or _is_unknown(outcome)
            return Settled(outcome, link if is_kept else let_go(link, now=now))
        case OutcomeState.FAILED:
            return Settled(outcome, _after_failure(link, outcome, now=now))


def _is_unknown(outcome: Outcome) -> bool:
    return outcome.state is OutcomeState.UNKNOWN


def _is_empty_half(link: Link | None) -> bool:
    return link is not None and link.state is LinkState.HALF


def let_go(half: Link | None, *, now: datetime) -> Link | None:
    """What is left of a create that was not carried out and may be tried at once.

    A first try leaves nothing: the next one gives the pair the same name. A re-creation
    keeps its pair, because tasks and notes hang on it.
    """
    if half is None or half.generation == 0:
        return None
    return replace(half, state=LinkState.PARKED, reason="waits to be created", not_before=now)


def _after_failure(link: Link | None, outcome: Outcome, *, now: datetime) -> Link | None:
    """A passing failure leaves the pair as it was; a refusal parks it for a while."""
    operation = outcome.operation
    if isinstance(operation, Create) and operation.is_birth:
        return None  # nobody's twin: who asked for it hears of it, and nothing waits here
    if not operation.kind.is_paired and outcome.error == NotFoundError.__name__:
        return link and replace(link, state=LinkState.DELETED)
    if outcome.is_retryable:
        return let_go(link, now=now) if _is_empty_half(link) else link
    if link is None or link.state in {LinkState.UNLINKED, LinkState.DELETED}:
        return link
    rest_s = PARK_S[min(link.fails, len(PARK_S) - 1)]
    return replace(
        link,
        state=LinkState.PARKED,
        reason=outcome.reason,
        fails=link.fails + 1,
        not_before=now + timedelta(seconds=rest_s),
    )


def _settle_done(link: Link | None, ending: Ending) -> Settled:
    operation = ending.outcome.operation
    match operation:
        case Create():
            return _created(link, operation, ending)
        case Update():
            return _updated(link, operation, ending)
        case Delete():
            gone = (operation.side, operation.id)
            return Settled(ending.outcome, _deleted(link, operation), forgotten=gone)
        case Join():
            generation = 0 if link is None else link.generation
            pair = replace(joined(operation), generation=generation)
            return Settled(ending.outcome, pair)
        case Rebase():
            return Settled(ending.outcome, _rebased(link, operation.base))
        case Unlink():
            return Settled(ending.outcome, _unlinked(link, operation))


def _created(link: Link | None, op: Create, ending: Ending) -> Settled:
    new_id = ending.outcome.id
    if new_id is None:
        raise ValueError("a finished create has an id")
    shown = {**op.values, **(ending.record.values if ending.record else {})}
    alias = {f: shown.get(f) for f in op.shown if shown.get(f) != op.shown[f]}
    alias |= {f: v for f, v in shown.items() if f not in op.shown and v is not None}
    pair: Link | None = None
    # What is born of a kind that is paired stands alone, until the planner finds it new.
    if not op.is_birth or not op.kind.is_paired:
        pair = replace(
            (link or half_link(op)).with_id(op.side, new_id),
            state=LinkState.UNLINKED if op.is_undo else LinkState.LIVE,
            correlation=op.correlation,
            generation=op.generation,
            base=dict(op.shown),
            aliases={op.side: alias} if alias else {},
            reason="",
            fails=0,
            not_before=None,
        )
    seen = ending.record or Record(op.side, op.kind, new_id, {}, correlation=op.correlation)
    seen = replace(seen, values=shown, parent_id=seen.parent_id or ending.parent_id)
    sent_otherwise = tuple(sorted(f for f in op.values if shown.get(f) != op.values[f]))
    return Settled(replace(ending.outcome, altered=sent_otherwise), pair, observed=seen)


def _updated(link: Link | None, op: Update, ending: Ending) -> Settled:
    seen = ending.record or ending.known
    # An answer may show only part of the record; what it does not show was taken as sent.
    values = dict(ending.known.values) if ending.known else {}
    values |= op.after
    values |= ending.record.values if ending.record else {}
    stored = {f: values.get(f) for f in op.after}
    altered = tuple(sorted(f for f in op.after if stored[f] != op.after[f]))
    observed = replace(seen, values=values) if seen else None
    outcome = replace(ending.outcome, altered=altered)
    if link is None:
        return Settled(outcome, None, observed=observed)
    across = link.shown_on(op.side.other) if op.is_undo else op.other
    pair = _agree(link, op, stored, {**across, **(ending.other_now or {})})
    if ending.other_stored:
        pair = _with_spelling(pair, op, ending.other_stored)
    if pair.state is LinkState.LIVE:  # else its other side was refused in this run
        pair = replace(pair, fails=0, reason="")
    return Settled(outcome, pair, observed=observed)


def _agree(
    link: Link, op: Update, stored: Mapping[str, Value], across: Mapping[str, Value]
) -> Link:
    """The pair once one side shows `stored` and the other one `across`."""
    base = dict(link.base)
    aliases = {side: dict(link.aliases.get(side, {})) for side in Side}
    for field, sent in op.after.items():
        if field in across and across[field] != sent:
            # An undo that takes both sides back leaves no difference; one side, a wanted one.
            if op.is_undo:
                aliases[op.side][field] = stored[field]
            continue  # else the twin write on the other side moves the base when it is done
        base[field] = sent
        aliases[op.side.other].pop(field, None)
        aliases[op.side].pop(field, None)
        if stored[field] != sent:
            aliases[op.side][field] = stored[field]
    return replace(
        link,
        base=base,
        aliases={side: alias for side, alias in aliases.items() if alias},
    )


def _with_spelling(link: Link, op: Update, stored: Mapping[str, Value]) -> Link:
    """Of a value written to both sides, the spelling the other one gave it is no edit."""
    other = op.side.other
    own = {f: v for f, v in stored.items() if f in op.after and link.base.get(f) == op.after[f]}
    if not own:
        return link
    aliases = {**link.aliases, other: {**link.aliases.get(other, {}), **own}}
    return replace(link, aliases=aliases)


def _deleted(link: Link | None, op: Delete) -> Link | None:
    if link is None:
        return None
    left = link.with_id(op.side, None)
    has_other = left.id_on(op.side.other) is not None
    return replace(link, state=LinkState.UNLINKED if has_other else LinkState.DELETED)


def _rebased(link: Link | None, agreed: Mapping[str, Value]) -> Link | None:
    if link is None:
        return None
    aliases = {
        side: {f: v for f, v in alias.items() if f not in agreed}
        for side, alias in link.aliases.items()
    }
    return replace(
        link,
        base={**link.base, **agreed},
        aliases={side: alias for side, alias in aliases.items() if alias},
    )


def _unlinked(link: Link | None, op: Unlink) -> Link | None:
    if link is None:
        return None
    state = LinkState.DELETED if len(op.gone) == len(Side) else LinkState.UNLINKED
    return replace(link, state=state, reason=deletion_reason(op.gone) if op.gone else "undone")


def joined(op: Join) -> Link:
    """The new pair of two records that existed already."""
    return Link(
        id=op.link_id,
        kind=op.kind,
        correlation=op.correlation,
        highlevel_id=op.highlevel_id,
        timetonic_id=op.timetonic_id,
        parent=op.parent,
        base=dict(op.base),
    )


def half_link(op: Create) -> Link:
    """The pair while its second record is being created."""
    bare = Link(
        id=LinkId(op.link_id),
        kind=op.kind,
        correlation=op.correlation,
        state=LinkState.HALF,
        parent=op.parent,
        base=dict(op.shown),
        generation=op.generation,
    )
    return bare if op.is_birth else bare.with_id(op.side.other, RecordId(op.origin_id))


def operation_side(operation: Operation) -> Side | None:
    """The side an operation writes to; None for purely local ones."""
    match operation:
        case Create() | Update() | Delete():
            return operation.side
        case Join() | Rebase() | Unlink():
            return None
