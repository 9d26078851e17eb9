"""A typed builder for `POST /contacts/search`, whose body the vendor leaves unspecified.

Fields, operators and limits follow the vendor's linked ClickUp page (read 2026-11) and are
checked here, because the vendor's own refusals are terse::

    Search().where(field("email").exists() & any_of(field("city").eq("Paris"), ...))
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic.alias_generators import to_camel

from toolkit.clients.highlevel.wire.base import iso_z
from toolkit.errors import UseError

MAX_VALUE_CHARS = 75

Scalar = str | int | float | bool
Json = dict[str, Any]

_PRESENCE = frozenset({"exists", "not_exists"})
_EXACT = _PRESENCE | {"eq", "not_eq"}
_TEXT = _EXACT | {"contains", "not_contains"}
_RANGE = _PRESENCE | {"range"}
_NUMBER = _EXACT | {"range"}

_OPERATORS: dict[str, frozenset[str]] = {
    "id": frozenset({"eq", "not_eq"}),
    "contactName": _EXACT,
    **dict.fromkeys(
        [
            "firstNameLowerCase",
            "lastNameLowerCase",
            "phone",
            "address",
            "businessName",
            "companyName",
            "city",
            "state",
            "postalCode",
            "source",
            "tags",
        ],
        _TEXT,
    ),
    **dict.fromkeys(
        [
            "email",
            "assignedTo",
            "followers",
            "country",
            "dnd",
            "timezone",
            "type",
            "website",
            "validEmail",
            "isValidWhatsapp",
            "activeWorkflows",
            "finishedWorkflows",
        ],
        _EXACT,
    ),
    **dict.fromkeys(
        [
            "dateAdded",
            "dateUpdated",
            "dateOfBirth",
            "lastAppointment",
            "lastEmailOpenedDate",
            "lastEmailClickedDate",
        ],
        _RANGE,
    ),
}
_NESTED = {"opportunities": frozenset({"pipelineId", "pipelineStageId", "status"})}
_OURS = {"ownerId": "assignedTo", "addedAt": "dateAdded", "updatedAt": "dateUpdated"}
_BY_DATA_TYPE = {
    "CHECKBOX": _EXACT,
    "MULTIPLE_OPTIONS": _EXACT,
    "NUMERICAL": _NUMBER,
    "MONETORY": _NUMBER,
    "DATE": _RANGE,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition; `&` and `|` combine conditions into groups."""

    wire: Json

    def __and__(self, other: Filter) -> Filter:
        return all_of(self, other)

    def __or__(self, other: Filter) -> Filter:
        return any_of(self, other)


@dataclass(frozen=True, slots=True)
class Field:
    """A field to put a condition on; each method raises UseError where the vendor would refuse."""

    name: str
    operators: frozenset[str]

    def eq(self, value: Scalar | Sequence[str]) -> Filter:
        """Equal; a sequence for fields with several values."""
        return self._leaf("eq", value)

    def not_eq(self, value: Scalar | Sequence[str]) -> Filter:
        """Not equal."""
        return self._leaf("not_eq", value)

    def contains(self, text: str) -> Filter:
        """Has `text` in it, which must be plain letters and digits."""
        return self._leaf("contains", text)

    def not_contains(self, text: str) -> Filter:
        """Does not have `text` in it."""
        return self._leaf("not_contains", text)

    def exists(self) -> Filter:
        """Has a value."""
        return self._leaf("exists")

    def not_exists(self) -> Filter:
        """Has no value."""
        return self._leaf("not_exists")

    def between(
        self,
        *,
        gte: float | datetime | str | None = None,
        lte: float | datetime | str | None = None,
        gt: float | datetime | str | None = None,
        lt: float | datetime | str | None = None,
    ) -> Filter:
        """Within the given bounds, at least one; times must be aware."""
        bounds = {"gte": gte, "lte": lte, "gt": gt, "lt": lt}
        given = {
            key: iso_z(value) if isinstance(value, datetime) else value
            for key, value in bounds.items()
            if value is not None
        }
        if not given:
            raise UseError("A range needs at least one bound", unchanged="Nothing was sent")
        return self._leaf("range", given)

    def _leaf(self, operator: str, value: object = None) -> Filter:
        if operator not in self.operators:
            raise UseError(
                f"The field {self.name} cannot be searched with {operator}",
                unchanged="Nothing was sent",
                remedy=f"Use one of {', '.join(sorted(self.operators))}",
            )
        wire: Json = {"field": self.name, "operator": operator}
        if value is not None:
            wire["value"] = checked_value(value)
        return Filter(wire)


