"""Whether a draft can be saved, what it lacks, and what it changes: in the file's own sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from toolkit.app.account_check import columns_of, custom_names_of
from toolkit.app.config_fields import build_field
from toolkit.app.config_refusals import refusal
from toolkit.app.config_rules_writing import put_section
from toolkit.app.config_schema import FieldSection
from toolkit.app.config_source import Place, parse, plain
from toolkit.app.mapping_desk.connecting import warning_of
from toolkit.app.mapping_desk.draft import entry_of, new_section, spelled
from toolkit.app.mapping_desk.shapes import (
    Checked,
    Entry,
    Fields,
    KindDraft,
    LineProblem,
    MappingDraft,
    Opened,
    places,
)
from toolkit.errors import ConfigError, UseError
from toolkit.mapping.check import check_against
from toolkit.mapping.computed import build_computation
from toolkit.mapping.context import Context
from toolkit.mapping.convert import build_converter
from toolkit.mapping.defaults import default_mapping
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import Direction

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.mapping.spec import FieldMapping, KindMapping


def check_draft(opened: Opened, draft: MappingDraft) -> Checked:
    """Everything that is wrong with a draft, and all it would change.

    Each line is looked at by itself first, so that several mistakes are told at once; then
    the whole file, rules included, as it is looked at whenever it is loaded.
    """
    problems = list(_lines(opened, draft))
    changes = tuple(_changes(opened, draft))
    config, text = None, ""
    if not problems:
        text = opened.file.edited(lambda document: _write(document, opened, draft))
        try:
            config = opened.file.config(text)
        except ConfigError as error:
            problems.append(_placed(error, text, opened.file.connection))
    if config is not None:
        problems += [*_misfits(opened, draft), *_moved(draft, opened.draft)]
        problems += _against(opened, draft, config)
    missing = {
        kind: tuple(_missing(opened.fields[kind], each))
        for kind, each in draft.kinds.items()
        if each.enabled and kind in opened.fields
    }
    return Checked(tuple(problems), missing, changes, config, text if config else "")


def _write(document: Any, opened: Opened, draft: MappingDraft) -> None:  # noqa: ANN401 — YAML
    name = opened.file.connection
    old = plain(document["connections"][name].get("mapping"))
    written = cast("dict[str, Any]", old) if isinstance(old, dict) else {}
    new = new_section(written, before=opened.draft, after=draft)
    if new != written:
        put_section(document, name, section="mapping", value=new)


def _lines(opened: Opened, draft: MappingDraft) -> Iterator[LineProblem]:
    base = default_mapping().kinds
    for kind, each in draft.kinds.items():
        if not each.enabled:
            continue
        old = opened.draft.kinds[kind].lines
        start = opened.config.mapping.kinds.get(kind, base[kind])
        read: list[FieldMapping] = []
        problems: list[LineProblem] = []
        for name, entry in each.lines.items():
            field = start.find_field(name) if old.get(name) == entry else None
            try:
                read.append(field or _read(name, entry, base[kind]))
            except ConfigError as error:
                problems.append(LineProblem(kind, name, _bare(error), error.remedy))
        yield from problems or _made(replace(start, fields=tuple(read)), old, each.lines)


def _read(name: str, entry: Entry, base: KindMapping) -> FieldMapping:
    """A line as the file would be read.

    Raises:
        ConfigError: It would be refused, or mean something else.
    """
    start = base.find_field(name)
    try:
        section = FieldSection.model_validate(spelled(entry, start))
    except ValidationError as error:
        raise refusal(error, Place("", None)) from error
    read = build_field(name, section, base=start, kind=base.kind, place=Place("", None))
    left = [key for key in entry_of(read) if start and key not in entry]
    if left:
        raise ConfigError(
            f"the default mapping's {left[0]} of `{name}` would come back",
            remedy="Remove the line instead",
        )
    return read


def _made(
    kind: KindMapping, old: Mapping[str, Entry], new: Mapping[str, Entry]
) -> Iterator[LineProblem]:
    """Whether templates and functions of changed lines can be used."""
    for field in kind.fields:
        if old.get(field.name) == new[field.name]:
            continue
        try:
            build_converter(field, kind=kind, context=Context())
            if field.is_computed:
                build_computation(field, kind)
        except UseError as error:
            yield LineProblem(kind.kind, field.name, error.happened, error.remedy)


def _misfits(opened: Opened, draft: MappingDraft) -> Iterator[LineProblem]:
    """Lines that are new or changed, and whose two ends do not go together well."""
    for kind, each in draft.kinds.items():
        fields, before = opened.fields[kind], opened.draft.kinds[kind].lines
        for name, entry in each.lines.items():
            found = {
                side: [fields.find(side, end) for end in places(entry, side)] for side in Side
            }
            if before.get(name) == entry or any(len(ends) != 1 for ends in found.values()):
                continue
            one, other = found[Side.HIGHLEVEL][0], found[Side.TIMETONIC][0]
            warning = warning_of(one, other) if one and other else ""
            if warning:
                yield LineProblem(kind, name, warning, is_refused=False)


def _moved(draft: MappingDraft, before: MappingDraft) -> Iterator[LineProblem]:
    """Lines that keep their name and end elsewhere: the sync remembers what it agreed on."""
    for kind, each in draft.kinds.items():
        for name, entry in each.lines.items():
            old = before.kinds[kind].lines.get(name, entry)
            sides = [side.label for side in Side if places(old, side) != places(entry, side)]
            if sides:
                yield LineProblem(
                    kind,
                    name,
                    f"`{name}` now stands for another field of {' and '.join(sides)}, and is "
                    "compared with what the last sync agreed on",
                    "Look at the plan before you save, or remove the line and draw a new one",
                    is_refused=False,
                )


def _placed(error: ConfigError, text: str, connection: str) -> LineProblem:
    """The refusal at the line of the draft that it is about."""
    document = parse(text, file="")
    section = document["connections"][connection].get("mapping")
    line = error.line or 0
    marks = [each for each in _marks(section) if each[2] <= line]
    # In a file of few lines many fields share one: the refusal names the field it means.
    best = max(marks, key=lambda each: (each[2], f"`{each[1]}`" in str(error)), default=None)
    end = _end_of(document["connections"][connection], "mapping")
    if best is not None and (end is None or line < end):
        return LineProblem(best[0], best[1], _bare(error), error.remedy)
    where = f" (line {line} of the file)" if line else ""
    return LineProblem(None, "", f"{_bare(error)}{where}", error.remedy)


def _marks(section: Any) -> Iterator[tuple[Kind, str, int]]:  # noqa: ANN401 — YAML
    """Where each kind and each field stands, 1-based."""
    if not isinstance(section, Mapping):
        return
    for word in section:
        kind = next((each for each in Kind if each.value == word), None)
        if kind is None:
            continue
        yield kind, "", _line(section, word)
        own = section[word]
        fields = own.get("fields") if isinstance(own, Mapping) else None
        for name in fields if isinstance(fields, Mapping) else ():
            yield kind, str(name), _line(fields, name)


def _line(node: Any, key: str) -> int:  # noqa: ANN401 — YAML
    return int(node.lc.data[key][0]) + 1


def _end_of(node: Any, key: str) -> int | None:  # noqa: ANN401 — YAML
    """Line of the next section after this one."""
    if key not in node:
        return 0
    start = _line(node, key)
    later = [_line(node, each) for each in node if _line(node, each) > start]
    return min(later, default=None)


def _bare(error: ConfigError) -> str:
    """Its sentence without the place: the draft's lines are nobody's."""
    place = f"{error.file}:{error.line}: " if error.line else f"{error.file}: "
    return error.happened.removeprefix(place) if error.file else error.happened


def _against(
    opened: Opened, draft: MappingDraft, config: ConnectionConfig
) -> Iterator[LineProblem]:
    """What the two accounts lack; said, and saved all the same: a person may add it there."""
    customs = custom_names_of(opened.definitions)
    tables = columns_of(opened.tables)
    for found in check_against(config.mapping, customs, tables):
        if draft.kinds[found.kind].enabled:
            yield LineProblem(
                found.kind, found.field, found.message, found.remedy, is_refused=False
            )


def _missing(fields: Fields, draft: KindDraft) -> Iterator[str]:
    """Fields a new record cannot do without, and that nothing fills."""
    filled = {side: set(_filled(draft, side)) for side in Side}
    for side in Side:
        for each in fields.on(side):
            if each.is_required and each.access != "read" and each.name not in filled[side]:
                yield f"{side.label} needs {each.title} for a new record"
    if fields.one_of and not fields.one_of & filled[Side.HIGHLEVEL]:
        yield "HighLevel needs a name, an e-mail or a phone for a new contact"
    if draft.match_by == [] and fields.one_of:
        yield "No match key is chosen: contacts of both sides cannot be paired"


def _filled(draft: KindDraft, side: Side) -> Iterator[str]:
    for entry in draft.lines.values():
        if Direction(entry.get("direction", "both")).writes(side):
            yield from places(entry, side)


def _changes(opened: Opened, draft: MappingDraft) -> Iterator[str]:
    for kind, new in draft.kinds.items():
        old = opened.draft.kinds[kind]
        if new.enabled != old.enabled:
            yield f"{kind.value.capitalize()}s: switched {'on' if new.enabled else 'off'}"
        if new.table != old.table:
            yield f"{kind.value.capitalize()}s: table {old.table} → {new.table}"
        if new.match_by != old.match_by:
            yield f"{kind.value.capitalize()}s: paired by {', '.join(new.match_by) or 'nothing'}"
        for name in new.lines.keys() | old.lines.keys():
            yield from _change(name, old.lines.get(name), new.lines.get(name))


def _change(name: str, old: Entry | None, new: Entry | None) -> Iterator[str]:
    if old == new:
        return
    if new is None:
        yield f"{name}: no longer mapped"
    elif old is None:
        ends = [" + ".join(places(new, side)) or "computed" for side in Side]
        yield f"{name}: {ends[0]} ↔ {ends[1]}"
    else:
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        yield f"{name}: " + ", ".join(_told(key, old.get(key), new.get(key)) for key in keys)


def _told(key: str, old: object, new: object) -> str:
    if isinstance(old, dict) or isinstance(new, dict) or key == "template":
        return f"{key} changed"
    return f"{key.replace('_', ' ')} {_word(old)} → {_word(new)}"


def _word(value: object) -> str:
    if isinstance(value, list):
        return " + ".join(map(str, value))
    return "none" if value is None else str(value)
