"""Archived contacts, and contacts that may be one person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.words import bullet_list, count, show_value, table
from toolkit.model.ids import LinkId

if TYPE_CHECKING:
    from toolkit.app.archive import ArchivedContact
    from toolkit.app.contact_desk import MergePlans
    from toolkit.app.merging import Children, MergePlan

MOST_GROUPS = 50
"""Groups shown to people; JSON holds all of them."""

SHORT_ID = 8


def render_archived(
    entries: Sequence[ArchivedContact], *, with_values: bool
) -> Iterator[RenderableType]:
    """Who is archived, since when and why."""
    if not entries:
        yield Text("Nobody is archived.")
        return
    made = table("HighLevel", "TimeTonic", "Name", "Since", "Why", whole=("HighLevel", "Since"))
    for each in entries:
        made.add_row(
            each.highlevel_id or "-",
            each.timetonic_id or "-",
            show_value(each.name) if with_values else "-",
            each.archived_at[:10] or "(tag only)",
            show_value(each.reason),
        )
    yield made
    yield Text("To take somebody back: hightonic archive restore ID --apply")


def archived_json(
    entries: Sequence[ArchivedContact], *, with_values: bool
) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "contact": each.contact,
            "highlevel_id": each.highlevel_id,
            "timetonic_id": each.timetonic_id,
            "archived_at": each.archived_at,
            "reason": each.reason,
            "row_id": each.row_id,
            **({"name": each.name} if with_values else {}),
        }
        for each in entries
    ]


def render_merges(
    found: MergePlans, *, names: Mapping[LinkId, str], with_values: bool
) -> Iterator[RenderableType]:
    """Each group: who, why, how sure, and what would become of them."""
    if not found.plans:
        yield Text(f"No duplicates among {count(found.searched, 'contact')}.")
    for plan in found.plans[:MOST_GROUPS]:
        yield _group(plan, names=names, with_values=with_values)
    if len(found.plans) > MOST_GROUPS:
        yield Text(f"... and {len(found.plans) - MOST_GROUPS:,} more groups: --json has all")
    if found.crowds:
        yield Text(
            f"Not compared by {count(found.crowds, 'value')} that very many contacts share."
        )
    if found.plans:
        first = found.plans[0].group.id
        yield Text(f"To complete and mark one:  hightonic duplicates --apply {first}")
        yield Text("Neither service merges contacts: the rest of each plan is done by hand.")


def _group(plan: MergePlan, *, names: Mapping[LinkId, str], with_values: bool) -> Text:
    group = plan.group

    def who(link_id: LinkId) -> str:
        return show_value(names[link_id]) if link_id in names else link_id[:SHORT_ID]

    reasons = {each.reason: None for tie in group.likenesses for each in tie.evidence}
    lines = [f"Why:      {'; '.join(reasons)}", f"Stays:    {who(plan.keep)} (the oldest)"]
    lines += [f"Marked:   {who(each)}" for each in plan.marked]
    for fill in plan.fills:
        value = f" = {show_value(fill.value)}" if with_values else ""
        lines.append(
            f"Gets:     {fill.field}{value}{' - ' + fill.by_hand if fill.by_hand else ''}"
        )
    if plan.add_tags:
        lines.append(f"Tags:     {show_value(plan.add_tags)}")
    if plan.differences:
        fields = sorted({each.field for each in plan.differences})
        lines.append(f"Differ:   {', '.join(fields)}; the oldest one's stand")
    lines += [f"By hand:  {_hanging(each)} of {who(each.contact)}" for each in plan.children]
    return bullet_list(
        f"{group.id}  {group.score} %  {count(len(group.contacts), 'contact')}", lines
    )


def _hanging(children: Children) -> str:
    counts = {
        "task": children.tasks,
        "note": children.notes,
        "appointment": children.appointments,
    }
    return ", ".join(count(number, noun) for noun, number in counts.items() if number)


def merges_json(found: MergePlans, *, with_values: bool) -> dict[str, Any]:
    """The same for machines; values only where asked for."""
    return {
        "searched": found.searched,
        "crowds": found.crowds,
        "groups": [_plan_json(each, with_values=with_values) for each in found.plans],
    }


def _plan_json(plan: MergePlan, *, with_values: bool) -> dict[str, Any]:
    return {
        "id": plan.group.id,
        "score": plan.group.score,
        "contacts": list(plan.group.contacts),
        "keep": plan.keep,
        "marked": list(plan.marked),
        "why": [
            {
                "contacts": [each.one, each.two],
                "score": each.score,
                "evidence": [
                    {"weight": piece.weight, "reason": piece.reason} for piece in each.evidence
                ],
            }
            for each in plan.group.likenesses
        ],
        "fills": [
            {
                "field": each.field,
                "from": each.source,
                "by_hand": each.by_hand,
                **({"value": each.value} if with_values else {}),
            }
            for each in plan.fills
        ],
        "differences": [
            {
                "field": each.field,
                "from": each.source,
                **({"kept": each.kept, "other": each.other} if with_values else {}),
            }
            for each in plan.differences
        ],
        "add_tags": list(plan.add_tags),
        "by_hand": [
            {
                "contact": each.contact,
                "tasks": each.tasks,
                "open_tasks": each.open_tasks,
                "notes": each.notes,
                "appointments": each.appointments,
            }
            for each in plan.children
        ],
    }
