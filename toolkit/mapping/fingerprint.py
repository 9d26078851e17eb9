"""The meaning of a mapping as plain JSON values, for digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum


def fingerprint(value: object) -> object:
    """Plain JSON of frozen dataclasses; attributes that do not compare are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: fingerprint(getattr(value, each.name))
            for each in fields(value)
            if each.compare
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(fingerprint(key)): fingerprint(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(fingerprint(item)) for item in value)
    if isinstance(value, tuple):
        return [fingerprint(item) for item in value]
    return value
