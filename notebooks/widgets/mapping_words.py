"""What the mapping editor's page is shown, as plain JSON; every function is pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.mapping_desk.connecting import warning_of
from toolkit.app.mapping_desk.trying import shown
from toolkit.model.ids import Kind, Side

if TYPE_CHECKING:
    from toolkit.app.mapping_desk import (
        ChangePlan,
        Checked,
        Fields,
        KindDraft,
        LineProblem,
        LineTrial,
        MappingDraft,
        Opened,
        Sample,
        SideField,
        Tried,
    )

KINDS: Final[Mapping[Kind, str]] = {
    Kind.CONTACT: "Contacts",
    Kind.TASK: "Tasks",
    Kind.NOTE: "Notes",
    Kind.APPOINTMENT: "Appointments",
}
_TYPES: Final[Mapping[str, str]] = {
    "text": "as it is",
    "longtext": "as it is, several lines",
    "note": "note: markup ↔ plain text",
    "email": "e-mail: lower case",
    "phone": "phone: one spelling",
    "date": "a day",
    "datetime": "a moment",
    "number": "a number",
    "boolean": "yes or no",
    "choice": "one of a list",
    "multi_choice": "several of a list",
    "tags": "tags",
    "owner": "owner: user ↔ name",
    "name": "first + last ↔ whole name",
    "template": "text made of fields",
    "constant": "always the same",
    "function": "your own function",
    "rollup": "counted by the sync",
}
_SHOWN: Final[Mapping[str, str]] = {
    "longtext": "long text",
    "datetime": "date and time",
    "boolean": "yes / no",
    "choice": "list",
    "multi_choice": "several of a list",
}
_CHIPS: Final[Mapping[str, str]] = {
    "text": "as is",
    "longtext": "as is",
    "datetime": "moment",
    "date": "day",
    "boolean": "yes / no",
    "choice": "option",
    "multi_choice": "options",
    "owner": "owner name",
    "name": "whole name",
    "template": "template",
    "constant": "constant",
    "function": "function",
    "rollup": "count",
}
_POLICIES: Final[Mapping[str, str]] = {
    "ask": "ask a person",
    "highlevel": "HighLevel wins",
    "timetonic": "TimeTonic wins",
    "newest": "the newer one wins",
    "longest": "the longer text wins",
    "union": "both are kept",
    "max": "the higher one wins",
    "min": "the lower one wins",
}
_SUITS: Final[Mapping[str, Sequence[str]]] = {
    "union": ("multi_choice", "tags"),
    "max": ("number", "date", "datetime", "rollup"),
    "min": ("number", "date", "datetime", "rollup"),
    "longest": ("text", "longtext", "note", "name"),
}
_OPTIONS: Final = 60
_NAMED: Final = re.compile(r"`([^`]+)`")
_MADE: Final = ("template", "constant", "function", "rollup")

CHOICES: Final[Mapping[str, Any]] = {
    "types": [[name, title] for name, title in _TYPES.items() if name not in _MADE],
    "made": list(_MADE),
    "directions": [
        ["both", "both ways"],
        ["to_timetonic", "HighLevel → TimeTonic"],
        ["to_highlevel", "TimeTonic → HighLevel"],
    ],
    "policies": [[name, title, _SUITS.get(name)] for name, title in _POLICIES.items()],
    "kept": ["type", "highlevel", "timetonic", "direction", "on_conflict", "rides"],
    "sides": [[side.value, side.label] for side in Side],
}
"""What selects of the page offer; a policy names the types it suits, None for all."""


def tabs_of(opened: Opened, draft: MappingDraft, checked: Checked) -> list[dict[str, Any]]:
    """One tab a kind, with what is wrong in it."""
    return [
        {
            "name": kind.value,
            "title": title,
            "enabled": draft.kinds[kind].enabled,
            "lines": len(draft.kinds[kind].lines),
            "missing": len(checked.missing.get(kind, ())),
            "refused": sum(x.kind is kind and x.is_refused for x in checked.problems),
            "changed": draft.kinds[kind] != opened.draft.kinds[kind],
        }
        for kind, title in KINDS.items()
        if kind in draft.kinds
    ]


def describe_fields(fields: Fields) -> dict[str, list[dict[str, Any]]]:
    """Both systems' fields."""
    return {side.value: [_field(each, fields) for each in fields.on(side)] for side in Side}


