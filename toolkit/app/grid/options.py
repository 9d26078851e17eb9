"""Values that HighLevel takes for a custom field of choices, as far as they are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from toolkit.mapping.spec import FieldMapping, KindMapping

_CUSTOM: Final = "custom."
_MODEL: Final = "contact."
_CHOICES: Final = frozenset({"SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "RADIO", "CHECKBOX"})
"""As the clients check them before they send."""


def closed_options(
    mapping: KindMapping, known: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """Field -> the only values it takes; a field that takes others as well is absent.

    Choices of the mapping's own are among them: those are translated.

    Args:
        mapping: Of contacts.
        known: What the store remembers of the location; empty before connecting.
    """
    closed = {
        str(each.get("key", "")).removeprefix(_MODEL): _options(each)
        for each in known.get("definitions", ())
    }
    found = {each: closed.get(_key(each), ()) for each in mapping.fields}
    return {
        each.name: tuple(dict.fromkeys([*(c.value for c in each.options.choices), *options]))
        for each, options in found.items()
        if options
    }


def _key(field: FieldMapping) -> str:
    if len(field.highlevel) != 1 or field.is_computed:
        return ""
    (name,) = field.highlevel
    return name.removeprefix(_CUSTOM) if name.startswith(_CUSTOM) else ""


def _options(definition: Mapping[str, Any]) -> tuple[str, ...]:
    given = definition.get("options") or ()
    if definition.get("data_type") not in _CHOICES or definition.get(
        "is_custom_option_allowed"
    ):
        return ()
    texts = tuple(each for each in given if isinstance(each, str))
    # Some accounts answer objects there; what cannot be read closes nothing.
    return texts if len(texts) == len(given) else ()
