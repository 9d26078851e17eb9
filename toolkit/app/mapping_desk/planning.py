"""What a sync under a draft would do: both systems are read through it, nothing is remembered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from toolkit.app.costs import write_calls
from toolkit.app.memo_names import FIRST_SYNC
from toolkit.app.parking import Parking
from toolkit.app.ready import build_sides
from toolkit.mapping.translate import Translator
from toolkit.model.ids import Kind, RecordId, Side
from toolkit.model.links import LinkState
from toolkit.model.plan import BrakeTripped, Create, Delete, Join, Operation, Plan, Update
from toolkit.model.records import Listing
from toolkit.planner.plan import plan_sync
from toolkit.planner.scene import Observation
from toolkit.sides.listing import ListRequest, SidePort
from toolkit.sides.together import together

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.wiring import Parts
    from toolkit.mapping.context import Context
    from toolkit.model.links import Link

NOTE_CALLS: Final = 300
"""HighLevel lists notes contact by contact: for more, notes are left out of such a look."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FieldCount:
    """What would be written for one field.

    Attributes:
        to: Side -> values written there.
        blanked: Of those, values that are emptied.
        conflicts: Records on which a person would have to decide.
        is_changed: The draft changes this line; otherwise a sync would do it anyway.
    """

    kind: Kind
    field: str
    to: Mapping[Side, int]
    blanked: int = 0
    conflicts: int = 0
    is_changed: bool = True


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What a sync under a draft would do.

    Attributes:
        fields: Those the draft changes first.
        created: Kind and side -> records made there.
        deleted: The same, of records deleted or archived.
        joined: Pairs found by match keys.
        records: How many records would be written.
        held: How many operations a brake would hold.
        calls: Calls of writing, per side.
        left_out: What this look did not cover, a sentence each.
    """

    fields: tuple[FieldCount, ...]
    created: Mapping[tuple[Kind, Side], int]
    deleted: Mapping[tuple[Kind, Side], int]
    joined: int
    records: int
    held: int
    brakes: tuple[BrakeTripped, ...]
    calls: Mapping[Side, int]
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Look:
    parts: Parts
    config: ConnectionConfig
    links: list[Link]
    sides: dict[Side, SidePort]
    progress: Progress
    listings: dict[Kind, dict[Side, Listing]] = field(default_factory=dict)
    known_counts: dict[Kind, dict[Side, int]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    async def take(self, changed: Collection[Kind]) -> None:
        """Read what the draft changes; the rest is taken as it was seen last."""
        for kind in self.config.mapping.kinds:
            if kind in changed and self._can_read(kind):
                await together(*(self._read(kind, side) for side in Side))
            else:
                self.listings[kind] = {
                    side: await asyncio.to_thread(self._remembered, kind, side) for side in Side
                }

    def plan(self) -> Plan:
        """What a sync would do with what was seen."""
        config, store = self.config, self.parts.store
        return plan_sync(
            connection=config.name,
            config_digest=config.digest,
            policy=config.policy,
            links=self.links,
            observation=Observation(self.listings),
            resolutions=store.resolutions(),
            is_first_run=store.get_memo(FIRST_SYNC) is None,
            known_counts=self.known_counts,
        )

    def _can_read(self, kind: Kind) -> bool:
        contacts = sum(each.kind is Kind.CONTACT for each in self.links)
        if kind is not Kind.NOTE or contacts <= NOTE_CALLS:
            return True
        self.left_out.append(
            f"Notes are left out: reading them anew takes a call for each of {contacts:,} contacts"
        )
        return False

    async def _read(self, kind: Kind, side: Side) -> None:
        known = self._known(kind, side)
        parents = self._contacts() if kind is Kind.NOTE else ()
        what = f"Reading {side.label} {kind}s"
        request = ListRequest(
            known=known,
            parents=parents,
            progress=lambda done, total: self.progress(what, done, total),
        )
        answer = await self.sides[side].list_records(kind, request)
        listing = answer.listing
        self.listings.setdefault(kind, {})[side] = listing
        self.known_counts.setdefault(kind, {})[side] = len(known)
        if listing.unverified:
            self.left_out.append(f"{side.label} {kind}s: {listing.unverified}")

    def _remembered(self, kind: Kind, side: Side) -> Listing:
        records = self.parts.store.list_observed(side, kind)
        return Listing(side, kind, {each.id: each for each in records})

    def _known(self, kind: Kind, side: Side) -> dict[RecordId, RecordId | None]:
        known = dict(self.parts.store.observed_ids(side, kind))
        for link in self.links:
            record_id = link.id_on(side)
            if link.kind is kind and link.state is LinkState.LIVE and record_id:
                known.setdefault(record_id, None)
        return known

    def _contacts(self) -> list[RecordId]:
        return sorted(
            each.highlevel_id
            for each in self.links
            if each.kind is Kind.CONTACT and each.highlevel_id
        )


async def plan_change(
    parts: Parts,
    config: ConnectionConfig,
    *,
    context: Context,
    changed: Mapping[Kind, Collection[str]],
    progress: Progress = lambda _what, _done, _total: None,
) -> ChangePlan:
    """Read both systems through a draft and count what a sync would write.

    Args:
        parts: Of the connection; its memory is left as it is.
        config: The draft.
        context: Of the location.
        changed: Kind -> neutral names the draft changes; these kinds are read.
        progress: Told (what, done, total); total 0 means unknown.

    Raises:
        VendorError: A system could not be read.
    """
    kinds = {**config.mapping.kinds, **config.mapping.own}
    translators = {kind: Translator(each, context) for kind, each in kinds.items()}
    parking = Parking(parts.store, now=parts.now, policy=config.policy)
    links = await asyncio.to_thread(parking.awake)
    sides = build_sides(parts, config, translators=translators)
    look = _Look(parts, config, links, sides, progress)
    await look.take(changed)
    # Thousands of pairs take a second: whoever else works on this loop goes on meanwhile.
    plan = await asyncio.to_thread(look.plan)
    return counted(
        plan,
        config,
        changed=changed,
        calls=write_calls(sides, plan.writes),
        left_out=tuple(look.left_out),
    )


def counted(
    plan: Plan,
    config: ConnectionConfig,
    *,
    changed: Mapping[Kind, Collection[str]],
    calls: Mapping[Side, int],
    left_out: tuple[str, ...] = (),
) -> ChangePlan:
    """A plan as counts per field and direction; pure."""
    operations: tuple[Operation, ...] = (*plan.operations, *plan.held)
    return ChangePlan(
        fields=_fields(plan, operations, config, changed),
        created=Counter((op.kind, op.side) for op in operations if isinstance(op, Create)),
        deleted=Counter((op.kind, op.side) for op in operations if isinstance(op, Delete)),
        joined=sum(isinstance(op, Join) for op in operations),
        records=sum(isinstance(op, Create | Update | Delete) for op in operations),
        held=len(plan.held),
        brakes=plan.brakes,
        calls=calls,
        left_out=left_out,
    )


def _fields(
    plan: Plan,
    operations: tuple[Operation, ...],
    config: ConnectionConfig,
    changed: Mapping[Kind, Collection[str]],
) -> tuple[FieldCount, ...]:
    written: Counter[tuple[Kind, str, Side]] = Counter()
    blanked: Counter[tuple[Kind, str]] = Counter()
    rides = {
        (kind, f.name) for kind, m in config.mapping.kinds.items() for f in m.fields if f.rides
    }
    for op in operations:
        if isinstance(op, Update):
            for name, value in op.after.items():
                written[op.kind, name, op.side] += 1
                blanked[op.kind, name] += value is None
    conflicts = Counter((each.kind, each.field) for each in plan.conflicts)
    names = {(kind, name) for kind, name, _ in written} | conflicts.keys()
    counts = [
        FieldCount(
            kind,
            name,
            {side: written[kind, name, side] for side in Side},
            blanked[kind, name],
            conflicts[kind, name],
            name in changed.get(kind, ()),
        )
        # What rides along is written with the others, and is nobody's reason.
        for kind, name in names - rides
    ]
    counts.sort(key=lambda each: (not each.is_changed, each.kind, each.field))
    return tuple(counts)
