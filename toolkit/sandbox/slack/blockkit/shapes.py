"""A small language for the shape of JSON: what a value must look like, and where it does not.

Messages are worded as Slack words them in `response_metadata.messages` of an `invalid_blocks`
answer, with a JSON pointer to the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = Any


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing Slack would refuse.

    Args:
        pointer: JSON pointer into the checked payload, for example `/blocks/0/text/text`.
        message: What is wrong with the value there.
    """

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"


class Shape(Protocol):
    """Something a JSON value can be checked against."""

    def check(self, value: Json, at: str) -> Iterator[Issue]:
        """What is wrong with this value, which stands at this pointer."""
        ...


def below(at: str, key: str | int) -> str:
    """The pointer to a member, escaped as RFC 6901 asks."""
    return f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}"


@dataclass(frozen=True, slots=True)
class Str:
    """A string of `least` to `most` characters, one of `choices`, or one that fits `pattern`."""

    most: int | None = None
    least: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""

    def check(self, value: Json, at: str) -> Iterator[Issue]:
        """What is wrong."""
        if not isinstance(value, str):
            yield Issue(at, "must be a string")
            return
        if len(value) < self.least:
            yield Issue(at, f"must be more than {self.least - 1} characters")
        if self.most is not None and len(value) > self.most:
            yield Issue(at, f"must be less than {self.most + 1} characters")
        if self.choices and value not in self.choices:
            yield Issue(at, f"must be one of: {', '.join(self.choices)}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            yield Issue(at, "must match the expected format")


@dataclass(frozen=True, slots=True)
class Num:
    """A number from `low` to `high`; whole unless told otherwise."""

    low: float | None = None
    high: float | None = None
    is_whole: bool = True

    def check(self, value: Json, at: str) -> Iterator[Issue]:
        """What is wrong."""
        kinds = (int,) if self.is_whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield Issue(at, "must be an integer" if self.is_whole else "must be a number")
        elif self.low is not None and value < self.low:
            yield Issue(at, f"must be greater than or equal to {self.low:g}")
        elif self.high is not None and value > self.high:
            yield Issue(at, f"must be less than or equal to {self.high:g}")


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def check(self, value: Json, at: str) -> Iterator[Issue]:
        """What is wrong."""
        if not isinstance(value, bool):
            yield Issue(at, "must be a boolean")


@dataclass(frozen=True, slots=True)
class Items:
    """A list of `least` to `most` values of one shape."""

    of: Shape
    least: int = 1
    most: int | None = None

    def check(self, value: Json, at: str) -> Iterator[Issue]:
        """What is wrong with the list, then with each member."""
        if not isinstance(value, list):
            yield Issue(at, "must be an array")
            return
        if len(value) < self.least:
            yield Issue(at, f"no fewer than {self.least} items allowed [{len(value)}]")
        if self.most is not None and len(value) > self.most:
            yield Issue(at, f"no more than {self.most} items allowed [{len(value)}]")
        for number, one in enumerate(value):
            yield from self.of.check(one, below(at, number))


Rule = Callable[[Mapping[str, Json], str], Iterator[Issue]]


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with these members and no others.

    Args:
        required: Members that must be there.
        optional: Members that may be there.
        rules: Said of the object as a whole; asked only when its members are sound.
    """

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)
    rules: Sequence[Rule] = ()

    def check(self, value: Json, at: str) -> Iterator[Issue]:
        """What is wrong with the object, then with each member."""
        if not isinstance(value, dict):
            yield Issue(at, "must provide an object")
            return
        issues = [*self._check_members(value, at)]
        yield from issues
        if not issues:
            for rule in self.rules:
                yield from rule(value, at)

    def _check_members(self, value: Mapping[str, Json], at: str) -> Iterator[Issue]:
        for name in self.required:
            if name not in value:
                yield Issue(at, f"missing required field: {name}")
        for name, member in value.items():
            shape = self.required.get(name) or self.optional.get(name)
            if shape is None:
                if name != "type":
                    yield Issue(at, f"invalid additional property: {name}")
            elif member is not None or name in self.required:
                # An optional member that is null counts as left out (SDKs send it so).
                yield from shape.check(member, below(at, name))


@dataclass(frozen=True, slots=True)
class ByType:
    """An object whose `type` says which shape it has."""

    shapes: Mapping[str, Shape]

    def check(self, value: Json, at: str) -> Iterator[Issue]:
        """What is wrong."""
        if not isinstance(value, dict):
            yield Issue(at, "must provide an object")
        elif "type" not in value:
            yield Issue(at, "missing required field: type")
        elif (shape := self.shapes.get(str(value["type"]))) is None:
            yield Issue(below(at, "type"), f"unsupported type: {value['type']}")
        else:
            yield from shape.check(value, at)


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value: what Slack does not look into."""

    def check(self, value: Json, at: str) -> Iterator[Issue]:  # noqa: ARG002
        """Nothing is wrong."""
        yield from ()
