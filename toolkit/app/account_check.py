"""The two accounts' fields in the words the mapping check takes."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.clients.highlevel import CustomFieldDefinition
from toolkit.clients.timetonic import FieldKind, Table
from toolkit.mapping.vendor_fields import CUSTOM

_WORDS = {FieldKind.DATETIME: "datetime", FieldKind.MULTI_CHOICE: "list"}


def custom_names_of(definitions: Iterable[CustomFieldDefinition]) -> set[str]:
    """`custom.<key>` of every definition."""
    return {CUSTOM + each.key.removeprefix("contact.") for each in definitions}


def columns_of(tables: Iterable[Table]) -> dict[str, dict[str, str]]:
    """Table -> column -> type, by the names people see."""
    return {
        table.name: {each.name: _WORDS.get(each.kind, each.type) for each in table.fields}
        for table in tables
    }
