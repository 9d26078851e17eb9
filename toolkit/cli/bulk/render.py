"""Batches, their plans and what became of them: for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import RenderableType
from rich.text import Text

from toolkit.app.bulk.items import Birth, Cell, Tags
from toolkit.cli.render.words import bullet_list, count, show_calls, show_value, table

if TYPE_CHECKING:
    from toolkit.app.bulk import Batch, BatchPlan, BatchReport, ItemLine, RevertReport
    from toolkit.app.bulk.importing import ImportDraft

MOST_LINES: Final = 50
"""Lines shown to people; JSON holds all of them."""
_NOTHING: Final = "Nothing to write: it is so already, or concerns nobody."


def render_batches(batches: Sequence[Batch]) -> Iterator[RenderableType]:
    """Batches, the newest first."""
    if not batches:
        yield Text("There are no batches.")
        return
    made = table("Batch", "State", "Changes", "Made", "Name", whole=("Batch", "Made"))
    for each in batches:
        made.add_row(
            each.id,
            each.state.value,
            f"{each.items:,}",
            f"{each.made_at:%Y-%m-%d %H:%M}",
            show_value(each.name),
        )
    yield made
    for each in batches[:MOST_LINES]:
        if each.said:
            yield Text(f"{each.id}: {each.said}")


def batches_json(batches: Sequence[Batch]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [_batch_json(each) for each in batches]


def render_plan(
    plan: BatchPlan | None, draft: ImportDraft | None, *, with_values: bool
) -> Iterator[RenderableType]:
    """What would be done, and what would not be and why."""
    yield from _draft(draft)
    if plan is None:
        yield Text(_NOTHING)
        return
    yield Text(plan.sentence + ".")
    yield Text(f"Calls, about: {show_calls(plan.api_calls)}")
    if plan.done:
        yield Text(f"{plan.done:,} are so already.")
    yield from _left(plan.left, with_values=with_values)
    yield from _brakes(plan.brakes, plan.approval)
    if plan.to_do and not plan.approval:
        yield Text("Nothing was written yet. To do it, repeat the command with --apply.")


def plan_json(
    plan: BatchPlan | None, draft: ImportDraft | None, *, with_values: bool
) -> dict[str, Any]:
    """The same for machines."""
    if plan is None:
        return {"to_do": 0, "import": _draft_json(draft)}
    return {
        "to_do": plan.to_do,
        "contacts": plan.contacts,
        "done": plan.done,
        "operations": [
            {"side": side.value, "kind": kind.value, "verb": verb, "count": number}
            for (side, kind, verb), number in plan.operations.items()
        ],
        "api_calls": {side.value: number for side, number in plan.api_calls.items()},
        "minutes": round(plan.minutes, 2),
        "share_of_day": round(plan.share_of_day, 6),
        "left_today": plan.left_today,
        "left": [line_json(each, with_values=with_values) for each in plan.left],
        "brakes": list(plan.brakes),
        "approval": plan.approval,
        "import": _draft_json(draft),
    }


def render_report(
    report: BatchReport, draft: ImportDraft | None, *, with_values: bool
) -> Iterator[RenderableType]:
    """What was done, what was not and why, and what to do about it."""
    yield from _draft(draft)
    batch = report.batch
    yield Text(f"Batch {batch.id}: {batch.state.value}", style="bold")
    done = batch.counts.get("done", 0)
    yield Text(batch.said or f"{count(done, 'change')} done.")
    yield from _left(report.left, with_values=with_values)
    yield from _brakes(report.brakes, report.approval)
    if batch.can_apply and not report.approval:
        yield Text(f"To send the rest: hightonic bulk --resume {batch.id}")
    if batch.can_retry:
        yield Text(f"To try the failed ones again: hightonic bulk --retry {batch.id}")
    if batch.can_revert:
        yield Text(f"To take it back: hightonic bulk --revert {batch.id}")


def report_json(
    report: BatchReport, draft: ImportDraft | None, *, with_values: bool
) -> dict[str, Any]:
    """The same for machines."""
    return {
        "batch": _batch_json(report.batch),
        "run_id": report.run.run_id if report.run is not None else None,
        "left": [line_json(each, with_values=with_values) for each in report.left],
        "brakes": list(report.brakes),
        "approval": report.approval,
        "import": _draft_json(draft),
    }


def render_revert(report: RevertReport) -> Iterator[RenderableType]:
    """What was taken back, and what somebody else changed since."""
    yield Text(f"Batch {report.batch.id}: {count(report.undone, 'write')} taken back.")
    if report.kept:
        lines = [
            f"{each.kind} {each.contact[:8]} {', '.join(each.fields)}: {each.reason}"
            for each in report.kept[:MOST_LINES]
        ]
        yield bullet_list(f"Left as it is: {count(len(report.kept), 'record')}", lines)


def revert_json(report: RevertReport) -> dict[str, Any]:
    """The same for machines."""
    return {
        "batch": _batch_json(report.batch),
        "undone": report.undone,
        "kept": [
            {
                "contact": each.contact,
                "kind": each.kind.value,
                "side": each.side.value if each.side else None,
                "fields": list(each.fields),
                "reason": each.reason,
            }
            for each in report.kept
        ],
    }


def line_json(line: ItemLine, *, with_values: bool) -> dict[str, Any]:
    """One item that is not done; values only where asked for."""
    told: dict[str, Any] = {
        "contact": line.item.contact,
        "what": _what(line),
        "state": line.state.value,
        "reason": line.reason,
    }
    if with_values and isinstance(line.item, Cell):
        told |= {"old": line.item.old, "new": line.item.new, "now": line.now}
    return told


def _batch_json(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "name": batch.name,
        "state": batch.state.value,
        "made_at": batch.made_at.isoformat(),
        "changed_at": batch.changed_at.isoformat(),
        "items": batch.items,
        "counts": dict(batch.counts),
        "said": batch.said,
        "runs": list(batch.runs),
        "undo_runs": list(batch.undo_runs),
    }


def _what(line: ItemLine) -> str:
    match line.item:
        case Cell():
            return line.item.field
        case Tags():
            return "tags"
        case Birth():
            return f"new {line.item.kind}"


def _left(lines: Sequence[ItemLine], *, with_values: bool) -> Iterator[RenderableType]:
    if not lines:
        return
    if not with_values:
        counts = Counter((e.state.value, _what(e), e.reason) for e in lines).most_common()
        told = [f"{n:,} {what}: {state}, {why}" for (state, what, why), n in counts]
    else:
        told = [_line(each) for each in lines]
    shown = [each.removesuffix(", ") for each in told[:MOST_LINES]]
    if len(told) > MOST_LINES:
        shown.append(f"... and {len(told) - MOST_LINES:,} more: --json has all")
    yield bullet_list(f"Not done: {count(len(lines), 'change')}", shown)


def _line(line: ItemLine) -> str:
    text = f"{(line.item.contact or '-')[:8]} {_what(line)}: {line.state.value}, {line.reason}"
    if line.now is not None:
        text += f" (now {show_value(line.now)})"
    return text


def _brakes(brakes: Sequence[str], approval: str) -> Iterator[RenderableType]:
    if approval:
        lines = [*brakes, f"If this is right, repeat the command with --approve {approval}"]
        yield bullet_list("A brake holds it back: nothing was written", lines)


def _draft(draft: ImportDraft | None) -> Iterator[RenderableType]:
    if draft is None:
        return
    counts = draft.counts
    yield Text(
        f"{draft.sheet.name}: {count(counts['rows'], 'row')}, {counts['changed']:,} change a "
        f"contact, {counts['new']:,} make one, {counts['unchanged']:,} change nothing."
    )
    used = [f"{each.heading} = {each.field}" for each in draft.columns if each.field]
    unused = [each.heading for each in draft.columns if not each.field]
    lines = [*used, *([f"left out: {show_value(', '.join(unused))}"] if unused else [])]
    yield bullet_list("Columns", lines[:MOST_LINES])
    for sentence in draft.sheet.told:
        yield Text(sentence)
    if draft.sheet.repeated:
        yield Text(f"Headings that stand there twice: {', '.join(draft.sheet.repeated)}.")
    if draft.notes:
        told = [_note(each.line, each.heading, each.reason) for each in draft.notes]
        shown = told[:MOST_LINES]
        total = sum(counts[name] for name in ("refused", "ambiguous", "nobody", "flagged"))
        if total > MOST_LINES:
            shown.append(f"... and {total - MOST_LINES:,} more")
        yield bullet_list("Rows to look at", shown)


def _note(line: int, heading: str, reason: str) -> str:
    place = f"line {line:,}" + (f", {show_value(heading)}" if heading else "")
    return f"{place}: {reason}"


def _draft_json(draft: ImportDraft | None) -> dict[str, Any] | None:
    if draft is None:
        return None
    return {
        "file": draft.sheet.name,
        "columns": [
            {
                "heading": each.heading,
                "field": each.field,
                "score": round(each.score, 2),
                "reason": each.reason,
            }
            for each in draft.columns
        ],
        "repeated": list(draft.sheet.repeated),
        "told": list(draft.sheet.told),
        "counts": dict(draft.counts),
        "notes": [
            {
                "line": each.line,
                "state": each.state.value,
                "heading": each.heading,
                "reason": each.reason,
            }
            for each in draft.notes
        ],
    }
