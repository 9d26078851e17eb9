"""Both systems' fields, from what was read of the accounts last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from toolkit.app.mapping_desk.shapes import Fields, SideField
from toolkit.clients.timetonic import FieldKind, Table
from toolkit.mapping.spec import KindMapping
from toolkit.mapping.vendor_fields import CUSTOM, HIGHLEVEL_FIELDS
from toolkit.model.ids import Kind, Side

# The vendor's declared types of its own fields (marketplace docs, read 2026-11).
_OWN_TYPES: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.CONTACT: {
        "email": "email",
        "phone": "phone",
        "tags": "tags",
        "assignedTo": "owner",
        "dateOfBirth": "date",
        "dateAdded": "datetime",
        "dateUpdated": "datetime",
        "lastActivity": "datetime",
        "dnd": "boolean",
    },
    Kind.TASK: {
        "body": "longtext",
        "dueDate": "datetime",
        "completed": "boolean",
        "assignedTo": "owner",
        "dateAdded": "datetime",
        "dateUpdated": "datetime",
    },
    Kind.NOTE: {
        "body": "note",
        "userId": "owner",
        "dateAdded": "datetime",
        "pinned": "boolean",
    },
    Kind.APPOINTMENT: {
        "startTime": "datetime",
        "endTime": "datetime",
        "assignedUserId": "owner",
        "notes": "longtext",
        "dateAdded": "datetime",
        "dateUpdated": "datetime",
    },
}
_CUSTOM_TYPES: Final[Mapping[str, str]] = {
    "TEXT": "text",
    "LARGE_TEXT": "longtext",
    "NUMERICAL": "number",
    "MONETORY": "number",  # the vendor's spelling
    "MONETARY": "number",
    "FLOAT": "number",
    "PHONE": "phone",
    "EMAIL": "email",
    "DATE": "date",
    "TIME": "text",
    "CHECKBOX": "multi_choice",
    "MULTIPLE_OPTIONS": "multi_choice",
    "SINGLE_OPTIONS": "choice",
    "RADIO": "choice",
}
_COLUMN_TYPES: Final[Mapping[FieldKind, str]] = {
    FieldKind.TEXT: "text",
    FieldKind.EMAIL: "email",
    FieldKind.PHONE: "phone",
    FieldKind.URL: "text",
    FieldKind.CHOICE: "choice",
    FieldKind.MULTI_CHOICE: "multi_choice",
    FieldKind.NUMBER: "number",
    FieldKind.INTEGER: "number",
    FieldKind.DATE: "date",
    FieldKind.DATETIME: "datetime",
    FieldKind.BOOLEAN: "boolean",
}
_ALWAYS_THERE = frozenset({"id", "contactId"})
_NEEDED: Final[Mapping[Kind, Collection[str]]] = {
    Kind.TASK: ("title", "dueDate"),
    Kind.NOTE: ("body",),
}
_ONE_OF: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.CONTACT: frozenset({"firstName", "lastName", "name", "email", "phone"})
}


def fields_of(
    kind: Kind, mapping: KindMapping, *, definitions: Iterable[Any], tables: Iterable[Table]
) -> Fields:
    """The fields of one kind on both sides.

    Args:
        kind: Which.
        mapping: Names the table and what hightonic keeps for itself.
        definitions: HighLevel's custom fields.
        tables: Of the book.
    """
    own = {mapping.key_field}
    highlevel = [_native(kind, name) for name in HIGHLEVEL_FIELDS[kind] if name != "id"]
    if kind is Kind.CONTACT:
        highlevel += [_custom(each) for each in definitions]
    return Fields(
        tuple(each for each in highlevel if each.name not in own | _ALWAYS_THERE),
        tuple(_columns(mapping, tables)),
        mapping.table,
        _ONE_OF.get(kind, frozenset()),
    )


def _native(kind: Kind, name: str) -> SideField:
    access = HIGHLEVEL_FIELDS[kind][name]
    found = _OWN_TYPES.get(kind, {}).get(name, "text")
    is_required = name in _NEEDED.get(kind, ())
    return SideField(
        Side.HIGHLEVEL, name, _title(name), found, found, access, is_required=is_required
    )


def _custom(definition: Any) -> SideField:  # noqa: ANN401 — the client's model
    key = definition.key.removeprefix("contact.")
    options = tuple(
        str(each.get("label", each.get("name", ""))) if isinstance(each, dict) else str(each)
        for each in definition.options
    )
    word = definition.data_type.upper()
    return SideField(
        Side.HIGHLEVEL,
        CUSTOM + key,
        definition.name or _title(key),
        _CUSTOM_TYPES.get(word, "text" if word == "" else ""),
        definition.data_type.replace("_", " ").lower(),
        options=options,
    )


def _columns(mapping: KindMapping, tables: Iterable[Table]) -> Iterable[SideField]:
    table = next((each for each in tables if each.name == mapping.table), None)
    own = {mapping.key_column, mapping.parent_column, mapping.id_column, mapping.stamp_column}
    for each in table.fields if table is not None else ():
        if each.name not in own:
            yield SideField(
                Side.TIMETONIC,
                each.name,
                each.name,
                _COLUMN_TYPES.get(each.kind, ""),
                each.type or each.kind.value,
                "both" if each.is_writable else "read",
                is_required=each.is_required,
                options=each.options,
            )


def _title(name: str) -> str:
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace("_", " ").strip().capitalize()
