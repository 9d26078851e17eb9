"""Conflicts side by side, and the other things only a person can settle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from toolkit.cli.render.words import count, show_value, table
from toolkit.model.plan import Ambiguity, Finding

if TYPE_CHECKING:
    from toolkit.store import ConflictEntry

LONGEST_SIDE = 200
"""Characters of each side's value: a person decides on them, so more than elsewhere."""


def render_conflicts(conflicts: Sequence[ConflictEntry]) -> Iterator[RenderableType]:
    """Every open conflict with both values, and how to decide."""
    if not conflicts:
        yield Text("No conflict waits for you.")
        return
    made = table("Id", "What", "Field", "HighLevel says", "TimeTonic says", "Agreed before")
    for stored in conflicts:
        each = stored.conflict
        sides = (each.highlevel, each.timetonic, each.base)
        made.add_row(
            stored.id,
            each.kind.value,
            each.field,
            *(show_value(value, longest=LONGEST_SIDE) for value in sides),
        )
    yield made
    first = conflicts[0].id
    yield Text(f"To decide:  hightonic resolve {first} --keep highlevel   (or timetonic)")
    yield Text(f"            hightonic resolve {first} --value 'something else'")


def render_findings(findings: Sequence[Finding | Ambiguity]) -> Iterator[RenderableType]:
    """Records left alone, with the reason; nothing when there are none."""
    if not findings:
        return
    yield Text(f"{count(len(findings), 'case')} left alone:", style="bold")
    made = table("What", "Where", "Why")
    for each in findings:
        made.add_row(each.kind.value, _where(each), _why(each))
    yield made


def _where(each: Finding | Ambiguity) -> str:
    if isinstance(each, Finding):
        return f"{each.side.label} {each.id}"
    highlevel, timetonic = ", ".join(each.highlevel_ids), ", ".join(each.timetonic_ids)
    return f"HighLevel {highlevel or '-'}; TimeTonic {timetonic or '-'}"


def _why(each: Finding | Ambiguity) -> str:
    if isinstance(each, Finding) and each.field:
        return f"{each.field}: {each.reason}"
    return each.reason


def conflicts_json(
    conflicts: Iterable[ConflictEntry], findings: Iterable[Finding | Ambiguity]
) -> dict[str, Any]:
    """Both lists for machines, values included: they are what the decision is about."""
    return {
        "conflicts": [_conflict_json(stored) for stored in conflicts],
        "findings": [_finding_json(each) for each in findings],
    }


def _conflict_json(stored: ConflictEntry) -> dict[str, Any]:
    each = stored.conflict
    return {
        "id": stored.id,
        "kind": each.kind.value,
        "field": each.field,
        "highlevel_id": each.highlevel_id,
        "timetonic_id": each.timetonic_id,
        "highlevel": each.highlevel,
        "timetonic": each.timetonic,
        "base": each.base,
    }


def _finding_json(each: Finding | Ambiguity) -> dict[str, Any]:
    ids = (
        {each.side.value: [each.id]}
        if isinstance(each, Finding)
        else {"highlevel": list(each.highlevel_ids), "timetonic": list(each.timetonic_ids)}
    )
    return {
        "kind": each.kind.value,
        "ids": ids,
        "field": each.field if isinstance(each, Finding) else "",
        "reason": each.reason,
    }
