"""Choices, several choices, and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping

from toolkit.mapping.problems import ConversionProblemError
from toolkit.mapping.spec import FieldOptions
from toolkit.mapping.texts import normal_text, read_text
from toolkit.model.ids import Side
from toolkit.model.values import Value

_SEPARATORS = re.compile(r"[,;\n]")


def folded(text: str) -> str:
    """What two spellings that differ in case only have in common."""
    return normal_text(text.casefold())


def spelling_table(options: FieldOptions, side: Side) -> Mapping[str, str]:
    """Folded spelling -> neutral value, as one side is read.

    The side's own spelling counts first, the neutral one next, the other side's last.
    """
    table: dict[str, str] = {}
    for shown in (
        {choice.shown_on(side): choice.value for choice in options.choices},
        {choice.value: choice.value for choice in options.choices},
        {choice.shown_on(side.other): choice.value for choice in options.choices},
    ):
        for spelling, value in shown.items():
            table.setdefault(folded(spelling), value)
    return table


class ChoiceConverter:
    """One of a list of options; case does not matter, spelling may differ per side."""

    blank: Value = None

    def __init__(self, options: FieldOptions) -> None:
        self._is_open = options.is_open
        self._read = {side: spelling_table(options, side) for side in Side}
        self._shown = {
            side: {choice.value: choice.shown_on(side) for choice in options.choices}
            for side in Side
        }

    def canon(self, side: Side, raw: object) -> Value:
        """The neutral spelling.

        Raises:
            ConversionProblemError: Not an option, and the list is closed.
        """
        text = read_text(raw)
        known = self._read[side].get(folded(text))
        if known is not None:
            return known
        if not self._is_open:
            raise ConversionProblemError("this is not one of the mapped options")
        return text or None

    def render(self, side: Side, value: Value) -> object:
        """The side's own spelling."""
        text = str(value)
        return self._shown[side].get(text, text)


class MultiChoiceConverter:
    """Several options at once: a sorted tuple without repeats.

    Args:
        options: Known options, and the separator where TimeTonic has a text column.
    """

    blank: Value = None

    def __init__(self, options: FieldOptions) -> None:
        self._one = ChoiceConverter(options)
        self._separator = options.separator

    def canon(self, side: Side, raw: object) -> Value:
        """The options, sorted; None where there are none.

        Raises:
            ConversionProblemError: One is not an option, and the list is closed.
        """
        found = {self._element(side, item) for item in split_items(raw, self._separator)}
        return tuple(sorted(item for item in found if item)) or None

    def render(self, side: Side, value: Value) -> object:
        """A list, or one text where the column holds text."""
        shown = [str(self._one.render(side, item)) for item in as_items(value)]
        return joined_items(shown, side=side, separator=self._separator)

    def _element(self, side: Side, item: str) -> str | None:
        one = self._one.canon(side, item) if item.strip() else None
        return None if one is None else str(one)


class TagsConverter:
    """Tags: lower-case, as HighLevel keeps them (third-party clients, read 2026-11)."""

    blank: Value = None

    def __init__(self, options: FieldOptions) -> None:
        self._separator = options.separator

    def canon(self, _side: Side, raw: object) -> Value:
        """The tags, lower-case, sorted, without repeats; None where there are none."""
        found = {normal_tag(item) for item in split_items(raw, self._separator)}
        return tuple(sorted(found - {""})) or None

    def render(self, side: Side, value: Value) -> object:
        """A list, or one text where the column holds text."""
        return joined_items(list(as_items(value)), side=side, separator=self._separator)


def normal_tag(raw: str) -> str:
    """One tag in lower case, with single blanks."""
    return normal_text(" ".join(normal_text(raw).lower().split()))


def split_items(raw: object, separator: str | None) -> list[str]:
    """The members of a list, or of a text that holds several.

    Raises:
        ConversionProblemError: Neither a list of texts nor a text.
    """
    match raw:
        case str() if separator is not None:
            return raw.split(separator.strip() or separator)
        case str():
            return _SEPARATORS.split(raw)
        case list() | tuple() if all(isinstance(item, str) for item in raw):
            return list(raw)
        case _:
            raise ConversionProblemError("this is not a list of texts")


def as_items(value: Value) -> tuple[str, ...]:
    """A set value's members."""
    return value if isinstance(value, tuple) else (str(value),)


def joined_items(items: list[str], *, side: Side, separator: str | None) -> object:
    """A list, or one text where TimeTonic holds the set in a text column."""
    if side is Side.TIMETONIC and separator is not None:
        return separator.join(items)
    return items
