"""What is wrong with a rule, said by the rules room to whoever knows the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and places from a section of the settings down to one value."""


class RuleProblemError(ValueError):
    """A rule cannot be read, or cannot be worked out for one contact.

    Never leaves the application: at load it becomes a `ConfigError`, at run time the
    `problem` of a firing.

    Args:
        reason: One clause for people; holds no personal value.
        at: Where in the section, from its top.
        remedy: What to write instead, where that is known.
        wrong: A name that does not exist ...
        known: ... and those that do, so that the nearest can be told.
    """

    def __init__(
        self,
        reason: str,
        *,
        at: Path = (),
        remedy: str = "",
        wrong: str = "",
        known: Iterable[str] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.remedy = remedy
        self.wrong = wrong
        self.known = tuple(known)
