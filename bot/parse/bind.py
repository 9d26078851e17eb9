"""Which word says what: positions, keys, flags and tags of one command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.parse.grammar import COMMON_FLAGS, Command, Parameter, Reads
from bot.parse.problems import Misread, Trouble, nearest
from bot.parse.values import (
    Argument,
    Compared,
    PersonRef,
    read_channel,
    read_choice,
    read_clock,
    read_due,
    read_person,
    read_span,
)
from bot.words.catalogue import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.parse.words import Word


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and what they know.

    Attributes:
        now: Aware.
        zone: The person's.
        day_first: Whether 3/4 is the third of April.
        fields: Fields of a contact that may be set.
    """

    now: datetime
    zone: ZoneInfo
    day_first: bool = True
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Bound:
    """What was read so far."""

    values: dict[str, Argument] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    tags_added: list[str] = field(default_factory=list)
    tags_removed: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    plain: list[Word] = field(default_factory=list)
    language: str = ""


def bind(
    command: Command, words: tuple[Word, ...], reading: Reading, *, end: int
) -> Bound | Misread:
    """Give every word of a command its place.

    Args:
        command: The one that was found.
        words: What follows its verb.
        reading: Who reads.
        end: Length of the line: where something missing would stand.
    """
    bound = Bound()
    for word in words:
        problem = _take(command, word, reading, bound)
        if problem is not None:
            return problem.during(command.usage)
    problem = _place(command, reading, bound) or _check_needed(command, bound, end)
    return problem.during(command.usage) if problem else bound


def _take(command: Command, word: Word, reading: Reading, bound: Bound) -> Misread | None:
    match word.shape:
        case "flag":
            return _take_flag(command, word, bound)
        case "key":
            return _take_key(command, word, reading, bound)
        case "tag" if command.takes_tags:
            (bound.tags_added if word.name == "+" else bound.tags_removed).append(word.text)
        case "tag" if not _reads_signs(command, word):
            return Misread(Trouble.NO_TAGS_HERE, word.at, word.name + word.text)
        case _:
            bound.plain.append(word)
    return None


def _reads_signs(command: Command, word: Word) -> bool:
    """Whether `+3d` is meant as a value, `+33 6..` as a phone, `-5` as text."""
    is_wanted = any(
        each.reads in {Reads.DUE, Reads.SPAN} or each.is_rest for each in command.parameters
    )
    return is_wanted or word.text[:1].isdigit()


def _take_flag(command: Command, word: Word, bound: Bound) -> Misread | None:
    known = COMMON_FLAGS | command.flags
    if word.name not in known:
        suggestions = tuple(f"--{each}" for each in nearest(word.name, known))
        return Misread(Trouble.UNKNOWN_FLAG, word.at, f"--{word.name}", suggestions=suggestions)
    bound.flags.add(word.name)
    if word.name != "lang":
        return None
    bound.language = read_choice(word.text, LANGUAGES) or ""
    if bound.language:
        return None
    return Misread(Trouble.BAD_CHOICE, word.at, word.text, "lang", LANGUAGES)


def _take_key(command: Command, word: Word, reading: Reading, bound: Bound) -> Misread | None:
    parameter = command.find_key(word.name)
    if parameter is None and command.is_open:
        return _take_field(word, reading, bound)
    if parameter is None:
        known = [each.name for each in (*command.keys, *command.parameters)]
        return Misread(
            Trouble.UNKNOWN_KEY, word.at, word.name, suggestions=nearest(word.name, known)
        )
    if parameter.name in bound.values:
        return Misread(Trouble.REPEATED_KEY, word.at, word.name)
    if word.operator not in parameter.operators:
        return Misread(
            Trouble.BAD_OPERATOR, word.at, word.operator, word.name, parameter.operators
        )
    value = read_value(parameter, word, reading)
    if isinstance(value, Misread):
        return value
    bound.values[parameter.name] = value
    return None


