"""Reading `/hightonic` commands: text in, a command or a pointed complaint out. Pure."""

from bot.parse.commands import COMMANDS, find_command
from bot.parse.grammar import Command, Parameter, Reads
from bot.parse.problems import Misread, Trouble
from bot.parse.read import Parsed, Reading, parse
from bot.parse.values import ChannelRef, Compared, Due, PersonRef

__all__ = [
    "COMMANDS",
    "ChannelRef",
    "Command",
    "Compared",
    "Due",
    "Misread",
    "Parameter",
    "Parsed",
    "PersonRef",
    "Reading",
    "Reads",
    "Trouble",
    "find_command",
    "parse",
]
