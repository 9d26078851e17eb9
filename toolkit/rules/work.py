"""What one firing asks for, gathered action by action.

Later actions see what earlier ones asked for, and nothing is asked for that is so already:
answering the same happening twice, or another one about an unchanged contact, gives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from toolkit.model.automation import (
    ArchiveContact,
    ContactFacts,
    EditTags,
    Effect,
    Happening,
    NewRecord,
    Send,
    SetFields,
    TaskFacts,
)
from toolkit.model.ids import Kind, LinkId
from toolkit.model.values import Value, Values
from toolkit.rules.comparisons import folded
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.scope import Scope
from toolkit.rules.shapes import shaped
from toolkit.rules.spec import Frame
from toolkit.rules.templates import Text
from toolkit.rules.words import FieldRef


class Work(Scope):
    """A scope that also writes things down.

    Args:
        rule: Name of the rule.
        happening: What it answers.
        facts: The contact; None where there is none.
        frame: Everything else.
    """

    def __init__(
        self, rule: str, happening: Happening, facts: ContactFacts | None, frame: Frame
    ) -> None:
        super().__init__(rule, happening, facts, frame)
        self.turns = 0
        self._before = self.facts
        # One slot for each thing asked for, in the order in which it was first asked for.
        self._slots: dict[tuple[str, str], Callable[[], Effect | None]] = {}
        self._numbers: dict[Kind, int] = {}

    def effects(self) -> tuple[Effect, ...]:
        """All that is left to do, in the order of the actions."""
        found = (build() for build in self._slots.values())
        return tuple(effect for effect in found if effect is not None)

    @property
    def link_id(self) -> LinkId:
        """The contact's pair.

        Raises:
            RuleProblemError: There is no contact.
        """
        if self.happening.contact is None:
            raise RuleProblemError("there is no contact to act on")
        return self.happening.contact

    @property
    def _tags_field(self) -> str:
        if self.frame.words.tags is None:
            raise RuleProblemError("no tags are mapped")
        return self.frame.words.tags

    def neutral(self, ref: FieldRef, raw: object) -> Value:
        """A raw value as the field's neutral one.

        Raises:
            RuleProblemError: It does not fit the field; the value is not repeated.
        """
        word = self.frame.words.word(ref)
        if word is None:
            raise RuleProblemError(f"`{ref.shown}` is not a mapped field")
        at, calendar = self.happening.at, self.frame.calendar
        try:
            value = shaped(raw, word.shape, at=at, calendar=calendar)
            if value is None or self.frame.canon is None:
                return value
            return self.frame.canon(ref.kind, ref.name, value)
        except ValueError as error:
            # Converters name what is wrong in `reason`; any other text may hold the value.
            reason = getattr(error, "reason", "it does not fit")
            raise RuleProblemError(f"`{ref.shown}`: {reason}") from error

    def set_contact(self, values: Values) -> None:
        """Ask for these values of the contact."""
        link_id = self.link_id
        self.put(values)
        self._slots.setdefault(("set", link_id), lambda: self._set_contact(link_id))

    def set_task(self, link_id: LinkId, values: Values) -> None:
        """Ask for these values of a task that is there."""
        task = next(each for each in self.facts.tasks if each.link_id == link_id)
        self.put_task(TaskFacts(link_id, {**task.values, **values}))
        self._slots.setdefault(("set", link_id), lambda: self._set_task(link_id))

    def change_tags(self, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
        """Ask for tags to be added and removed.

        Raises:
            RuleProblemError: No tags are mapped.
        """
        name, link_id = self._tags_field, self.link_id
        left = {tag for tag in self.tags if not any(_is_named(tag, one) for one in remove)}
        known = {folded(tag): tag for tag in (*self.tags, *left)}
        added = {known.get(folded(tag), folded(tag)) for tag in add if tag.strip()}
        self.put({name: tuple(sorted(left | added)) or None})
        self._slots.setdefault(("tags", link_id), lambda: self._tags(name, link_id))

    def create(self, kind: Kind, values: Values) -> None:
        """Ask for a task or note that is not there yet."""
        parent = self.link_id
        number = self._numbers.get(kind, 0)
        self._numbers[kind] = number + 1
        record = NewRecord(kind, parent, values, number)
        if kind is Kind.TASK:
            self.put_task(TaskFacts(LinkId(f"new/{number}"), values))
        self._slots[(f"new {kind.value}", str(number))] = lambda: record

    def archive(self, reason: str) -> None:
        """Ask for the contact to be archived; nothing where it carries the mark already."""
        link_id, name, mark = self.link_id, self._tags_field, self.frame.words.archive_tag
        if self.has_tag(Text(mark, is_literal=True)):
            return
        self._slots.setdefault(
            ("archive", link_id), lambda: ArchiveContact(link_id, reason=reason)
        )
        self.put({name: tuple(sorted({*self.tags, mark}))})

    def send(
        self, channel: Literal["slack", "url"], to: str, body: Mapping[str, object]
    ) -> None:
        """Ask for a message out of the house."""
        message = Send(channel, to=to, body=body, link_id=self.happening.contact)
        self._slots[("send", str(len(self._slots)))] = lambda: message

    def add(self, effect: Effect) -> None:
        """Ask for something a function of the user worked out itself."""
        self._slots[("own", str(len(self._slots)))] = lambda: effect

    def next_turn(self) -> int:
        """Whose turn it is in the rule's round robin; the next call gives the next one."""
        place = self.frame.turn(self.rule) + self.turns
        self.turns += 1
        return place

    def _set_contact(self, link_id: LinkId) -> Effect | None:
        tags = self.frame.words.tags
        changed = _changes(self._before.values, self.values, without=tags)
        return SetFields(link_id, Kind.CONTACT, changed) if changed else None

    def _set_task(self, link_id: LinkId) -> Effect | None:
        before = next(each for each in self._before.tasks if each.link_id == link_id)
        after = next(each for each in self.facts.tasks if each.link_id == link_id)
        changed = _changes(before.values, after.values)
        return SetFields(link_id, Kind.TASK, changed) if changed else None

    def _tags(self, name: str, link_id: LinkId) -> Effect | None:
        held = self._before.values.get(name)
        before = set(held) if isinstance(held, tuple) else set()
        # The mark of the archive is part of archiving, not of this.
        after = set(self.tags)
        if ("archive", link_id) in self._slots:
            after -= {self.frame.words.archive_tag} - before
        add, remove = tuple(sorted(after - before)), tuple(sorted(before - after))
        return EditTags(link_id, add=add, remove=remove, field=name) if add or remove else None


def _changes(before: Values, after: Values, *, without: str | None = None) -> dict[str, Value]:
    return {
        name: value
        for name, value in after.items()
        if name != without and (name not in before or before[name] != value)
    }


def _is_named(tag: str, pattern: str) -> bool:
    wanted = folded(pattern)
    if wanted.endswith("*"):
        return folded(tag).startswith(wanted[:-1])
    return folded(tag) == wanted
