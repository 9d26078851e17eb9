"""The mapping section over the default mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from toolkit.app.config_fields import build_field
from toolkit.app.config_schema import DeletesSection, KindSection, MappingSection
from toolkit.app.config_source import Place
from toolkit.errors import UseError
from toolkit.mapping.computed import build_computation
from toolkit.mapping.context import Context
from toolkit.mapping.convert import build_converter
from toolkit.mapping.defaults import default_mapping
from toolkit.mapping.spec import SET_TYPES, FieldMapping, KindMapping, Mapping
from toolkit.mapping.suggest import did_you_mean, nearest
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import DeleteMode, Direction

# One of these HighLevel wants before it takes a new record (marketplace docs, read 2026-11).
_REQUIRED = {
    Kind.CONTACT: frozenset({"firstName", "lastName", "name", "email", "phone"}),
    Kind.TASK: frozenset({"title"}),
    Kind.NOTE: frozenset({"body"}),
    Kind.APPOINTMENT: frozenset[str](),
}
_COLUMNS = (
    "table",
    "parent_column",
    "key_column",
    "key_field",
    "id_column",
    "stamp_column",
    "archive_tag",
)
_NULLABLE = frozenset({"key_field", "id_column", "stamp_column"})


def build_mapping(
    section: MappingSection, *, deletes: DeletesSection, folder: Path, place: Place
) -> Mapping:
    """The whole mapping of a connection.

    Args:
        section: What the file says.
        deletes: The connection's habit, where a kind has none of its own.
        folder: Where `file.py:name` references start.
        place: Where the file says it.

    Raises:
        ConfigError: Something in it cannot be; names the line.
    """
    kinds: dict[Kind, KindMapping] = {}
    for kind, default in default_mapping().kinds.items():
        own: KindSection = getattr(section, kind.value)
        if not own.enabled:
            continue
        spot = place.at(kind.value)
        base = replace(default, folder=folder, line=spot.line)
        counts = section.task.enabled
        kinds[kind] = _build_kind(
            own, base if counts else _without_rollups(base), deletes=deletes, place=spot
        )
    if Kind.CONTACT not in kinds:
        raise place.at("contact", "enabled").error(
            "contacts cannot be switched off: everything hangs on them"
        )
    return Mapping(kinds, own=default_mapping().own)


def delete_modes(section: DeletesSection) -> dict[Side, DeleteMode]:
    """What a deletion seen on the key side does across."""
    return {
        Side.HIGHLEVEL: DeleteMode(section.from_highlevel),
        Side.TIMETONIC: DeleteMode(section.from_timetonic),
    }


def _without_rollups(kind: KindMapping) -> KindMapping:
    return replace(kind, fields=tuple(each for each in kind.fields if each.type != "rollup"))


def _build_kind(
    section: KindSection, base: KindMapping, *, deletes: DeletesSection, place: Place
) -> KindMapping:
    given = {
        key: getattr(section, key)
        for key in _COLUMNS
        if key in section.model_fields_set
        and (getattr(section, key) is not None or key in _NULLABLE)
    }
    kind = replace(
        base,
        fields=tuple(_fields(section, base, place)),
        direction=Direction(section.direction) if section.direction else base.direction,
        on_delete=delete_modes(section.deletes or deletes),
        **given,
    )
    if not kind.fields:
        raise place.error(f"no field of the {kind.kind.value} is mapped", "Add `fields:`")
    if kind.kind is Kind.APPOINTMENT and kind.direction is not Direction.TO_TIMETONIC:
        raise place.at("direction").error("appointments only flow into TimeTonic")
    if section.key_field is not None and kind.kind is not Kind.CONTACT:
        raise place.at("key_field").error("only contacts have custom fields")
    kind = replace(
        kind,
        match_by=_match_by(section, kind, place),
        required_on_highlevel=frozenset(
            each.name for each in kind.fields if _REQUIRED[kind.kind] & set(each.highlevel)
        ),
    )
    _check_overlaps(kind, place)
    _check_loadable(kind, place)
    return _with_deletes(section, kind, place)


def _with_deletes(section: KindSection, kind: KindMapping, place: Place) -> KindMapping:
    """The archive mark is a tag: a kind without tags stays unlinked instead."""
    if kind.find_field("tags") is not None:
        return kind
    modes = {
        side: DeleteMode.UNLINK if mode is DeleteMode.ARCHIVE else mode
        for side, mode in kind.on_delete.items()
    }
    if section.deletes is not None and modes != kind.on_delete:
        raise place.at("deletes").error(
            f"a {kind.kind.value} without tags cannot be archived", "Use unlink or delete"
        )
    return replace(kind, on_delete=modes)


def _fields(section: KindSection, base: KindMapping, place: Place) -> Iterator[FieldMapping]:
    known = {each.name: each for each in base.fields} if section.extends == "default" else {}
    for index, name in enumerate(section.without):
        if name not in known:
            raise place.at("without", index).error(
                f"the default mapping has no field `{name}`", did_you_mean(name, known)
            )
    for name in dict.fromkeys((*known, *section.fields)):
        if name in section.without:
            continue
        own = section.fields.get(name)
        if own is None:
            yield replace(known[name], line=base.line)
            continue
        spot = place.at("fields", name)
        if own.type is None and name not in known:
            near = nearest(name, known)
            hint = f"Did you mean `{near}`?" if near else "Add `type:`"
            raise spot.error(f"`{name}` is a new field and has no type", hint)
        yield build_field(name, own, base=known.get(name), kind=base.kind, place=spot)


def _match_by(section: KindSection, kind: KindMapping, place: Place) -> tuple[str, ...]:
    if section.match_by is None:
        return tuple(name for name in kind.match_by if kind.find_field(name) is not None)
    for index, name in enumerate(section.match_by):
        field = kind.find_field(name)
        spot = place.at("match_by", index)
        if field is None:
            names = [each.name for each in kind.fields]
            raise spot.error(f"`{name}` is not a mapped field", did_you_mean(name, names))
        if field.type in SET_TYPES or field.is_computed or field.type == "rollup":
            raise spot.error(f"`{name}` cannot tell two records apart")
    return tuple(section.match_by)


def _check_overlaps(kind: KindMapping, place: Place) -> None:
    for side in Side:
        users: dict[str, str] = {}
        if side is Side.TIMETONIC:
            own = ("key_column", "parent_column", "id_column", "stamp_column")
            users = {column: name for name in own if (column := getattr(kind, name))}
        elif kind.key_field:
            users = {kind.key_field: "key_field"}
        for field in kind.fields:
            for name in field.names_on(side):
                first = users.setdefault(name, field.name)
                if first != field.name:
                    raise place.at("fields", field.name).error(
                        f"`{first}` and `{field.name}` both use `{name}` of {side.label}"
                    )


def _check_loadable(kind: KindMapping, place: Place) -> None:
    for field in kind.fields:
        try:
            build_converter(field, kind=kind, context=Context())
            if field.is_computed:
                build_computation(field, kind)
        except UseError as error:
            raise place.at("fields", field.name).error(error.happened, error.remedy) from error
