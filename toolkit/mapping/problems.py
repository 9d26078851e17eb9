"""A value that cannot be read or written, as the converters say it to the translator."""

from __future__ import annotations


class ConversionProblemError(ValueError):
    """One value does not fit its type. Never leaves the mapping room.

    Args:
        reason: One clause for people; never holds the value.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