def _field(field: SideField, fields: Fields) -> dict[str, Any]:
    return {
        "name": field.name,
        "title": field.title,
        "type": field.type,
        "word": field.vendor_type,
        "shown": _SHOWN.get(field.type, field.type.replace("_", " ") or field.vendor_type),
        "access": field.access,
        "required": field.is_required,
        "options": list(field.options[:_OPTIONS]),
        "one_of": field.side is Side.HIGHLEVEL and field.name in fields.one_of,
    }


def misfits_of(fields: Fields) -> dict[str, str]:
    """`type|type` -> what does not fit, for the warning while a line is dragged."""
    found: dict[str, str] = {}
    for one in _one_a_type(fields.highlevel):
        for other in _one_a_type(fields.timetonic):
            warning = warning_of(one, other)
            if warning:
                found[f"{one.type}|{other.type}"] = warning
    return found


def _one_a_type(fields: Sequence[SideField]) -> list[SideField]:
    return list({each.type: each for each in fields if each.access != "read"}.values())


def describe_lines(
    kind: Kind, draft: KindDraft, before: MappingDraft, checked: Checked
) -> list[dict[str, Any]]:
    """Lines with their chips and what is wrong with them."""
    old = before.kinds[kind].lines
    return [
        {
            "name": name,
            "entry": entry,
            "chip": _CHIPS.get(entry["type"], entry["type"].replace("_", " ")),
            "is_changed": old.get(name) != entry,
            "is_match": name in draft.match_by,
            "problems": [
                describe_problem(each)
                for each in checked.problems
                if each.kind is kind and each.field == name
            ],
        }
        for name, entry in draft.lines.items()
    ]


def describe_problem(problem: LineProblem) -> dict[str, Any]:
    """One sentence, and whether it stands in the way."""
    return {
        "said": sentence(problem.message, problem.remedy),
        "refused": problem.is_refused,
        "of": problem.kind.value if problem.kind else "",
    }


def sentence(message: str, remedy: str) -> str:
    """What the file's reader says, as people write."""
    said = message[:1].upper() + message[1:]
    return _NAMED.sub(r"“\1”", f"{said}. {remedy}" if remedy else said)


def describe_trial(trial: LineTrial, *, is_whole: bool = False) -> dict[str, Any]:
    """What a line makes of the samples."""
    told: dict[str, Any] = {"tried": trial.tried, "failures": trial.failures}
    if trial.worst is not None:
        told["worst"] = _worst(trial.worst)
    if is_whole:
        told["rows"] = [_row(each) for each in trial.rows]
    return told


def _worst(row: Tried) -> str:
    who = f" ({row.name})" if row.name else ""
    return f"{sentence(row.problem, '')}: record {row.number}{who}, from {row.side.label}"


def _row(row: Tried) -> list[Any]:
    side = row.side
    return [row.number, row.name, side.label, row.given, row.result, row.stands, row.problem]


def examples_of(samples: Sequence[Sample]) -> dict[str, dict[str, str]]:
    """The first filled value of every field, per side; blank where all seen are blank."""
    found: dict[str, dict[str, str]] = {}
    for side in Side:
        mine = found[side.value] = {}
        for sample in samples:
            for name, raw in sample.raw.get(side, {}).items():
                if not mine.get(name):
                    mine[name] = shown(raw)
    return found


def describe_plan(plan: ChangePlan) -> dict[str, Any]:
    """Counts per field and direction."""
    return {
        "fields": [
            {
                "kind": KINDS.get(each.kind, each.kind.value),
                "field": each.field,
                "highlevel": each.to.get(Side.HIGHLEVEL, 0),
                "timetonic": each.to.get(Side.TIMETONIC, 0),
                "blanked": each.blanked,
                "conflicts": each.conflicts,
                "is_changed": each.is_changed,
            }
            for each in plan.fields
        ],
        "created": _records(plan.created, "made"),
        "deleted": _records(plan.deleted, "deleted or archived"),
        "joined": plan.joined,
        "records": plan.records,
        "held": plan.held,
        "brakes": [each.reason for each in plan.brakes],
        "calls": {side.label: plan.calls.get(side, 0) for side in Side},
        "left_out": list(plan.left_out),
    }


def _records(counts: Mapping[tuple[Kind, Side], int], verb: str) -> list[str]:
    return [
        f"{count:,} {KINDS.get(kind, kind.value).lower()} {verb} in {side.label}"
        for (kind, side), count in sorted(counts.items())
        if count
    ]