def field(name: str) -> Field:
    """A searchable field by its name, ours (`updated_at`) or the vendor's (`dateUpdated`).

    Raises:
        UseError: The vendor does not search it; the nearest name is told.
    """
    wire_name = vendor_name(name)
    operators = _OPERATORS.get(wire_name)
    if operators is None:
        raise unknown_name(name, _OPERATORS)
    return Field(wire_name, operators)


def custom_field(
    field_id: str, *, data_type: str | None = None, option_id: str | None = None
) -> Field:
    """A custom field, by id only (by key the search fails, issue 42 of the vendor's docs).

    Args:
        field_id: Its id.
        data_type: Narrows the operators that are let through.
        option_id: One box of a text-box list.
    """
    name = f"customFields.{field_id}" + (f".{option_id}" if option_id else "")
    operators = _BY_DATA_TYPE.get(data_type, _TEXT) if data_type else _TEXT | _NUMBER
    return Field(name, operators)


def nested(parent: str, **values: Scalar) -> Filter:
    """Contacts with one opportunity that has all `values`, such as `status="open"`.

    Raises:
        UseError: Not a nested field, or not a key of it.
    """
    keys = _NESTED.get(parent)
    if keys is None:
        raise unknown_name(parent, _NESTED)
    leaves = []
    for name, value in values.items():
        if vendor_name(name) not in keys:
            raise unknown_name(name, keys)
        leaves.append(
            {"field": vendor_name(name), "operator": "eq", "value": checked_value(value)}
        )
    return Filter({"field": parent, "operator": "nested", "value": leaves})


def all_of(*filters: Filter) -> Filter:
    """Every one of `filters`."""
    return _group("AND", filters)


def any_of(*filters: Filter) -> Filter:
    """At least one of `filters`."""
    return _group("OR", filters)


def vendor_name(name: str) -> str:
    """The vendor's spelling of a field name, ours or its own."""
    camel = to_camel(name) if "_" in name else name
    return _OURS.get(camel, camel)


def checked_value(value: object) -> object:
    """`value`, if it is short enough.

    Raises:
        UseError: More than 75 characters.
    """
    texts = (
        [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    )
    if any(isinstance(text, str) and len(text) > MAX_VALUE_CHARS for text in texts):
        raise UseError(
            f"A search value may have {MAX_VALUE_CHARS} characters at most",
            unchanged="Nothing was sent",
        )
    return list(value) if isinstance(value, tuple) else value


def _group(kind: Literal["AND", "OR"], filters: tuple[Filter, ...]) -> Filter:
    if not filters:
        raise UseError("A group of conditions needs at least one", unchanged="Nothing was sent")
    return Filter({"group": kind, "filters": [item.wire for item in filters]})


def unknown_name(name: str, known: Sequence[str] | frozenset[str] | dict[str, Any]) -> UseError:
    """The error for a name the vendor does not know, with the nearest it does."""
    nearest = difflib.get_close_matches(vendor_name(name), sorted(known), n=1)
    return UseError(
        f"HighLevel cannot search or sort by {name}",
        unchanged="Nothing was sent",
        remedy=f"Did you mean {nearest[0]}?"
        if nearest
        else f"Use one of {', '.join(sorted(known))}",
    )
