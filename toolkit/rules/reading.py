"""What every part of the settings' rules is read with: names that are right, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from toolkit.model.ids import Kind
from toolkit.model.values import Value
from toolkit.rules.calendar import Calendar
from toolkit.rules.problems import Path, RuleProblemError
from toolkit.rules.templates import Text, check_text
from toolkit.rules.words import FieldRef, Vocabulary


def _no_line(_at: Path) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class Reader:
    """Names that a rule may use, and where it stands.

    Attributes:
        subject: What the happenings are about besides the contact.
        has_contact: Whether they are about a contact at all.
        can_write: Whether that contact is there to be written to.
        segments: Names of all segments.
        conditions: Names of the user's functions that answer yes or no; None where nobody
            has looked, so that any name passes.
        actions: Names of those that give actions.
        addresses: Names of all addresses.
        is_literal: Texts are no templates.
        line_of: Line of a place in the section, where there is a file.
    """

    words: Vocabulary
    subject: Kind | None = None
    has_contact: bool = True
    can_write: bool = True
    segments: frozenset[str] = frozenset()
    conditions: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    addresses: frozenset[str] | None = None
    calendar: Calendar = field(default_factory=Calendar)
    is_literal: bool = False
    line_of: Callable[[Path], int | None] = _no_line

    def about(self, subject: Kind | None, *, has_contact: bool, can_write: bool) -> Reader:
        """The same for a rule about such a subject."""
        return replace(self, subject=subject, has_contact=has_contact, can_write=can_write)

    def standing(self, at: Path) -> Reader:
        """The same for rules that the file does not spell out: all stand at one place."""
        line = self.line_of(at)
        return replace(self, line_of=lambda _at: line)

    def text(self, raw: object, at: Path) -> Text:
        """A template that names only what there is.

        Raises:
            RuleProblemError: No text, or a bad template.
        """
        text = Text(plain_text(raw, at), is_literal=self.is_literal)
        words = self.words if self.has_contact else Vocabulary()
        check_text(text, words, subject=self.subject, at=at)
        return text

    def ref(self, raw: object, at: Path) -> FieldRef:
        """A field by its name.

        Raises:
            RuleProblemError: There is no such field, or no contact to read it from.
        """
        if not self.has_contact:
            raise RuleProblemError("this trigger is not about a contact", at=at)
        return self.words.find(plain_text(raw, at), subject=self.subject, at=at)

    def name(self, raw: object, known: frozenset[str] | None, *, what: str, at: Path) -> str:
        """One of the known names; any name where nobody knows them.

        Raises:
            RuleProblemError: There is no such name.
        """
        name = plain_text(raw, at)
        if known is not None and name not in known:
            raise RuleProblemError(
                f"there is no {what} `{name}`", at=at, wrong=name, known=sorted(known)
            )
        return name


def group(raw: object, at: Path) -> Mapping[str, object]:
    """A group of settings.

    Raises:
        RuleProblemError: It is something else.
    """
    if not isinstance(raw, Mapping):
        raise RuleProblemError(f"{_named(at)} must be a group of settings", at=at)
    return {str(key): value for key, value in raw.items()}


def items(raw: object, at: Path) -> list[object]:
    """A list, or a single thing as a list of one.

    Raises:
        RuleProblemError: Nothing at all.
    """
    if raw is None:
        raise RuleProblemError(f"{_named(at)} is empty", at=at)
    return list(raw) if isinstance(raw, list | tuple) else [raw]


def plain_text(raw: object, at: Path) -> str:
    """A text that is not empty.

    Raises:
        RuleProblemError: It is something else.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float) or raw == "":
        raise RuleProblemError(f"{_named(at)} must be text", at=at)
    return str(raw)


def whole(raw: object, at: Path, *, least: int = 0) -> int:
    """A whole number.

    Raises:
        RuleProblemError: It is something else, or less than `least`.
    """
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < least:
        raise RuleProblemError(
            f"{_named(at)} must be a whole number from {least} upwards", at=at
        )
    return raw


def yes_no(raw: object, at: Path) -> bool:
    """`true` or `false`.

    Raises:
        RuleProblemError: It is something else.
    """
    if not isinstance(raw, bool):
        raise RuleProblemError(f"{_named(at)} must be `true` or `false`", at=at)
    return raw


def value_of(raw: object, at: Path) -> Value:
    """A neutral value as the settings spell it.

    Raises:
        RuleProblemError: It is a group.
    """
    match raw:
        case None | bool() | int() | float() | str():
            return raw
        case list() | tuple():
            return tuple(plain_text(each, (*at, index)) for index, each in enumerate(raw))
        case _:
            raise RuleProblemError(f"{_named(at)} must be a value, not a group", at=at)


def check_keys(given: Iterable[str], known: Iterable[str], at: Path, *, what: str) -> None:
    """Whether all keys are right ones.

    Raises:
        RuleProblemError: One is not.
    """
    right = tuple(known)
    for key in given:
        if key not in right:
            raise RuleProblemError(
                f"`{key}` is not a setting of {what}", at=(*at, key), wrong=key, known=right
            )


def _named(at: Path) -> str:
    names = [str(each) for each in at if isinstance(each, str)]
    return f"`{names[-1]}`" if names else "this"
