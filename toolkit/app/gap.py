"""What a comparison found that no webhook had told of: how much the vendors' events lose.

Counted are changes that the plan had to carry, on the side where somebody made them. What
the vendor never tells of (a task edited in HighLevel, a row deleted in TimeTonic) is counted
apart: it says nothing about lost events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final, Literal, TypeAlias

from toolkit.app.happenings import Telling
from toolkit.model.events import Event, EventKind, Fact, Subject
from toolkit.model.ids import Digest, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import (
    Conflict,
    Create,
    Delete,
    Join,
    Operation,
    Plan,
    Rebase,
    Unlink,
    Update,
)
from toolkit.model.values import Value, Values, digest

Verb: TypeAlias = Literal["created", "changed", "deleted"]
Place: TypeAlias = tuple[Side, Kind, RecordId]

COMPARED: Final = "schedule.compared"
"""Memo under which a comparison leaves a `Compared`."""

_FINISHED: Final = "is_completed"
_NAMED: Final = 20
_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """One change that a comparison found.

    Attributes:
        fields: Field -> what the record shows now; empty unless it was changed.
    """

    side: Side
    kind: Kind
    id: RecordId
    verb: Verb
    link_id: LinkId
    fields: Values = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Which record."""
        return self.side, self.kind, self.id

    @property
    def key(self) -> Digest:
        """Names exactly this change; a later one of the same record has another key."""
        return digest([self.side, self.kind, self.id, self.verb, dict(self.fields)])

    @property
    def is_told_by_vendor(self) -> bool:
        """Whether the vendor has an event for it (HighLevel's event pages, read 2026-11).

        HighLevel tells of a task's edit only when that finished it; TimeTonic's automations
        begin when a row is written, hence not when it is deleted.
        """
        if self.side is Side.TIMETONIC:
            return self.verb != "deleted"
        is_edit = self.kind is Kind.TASK and self.verb == "changed"
        return not is_edit or bool(self.fields.get(_FINISHED))


@dataclass(frozen=True, slots=True)
class Gap:
    """One comparison held against the inbox.

    Attributes:
        untold: Changes that an event should have told of and none did.
        silent: Untold changes for which the vendor has no event.
        found: All changes, told or not.
    """

    untold: tuple[Found, ...] = ()
    silent: int = 0
    found: int = 0

    def on(self, side: Side) -> int:
        """Untold changes of one side."""
        return sum(each.side is side for each in self.untold)


def list_found(
    plan: Plan,
    link_of: Callable[[LinkId], Link | None],
    *,
    rollups: Collection[str] = (),
) -> list[Found]:
    """The changes behind a plan, each once, in the plan's order.

    Args:
        plan: As it was made, before anything was carried out.
        link_of: The pairs as they were then.
        rollups: Contact fields that we count ourselves; nobody changed them.
    """
    operations = [*plan.operations, *plan.held]
    leaving = {op.link_id for op in operations if isinstance(op, Delete | Unlink)}
    found: dict[tuple[Place, Verb], Found] = {}
    judged = (_of_operation(op, link_of(op.link_id)) for op in operations)
    disputed = (_of_conflict(each, link_of(each.link_id)) for each in plan.conflicts)
    for each in chain.from_iterable((*judged, *disputed)):
        if each.verb == "changed" and each.fields.keys() <= set(rollups):
            continue
        if each.verb == "deleted" and _went_with_its_contact(each, link_of, leaving=leaving):
            continue
        known = found.get((each.place, each.verb))
        fields = {**known.fields, **each.fields} if known else each.fields
        found[each.place, each.verb] = Found(
            each.side, each.kind, each.id, each.verb, each.link_id, fields
        )
    return list(found.values())


def measure_gap(
    found: Iterable[Found], *, told: Collection[Place], known: Collection[str] = ()
) -> Gap:
    """Hold what was found against what events told.

    Args:
        found: From `list_found`.
        told: Records that events told of since the last comparison.
        known: Keys of changes that the last comparison had found already and that could not
            be carried out: they are not news.
    """
    fresh = [each for each in found if each.key not in known]
    missed = [each for each in fresh if each.place not in told]
    untold = tuple(each for each in missed if each.is_told_by_vendor)
    return Gap(untold, silent=len(missed) - len(untold), found=len(fresh))


