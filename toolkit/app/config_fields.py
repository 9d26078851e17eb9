"""One field of the mapping file: merged with the default, checked against its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from toolkit.app.config_schema import FieldSection
from toolkit.app.config_source import Place
from toolkit.mapping.choices import folded
from toolkit.mapping.convert import RESULT_TYPES
from toolkit.mapping.spec import SET_TYPES, Choice, FieldMapping, FieldOptions
from toolkit.mapping.suggest import did_you_mean
from toolkit.mapping.vendor_fields import CUSTOM, HIGHLEVEL_FIELDS, access_of
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import ConflictPolicy, Direction

_CHOICES = frozenset({"choice", "multi_choice"})
_COMPUTED = frozenset({"constant", "template", "function"})
_ORDERED = frozenset({"number", "date", "datetime", "rollup"})
_TEXTUAL = frozenset({"text", "longtext", "note", "name"})
_TYPES_OF_KEY: Mapping[str, frozenset[str]] = {
    "options": _CHOICES,
    "open": _CHOICES,
    "separator": SET_TYPES,
    "region": frozenset({"phone"}),
    "value": frozenset({"constant"}),
    "template": frozenset({"template"}),
    "result": _COMPUTED,
    "function": frozenset({"function"}),
    "canon": frozenset({"function"}),
    "render": frozenset({"function"}),
    "count": frozenset({"rollup"}),
}
_NEEDED: Mapping[str, str] = {"constant": "value", "template": "template", "rollup": "count"}
_TYPES_OF_POLICY: Mapping[ConflictPolicy, frozenset[str]] = {
    ConflictPolicy.UNION: SET_TYPES,
    ConflictPolicy.MAX: _ORDERED,
    ConflictPolicy.MIN: _ORDERED,
    ConflictPolicy.LONGEST: _TEXTUAL,
}
_NAME_PARTS = 2


def build_field(
    name: str, section: FieldSection, *, base: FieldMapping | None, kind: Kind, place: Place
) -> FieldMapping:
    """The field as the file has it over the default one.

    Args:
        name: Neutral name.
        section: What the file says.
        base: The default mapping's field of that name, where there is one.
        kind: Kind it belongs to.
        place: Where the file says it.

    Raises:
        ConfigError: Something about it cannot be; names the line.
    """
    type_name = section.type or (base.type if base else "text")
    if not name.isidentifier() or name != name.lower() or name.startswith("_"):
        raise place.error(f"`{name}` cannot name a field", "Use a-z, 0-9 and _")
    _check_keys(section, type_name, place)
    start = base if base and base.type == type_name else FieldMapping(name, type_name)
    if base is not None and start is not base:
        start = replace(start, highlevel=base.highlevel, timetonic=base.timetonic)
    field = replace(start, options=_options(section, start.options, place), line=place.line)
    field = _placed(field, section, kind)
    _check_computed(field, place)
    _check_places(field, kind, place)
    _check_policy(field, place)
    return field


def _check_keys(section: FieldSection, type_name: str, place: Place) -> None:
    for key in sorted(section.model_fields_set):
        types = _TYPES_OF_KEY.get(key)
        if types is not None and type_name not in types:
            raise place.at(key).error(
                f"`{key}` belongs to type {' or '.join(sorted(types))}, not {type_name}"
            )
    if section.value is not None and not isinstance(section.value, str | int | float):
        raise place.at("value").error("`value` must be text, a number, or true/false")
    if section.result is not None and section.result not in RESULT_TYPES:
        raise place.at("result").error(
            "`result` has a type nothing can compute",
            "Use one of " + ", ".join(sorted(RESULT_TYPES)),
        )


def _options(section: FieldSection, start: FieldOptions, place: Place) -> FieldOptions:
    given: dict[str, object] = {
        key: value
        for key, value in (
            ("is_open", section.open),
            ("separator", section.separator),
            ("region", section.region),
            ("constant", section.value),
            ("template", section.template),
            ("result", section.result),
            ("function", section.function),
            ("canon", section.canon),
            ("render", section.render),
            ("rollup", section.count),
        )
        if value is not None
    }
    options = replace(start, **given)  # type: ignore[arg-type] # types checked by the schema
    if section.options is not None:
        choices = tuple(
            Choice(
                value,
                spelling.highlevel if spelling else None,
                spelling.timetonic if spelling else None,
            )
            for value, spelling in section.options.items()
        )
        options = replace(options, choices=choices)
    _check_choices(options, place.at("options"))
    return options


def _check_choices(options: FieldOptions, place: Place) -> None:
    for side in Side:
        owners: dict[str, str] = {}
        for choice in options.choices:
            spellings = {choice.shown_on(side)}
            if options.is_open:
                # An open list meets any text, so a spelling may lead to one option only.
                spellings |= {choice.value, choice.shown_on(side.other)}
            for spelling in spellings:
                if owners.setdefault(folded(spelling), choice.value) != choice.value:
                    raise place.at(choice.value).error(
                        f"two options are spelled alike on {side.label}"
                    )


def _placed(field: FieldMapping, section: FieldSection, kind: Kind) -> FieldMapping:
    highlevel = field.highlevel if section.highlevel is None else tuple(section.highlevel)
    timetonic = field.timetonic if section.timetonic is None else section.timetonic
    accesses = {access_of(kind, name) for name in highlevel}
    moved = replace(
        field,
        highlevel=highlevel,
        timetonic=timetonic,
        create_only_on=frozenset({Side.HIGHLEVEL} if "create" in accesses else ()),
        rides=field.rides if section.rides is None else section.rides,
    )
    direction = section.direction and Direction(section.direction)
    policy = section.on_conflict and ConflictPolicy(section.on_conflict)
    is_set = field.type in SET_TYPES and field.on_conflict is ConflictPolicy.NEWEST
    return replace(
        moved,
        direction=direction or _natural_direction(moved, reads_only="read" in accesses),
        on_conflict=policy or (ConflictPolicy.UNION if is_set else field.on_conflict),
    )


def _natural_direction(field: FieldMapping, *, reads_only: bool) -> Direction:
    if reads_only or field.type == "rollup":
        return Direction.TO_TIMETONIC
    if field.is_computed:
        return Direction.TO_HIGHLEVEL if field.highlevel else Direction.TO_TIMETONIC
    return field.direction


def _check_computed(field: FieldMapping, place: Place) -> None:
    needed = _NEEDED.get(field.type)
    options = field.options
    has = {
        "value": options.constant is not None,
        "template": options.template is not None,
        "count": options.rollup is not None,
    }
    if needed is not None and not has[needed]:
        raise place.error(f"`{field.name}` of type {field.type} needs `{needed}:`")
    pair = (options.canon is not None, options.render is not None)
    if field.type == "function" and (any(pair) != all(pair) or any(pair) == field.is_computed):
        raise place.error(
            f"`{field.name}` needs either `function:` or both `canon:` and `render:`"
        )
    if field.is_computed and field.highlevel and field.timetonic:
        raise place.error(
            f"`{field.name}` is computed, so it is written to one side only",
            "Keep `highlevel:` or `timetonic:`",
        )
    if field.is_computed and field.direction is Direction.BOTH:
        raise place.at("direction").error(
            f"`{field.name}` is computed, so it flows one way only",
            "Write `direction: to_timetonic` or `to_highlevel`",
        )


def _check_places(field: FieldMapping, kind: Kind, place: Place) -> None:
    for side in Side:
        is_made_there = field.is_computed and not field.direction.writes(side)
        wanted = not is_made_there and not (field.type == "rollup" and side is Side.HIGHLEVEL)
        has = bool(field.names_on(side))
        if has != wanted:
            verb = "needs" if wanted else "is made from other fields and takes no"
            raise place.at(side.value).error(f"`{field.name}` {verb} `{side.value}:`")
    if field.type == "rollup" and kind is not Kind.CONTACT:
        raise place.error("only contacts count their tasks")
    limit = _NAME_PARTS if field.type == "name" else 1
    if len(field.highlevel) > limit:
        raise place.at("highlevel").error(
            f"`{field.name}` of type {field.type} stands in {limit} HighLevel "
            f"field{'s' if limit > 1 else ''} at most"
        )
    for name in field.highlevel:
        _check_highlevel_name(field, name, kind=kind, place=place.at("highlevel"))


def _check_highlevel_name(field: FieldMapping, name: str, *, kind: Kind, place: Place) -> None:
    access = access_of(kind, name)
    if access is None:
        hint = did_you_mean(name, HIGHLEVEL_FIELDS[kind])
        custom = f"custom fields are written `{CUSTOM}<key>`" if kind is Kind.CONTACT else ""
        raise place.error(
            f"HighLevel has no {kind.value} field `{name}`",
            "; ".join(filter(None, (hint, custom))),
        )
    if access == "read" and field.direction.writes(Side.HIGHLEVEL):
        raise place.error(
            f"HighLevel shows `{name}` but takes no value for it",
            "Write `direction: to_timetonic`",
        )


def _check_policy(field: FieldMapping, place: Place) -> None:
    types = _TYPES_OF_POLICY.get(field.on_conflict)
    shown = field.options.result if field.is_computed else field.type
    if types is not None and shown not in types:
        raise place.at("on_conflict").error(
            f"`{field.on_conflict.value}` suits type {' or '.join(sorted(types))}, not {shown}"
        )
