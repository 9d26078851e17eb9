"""What a person decides about a conflict, checked as the field's type reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from toolkit.app.field_options import among_options
from toolkit.errors import RejectedError, UseError
from toolkit.mapping.context import Context
from toolkit.mapping.spec import SET_TYPES, FieldMapping, KindMapping
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, Side
from toolkit.model.plan import Conflict
from toolkit.model.values import Value

Choice = Literal["highlevel", "timetonic", "value"]

_UNCHANGED = "Nothing was changed"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's choice for one conflict.

    Attributes:
        conflict_id: As `conflicts()` lists it, or the beginning of it.
        choice: The side whose value stands, or `value` for another one.
        value: The other value, as the field's type holds it or as a person types it; only
            with the choice `value`.
    """

    conflict_id: str
    choice: Choice
    value: Value = None


class Reading:
    """Reads decided values as the mapping in force would read them from a record.

    Args:
        kinds: The mapping.
        context: Users, region and zone of the location.
        options: Kind -> field -> the only values HighLevel's field takes.
    """

    def __init__(
        self,
        kinds: Mapping[Kind, KindMapping],
        context: Context,
        *,
        options: Mapping[Kind, Mapping[str, tuple[str, ...]]] | None = None,
    ) -> None:
        self._kinds = kinds
        self._options = options or {}
        self._context = context
        # Building one costs more than reading a value, and a file holds a million of them.
        self._translators: dict[Kind, Translator] = {}

    def value_for(self, conflict: Conflict, value: Value) -> Value:
        """The value both sides shall show; None where the field shall be blank.

        A phone number without a country code is taken as one of the location's region;
        members of a list are parted by commas; an empty text clears.

        Raises:
            UseError: The value does not fit the field; names the field, not the value.
        """
        return self.read(conflict.kind, conflict.field, value)

    def read(self, kind_of: Kind, name: str, value: Value) -> Value:
        """A field's value as a person types it; as `value_for`."""
        kind = self._kinds.get(kind_of)
        field = kind.find_field(name) if kind else None
        if kind is None or field is None:
            raise _refusal(name, "the mapping has no such field")
        if kind_of not in self._translators:
            self._translators[kind_of] = Translator(kind, self._context)
        translator = self._translators[kind_of]
        read = _read(translator, field, value)
        if read is None and field.name in kind.needed_on_highlevel:
            raise _refusal(field.name, "HighLevel keeps no record without it")
        try:
            for side in Side:
                translator.render(side, {field.name: read})
        except RejectedError as error:
            raise UseError(error.happened, unchanged=_UNCHANGED, remedy=error.remedy) from error
        return among_options(name, read, self._options.get(kind_of, {}).get(name))


def _read(translator: Translator, field: FieldMapping, value: Value) -> Value:
    # TimeTonic's side first: it has one column where HighLevel parts a name in two, and a
    # typed note is words there, never markup.
    side = Side.HIGHLEVEL if field.timetonic is None else Side.TIMETONIC
    values, problems = translator.read(side, {field.names_on(side)[0]: _parted(field, value)})
    for problem in problems:
        if problem.field == field.name:
            raise _refusal(field.name, problem.reason)
    if field.name not in values:
        raise _refusal(field.name, "its value is made from other fields")
    return values[field.name]


def _parted(field: FieldMapping, value: Value) -> object:
    separator = field.options.separator
    if field.type in SET_TYPES and separator is not None and isinstance(value, str):
        return value.replace(separator.strip() or separator, ",").split(",")
    return value


def _refusal(name: str, reason: str) -> UseError:
    return UseError(
        f"`{name}` cannot take this value: {reason}",
        unchanged=_UNCHANGED,
        remedy="Type it as the field would show it, or keep one side's value",
    )
