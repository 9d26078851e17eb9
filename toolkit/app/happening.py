"""What rules hear of, read from the journal and from the feed: pure.

The journal says what was truly written, line by line and numbered, so what is derived from
it is the same each time it is read: work that is repeated after a crash hears nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, TypeAlias

from toolkit.model.automation import Happening, Trigger
from toolkit.model.events import Event, EventKind
from toolkit.model.ids import Kind, LinkId, RecordId, RunId, Side
from toolkit.model.plan import Create, Delete, Join, Operation, Rebase, Unlink, Update
from toolkit.model.values import Values, digest

_DONE: Final = "is_completed"
_NEW: Final[Mapping[Kind, Trigger]] = {
    Kind.CONTACT: Trigger.CONTACT_CREATED,
    Kind.TASK: Trigger.TASK_CREATED,
    Kind.NOTE: Trigger.NOTE_ADDED,
    Kind.APPOINTMENT: Trigger.APPOINTMENT_BOOKED,
}
_TOLD: Final[Mapping[EventKind, Trigger]] = {
    EventKind.CONFLICT_OPENED: Trigger.CONFLICT,
    EventKind.RUN_FAILED: Trigger.RUN_FAILED,
    EventKind.RUN_RECOVERED: Trigger.RUN_RECOVERED,
}
FEED_KINDS: Final = frozenset(_TOLD)
"""Events that rules may listen to."""
FEED_TRIGGERS: Final = frozenset(_TOLD.values())

_HALVES: Final = 500
"""More are not kept: where only one side may be written, the other write never comes."""

Births: TypeAlias = Mapping[str, tuple[str, ...]]
"""A record made for a rule that has no twin yet, as `place` names it -> its causes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One finished operation of the journal.

    Attributes:
        id: The written record, where there is one.
        contact: The pair of the contact it is about.
        causes: Firings that led to it; the reader finds them.
        known_as: The key of the write to the other side that this one belongs to.
    """

    seq: int
    run_id: RunId
    at: datetime
    operation: Operation
    id: RecordId | None = None
    contact: LinkId | None = None
    causes: tuple[str, ...] = ()
    known_as: str = ""

    @property
    def key(self) -> str:
        """Names what happened to the pair, the same each time it is read."""
        if self.known_as:
            return self.known_as
        if self.causes:
            return f"{digest(min(self.causes))}/{self.operation.link_id}"
        return str(self.seq)


@dataclass(frozen=True, slots=True)
class Heard:
    """A happening and the first line that told of it."""

    seq: int
    happening: Happening


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lines in the journal's order.

    Attributes:
        chain_of: Causes -> the rules that led there, first one first.
        quiet: Fields of each kind that nobody enters: counts, and what only rides along.
        tags: The contact field that holds tags; None where none is mapped.
        births: As they stood when the lines before these had been read.
        halves: Values written to one side for both, and not yet seen on the other: pair,
            side and field -> digest of the value, key and causes. A crash may part the two
            writes, and the second one is then told by an ordinary comparison.
    """

    chain_of: Callable[[Sequence[str]], tuple[str, ...]]
    quiet: Mapping[Kind, frozenset[str]]
    tags: str | None = "tags"
    births: dict[str, tuple[str, ...]] = field(default_factory=dict)
    halves: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, lines: Iterable[Line]) -> list[Heard]:
        """What happened, oldest first; one change of both sides is one happening.

        Of what is undone, and of pairs found by their key again, nothing is heard.
        """
        found: dict[tuple[str, ...], Heard] = {}
        for bare in lines:
            line = self._joined(replace(bare, causes=self._causes(bare)))
            for new in self._hear(line, self.chain_of(line.causes) if line.causes else ()):
                about = new.subject or new.contact or ""
                key = (line.run_id, new.trigger, about, *new.chain)
                earlier = found.get(key)
                found[key] = (
                    Heard(line.seq, new)
                    if earlier is None
                    else replace(earlier, happening=_both(earlier.happening, new))
                )
        return list(found.values())

    def _causes(self, line: Line) -> tuple[str, ...]:
        """Why it was written; of a twin, why the record it was made from was."""
        operation = line.operation
        if isinstance(operation, Create):
            if operation.is_birth:
                if line.id is not None:
                    self.births[place(operation.kind, operation.side, line.id)] = (
                        operation.causes
                    )
                return operation.causes
            origin = place(operation.kind, operation.side.other, operation.origin_id)
            born_of = self.births.pop(origin, ())
            return operation.causes or born_of
        return operation.causes if isinstance(operation, Update | Delete) else ()

    def _joined(self, line: Line) -> Line:
        """The line, as what it is the second half of where it is one."""
        op = line.operation
        if not isinstance(op, Update) or op.is_undo:
            return line
        fields = self._loud(op.kind, op.after)
        awaited = [self.halves.pop(f"{op.link_id}/{op.side}/{name}", ()) for name in fields]
        is_second = bool(awaited) and all(
            half and half[0] == digest(op.after[name])
            for half, name in zip(awaited, fields, strict=True)
        )
        if is_second:
            _, key, *causes = awaited[0]
            line = replace(line, causes=tuple(causes), known_as=key)
        for name in fields:
            if name in op.other and op.other[name] != op.after[name] and not is_second:
                half = (digest(op.after[name]), line.key, *line.causes)
                self.halves[f"{op.link_id}/{op.side.other}/{name}"] = half
        while len(self.halves) > _HALVES:
            del self.halves[next(iter(self.halves))]
        return line

    def _hear(self, line: Line, chain: tuple[str, ...]) -> Iterator[Happening]:
        operation = line.operation
        if getattr(operation, "is_undo", False) or not operation.kind.is_paired:
            return
        match operation:
            case Create() if not operation.is_birth:
                began = None if chain else operation.side.other
                yield from self._new(line, chain, began, operation.shown)
            case Join() if operation.by != "correlation":
                yield from self._new(line, chain, None, operation.base)
            case Update():
                yield from self._changed(line, chain, operation)
            case Rebase() if operation.kind is Kind.CONTACT:
                names = self._loud(operation.kind, operation.base)
                if names:
                    yield _about(line, Trigger.CONTACT_UPDATED, chain, fields=names)
            case Delete() | Unlink(gone=(_, *_)) if operation.kind is Kind.CONTACT:
                yield _about(line, Trigger.CONTACT_DELETED, chain, side=_left(operation))
            case _:
                return

    def _changed(
        self, line: Line, chain: tuple[str, ...], operation: Update
    ) -> Iterator[Happening]:
        # Whoever wrote it for a rule or a decision may have written either side.
        side = None if chain else operation.side.other
        if operation.kind is Kind.TASK:
            if operation.after.get(_DONE) is True and operation.before.get(_DONE) is not True:
                yield _about(line, Trigger.TASK_COMPLETED, chain, side=side)
            return
        names = self._loud(operation.kind, operation.after)
        if operation.kind is not Kind.CONTACT or not names:
            return
        yield _about(line, Trigger.CONTACT_UPDATED, chain, side=side, fields=names)
        before = self._tags(operation.before)
        added = tuple(tag for tag in self._tags(operation.after) if tag not in before)
        if added:
            yield _about(line, Trigger.CONTACT_TAGGED, chain, side=side, tags=added)

    def _loud(self, kind: Kind, values: Values) -> tuple[str, ...]:
        return tuple(sorted(values.keys() - self.quiet.get(kind, frozenset())))

    def _new(
        self, line: Line, chain: tuple[str, ...], began: Side | None, shown: Values
    ) -> Iterator[Happening]:
        operation = line.operation
        trigger = _NEW[operation.kind]
        # Named by the pair alone: it comes to be once, however often its twin is made again.
        yield _about(line, trigger, chain, side=began, key=f"{trigger}/{operation.link_id}")
        if operation.kind is not Kind.CONTACT:
            return
        if began is Side.TIMETONIC or isinstance(operation, Join):
            key = f"{Trigger.LEAD_CREATED}/{operation.link_id}"
            yield _about(line, Trigger.LEAD_CREATED, chain, side=Side.TIMETONIC, key=key)
        if tags := self._tags(shown):
            yield _about(line, Trigger.CONTACT_TAGGED, chain, side=began, tags=tags)

    def _tags(self, values: Values) -> tuple[str, ...]:
        tags = values.get(self.tags) if self.tags else None
        return tags if isinstance(tags, tuple) else ()


