"""Custom-field values: ids on the wire, keys in our hands, each data type in its own shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from toolkit.clients.highlevel.wire.base import read_day
from toolkit.clients.highlevel.wire.contacts import CustomFieldValue
from toolkit.clients.highlevel.wire.surroundings import CustomFieldDefinition
from toolkit.errors import UseError

_PREFIXES = ("contact.", "opportunity.")
_MANY = frozenset({"CHECKBOX", "MULTIPLE_OPTIONS"})
_NUMBERS = frozenset({"NUMERICAL", "MONETORY"})
_OBJECTS = frozenset({"FILE_UPLOAD", "TEXTBOX_LIST"})
_CHOICES = _MANY | {"SINGLE_OPTIONS", "RADIO"}


class FieldCatalog:
    """The custom fields of one location, found by id, key (with or without prefix) or name."""

    def __init__(self, definitions: Iterable[CustomFieldDefinition]) -> None:
        self.definitions = tuple(definitions)
        self._by_id = {item.id: item for item in self.definitions}
        self._by_key = {short_key(item.key): item for item in self.definitions if item.key}
        names = [item.name for item in self.definitions]
        self._by_name = {
            item.name: item for item in self.definitions if names.count(item.name) == 1
        }

    def find(self, name: str) -> CustomFieldDefinition | None:
        """The definition that `name` means; a name borne by two fields means none."""
        return (
            self._by_id.get(name)
            or self._by_key.get(short_key(name))
            or self._by_name.get(name)
        )

    def get(self, name: str) -> CustomFieldDefinition:
        """The definition that `name` means.

        Raises:
            UseError: None, or more than one.
        """
        found = self.find(name)
        if found is None:
            raise UseError(
                f"HighLevel has no single custom field called {name}",
                unchanged="Nothing was sent",
                remedy="List the custom fields, or create it first",
            )
        return found

    def encode(self, values: Mapping[str, Any]) -> tuple[CustomFieldValue, ...]:
        """Values by key, id or name, ready for the wire.

        Raises:
            UseError: An unknown field, or a value its data type does not take.
        """
        definitions = [(self.get(name), value) for name, value in values.items()]
        return tuple(
            CustomFieldValue(id=item.id, value=encode_value(item, value))
            for item, value in definitions
        )

    def decode(self, values: Iterable[CustomFieldValue]) -> dict[str, Any]:
        """Values by short key; those of fields we do not know stay under their id."""
        decoded: dict[str, Any] = {}
        for item in values:
            definition = self._by_id.get(item.id)
            if definition is None:
                decoded[item.id] = item.value
            else:
                key = short_key(definition.key) or definition.id
                decoded[key] = decode_value(definition, item.value)
        return decoded


def short_key(key: str) -> str:
    """`contact.plan` and `plan` are the same key."""
    for prefix in _PREFIXES:
        if key.startswith(prefix):
            return key.removeprefix(prefix)
    return key


def encode_value(definition: CustomFieldDefinition, value: Any) -> Any:  # noqa: ANN401 — JSON
    """`value` in the shape the data type asks for; None clears.

    Raises:
        UseError: The data type does not take it.
    """
    kind = definition.data_type
    if value is None:
        return [] if kind in _MANY else None if kind in _NUMBERS | _OBJECTS else ""
    encoded = _encoder(kind)(definition, value)
    if kind in _CHOICES and encoded not in ("", []):
        _check_options(definition, encoded)
    return encoded


def decode_value(definition: CustomFieldDefinition, value: Any) -> Any:  # noqa: ANN401 — JSON
    """A value as it came, as text, number, tuple of texts, date, or object.

    The vendor answers dates as ISO moments (seen live by others); the day is never shifted.
    """
    kind = definition.data_type
    if value is None:
        return None
    if kind in _MANY:
        return tuple(str(item) for item in (value if isinstance(value, list) else [value]))
    if kind in _NUMBERS:
        return _decode_number(value)
    if kind == "DATE":
        return _decode_day(value)
    return value


def _encoder(kind: str) -> Callable[[CustomFieldDefinition, Any], Any]:
    if kind in _MANY:
        return _encode_many
    if kind in _NUMBERS:
        return _encode_number
    if kind == "DATE":
        return _encode_day
    if kind in _OBJECTS:
        return _encode_object
    return _encode_text


def _encode_text(definition: CustomFieldDefinition, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _unfit(definition, "text")
    return str(value)


def _encode_many(definition: CustomFieldDefinition, value: object) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise _unfit(definition, "a list of texts")
    items = list(value)
    if not all(isinstance(item, str) for item in items):
        raise _unfit(definition, "a list of texts")
    return items


def _encode_number(definition: CustomFieldDefinition, value: object) -> int | float | None:
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _unfit(definition, "a number")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _unfit(definition, "a number") from None
    if not number.is_finite():
        raise _unfit(definition, "a finite number")
    return int(number) if number == number.to_integral_value() else float(number)


def _encode_day(definition: CustomFieldDefinition, value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    day = read_day(value)
    if day == "":
        return ""
    try:
        return date.fromisoformat(str(day)).isoformat()
    except ValueError:
        raise _unfit(definition, "a date such as 2026-11-23") from None


def _encode_object(definition: CustomFieldDefinition, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _unfit(definition, "an object keyed by option or file id")
    return {str(key): item for key, item in value.items()}


def _check_options(definition: CustomFieldDefinition, encoded: str | list[str]) -> None:
    options = [item for item in definition.options if isinstance(item, str)]
    if definition.is_custom_option_allowed or len(options) < max(1, len(definition.options)):
        return
    chosen = [encoded] if isinstance(encoded, str) else encoded
    if any(item not in options for item in chosen):
        raise _unfit(definition, f"one of {', '.join(options)}")


def _decode_number(value: object) -> object:
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if math.isfinite(number) and number.is_integer() else number
    return value


def _decode_day(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, UTC).date()
    day = read_day(value)
    try:
        return date.fromisoformat(str(day))
    except ValueError:
        return value


def _unfit(definition: CustomFieldDefinition, wanted: str) -> UseError:
    return UseError(
        f"The custom field {definition.name or definition.id} takes {wanted}",
        unchanged="Nothing was sent",
    )
