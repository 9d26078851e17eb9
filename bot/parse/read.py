"""A typed line becomes a command with its values, or a complaint that points at a place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.parse.bind import Bound, Reading, bind
from bot.parse.commands import BUILT_IN_ALIASES, OBJECTS, find_command, verbs_of
from bot.parse.grammar import Command
from bot.parse.problems import Misread, Trouble, nearest
from bot.parse.words import Word, cut

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.parse.values import Argument

__all__ = ["Parsed", "Reading", "parse"]

LONGEST: Final = 4000
"""Characters of a command, the longest Slack accepts."""
_TYPO: Final = 0.7
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\+?[\d][\d\s().\-]{5,}\d")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command that was understood.

    Attributes:
        values: Parameter -> what it says; those left out are absent.
        fields: Field of a contact -> the text typed for it; empty text clears.
        tags_added: In the order typed.
        flags: Without their dashes; `lang` has its value in `language`.
        missing: Parameters without which the command's form opens.
        language: Of this answer only; empty for the person's own.
    """

    command: Command
    values: Mapping[str, Argument] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    language: str = ""

    @property
    def wants_form(self) -> bool:
        """Whether a modal asks for the rest."""
        return bool(self.command.form and (self.missing or self.command.is_form))

    @property
    def is_public(self) -> bool:
        """Whether the answer is for the whole channel."""
        return "here" in self.flags


def parse(
    text: str,
    reading: Reading,
    *,
    aliases: Mapping[str, str] | None = None,
    longest: int = LONGEST,
) -> Parsed | Misread:
    """Read what stands after `/hightonic`; never raises.

    Args:
        text: As Slack hands it over, escapes and all.
        reading: Who reads: their clock, zone, language and the known fields.
        aliases: The workspace's own short forms.
        longest: Characters at most.
    """
    if len(text) > longest:
        return Misread(Trouble.TOO_LONG, longest)
    words = cut(text)
    if isinstance(words, Misread):
        return words
    expanded = _expanded(words, {**BUILT_IN_ALIASES, **(aliases or {})})
    found = _find(expanded)
    if isinstance(found, Misread):
        return found
    command, rest = found
    bound = bind(command, rest, reading, end=len(text))
    return bound if isinstance(bound, Misread) else _parsed(command, bound)


def _parsed(command: Command, bound: Bound) -> Parsed:
    return Parsed(
        command,
        values=bound.values,
        fields=bound.fields,
        tags_added=tuple(bound.tags_added),
        tags_removed=tuple(bound.tags_removed),
        flags=frozenset(bound.flags),
        missing=tuple(bound.missing),
        language=bound.language,
    )


def _expanded(words: tuple[Word, ...], aliases: Mapping[str, str]) -> tuple[Word, ...]:
    """The first word replaced by what it is short for; once, so that no alias can loop."""
    if not words or words[0].is_quoted or words[0].shape != "plain":
        return words
    first = words[0].text.lower()
    meaning = aliases.get(first)
    if meaning is None or first in OBJECTS:
        return words
    meant = cut(meaning)
    if isinstance(meant, Misread):
        return words
    at = words[0].at
    return (*(Word(each.text, at) for each in meant), *words[1:])


def _find(words: tuple[Word, ...]) -> tuple[Command, tuple[Word, ...]] | Misread:
    if not words:
        return verbs_of("menu")[0], ()
    first = words[0]
    object_ = _one_of(first, OBJECTS)
    if object_ is None:
        return _without_object(words)
    if isinstance(object_, Misread):
        return object_
    return _find_verb(object_, words[1:])


def _without_object(words: tuple[Word, ...]) -> tuple[Command, tuple[Word, ...]] | Misread:
    first = words[0]
    find = find_command("contact", "find")
    if find is not None and first.shape != "key" and _ADDRESS.fullmatch(first.text):
        return find, words
    known = (*OBJECTS, *BUILT_IN_ALIASES)
    return Misread(
        Trouble.UNKNOWN_OBJECT, first.at, first.text, suggestions=nearest(first.text, known)
    )


def _find_verb(
    object_: str, words: tuple[Word, ...]
) -> tuple[Command, tuple[Word, ...]] | Misread:
    commands = verbs_of(object_)
    usual = next((each for each in commands if each.is_usual), None)
    verbs = [each.verb for each in commands]
    if words and words[0].shape == "plain" and not words[0].is_quoted:
        verb = _one_of(words[0], verbs)
        if isinstance(verb, Misread):
            return verb
        if verb is not None:
            return commands[verbs.index(verb)], words[1:]
        # With one verb only, as in `help taks`, the word is what the verb is about.
        close = nearest(words[0].text, verbs, close=_TYPO) if len(verbs) > 1 else ()
        if close or (usual and not usual.parameters):
            suggestions = close or tuple(verbs[:3])
            return _no_verb(object_, words[0], suggestions)
    if usual is None:
        return _no_verb(object_, words[0] if words else None, tuple(verbs[:3]))
    return usual, words


def _no_verb(object_: str, word: Word | None, suggestions: tuple[str, ...]) -> Misread:
    at, text = (word.at, word.text) if word else (len(object_) + 1, "")
    shown = tuple(f"{object_} {each}" for each in suggestions)
    return Misread(Trouble.UNKNOWN_VERB, at, text, expected=object_, suggestions=shown)


def _one_of(word: Word, known: Collection[str]) -> str | Misread | None:
    """The known word that is typed in full, or begun so that no other is."""
    text = word.text.lower()
    if word.shape != "plain" or word.is_quoted or not text:
        return None
    if text in known:
        return text
    found = [each for each in known if each.startswith(text)]
    if len(found) > 1:
        return Misread(Trouble.AMBIGUOUS, word.at, word.text, suggestions=tuple(found))
    return found[0] if found else None