def _take_field(word: Word, reading: Reading, bound: Bound) -> Misread | None:
    known = {each.lower(): each for each in reading.fields}
    if word.name not in known:
        suggestions = nearest(word.name, reading.fields)
        return Misread(Trouble.UNKNOWN_KEY, word.at, word.name, suggestions=suggestions)
    name = known[word.name]
    if name in bound.fields:
        return Misread(Trouble.REPEATED_KEY, word.at, word.name)
    if word.operator != "=":
        return Misread(Trouble.BAD_OPERATOR, word.at, word.operator, word.name, ("=",))
    bound.fields[name] = word.text
    return None


def _place(command: Command, reading: Reading, bound: Bound) -> Misread | None:
    left = [each for each in bound.plain if not _is_form_mark(command, each)]
    for parameter in command.parameters:
        if not left:
            break
        if parameter.name in bound.values:
            continue
        if parameter.is_rest:
            bound.values[parameter.name] = " ".join(_said(each) for each in left)
            return None
        value = read_value(parameter, left.pop(0), reading)
        if isinstance(value, Misread):
            return value
        bound.values[parameter.name] = value
    if left:
        return Misread(Trouble.TOO_MANY, left[0].at, _said(left[0]))
    return None


def _is_form_mark(command: Command, word: Word) -> bool:
    """A lone `-` asks for the form."""
    return bool(command.form) and word.text == "-" and not word.is_quoted


def _said(word: Word) -> str:
    return f"{word.name}{word.text}" if word.shape == "tag" else word.text


def _check_needed(command: Command, bound: Bound, end: int) -> Misread | None:
    bound.missing += [
        each.name
        for each in command.parameters
        if each.is_needed and bound.values.get(each.name, "") == ""
    ]
    if command.is_open and not bound.fields:
        bound.missing.append("fields")
    if command.takes_tags and not (bound.tags_added or bound.tags_removed):
        bound.missing.append("tag")
    if bound.missing and not command.form:
        return Misread(Trouble.MISSING, end, expected=bound.missing[0])
    return None


def read_value(parameter: Parameter, word: Word, reading: Reading) -> Argument | Misread:
    """What one word says for one parameter."""
    if parameter.reads is Reads.TEXT:
        # A mention where text is wanted keeps the id, which says who for ever.
        return f"<{word.id}>" if word.refers == "user" else _said(word)
    if parameter.reads is Reads.DUE:
        return _due(parameter, word, reading)
    trouble, read = _READERS[parameter.reads]
    value = read(parameter, word)
    if value is None:
        return Misread(trouble, word.at, _said(word), parameter.name, parameter.choices)
    return value


def _person(parameter: Parameter, word: Word) -> PersonRef | str | None:
    choice = read_choice(word.text, parameter.choices) if not word.refers else None
    return choice or read_person(word)


def _due(parameter: Parameter, word: Word, reading: Reading) -> Argument | Misread:
    text = _said(word)
    due = read_due(text, now=reading.now, zone=reading.zone, day_first=reading.day_first)
    if due is None:
        return Misread(Trouble.BAD_DATE, word.at, text, parameter.name)
    if word.shape == "key" and word.operator != "=":
        return Compared(word.operator, due)
    return due


_READERS: Final[dict[Reads, tuple[Trouble, Callable[[Parameter, Word], Argument | None]]]] = {
    Reads.SPAN: (Trouble.BAD_DURATION, lambda _, word: read_span(word.text)),
    Reads.CLOCK: (Trouble.BAD_TIME, lambda _, word: read_clock(word.text)),
    Reads.CHOICE: (
        Trouble.BAD_CHOICE,
        lambda parameter, word: read_choice(word.text, parameter.choices),
    ),
    Reads.PERSON: (Trouble.BAD_PERSON, _person),
    Reads.CHANNEL: (Trouble.BAD_CHANNEL, lambda _, word: read_channel(word)),
}
