"""What Slack tells us: acknowledged at once, dealt with once, answered apart from it."""

from bot.listening.app import build_app
from bot.listening.clicks import line_of
from bot.listening.listeners import Listeners
from bot.listening.members import Members, standing_of
from bot.listening.parts import Parts
from bot.listening.signature import is_signed

__all__ = ["Listeners", "Members", "Parts", "build_app", "is_signed", "line_of", "standing_of"]
