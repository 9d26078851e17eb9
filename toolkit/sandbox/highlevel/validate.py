"""Declared shapes of request bodies; whatever is not declared is refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dateutil.parser import isoparse

Check = Callable[[str, Any], list[str]]


def text(path: str, value: Any) -> list[str]:  # noqa: ANN401 — before validation
    """A string, not null."""
    return [] if isinstance(value, str) else [f"{path} must be a string"]


def text_or_null(path: str, value: Any) -> list[str]:  # noqa: ANN401
    """A string or null."""
    return [] if value is None else text(path, value)


def flag(path: str, value: Any) -> list[str]:  # noqa: ANN401
    """A JSON boolean."""
    return [] if isinstance(value, bool) else [f"{path} must be a boolean value"]


def number(path: str, value: Any) -> list[str]:  # noqa: ANN401
    """A finite JSON number."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(value):
        return []
    return [f"{path} must be a number conforming to the specified constraints"]


def moment(path: str, value: Any) -> list[str]:  # noqa: ANN401
    """An ISO 8601 date or time as text."""
    try:
        isoparse(value)
    except (ValueError, TypeError, OverflowError):
        return [f"{path} must be a valid ISO 8601 date string"]
    return []


def anything(path: str, value: Any) -> list[str]:  # noqa: ANN401, ARG001
    """Nothing is checked here; the codec that reads it does."""
    return []


def mapping(path: str, value: Any) -> list[str]:  # noqa: ANN401
    """A JSON object of any keys."""
    return [] if isinstance(value, dict) else [f"{path} must be an object"]


def one_of(*words: str) -> Check:
    """One of these words."""

    def check(path: str, value: Any) -> list[str]:  # noqa: ANN401
        known = ", ".join(words)
        return (
            [] if value in words else [f"{path} must be one of the following values: {known}"]
        )

    return check


def many(inner: Check, *, most: int | None = None) -> Check:
    """A list of such values, at most `most` long."""

    def check(path: str, value: Any) -> list[str]:  # noqa: ANN401
        if not isinstance(value, list):
            return [f"{path} must be an array"]
        if most is not None and len(value) > most:
            return [f"{path} must contain no more than {most} elements"]
        found = [
            line for place, item in enumerate(value) for line in inner(f"{path}.{place}", item)
        ]
        # A list of plain strings is refused as a whole, which is how the vendor words it.
        return [f"each value in {path} must be a string"] if found and inner is text else found

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """A declared object: its keys, each with its check, and the keys that must be there."""

    fields: Mapping[str, Check]
    required: tuple[str, ...] = ()

    def __call__(self, path: str, value: Any) -> list[str]:  # noqa: ANN401
        """What is wrong with a nested value; nothing when it fits."""
        if not isinstance(value, dict):
            return [f"{path} must be an object"]
        dot = f"{path}." if path else ""
        found = [
            f"{dot}property {name} should not exist"
            for name in value
            if name not in self.fields
        ]
        found += [
            f"{dot}{name} should not be empty" for name in self.required if name not in value
        ]
        for name, check in self.fields.items():
            if name in value:
                found += check(f"{dot}{name}", value[name])
        return found

    def also(self, fields: Mapping[str, Check]) -> Shape:
        """The same shape with these keys added or replaced."""
        return Shape({**self.fields, **fields}, self.required)

    def without(self, *names: str) -> Shape:
        """The same shape without these keys."""
        kept = {name: check for name, check in self.fields.items() if name not in names}
        return Shape(kept, tuple(name for name in self.required if name not in names))
