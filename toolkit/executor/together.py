"""Carries out updates that a person asked for on both sides: a field on both, or on neither.

Written one side at a time, a field that somebody just edited on one side would be left alone
there and written on the other; the next comparison would then take that write for an edit,
and might let it win. So both records are read first, some pairs at a time, and a field that
was edited on either side is left out on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from typing import Final

from toolkit.errors import VendorError
from toolkit.executor.context import RunContext, ref_of
from toolkit.executor.objections import EDITED, GONE, SHOWN
from toolkit.executor.run import apply_plan, learn, refusal, skip
from toolkit.model.ids import Kind, LinkId, RecordId, Side
from toolkit.model.outcomes import Outcome
from toolkit.model.plan import Delete, Operation, Plan, Update
from toolkit.model.records import Record
from toolkit.model.values import Value

_CALLS_AT_ONCE: Final = 4
_TRUSTED_S: Final = 60.0

_Fresh = Mapping[tuple[Side, RecordId], Record | None]


async def apply_together(plan: Plan, context: RunContext) -> list[Outcome]:
    """As `apply_plan`, but no update of a pair is written where it would part its sides.

    What exists is always read again before it is changed. A second call with the same plan
    writes nothing.

    Returns:
        One outcome per operation; an update of which some fields were left out has two.
    """
    updates = [op for op in plan.operations if isinstance(op, Update)]
    deletes = [op for op in plan.operations if isinstance(op, Delete)]
    others = [op for op in plan.operations if not isinstance(op, Update | Delete)]
    total, done = len(plan.writes), 0
    outcomes: list[Outcome] = []

    async def carry(part: Sequence[Operation]) -> None:
        with _counted(context, done, total):
            outcomes.extend(await apply_plan(replace(plan, operations=tuple(part)), context))

    await carry(others)
    done = total - len(updates) - len(deletes)
    for chunk in _chunks(updates, context):
        kept, left_out = await _sort_out(chunk, context)
        outcomes += left_out
        with _just_seen(context):
            await carry(kept)
        done += len(chunk)
    await carry(deletes)
    return outcomes


def _chunks(updates: Sequence[Update], context: RunContext) -> Iterator[list[Update]]:
    """Some pairs of one kind at a time; both updates of a pair stay together."""
    by_kind = sorted(updates, key=lambda op: op.kind.value)
    for kind, group in groupby(by_kind, key=lambda op: op.kind):
        pairs: dict[LinkId, list[Update]] = {}
        for op in group:
            pairs.setdefault(op.link_id, []).append(op)
        waiting = list(pairs.values())
        size = _CALLS_AT_ONCE * max(
            p.batch_size(kind, "update") for p in context.ports.values()
        )
        for start in range(0, len(waiting), size):
            yield [op for pair in waiting[start : start + size] for op in pair]


async def _sort_out(
    chunk: Sequence[Update], context: RunContext
) -> tuple[list[Update], list[Outcome]]:
    """The updates as they may be written, and the outcomes of what may not."""
    sides = {op.side for op in chunk}
    for side in sorted(sides):
        if reason := refusal(side, context):
            return [], skip(chunk, reason, context)
    try:
        fresh = await _read(chunk, context)
    except VendorError as error:
        return [], skip(chunk, f"could not be checked: {error.happened}", context)
    kept: list[Update] = []
    left_out: list[Outcome] = []
    for _, group in groupby(chunk, key=lambda op: op.link_id):
        pair = list(group)
        if any(fresh.get((op.side, op.id)) is None for op in pair):
            left_out += skip(pair, GONE, context)
            continue
        edited = {name for op in pair for name in _edited(op, fresh, context)}
        if edited and len(pair) == 1:
            # Written on one side alone, a record is changed or taken back as a whole.
            edited = set(pair[0].after)
        for op in pair:
            rest, outcomes = _parted(op, edited, fresh, context)
            kept += rest
            left_out += outcomes
    return kept, left_out


def _parted(
    op: Update, edited: set[str], fresh: _Fresh, context: RunContext
) -> tuple[list[Update], list[Outcome]]:
    """What is left to write of an update, and the outcomes of the rest of it."""
    outcomes: list[Outcome] = []
    if dropped := _only(op, op.after.keys() & edited):
        outcomes += skip([dropped], EDITED, context)
    rest = _only(op, op.after.keys() - edited)
    if rest is not None and _is_shown(rest, fresh, context):
        outcomes += skip([rest], SHOWN, context)
        rest = None
    return [] if rest is None else [rest], outcomes


async def _read(chunk: Sequence[Update], context: RunContext) -> _Fresh:
    """All records of a chunk as they are now.

    Raises:
        VendorError: One side could not be read; a key it does not take closes it.
    """
    found: dict[tuple[Side, RecordId], Record | None] = {}
    kind: Kind = chunk[0].kind
    for side in Side:
        refs = [ref_of(op, context) for op in chunk if op.side is side]
        if not refs:
            continue
        try:
            records = await context.ports[side].get_records(kind, refs)
        except VendorError as error:
            learn(side, [error], context)
            raise
        found |= {(side, record_id): record for record_id, record in records.items()}
    return found


def _edited(op: Update, fresh: _Fresh, context: RunContext) -> Iterator[str]:
    """Fields that show neither what they showed when this was planned nor what is wanted."""
    shown = _shown(op, fresh, context)
    for name, wanted in op.after.items():
        if shown.get(name) not in (op.before.get(name), wanted):
            yield name


def _is_shown(op: Update, fresh: _Fresh, context: RunContext) -> bool:
    shown = _shown(op, fresh, context)
    return all(shown.get(name) == wanted for name, wanted in op.after.items())


def _shown(op: Update, fresh: _Fresh, context: RunContext) -> dict[str, Value]:
    link, record = context.ledger.get_link(op.link_id), fresh[op.side, op.id]
    agreed = link.shown_on(op.side) if link is not None else {}
    # Roll-ups are written and never read back: the pair remembers what they show.
    return {**agreed, **(record.values if record is not None else {})}


def _only(op: Update, names: set[str]) -> Update | None:
    """The update for these fields alone; None where there is none."""
    if not names:
        return None
    if len(names) == len(op.after):
        return op
    return replace(
        op,
        before={name: value for name, value in op.before.items() if name in names},
        after={name: value for name, value in op.after.items() if name in names},
        other={name: value for name, value in op.other.items() if name in names},
    )


@contextmanager
def _counted(context: RunContext, done: int, total: int) -> Iterator[None]:
    """Progress of a part told as progress of the whole."""
    whole = context.progress
    context.progress = lambda what, count, _total: whole(what, done + count, total)
    try:
        yield
    finally:
        context.progress = whole


@contextmanager
def _just_seen(context: RunContext) -> Iterator[None]:
    """What was read right now need not be read again."""
    before = context.observed_at, context.max_age_s
    context.observed_at, context.max_age_s = context.now(), _TRUSTED_S
    try:
        yield
    finally:
        context.observed_at, context.max_age_s = before
