"""What each command does: one function per object and verb, values in, a message out."""

from bot.commands.desk import CommandDesk, Reply
from bot.commands.lines import Asked
from bot.commands.scene import Scene

__all__ = ["Asked", "CommandDesk", "Reply", "Scene"]
