"""What a rule's actions change, as far as the file alone can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from toolkit.model.automation import Trigger
from toolkit.model.ids import Kind
from toolkit.model.values import Value
from toolkit.rules.actions import (
    AddNote,
    Archive,
    AssignOwner,
    ChangeTags,
    CompleteTask,
    CreateTask,
    Deed,
    Run,
    SetField,
)
from toolkit.rules.calendar import Calendar
from toolkit.rules.comparisons import folded
from toolkit.rules.shapes import shaped
from toolkit.rules.spec import Rule
from toolkit.rules.templates import Text
from toolkit.rules.words import FieldRef, Shape, Vocabulary

_TAG, _NEW, _DONE = "tag", "new task", "done task"
_UPDATED: Final = frozenset({Trigger.CONTACT_UPDATED})
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:]+(?:Z|[+-]\d\d:\d\d)?)?\Z")
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
_ANY_PLACE: Final = Calendar()
_COUNTS: Final = frozenset({"total_tasks", "open_tasks"})


@dataclass(frozen=True, slots=True)
class Write:
    """One thing that a rule changes.

    Attributes:
        topic: What is changed: a field, a tag, the tasks, the notes.
        value: What it is afterwards.
        is_fixed: The same for every contact and every time, so that doing it again changes
            nothing.
        triggers: What it looks like to other rules.
        doc: For people: `sets plan`.
        fields: Contact fields that change.
        is_known: Whether conditions would meet the value as it stands here; the mapping
            may spell it otherwise.
        subject: What is sure of the task or note that others are told of.
        ref: The field whose value it is; for a tag the field of tags. None for what no
            condition can ask for.
    """

    topic: str
    value: Value
    is_fixed: bool
    triggers: frozenset[Trigger]
    doc: str
    fields: frozenset[str] = frozenset()
    is_known: bool = True
    subject: tuple[tuple[FieldRef, Value], ...] = ()
    ref: FieldRef | None = None

    @property
    def tag(self) -> str | None:
        """The tag, or the beginning of several with a star; None where it is about none."""
        return str(self.value)[1:] if self.topic == _TAG else None

    @property
    def is_added(self) -> bool:
        """Whether the tag is there afterwards."""
        return str(self.value).startswith("+")

    def undoes(self, other: Write) -> bool:
        """Whether it may take back what the other one does."""
        if self.topic == other.topic == _TAG:
            opposite = self.is_added is not other.is_added
            return opposite and (
                not (self.is_fixed and other.is_fixed) or _is_same_tag(self, other)
            )
        if {self.topic, other.topic} == {_NEW, _DONE}:
            return True
        is_same = self.topic == other.topic
        return is_same and not (self.is_fixed and other.is_fixed and self.value == other.value)


def writes_of(rule: Rule, words: Vocabulary) -> tuple[Write, ...]:
    """All that the rule changes; what its functions do is not known."""
    return tuple(
        write
        for action in rule.actions
        for deed in action.deeds
        for write in _writes(deed, words)
    )


def sure_after(rule: Rule, words: Vocabulary) -> tuple[Write, ...]:
    """Writes whose outcome is sure of the contact once the rule has acted."""
    sure: list[Write] = []
    for action in rule.actions:
        for deed in action.deeds:
            if isinstance(deed, Run):
                sure.clear()
            for write in _writes(deed, words):
                sure = [each for each in sure if not write.undoes(each)]
                if write.is_fixed and write.is_known and write.ref is not None:
                    sure.append(write)
    return tuple(sure)


def sure_of_subject(write: Write) -> tuple[Write, ...]:
    """What is sure of the task or note that others are told of, as writes of its fields."""
    return tuple(
        Write(
            _DONE if ref.name == "is_completed" else ref.shown,
            value,
            is_fixed=True,
            triggers=frozenset(),
            doc="",
            ref=ref,
        )
        for ref, value in write.subject
    )


def _is_same_tag(one: Write, other: Write) -> bool:
    first, second = sorted((str(one.value)[1:], str(other.value)[1:]), key=len)
    if second.endswith("*"):
        return first.startswith(second[:-1]) or first == second
    return first == second or (first.endswith("*") and second.startswith(first[:-1]))


def _writes(deed: Deed, words: Vocabulary) -> Iterator[Write]:
    match deed:
        case SetField():
            yield _set(deed, words)
        case ChangeTags(add, remove):
            yield from (_tag(text, words, is_added=False) for text in remove)
            yield from (_tag(text, words, is_added=True) for text in add)
        case Archive():
            yield _tag(Text(words.archive_tag, is_literal=True), words, is_added=True)
        case AssignOwner():
            yield _assign(deed)
        case CreateTask():
            yield _create_task(deed, words)
        case CompleteTask():
            yield _done(words)
        case AddNote(body):
            body_ref = FieldRef(Kind.NOTE, "body")
            known: dict[FieldRef, Value] = {body_ref: body.source} if body.is_fixed else {}
            yield Write(
                "note",
                None,
                is_fixed=False,
                triggers=frozenset({Trigger.NOTE_ADDED}),
                doc="adds a note",
                subject=tuple(known.items()),
            )
        case _:
            return


def _set(deed: SetField, words: Vocabulary) -> Write:
    word = words.word(deed.ref)
    value = deed.value.source if isinstance(deed.value, Text) else deed.value
    is_fixed = not isinstance(deed.value, Text) or deed.value.is_fixed
    if word is not None and word.shape in {Shape.DAY, Shape.MOMENT} and value:
        is_fixed = is_fixed and _ISO.match(str(value)) is not None
    if deed.ref.kind is Kind.TASK:
        return _set_task(deed.ref, words, value=value, is_fixed=is_fixed)
    shape = word.shape if word else Shape.TEXT
    return Write(
        f"contact.{deed.ref.name}",
        _neutral(value, shape) if is_fixed else None,
        is_fixed=is_fixed,
        triggers=_UPDATED,
        doc=f"sets `{deed.ref.shown}`",
        fields=frozenset({deed.ref.name}),
        ref=deed.ref,
        is_known=shape is not Shape.MOMENT and deed.ref.name != "owner_id",
    )


def _neutral(value: Value, shape: Shape) -> Value:
    # The reader has tried it: what is fixed has its shape, and names no moment of now.
    return shaped(value, shape, at=_ANY_TIME, calendar=_ANY_PLACE)


def _set_task(ref: FieldRef, words: Vocabulary, *, value: Value, is_fixed: bool) -> Write:
    if ref.name == "is_completed":
        is_done = not is_fixed or _neutral(value, Shape.YES_NO) is True
        return _done(words) if is_done else _REOPENED
    later = {Trigger.TASK_OVERDUE} if ref.name == "due_at" else set[Trigger]()
    return Write(
        ref.shown,
        value,
        is_fixed=is_fixed,
        triggers=frozenset(later),
        doc=f"sets `{ref.shown}`",
        subject=((ref, value),) if is_fixed and ref.name == "title" else (),
    )


def _tag(text: Text, words: Vocabulary, *, is_added: bool) -> Write:
    mark = "+" if is_added else "-"
    added = frozenset({Trigger.CONTACT_TAGGED}) if is_added else frozenset[Trigger]()
    tag = folded(text.source)
    return Write(
        _TAG,
        mark + tag,
        is_fixed=text.is_fixed,
        triggers=_UPDATED | added,
        doc=f"{'adds' if is_added else 'removes'} tag `{text.source}`",
        fields=frozenset({words.tags} if words.tags else ()),
        is_known=not tag.endswith("*"),
        ref=FieldRef(Kind.CONTACT, words.tags or ""),
    )


def _assign(deed: AssignOwner) -> Write:
    is_fixed = deed.unless_owned or (deed.to is not None and deed.to.is_fixed)
    value = deed.to.source if deed.to is not None and deed.to.is_fixed else "somebody"
    return Write(
        "contact.owner_id",
        value,
        is_fixed=is_fixed,
        triggers=_UPDATED,
        doc="assigns an owner",
        fields=frozenset({"owner_id"}),
        is_known=False,
    )


def _create_task(deed: CreateTask, words: Vocabulary) -> Write:
    known: dict[FieldRef, Value] = {FieldRef(Kind.TASK, "is_completed"): False}
    if deed.title.is_fixed:
        known[FieldRef(Kind.TASK, "title")] = deed.title.source
    return Write(
        _NEW,
        None,
        is_fixed=deed.unless_open and deed.title.is_fixed,
        triggers=_UPDATED | {Trigger.TASK_CREATED, Trigger.TASK_OVERDUE},
        doc="creates a task",
        fields=_COUNTS & words.counted(),
        subject=tuple(known.items()),
    )


def _done(words: Vocabulary) -> Write:
    return Write(
        _DONE,
        value=True,
        is_fixed=True,
        triggers=_UPDATED | {Trigger.TASK_COMPLETED},
        doc="completes a task",
        fields=frozenset({"open_tasks"}) & words.counted(),
        subject=((FieldRef(Kind.TASK, "is_completed"), True),),
    )


_REOPENED: Final = Write(
    _DONE, value=False, is_fixed=True, triggers=frozenset(), doc="opens a task again"
)
