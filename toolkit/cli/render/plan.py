"""A plan before it is applied: how many of what go where, and what stands against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from toolkit.app.parking import is_resting
from toolkit.app.plan_counts import VERBS, count_writes
from toolkit.cli.render.words import (
    bullet_list,
    count,
    plural,
    show_calls,
    show_counts,
    show_value,
    show_values,
    table,
)
from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Create, Delete, Join, Plan, Unlink, Update, Write

MOST_OPERATIONS = 100
"""Operations listed with their values; a plan file holds all of them."""

MOST_RESTING = 20
"""Resting records listed one by one; `hightonic conflicts` lists all of them."""


def render_plan(plan: Plan, *, with_values: bool = False) -> Iterator[RenderableType]:
    """Summary tables; with `with_values` also every operation as before -> after."""
    yield Text(f"Plan for {plan.connection} ({plan.hash})", style="bold")
    if plan.writes or any(isinstance(op, Join | Unlink) for op in plan.operations):
        yield _writes_table(plan)
    elif plan.held:
        yield Text("Nothing to write now: what there is to do is held back.")
    elif _stands_still(plan):
        yield Text("Nothing to write now, but the sides do not agree everywhere:")
    else:
        yield Text("Nothing to write: both sides agree.")
    yield from _links(plan)
    yield from _standing_against(plan)
    if any(plan.estimated_calls.values()):
        yield Text(f"Calls it will take, about: {show_calls(plan.estimated_calls)}")
    if with_values:
        yield from _values(plan)


def render_wish(plan: Plan | None) -> Iterator[RenderableType]:
    """What somebody asked for would write, and how to have it done."""
    if plan is None:
        yield Text("That concerns nobody; there is nothing to do.")
        return
    if plan.writes:
        yield _writes_table(plan)
        yield Text("Nothing was written yet. To do it, repeat the command with --apply.")
    elif plan.held:
        lines = [brake.reason for brake in plan.brakes]
        lines.append(f"If this is right, repeat the command with --approve {plan.approval}")
        yield bullet_list(
            f"A brake would hold it back: {count(len(plan.held), 'write')}", lines
        )
    else:
        yield Text("Nothing to write: it is so already.")
    if plan.findings:
        lines = [each.reason for each in plan.findings[:MOST_RESTING]]
        yield bullet_list(f"Left alone: {count(len(plan.findings), 'case')}", lines)


def render_writes(plan: Plan, *, with_values: bool = False) -> Iterator[RenderableType]:
    """The tables of a plan alone: for what follows from another one."""
    if plan.writes:
        yield _writes_table(plan)
    if with_values:
        yield from _values(plan)


def _stands_still(plan: Plan) -> bool:
    return bool(plan.held or plan.conflicts or plan.ambiguities or plan.findings)


def _writes_table(plan: Plan) -> RenderableType:
    counts = count_writes(plan.operations)
    made = table("", "", "Into HighLevel", "Into TimeTonic", "Changed fields")
    for kind in Kind:
        for verb in VERBS:
            numbers = [counts[kind, verb, side] for side in Side]
            if not any(numbers):
                continue
            fields = _changed_fields(plan, kind) if verb == "update" else ""
            shown = [f"{number:,}" if number else "-" for number in numbers]
            made.add_row(plural(kind), verb, *shown, fields)
    return made


def _changed_fields(plan: Plan, kind: Kind) -> str:
    updates = [op for op in plan.operations if isinstance(op, Update) and op.kind is kind]
    return show_counts(Counter(name for op in updates for name in op.after))


def _links(plan: Plan) -> Iterator[RenderableType]:
    joins = [op for op in plan.operations if isinstance(op, Join)]
    if joins:
        by = show_counts(Counter(op.by or "earlier link" for op in joins))
        yield Text(f"{count(len(joins), 'pair')} found on both sides and linked (by {by}).")
    if unlinks := sum(isinstance(op, Unlink) for op in plan.operations):
        yield Text(
            f"{count(unlinks, 'pair')} unlinked: one side is gone, the other is kept as it is."
        )


def _standing_against(plan: Plan) -> Iterator[RenderableType]:
    if plan.brakes:
        yield bullet_list(
            f"Held back by a brake: {count(len(plan.held), 'operation')}",
            [brake.reason for brake in plan.brakes]
            + [f"If this is right: hightonic sync --approve {plan.approval}"],
        )
    if plan.conflicts:
        fields = show_counts(Counter(f"{c.kind} {c.field}" for c in plan.conflicts))
        yield Text(f"{count(len(plan.conflicts), 'conflict')} a person must decide ({fields}).")
    if plan.ambiguities:
        people = count(len(plan.ambiguities), "group")
        yield Text(f"{people} of records that may be the same; nothing is written for them.")
    resting = [f for f in plan.findings if is_resting(f)]
    if resting:
        yield bullet_list(
            f"{count(len(resting), 'record')} refused before and left out of step",
            [f"{f.kind} {f.side.label} {f.id}: {f.reason}" for f in resting[:MOST_RESTING]]
            + [f"... and {len(resting) - MOST_RESTING:,} more"] * (len(resting) > MOST_RESTING),
        )
    others = [f for f in plan.findings if not is_resting(f)]
    if others:
        records = len({(f.kind, f.side, f.id) for f in others})
        reasons = Counter(f.reason for f in others).most_common()
        yield bullet_list(
            f"{count(len(others), 'finding')} about {count(records, 'record')}",
            [f"{n:,} x {reason}" for reason, n in reasons],
        )


def _values(plan: Plan) -> Iterator[RenderableType]:
    writes = plan.writes
    made = table("", "", "Side", "Id", "Values")
    for write in writes[:MOST_OPERATIONS]:
        made.add_row(
            write.kind.value, write.op, write.side.label, _target(write), _change(write)
        )
    if writes:
        yield made
    if len(writes) > MOST_OPERATIONS:
        left = count(len(writes) - MOST_OPERATIONS, "more operation")
        yield Text(f"... and {left}; `hightonic plan -o FILE` keeps all of them.")
    if plan.conflicts:
        yield _conflict_values(plan)


def _target(write: Write) -> str:
    return "" if isinstance(write, Create) else write.id


def _change(write: Write) -> str:
    if isinstance(write, Create):
        return show_values(write.values)
    if isinstance(write, Delete):
        return f"{write.mode}: {show_values(write.before)}"
    return ", ".join(
        f"{name}: {show_value(write.before.get(name))} -> {show_value(value)}"
        for name, value in write.after.items()
    )


def _conflict_values(plan: Plan) -> RenderableType:
    made = table("Conflict", "Field", "HighLevel says", "TimeTonic says", "Before")
    for each in plan.conflicts:
        sides = [each.highlevel, each.timetonic, each.base]
        made.add_row(each.kind.value, each.field, *(show_value(value) for value in sides))
    return made
