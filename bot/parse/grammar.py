"""What a command consists of, and how it is written down in the tables of commands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from toolkit.model.chat_people import Risk, Role


class Reads(Enum):
    """How a parameter's word is read."""

    TEXT = "text"
    DUE = "date"
    SPAN = "duration"
    CLOCK = "time"
    CHOICE = "choice"
    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a command is told.

    Attributes:
        is_rest: Takes all words that are left.
        is_needed: Without it a form opens, or the command is refused.
        choices: What a `CHOICE` may be; for a `PERSON`, words allowed besides people.
        operators: Of `key=value`; more than `=` makes it a limit.
    """

    name: str
    reads: Reads = Reads.TEXT
    is_needed: bool = True
    is_rest: bool = False
    choices: tuple[str, ...] = ()
    operators: tuple[str, ...] = ("=",)


@dataclass(frozen=True, slots=True)
class Command:
    """One object and verb.

    Attributes:
        role: Whoever has less is refused.
        parameters: By position.
        keys: By `key=value`; all may be left out.
        flags: Besides those every command takes.
        is_usual: The verb that is meant where none is typed.
        is_open: Takes `field=value` for the fields of a contact.
        takes_tags: Takes `+tag` and `-tag`.
        form: The modal that opens where something needed is missing; empty for none.
        is_form: It is nothing but its form, where one can open.
        risks: Why it needs approval whatever its size.
        example: A line that works, without the command itself.
    """

    object: str
    verb: str
    role: Role
    example: str
    parameters: tuple[Parameter, ...] = ()
    keys: tuple[Parameter, ...] = ()
    flags: frozenset[str] = frozenset()
    is_usual: bool = False
    is_open: bool = False
    takes_tags: bool = False
    form: str = ""
    is_form: bool = False
    risks: frozenset[Risk] = frozenset()

    @property
    def name(self) -> str:
        """`contact find`."""
        return f"{self.object} {self.verb}".strip()

    @property
    def usage(self) -> str:
        """How it is written: `task add <title> [due=date]`."""
        parts = [self.name]
        for each in self.parameters:
            shown = "|".join(each.choices) or each.name
            parts.append(f"<{shown}>" if each.is_needed else f"[{shown}]")
        parts += ["+tag -tag"] if self.takes_tags else []
        parts += ["[field=value ...]"] if self.is_open else []
        parts += [f"[{each.name}{each.operators[-1]}{each.reads.value}]" for each in self.keys]
        parts += [f"[--{flag}]" for flag in sorted(self.flags)]
        return " ".join(parts)

    def find_key(self, name: str) -> Parameter | None:
        """A `key=value` parameter by its name; positional ones answer to theirs as well."""
        named = (*self.keys, *self.parameters)
        return next((each for each in named if each.name == name), None)


COMMON_FLAGS: Final = frozenset({"here", "dry-run", "json", "lang"})
"""Flags of every command; `--lang=fr` alone has a value."""


def needs(name: str, reads: Reads = Reads.TEXT, *, choices: tuple[str, ...] = ()) -> Parameter:
    """A parameter without which nothing can be done."""
    return Parameter(name, reads, choices=choices)


def may(name: str, reads: Reads = Reads.TEXT, *, choices: tuple[str, ...] = ()) -> Parameter:
    """A parameter that may be left out."""
    return Parameter(name, reads, is_needed=False, choices=choices)


def rest(name: str, *, is_needed: bool = True) -> Parameter:
    """A parameter that takes all words that are left."""
    return Parameter(name, is_rest=True, is_needed=is_needed)
