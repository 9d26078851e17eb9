"""Actions: what a rule asks for, before it is worked out for one contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from toolkit.model.values import Value
from toolkit.rules.templates import Text
from toolkit.rules.words import FieldRef

Body: TypeAlias = "Text | bool | int | float | tuple[Body, ...] | Mapping[str, Body] | None"
"""JSON whose texts are templates."""
DEFAULT_DUE = Text("+1 business day")


@dataclass(frozen=True, slots=True)
class SetField:
    """Give a field a value.

    Attributes:
        value: A template, or a value as it is; None blanks the field.
    """

    ref: FieldRef
    value: Text | Value


@dataclass(frozen=True, slots=True)
class ChangeTags:
    """Add or remove tags.

    Attributes:
        remove: `plan-*` removes every tag that begins so.
    """

    add: tuple[Text, ...] = ()
    remove: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignOwner:
    """Give the contact an owner; exactly one of the three ways.

    Attributes:
        to: A user's id, e-mail or name.
        round_robin: Users that take turns.
        by_field: The field whose value picks the user from `map`.
        otherwise: Who gets it where `map` names nobody; None leaves the owner alone.
        unless_owned: A contact that has an owner keeps it.
    """

    to: Text | None = None
    round_robin: tuple[str, ...] = ()
    by_field: FieldRef | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    unless_owned: bool = False


@dataclass(frozen=True, slots=True)
class CreateTask:
    """Make a task on both sides.

    Attributes:
        due: A date in words, counted from what happened.
        owner: Empty leaves it to the contact's owner.
        unless_open: Nothing is made while an open task of that title is there.
    """

    title: Text
    body: Text | None = None
    due: Text = DEFAULT_DUE
    owner: Text | None = None
    unless_open: bool = False


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """Complete open tasks of that title; without one, the task it is about."""

    title: Text | None = None


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write a note on both sides."""

    body: Text


@dataclass(frozen=True, slots=True)
class Archive:
    """Tag the contact as archived and put it down in the archive."""

    reason: Text = field(default_factory=lambda: Text(""))


@dataclass(frozen=True, slots=True)
class Post:
    """Say something in a Slack channel."""

    channel: str
    text: Text


@dataclass(frozen=True, slots=True)
class CallUrl:
    """Tell another system.

    Attributes:
        to: Name of an address in the settings.
        body: JSON to send; None sends the contact as it is.
    """

    to: str
    body: Mapping[str, Body] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Do what a function of the user asks for."""

    function: str


Plain: TypeAlias = (
    SetField
    | ChangeTags
    | AssignOwner
    | CreateTask
    | CompleteTask
    | AddNote
    | Archive
    | Post
    | CallUrl
)
Deed: TypeAlias = Plain | Run


@dataclass(frozen=True, slots=True)
class Action:
    """One line under `then:`.

    Attributes:
        deeds: What it does; `set:` of several fields is several deeds.
        line: Where the file says so, 1-based; not part of its meaning.
    """

    deeds: tuple[Deed, ...]
    line: int | None = field(default=None, compare=False)
