"""Every command of `/hightonic`: the one place to find them.

Parser, help, roles and approvals all read this table.
"""

from __future__ import annotations

from typing import Final

from bot.parse.grammar import Command
from bot.parse.record_commands import RECORD_COMMANDS
from bot.parse.team_commands import TEAM_COMMANDS

COMMANDS: Final[tuple[Command, ...]] = (*RECORD_COMMANDS, *TEAM_COMMANDS)

OBJECTS: Final = tuple(dict.fromkeys(each.object for each in COMMANDS))
BUILT_IN_ALIASES: Final = {
    "c": "contact find",
    "find": "contact find",
    "todo": "task add",
    "tasks": "task list",
    "contacts": "contact find",
    "notes": "note list",
    "conflicts": "sync conflicts",
    "status": "sync status",
    "?": "help",
}
"""Short forms every workspace has; its own come before them."""


def find_command(object_: str, verb: str) -> Command | None:
    """A command by its exact names."""
    found = (each for each in COMMANDS if (each.object, each.verb) == (object_, verb))
    return next(found, None)


def verbs_of(object_: str) -> tuple[Command, ...]:
    """The commands about an object, in the table's order."""
    return tuple(each for each in COMMANDS if each.object == object_)
