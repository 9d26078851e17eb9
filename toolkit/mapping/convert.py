"""Types by name: how each reads a side's raw value and writes a neutral one.

Law, tested for every type: `canon(side, render(side, value)) == value` for every value
`canon` can give, on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from toolkit.mapping.choices import ChoiceConverter, MultiChoiceConverter, TagsConverter
from toolkit.mapping.context import Context
from toolkit.mapping.functions import UserFunction
from toolkit.mapping.markup import NoteConverter
from toolkit.mapping.moments import DateConverter, DatetimeConverter
from toolkit.mapping.people import NameConverter, OwnerConverter
from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.scalars import BooleanConverter, NumberConverter
from toolkit.mapping.spec import FieldMapping, FieldType, KindMapping
from toolkit.mapping.texts import EmailConverter, PhoneConverter, TextConverter
from toolkit.model.ids import Side
from toolkit.model.values import Value


class Converter(Protocol):
    """One type.

    Attributes:
        blank: The neutral value of a blank cell: None, or False for a tick box.
    """

    blank: Value

    def canon(self, side: Side, raw: object) -> Value:
        """The neutral value of a raw value that is not blank.

        Raises:
            ConversionProblemError: It does not fit the type.
        """
        ...

    def render(self, side: Side, value: Value) -> object:
        """What to write on this side for a neutral value that is not None.

        Raises:
            ConversionProblemError: This side cannot show it.
        """
        ...


Builder = Callable[[FieldMapping, Context], Converter]

_BUILDERS: Mapping[FieldType, Builder] = {
    "text": lambda _field, _context: TextConverter(),
    "longtext": lambda _field, _context: TextConverter(),
    "note": lambda _field, _context: NoteConverter(),
    "email": lambda _field, _context: EmailConverter(),
    "phone": lambda field, context: PhoneConverter(
        field.options.region or context.default_region
    ),
    "date": lambda _field, _context: DateConverter(),
    "datetime": lambda _field, context: DatetimeConverter(context.tz),
    "number": lambda _field, _context: NumberConverter(),
    "boolean": lambda _field, _context: BooleanConverter(),
    "choice": lambda field, _context: ChoiceConverter(field.options),
    "multi_choice": lambda field, _context: MultiChoiceConverter(field.options),
    "tags": lambda field, _context: TagsConverter(field.options),
    "owner": lambda _field, context: OwnerConverter(context.users),
    "name": lambda field, _context: NameConverter(len(field.highlevel)),
    "rollup": lambda _field, _context: NumberConverter(),
}
RESULT_TYPES = frozenset(_BUILDERS) - {"rollup", "name"}
"""Types a template, a function or a constant can give."""


def build_converter(field: FieldMapping, *, kind: KindMapping, context: Context) -> Converter:
    """The converter of a mapped field.

    Raises:
        UseError: A function it names cannot be used.
    """
    if field.options.canon is not None and field.options.render is not None:
        return FunctionConverter(
            UserFunction(field.options.canon, kind.folder),
            UserFunction(field.options.render, kind.folder),
        )
    type_name = field.type if field.type in _BUILDERS else field.options.result
    return _BUILDERS[type_name](field, context)


class FunctionConverter:
    """A pair of the user's functions: one reads, one writes."""

    blank: Value = None

    def __init__(self, canon: UserFunction, render: UserFunction) -> None:
        self._canon = canon
        self._render = render

    def canon(self, side: Side, raw: object) -> Value:
        """What the reading function gives.

        Raises:
            ConversionProblemError: It raised, or gave something that is no value.
        """
        match self._canon(side.value, raw):
            case None | bool() | int() | float() | str() as value:
                return value
            case list() | tuple() | set() | frozenset() as items if all(
                isinstance(item, str) for item in items
            ):
                return tuple(sorted(set(items))) or None
            case _:
                raise ConversionProblemError(
                    "the function gave neither text, number, yes/no, nor a list of texts"
                )

    def render(self, side: Side, value: Value) -> object:
        """What the writing function gives."""
        return self._render(side.value, value)
