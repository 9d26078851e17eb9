"""Batches, plans and staged changes as JSON for the tray's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from toolkit.app.bulk import BatchState, Birth, Cell, Tags

if TYPE_CHECKING:
    from notebooks.widgets.bulk_work import Extra
    from toolkit.app.bulk import Batch, BatchPlan, ItemLine, Kept
    from toolkit.app.grid import StagedCell
    from toolkit.model.ids import LinkId
    from toolkit.model.values import Value

Names = Mapping["LinkId", "Value"]
Titles = Mapping[str, str]


def draw_cells(
    cells: Sequence[StagedCell], names: Names, titles: Titles
) -> list[dict[str, Any]]:
    """Staged cells, a line each."""
    return [
        {
            "id": each.id,
            "field": each.field,
            "name": names.get(each.id),
            "title": titles.get(each.field, each.field),
            "old": each.old,
            "new": each.new,
            "problem": each.problem,
        }
        for each in cells
    ]


def draw_extras(extras: Sequence[Extra]) -> list[dict[str, Any]]:
    """Staged steps, a line each."""
    return [
        {"number": number, "title": each.title, "count": each.count, "notes": list(each.notes)}
        for number, each in enumerate(extras)
    ]


def draw_batch(batch: Batch) -> dict[str, Any]:
    """A batch in the list, with what can be done about it."""
    return {
        "id": batch.id,
        "name": batch.name,
        "state": batch.state.value,
        "at": _moment(batch.changed_at),
        "items": batch.items,
        "counts": dict(batch.counts),
        "said": batch.said,
        "can_resume": batch.can_apply,
        "can_retry": batch.can_retry,
        "can_revert": batch.can_revert,
        "can_forget": batch.state is BatchState.STAGED,
        "runs": list(batch.runs),
    }


def draw_plan(plan: BatchPlan, *, left: list[dict[str, Any]]) -> dict[str, Any]:
    """What a batch would do."""
    return {
        "batch": plan.batch.id,
        "sentence": plan.sentence,
        "to_do": plan.to_do,
        "contacts": plan.contacts,
        "done": plan.done,
        "calls": {side.label: count for side, count in plan.api_calls.items()},
        "minutes": plan.minutes,
        "share_of_day": plan.share_of_day,
        "left_today": plan.left_today,
        "operations": [
            {"side": side.label, "kind": kind.value, "verb": verb, "count": count}
            for (side, kind, verb), count in sorted(plan.operations.items())
        ],
        "left": left,
        "left_total": len(plan.left),
        "brakes": list(plan.brakes),
        "approval": plan.approval,
    }


def draw_lines(lines: Sequence[ItemLine], names: Names, titles: Titles) -> list[dict[str, Any]]:
    """Items that are not done, and why."""
    return [{**_item(each, names, titles), "now": each.now} for each in lines]


def draw_kept(kept: Sequence[Kept], names: Names, titles: Titles) -> list[dict[str, Any]]:
    """What a revert left alone."""
    return [
        {
            "name": names.get(each.contact),
            "what": ", ".join(titles.get(name, name) for name in each.fields)
            or f"the {each.kind.value}",
            "side": each.side.label if each.side else "",
            "reason": each.reason,
        }
        for each in kept
    ]


def _item(line: ItemLine, names: Names, titles: Titles) -> dict[str, Any]:
    item = line.item
    shown: dict[str, Any] = {
        "name": None if item.contact is None else names.get(item.contact),
        "state": line.state.value,
        "reason": line.reason,
    }
    match item:
        case Cell():
            title = titles.get(item.field, item.field)
            return {**shown, "what": title, "old": item.old, "new": item.new}
        case Tags():
            signs = [f"+ {each}" for each in item.add] + [f"- {each}" for each in item.remove]
            return {**shown, "what": "Tags", "old": None, "new": ", ".join(signs)}
        case Birth():
            return {**shown, "what": f"new {item.kind.value}", "old": None, "new": None}


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
