"""What the bot says: one catalogue, two languages, and text that can do nothing but be read."""

from bot.words.catalogue import LANGUAGES
from bot.words.escape import Markup, clean, coded, cut, escaped
from bot.words.said import mentioned, readable
from bot.words.voice import Voice

__all__ = [
    "LANGUAGES",
    "Markup",
    "Voice",
    "clean",
    "coded",
    "cut",
    "escaped",
    "mentioned",
    "readable",
]
