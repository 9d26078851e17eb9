"""Values that HighLevel takes for a custom field of choices, as far as they are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from toolkit.errors import UseError
from toolkit.model.ids import Kind

if TYPE_CHECKING:
    from toolkit.app.live import Switched
    from toolkit.mapping.spec import FieldMapping, KindMapping
    from toolkit.model.values import Value

_CUSTOM: Final = "custom."
_MODEL: Final = "contact."
_CHOICES: Final = frozenset({"SINGLE_OPTIONS", "MULTIPLE_OPTIONS", "RADIO", "CHECKBOX"})
"""As the clients check them before they send."""
_SHOWN: Final = 12


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


def options_of(view: Switched) -> dict[Kind, dict[str, tuple[str, ...]]]:
    """Of a connection, by kind, from what is remembered of the location."""
    known = view.store.get_memo("surroundings.highlevel") or {}
    return {Kind.CONTACT: closed_options(view.config.mapping.kinds[Kind.CONTACT], known)}


def among_options(name: str, value: Value, options: tuple[str, ...] | None) -> Value:
    """A field's value in the spelling of HighLevel's options; without any, as it is.

    Written as it is, one side would take it and the other refuse it.

    Raises:
        UseError: It is none of them; names the field and the options.
    """
    if options is None or value is None:
        return value
    spelled = {each.casefold(): each for each in options}
    if isinstance(value, tuple):
        return tuple(sorted({_option(name, each, spelled) for each in value}))
    return _option(name, str(value), spelled)


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


def _option(name: str, value: str, spelled: Mapping[str, str]) -> str:
    found = spelled.get(value.casefold())
    if found is None:
        shown = ", ".join(list(spelled.values())[:_SHOWN])
        more = " and others" if len(spelled) > _SHOWN else ""
        raise UseError(
            f"`{name}` cannot take this value: HighLevel's field takes one of {shown}{more}",
            unchanged="Nothing was changed",
            remedy="Type one of them, or add an option to the field in HighLevel",
        )
    return found