def tell_gap(telling: Telling, gap: Gap, sides: Collection[Side]) -> Iterator[Event]:
    """One event where a side that sends events has lost some.

    Args:
        telling: The comparison.
        gap: Its report.
        sides: Those from which events come at all; elsewhere nothing is missing.
    """
    untold = [each for each in gap.untold if each.side in sides]
    if not untold:
        return
    counts = Counter(f"{each.side.value}_{each.kind.value}" for each in untold)
    facts: dict[str, Fact] = {"untold": len(untold), "found": gap.found, **counts}
    yield telling.event(
        EventKind.WEBHOOK_GAP,
        *sorted({each.side.value for each in untold}),
        subjects=tuple(_subject(each) for each in untold[:_NAMED]),
        facts=facts,
        once=f"gap:{telling.run_id}",
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """What one comparison leaves for the next one's report, as a memo of the store.

    Attributes:
        at: When it looked.
        config_digest: Under another mapping old records count as changed: no report then.
        keys: Of the changes it had found, at most 20,000.
        senders: Sides that have ever told of anything.
        untold: Side -> its gap.
    """

    at: datetime
    config_digest: str
    keys: frozenset[str] = frozenset()
    senders: frozenset[Side] = frozenset()
    untold: Mapping[Side, int] = field(default_factory=dict)

    @classmethod
    def after(
        cls,
        plan: Plan,
        *,
        at: datetime,
        found: Sequence[Found],
        senders: Iterable[Side] = (),
        gap: Gap | None = None,
    ) -> Compared:
        """The memo of a comparison that has just ended."""
        sides = frozenset(senders)
        keys = frozenset(each.key for each in found[:_REMEMBERED])
        untold = {side: gap.on(side) for side in sides} if gap else {}
        return cls(at, plan.config_digest, keys, sides, untold)

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        return {
            "at": self.at.isoformat(),
            "config_digest": self.config_digest,
            "keys": sorted(self.keys),
            "senders": sorted(self.senders),
            "untold": {side.value: count for side, count in self.untold.items()},
        }

    @classmethod
    def from_json(cls, stored: object) -> Compared | None:
        """As it was stored; None for anything else: the next report then begins afresh."""
        match stored:
            case {
                "at": str(at),
                "config_digest": str(config_digest),
                "keys": list(keys),
                "senders": list(senders),
                "untold": dict(untold),
            }:
                return cls(
                    datetime.fromisoformat(at),
                    config_digest,
                    frozenset(keys),
                    frozenset(Side(each) for each in senders),
                    {Side(side): count for side, count in untold.items()},
                )
            case _:
                return None


def _of_operation(operation: Operation, link: Link | None) -> Iterator[Found]:
    match operation:
        case Create():
            yield from _of_create(operation, link)
        case Join():
            yield from _joined(operation)
        case Update() | Delete() | Unlink() | Rebase() if link is not None:
            yield from _of_linked(operation, link)
        case _:
            return


def _of_linked(operation: Update | Delete | Unlink | Rebase, link: Link) -> Iterator[Found]:
    match operation:
        case Update():
            yield from _changed(link, operation.side, operation.before, of=operation.after)
            yield from _changed(link, operation.side.other, operation.other)
        case Delete():
            yield from _gone(link, operation.side.other)
        case Unlink():
            for side in operation.gone:
                yield from _gone(link, side)
        case Rebase():
            for side in Side:
                yield from _changed(link, side, operation.base)


def _of_create(operation: Create, link: Link | None) -> Iterator[Found]:
    origin = operation.side.other
    lost = link.id_on(operation.side) if link and link.state is LinkState.LIVE else None
    if link is not None and lost is not None:
        # An edit that outlived a deletion: two changes.
        yield Found(operation.side, operation.kind, lost, "deleted", operation.link_id)
        yield from _changed(link, origin, operation.shown)
        return
    yield Found(origin, operation.kind, operation.origin_id, "created", operation.link_id)


def _joined(operation: Join) -> Iterator[Found]:
    if operation.by == "correlation":  # the twin is one that we had created
        return
    ids = {Side.HIGHLEVEL: operation.highlevel_id, Side.TIMETONIC: operation.timetonic_id}
    for side, record_id in ids.items():
        yield Found(side, operation.kind, record_id, "created", operation.link_id)


def _of_conflict(conflict: Conflict, link: Link | None) -> Iterator[Found]:
    if link is None:
        return
    yield from _changed(link, Side.HIGHLEVEL, {conflict.field: conflict.highlevel})
    yield from _changed(link, Side.TIMETONIC, {conflict.field: conflict.timetonic})


def _changed(
    link: Link, side: Side, shows: Values, *, of: Collection[str] | None = None
) -> Iterator[Found]:
    """What differs on a side from what it showed when the pair was last handled."""
    shown, record_id = link.shown_on(side), link.id_on(side)
    fields = {
        name: value
        for name, value in shows.items()
        if (of is None or name in of) and not _is_same(value, shown.get(name))
    }
    if fields and record_id is not None:
        yield Found(side, link.kind, record_id, "changed", link.id, fields)


def _gone(link: Link, side: Side) -> Iterator[Found]:
    record_id = link.id_on(side)
    if record_id is not None:
        yield Found(side, link.kind, record_id, "deleted", link.id)


def _went_with_its_contact(
    found: Found, link_of: Callable[[LinkId], Link | None], *, leaving: Collection[LinkId]
) -> bool:
    """HighLevel deletes tasks and notes with their contact, and tells of the contact only."""
    if not found.kind.has_parent:
        return False
    link = link_of(found.link_id)
    parent = link_of(link.parent) if link and link.parent else None
    return parent is not None and (parent.id in leaving or parent.state is not LinkState.LIVE)


def _is_same(one: Value, two: Value) -> bool:
    blank: tuple[Value, ...] = (None, "", ())
    return one == two or (one in blank and two in blank)


def _subject(found: Found) -> Subject:
    is_highlevel = found.side is Side.HIGHLEVEL
    return Subject(
        found.kind,
        found.link_id,
        highlevel_id=found.id if is_highlevel else None,
        timetonic_id=None if is_highlevel else found.id,
    )
