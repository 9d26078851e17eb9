"""`--dry-run`: only where it is really dry. What cannot be rehearsed is not done instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.commands.deeds import PREPARATIONS
from toolkit.errors import UseError

if TYPE_CHECKING:
    from bot.parse import Parsed

_REHEARSED: Final = frozenset({*PREPARATIONS, "sync run"})
_LOOKS: Final = frozenset(
    {"conflicts", "find", "list", "open", "plan", "show", "status", "test"}
)
"""Verbs that change nothing anyway."""


def check_dry(parsed: Parsed) -> None:
    """Let a line pass that is not to be rehearsed, or can be.

    Raises:
        UseError: It would be done; it is not.
    """
    command = parsed.command
    if "dry-run" not in parsed.flags or command.verb in _LOOKS:
        return
    if command.name not in _REHEARSED:
        raise UseError(
            f"`{command.name}` cannot be rehearsed",
            unchanged="Nothing was done",
            remedy="Leave --dry-run away to do it",
        )
