"""What can be wrong with a typed command, with the place it went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_MOST_SUGGESTED: Final = 3
_CLOSE: Final = 0.6


class Trouble(Enum):
    """Why a command could not be read; each has a sentence in `bot.words`."""

    TOO_LONG = "too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    UNKNOWN_OBJECT = "unknown_object"
    UNKNOWN_VERB = "unknown_verb"
    AMBIGUOUS = "ambiguous"
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_FLAG = "unknown_flag"
    REPEATED_KEY = "repeated_key"
    TOO_MANY = "too_many"
    MISSING = "missing"
    NO_TAGS_HERE = "no_tags_here"
    BAD_OPERATOR = "bad_operator"
    BAD_DATE = "bad_date"
    BAD_DURATION = "bad_duration"
    BAD_TIME = "bad_time"
    BAD_CHOICE = "bad_choice"
    BAD_PERSON = "bad_person"
    BAD_CHANNEL = "bad_channel"


@dataclass(frozen=True, slots=True)
class Misread:
    """A command that could not be read.

    Attributes:
        at: Where in the typed text, counted from 0.
        word: What stands there.
        expected: Name of the parameter that was meant, where one was.
        suggestions: What may have been meant, best first.
        usage: How the command is written, where it was understood so far.
    """

    trouble: Trouble
    at: int
    word: str = ""
    expected: str = ""
    suggestions: tuple[str, ...] = ()
    usage: str = ""

    def during(self, usage: str) -> Misread:
        """The same, met while reading a known command."""
        return replace(self, usage=usage)

    def pointed(self, text: str, *, width: int = 60) -> str:
        """Two lines: the part of the typed text around the place, and a caret under it."""
        flat = "".join(" " if char.isspace() else char for char in text)
        at = min(self.at, len(flat))
        begin = max(0, at - width // 2)
        return f"{flat[begin : begin + width]}\n{' ' * (at - begin)}^"


def nearest(word: str, known: Collection[str], *, close: float = _CLOSE) -> tuple[str, ...]:
    """Up to three of the known words that look like this one, best first."""
    lowered = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), lowered, n=_MOST_SUGGESTED, cutoff=close)
    return tuple(lowered[each] for each in found)
