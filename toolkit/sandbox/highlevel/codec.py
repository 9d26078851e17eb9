"""Custom field values by `dataType`: what may be written, and what is read back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from toolkit.sandbox.highlevel import problems
from toolkit.sandbox.highlevel.records import Contact, FieldDefinition
from toolkit.sandbox.highlevel.state import HighLevelState
from toolkit.sandbox.highlevel.wire import read_moment, stamp


class _WrongValueError(Exception):
    """The value does not suit the field."""


class _IgnoredValue(Exception):  # noqa: N818 — not an error: the vendor drops it without a word
    """The value is dropped, the field keeps what it has."""


def write_custom(state: HighLevelState, contact: Contact, items: list[dict[str, Any]]) -> None:
    """Apply the `customFields` of a body; fields that are not named keep their values.

    Raises:
        RefusalError: 400, a value does not suit its field; the contact is as before.
    """
    written = dict(contact.custom)
    for item in items:
        definition = find_definition(state, item.get("id") or item.get("key") or "")
        if definition is None or definition.model != "contact":
            if state.options.rejects_unknown_custom_field:
                raise problems.bad_request("Invalid Custom Field Id")
            continue
        value = item.get("fieldValue", item.get("field_value"))
        if value is None or value in ("", [], {}):
            written.pop(definition.id, None)
            continue
        try:
            written[definition.id] = _CODECS[definition.data_type](definition, value)
        except _IgnoredValue:
            continue
        except _WrongValueError as wrong:
            raise problems.bad_request("Invalid Custom Field Value") from wrong
    contact.custom = written


def find_definition(state: HighLevelState, name: str) -> FieldDefinition | None:
    """The definition of this id, or of this key with or without its `contact.` prefix."""
    if name in state.fields:
        return state.fields[name]
    keys = {name, f"contact.{name}"}
    return next((one for one in state.fields.values() if one.field_key in keys), None)


def _text(_: FieldDefinition, value: Any) -> str:  # noqa: ANN401 — before validation
    if not isinstance(value, str):
        raise _WrongValueError
    return value


def _choice(definition: FieldDefinition, value: Any) -> str:  # noqa: ANN401
    text = _text(definition, value)
    if text not in definition.options and not definition.is_custom_option_allowed:
        raise _WrongValueError
    return text


def _choices(definition: FieldDefinition, value: Any) -> list[str]:  # noqa: ANN401
    if not isinstance(value, list):
        raise _WrongValueError
    return [_choice(definition, one) for one in value]


def _number(_: FieldDefinition, value: Any) -> float:  # noqa: ANN401
    # The OpenAPI file says object; an object is what the service refuses.
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
    ):
        raise _WrongValueError
    return value


def _date(definition: FieldDefinition, value: Any) -> str:  # noqa: ANN401
    try:
        return stamp(read_moment(_text(definition, value)))
    except (ValueError, OverflowError) as unreadable:
        raise _WrongValueError from unreadable


def _files(_: FieldDefinition, value: Any) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        raise _WrongValueError
    return value


def _boxes(definition: FieldDefinition, value: Any) -> dict[str, Any]:  # noqa: ANN401
    if not isinstance(value, dict) or not set(value) <= set(definition.text_boxes):
        raise _IgnoredValue
    return value


_CODECS: Final[dict[str, Callable[[FieldDefinition, Any], Any]]] = {
    "TEXT": _text,
    "LARGE_TEXT": _text,
    "PHONE": _text,
    "EMAIL": _text,
    "SINGLE_OPTIONS": _choice,
    "RADIO": _choice,
    "NUMERICAL": _number,
    "MONETORY": _number,
    "CHECKBOX": _choices,
    "MULTIPLE_OPTIONS": _choices,
    "DATE": _date,
    "FILE_UPLOAD": _files,
    "TEXTBOX_LIST": _boxes,
}
DATA_TYPES: Final = tuple(_CODECS)
