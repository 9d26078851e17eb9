"""Numbers and tick boxes."""

from __future__ import annotations

import math
import re

from toolkit.mapping.problems import ConversionProblemError
from toolkit.model.ids import Side
from toolkit.model.values import Value

DIGITS = 15
"""Decimal digits every double keeps; more would come back changed."""
_LIMIT = 10**DIGITS
_FIGURES = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1", "y", "x"), True),
    **dict.fromkeys(("false", "no", "off", "0", "n"), False),
}


class NumberConverter:
    """Numbers of up to 15 digits: an int where whole, a float elsewhere."""

    blank: Value = None

    def canon(self, _side: Side, raw: object) -> Value:
        """The number; text may use a decimal comma and blanks between the thousands.

        Raises:
            ConversionProblemError: Not a number, or one too large to travel unchanged.
        """
        number = _read_number(raw)
        if not math.isfinite(number) or abs(number) >= _LIMIT:
            raise ConversionProblemError("the number is too large to travel unchanged")
        if isinstance(number, int):
            return number
        rounded = float(f"{number:.{DIGITS}g}")
        return int(rounded) if rounded.is_integer() else rounded

    def render(self, _side: Side, value: Value) -> object:
        """The number as it is."""
        return value


def _read_number(raw: object) -> int | float:
    match raw:
        case bool():
            raise ConversionProblemError("yes or no stands where a number belongs")
        case int() | float():
            return raw
        case str():
            text = "".join(raw.split())
            if "." not in text and text.count(",") == 1:
                text = text.replace(",", ".")
            if _FIGURES.match(text):
                return float(text)
            raise ConversionProblemError("this is not a number")
        case _:
            raise ConversionProblemError("this is not a number")


class BooleanConverter:
    """Tick boxes: an empty box is not ticked, so blank reads as False."""

    blank: Value = False

    def canon(self, _side: Side, raw: object) -> Value:
        """True or False.

        Raises:
            ConversionProblemError: Neither yes nor no.
        """
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, int | float | str):
            word = str(int(raw) if raw in (0, 1) else raw).strip().lower()
            if word in _WORDS:
                return _WORDS[word]
        raise ConversionProblemError("this is neither yes nor no")

    def render(self, _side: Side, value: Value) -> object:
        """The boolean as it is."""
        return value