def place(kind: Kind, side: Side, record_id: RecordId) -> str:
    """A record's name among births."""
    return f"{kind}/{side}/{record_id}"


def hear_events(
    events: Iterable[Event], contact_of: Callable[[LinkId], LinkId | None]
) -> Iterator[Happening]:
    """Conflicts and the ends of runs, as the feed told them."""
    for event in events:
        trigger = _TOLD.get(event.kind)
        if trigger is None:
            continue
        about = next((each.link_id for each in event.subjects if each.link_id), None)
        contact = contact_of(about) if about is not None else None
        if trigger.has_contact and contact is None:
            continue
        yield Happening(
            key=f"{trigger}/{event.seq}",
            trigger=trigger,
            at=event.at,
            contact=contact,
            subject=about if about != contact else None,
            fields=event.fields,
            facts=event.facts,
        )


def _about(  # noqa: PLR0913 — one option per thing a happening may tell
    line: Line,
    trigger: Trigger,
    chain: tuple[str, ...],
    *,
    side: Side | None = None,
    fields: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    key: str = "",
) -> Happening:
    is_contact = line.operation.kind is Kind.CONTACT
    return Happening(
        key=key or f"{trigger}/{line.key}",
        trigger=trigger,
        at=line.at,
        contact=line.operation.link_id if is_contact else line.contact,
        subject=None if is_contact else line.operation.link_id,
        side=side,
        fields=fields,
        tags=tags,
        chain=chain,
    )


def _both(one: Happening, two: Happening) -> Happening:
    """A pair whose two sides were written: nobody's side, and what either of them shows."""
    return replace(
        one,
        side=one.side if one.side is two.side else None,
        fields=tuple(sorted({*one.fields, *two.fields})),
        tags=tuple(sorted({*one.tags, *two.tags})),
    )


def _left(operation: Delete | Unlink) -> Side | None:
    """Where it was deleted first, by whoever did it."""
    if isinstance(operation, Delete):
        return operation.side.other
    return operation.gone[0] if len(operation.gone) == 1 else None
