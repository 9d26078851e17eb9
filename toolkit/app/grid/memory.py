"""Columns of many rows in little memory: codes, numbers or packed text, never objects."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from math import isnan, nan
from typing import TYPE_CHECKING, Final, TypeAlias

from toolkit.app.contact_index import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from toolkit.model.values import Value

_MANY: Final = 4_096
"""More different texts than this are packed one after the other: a dictionary of them
would cost more than it saves."""
_NARROW: Final = 65_535


class Texts:
    """One text per row, packed as UTF-8; `None` and an empty text are one."""

    def __init__(self, texts: Iterable[str]) -> None:
        packed = bytearray()
        self._ends = array("I")
        for each in texts:
            packed += each.encode()
            self._ends.append(len(packed))
        self._packed = bytes(packed)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, position: int) -> str:
        start = self._ends[position - 1] if position else 0
        return self._packed[start : self._ends[position]].decode()

    def __iter__(self) -> Iterator[str]:
        start = 0
        for end in self._ends:
            yield self._packed[start:end].decode()
            start = end

    @property
    def size_bytes(self) -> int:
        """What it weighs."""
        return len(self._packed) + self._ends.itemsize * len(self._ends)

    def find(self, text: str) -> int:
        """Where a text stands in sorted texts; -1 for nowhere."""
        position = bisect_left(self, text)
        return position if position < len(self) and self[position] == text else -1

    def holding(self, part: str) -> bytearray:
        """A mask of the rows that hold a text, case and all."""
        mask = bytearray(len(self))
        wanted, packed, ends = part.encode(), self._packed, self._ends
        at = packed.find(wanted)
        while at >= 0:
            position = bisect_right(ends, at)
            if at + len(wanted) <= ends[position]:
                mask[position] = 1
                at = packed.find(wanted, ends[position])
            else:
                at = packed.find(wanted, at + 1)
        return mask


class Codes:
    """One of few values per row: a number that points to the value."""

    def __init__(self, codes: array[int], words: tuple[Value, ...]) -> None:
        self.codes = codes
        self.words = words

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, position: int) -> Value:
        return self.words[self.codes[position]]

    @property
    def size_bytes(self) -> int:
        """What it weighs, about."""
        return self.codes.itemsize * len(self.codes) + 90 * len(self.words)


class Numbers:
    """A number per row; not-a-number is blank."""

    def __init__(self, numbers: array[float]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, position: int) -> Value:
        number = self.numbers[position]
        if isnan(number):
            return None
        return int(number) if number.is_integer() else number

    @property
    def size_bytes(self) -> int:
        """What it weighs."""
        return self.numbers.itemsize * len(self.numbers)


Held: TypeAlias = Texts | Codes | Numbers


class Builder:
    """Takes a column's values one by one and keeps each different one once.

    Args:
        count: Rows; those nobody gives a value to are blank.
        is_number: The values are numbers.
    """

    def __init__(self, count: int, *, is_number: bool = False) -> None:
        self._numbers = array("d", [nan]) * count if is_number else None
        self._seen: dict[Value, int] = {None: 0}
        self._codes = array("I", bytes(4 * count))

    def put(self, position: int, value: Value) -> None:
        """The value of a row."""
        if self._numbers is not None:
            self._numbers[position] = _number(value)
        else:
            self._codes[position] = self._seen.setdefault(value, len(self._seen))

    def build(self) -> Held:
        """The column in the form that takes least room."""
        if self._numbers is not None:
            return Numbers(self._numbers)
        words = tuple(self._seen)
        if len(words) > _MANY and all(each is None or isinstance(each, str) for each in words):
            return Texts(str(words[code] or "") for code in self._codes)
        codes = array("H", self._codes) if len(words) <= _NARROW else self._codes
        return Codes(codes, words)


def is_blank(value: Value) -> bool:
    """Whether there is nothing to see."""
    return value is None or value in {"", ()}


def sort_key(value: Value) -> tuple[int, float, str]:
    """Blank last, numbers by size, texts as people look them up."""
    if is_blank(value):
        return (2, 0.0, "")
    if isinstance(value, (bool, int, float)):
        return (0, float(value), "")
    return (1, 0.0, folded(shown(value)))


def shown(value: Value) -> str:
    """A value as text, as a search or a paste has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def ranks(held: Held) -> array[int]:
    """A number per row that sorts as its value does; blank rows hold the highest."""
    if isinstance(held, Codes):
        order = sorted(range(len(held.words)), key=lambda code: sort_key(held.words[code]))
        rank_of = {code: rank for rank, code in enumerate(order)}
        blank = len(order)
        table = [
            blank if is_blank(held.words[code]) else rank_of[code]
            for code in range(len(held.words))
        ]
        return array("I", map(table.__getitem__, held.codes))
    if isinstance(held, Texts):
        keys: list[str] = [folded(text) for text in held]
        return _ranked(keys, [not key for key in keys])
    numbers = held.numbers
    return _ranked(
        [0.0 if isnan(each) else each for each in numbers], list(map(isnan, numbers))
    )


def folded(text: str) -> str:
    """Lower case, without accents, one blank between words."""
    # Taking letters apart costs ten times the rest, and most text has none to take.
    return " ".join(text.lower().split()) if text.isascii() else fold(text)


def _ranked(keys: Sequence[str] | Sequence[float], blank: Sequence[bool]) -> array[int]:
    found = array("I", bytes(4 * len(keys)))
    last: object = None
    rank = -1
    for position in sorted(range(len(keys)), key=keys.__getitem__):
        if keys[position] != last or rank < 0:
            last, rank = keys[position], rank + 1
        found[position] = rank
    for position, is_empty in enumerate(blank):
        if is_empty:
            found[position] = rank + 1
    return found


def _number(value: Value) -> float:
    return float(value) if isinstance(value, (int, float)) else nan
