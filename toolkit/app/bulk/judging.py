"""How each item of a batch stands, from what the store holds: pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from toolkit.app.bulk.batch import ItemLine, ItemState
from toolkit.app.bulk.items import Birth, Cell, Item, Tags
from toolkit.errors import CredentialsError, ForbiddenError, QuotaExhaustedError
from toolkit.executor.objections import EDITED, GONE, SHOWN
from toolkit.model.ids import LinkId, Side
from toolkit.model.outcomes import OutcomeState
from toolkit.planner.fields import is_same

if TYPE_CHECKING:
    from toolkit.app.grid.shelf import StoredContact
    from toolkit.model.values import Value
    from toolkit.store import JournalEntry

Writable = Callable[[str], int]
TAGS: Final = "tags"
STOPPED: Final = "stopped before it was sent"
"""As `executor.objections` words them."""
_FAILED: Final = frozenset({OutcomeState.FAILED, OutcomeState.UNKNOWN})
_SHUT_OUT: Final = frozenset(
    each.__name__ for each in (CredentialsError, ForbiddenError, QuotaExhaustedError)
)
_CHANGED: Final = "somebody changed it since"


@dataclass(frozen=True, slots=True)
class Mark:
    """The last thing a batch's runs did to a field of a contact on one side.

    Attributes:
        is_shut_out: The key was refused or the allowance used up: nothing is wrong with it.
    """

    state: OutcomeState
    reason: str
    is_shut_out: bool = False

    @classmethod
    def of(cls, entry: JournalEntry) -> Mark:
        """The mark of a journal line."""
        return cls(entry.state, entry.reason, is_shut_out=entry.error in _SHUT_OUT)

    @property
    def is_done(self) -> bool:
        """Written, or found to stand there already by a read right before the write."""
        return self.state is OutcomeState.DONE or self.reason == SHOWN


@dataclass(slots=True)
class Traces:
    """What a batch's runs left in the journal.

    Attributes:
        updates: (contact, field) -> side -> the last try.
        births: Name of a new record -> the last try.
    """

    updates: dict[tuple[LinkId, str], dict[Side, Mark]] = field(default_factory=dict)
    births: dict[LinkId, Mark] = field(default_factory=dict)

    def read(self, entries: Iterable[JournalEntry]) -> None:
        """Take in journal lines, oldest first."""
        for each in entries:
            mark = Mark.of(each)
            if each.verb == "create":
                self.births[each.link_id] = mark
            elif each.verb == "update" and each.side is not None:
                for name in each.after:
                    self.updates.setdefault((each.link_id, name), {})[each.side] = mark


def judge(  # noqa: PLR0913 — one argument per thing it depends on
    items: Iterable[Item],
    contacts: Mapping[str, StoredContact],
    traces: Traces,
    *,
    names: Mapping[int, LinkId],
    born: Collection[LinkId],
    writable: Writable,
) -> Iterator[ItemLine]:
    """How each item stands.

    Args:
        items: Of the batch.
        contacts: As stored now; those that are gone are absent.
        traces: Of the batch's own runs.
        names: Number of a birth -> the name its record was made under.
        born: Names under which something was made, whatever came of it.
        writable: Field -> on how many sides it may be written.
    """
    for item in items:
        match item:
            case Cell():
                yield _judge_cell(item, contacts.get(item.contact), traces, writable)
            case Tags():
                yield _judge_tags(item, contacts.get(item.contact), traces, writable)
            case Birth():
                yield _judge_birth(item, traces, names[item.number], born=born)


def shown_value(contact: StoredContact, name: str) -> Value:
    """What the grid shows of a field: the agreed value, else what a side was seen with."""
    if name in contact.base:
        return contact.base[name]
    for side in Side:
        value = contact.seen.get(side, {}).get(name)
        if value is not None:
            return value
    return None


def _judge_cell(
    cell: Cell, contact: StoredContact | None, traces: Traces, writable: Writable
) -> ItemLine:
    marks = traces.updates.get((cell.contact, cell.field), {})
    is_written = _is_done(marks)
    if is_written and len(marks) >= writable(cell.field):
        return ItemLine(cell, ItemState.DONE)
    if contact is None:
        return ItemLine(cell, ItemState.GONE, "the contact is gone")
    now = shown_value(contact, cell.field)
    # Of a pair that was written half-way both still agree on the old value.
    if is_written and not is_same(now, cell.old):
        return ItemLine(cell, ItemState.DONE)
    if is_same(now, cell.new):
        return ItemLine(cell, ItemState.DONE)
    other = (now,) if not is_same(now, cell.old) else _seen_otherwise(contact, cell)
    if other is not None:
        return ItemLine(cell, ItemState.CHANGED, _CHANGED, now=other[0])
    return _tried(cell, marks)


def _judge_tags(
    tags: Tags, contact: StoredContact | None, traces: Traces, writable: Writable
) -> ItemLine:
    marks = traces.updates.get((tags.contact, TAGS), {})
    if _is_done(marks) and len(marks) >= writable(TAGS):
        return ItemLine(tags, ItemState.DONE)
    if contact is None:
        return ItemLine(tags, ItemState.GONE, "the contact is gone")
    held = shown_value(contact, TAGS)
    now = {_plain(each) for each in held} if isinstance(held, tuple) else set()
    add, remove = set(map(_plain, tags.add)), set(map(_plain, tags.remove))
    if add <= now and not remove & now:
        return ItemLine(tags, ItemState.DONE)
    return _tried(tags, marks)


def _judge_birth(
    birth: Birth, traces: Traces, name: LinkId, *, born: Collection[LinkId]
) -> ItemLine:
    if name in born:
        return ItemLine(birth, ItemState.DONE)
    mark = traces.births.get(name)
    return _tried(birth, {} if mark is None else {Side.TIMETONIC: mark})


def _is_done(marks: Mapping[Side, Mark]) -> bool:
    """What was tried was done: what people do to it later is their business."""
    return bool(marks) and all(each.is_done for each in marks.values())


def _tried(item: Item, marks: Mapping[Side, Mark]) -> ItemLine:
    for mark in marks.values():
        if mark.state in _FAILED and not mark.is_shut_out:
            return ItemLine(item, ItemState.FAILED, mark.reason)
        if mark.state is OutcomeState.SKIPPED and mark.reason == EDITED:
            return ItemLine(item, ItemState.CHANGED, _CHANGED)
        if mark.state is OutcomeState.SKIPPED and mark.reason == GONE:
            return ItemLine(item, ItemState.GONE, "the contact is gone")
    reasons = [each.reason for each in marks.values() if not each.is_done]
    return ItemLine(item, ItemState.OPEN, reasons[0] if reasons else "")


def _seen_otherwise(contact: StoredContact, cell: Cell) -> tuple[Value] | None:
    """What a side was last seen with, where it is neither the old nor the new value."""
    for side, values in contact.seen.items():
        seen = values.get(cell.field, cell.old)
        known = (cell.old, cell.new, contact.aliases.get(side, {}).get(cell.field, cell.old))
        if not any(is_same(seen, each) for each in known):
            return (seen,)
    return None


def _plain(tag: str) -> str:
    return " ".join(tag.lower().split())
