"""Records that begin here: asked for by a rule, or rows of our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from toolkit.model.automation import ArchiveContact, Firing, NewRecord
from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.plan import Create, Update
from toolkit.model.policy import SyncPolicy
from toolkit.model.values import Values, digest
from toolkit.planner.creates import create_refusal
from toolkit.planner.fields import KindFields, is_blank, is_same

_NOBODY = RecordId("")
_BORN = frozenset({Kind.CONTACT, Kind.TASK, Kind.NOTE})


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row of a table of our own, as it should stand.

    Attributes:
        key: Names the row within the connection; the same key is the same row for ever.
        parent: The contact it tells of, where it tells of one.
    """

    kind: Kind
    key: str
    values: Values
    parent: LinkId | None = None


def own_row_id(scope: str, row: OwnRow) -> LinkId:
    """Name of the row's link."""
    return LinkId(digest([scope, "own", row.kind, row.key]))


def own_row_key(name: LinkId, generation: int) -> CorrelationKey:
    """The key the row carries; a row that comes back is another row."""
    return CorrelationKey(digest([name, generation]) if generation else name)


def plan_own_row(
    scope: str, row: OwnRow, link: Link | None, *, causes: tuple[str, ...] = ()
) -> Create | Update | None:
    """What makes the row stand in TimeTonic as it should; None where it does already.

    Args:
        scope: As in the sync policy.
        row: What is wanted.
        link: What is stored under `own_row_id`.
        causes: Firings that asked for it.
    """
    name = own_row_id(scope, row)
    if link is not None and link.state is LinkState.LIVE and link.timetonic_id is not None:
        shown = link.shown_on(Side.TIMETONIC)
        after = {f: v for f, v in row.values.items() if not is_same(shown.get(f), v)}
        if not after:
            return None
        return Update(
            link_id=name,
            kind=row.kind,
            side=Side.TIMETONIC,
            id=link.timetonic_id,
            before={f: shown.get(f) for f in after},
            after=after,
            other={},
            expected=digest(shown),
            causes=causes,
        )
    if link is not None and link.state in {LinkState.HALF, LinkState.PARKED}:
        return None  # its create is under way: recovery looks first
    generation = 0 if link is None else link.generation + 1
    given = {f: v for f, v in row.values.items() if not is_blank(v)}
    return Create(
        link_id=name,
        kind=row.kind,
        side=Side.TIMETONIC,
        origin_id=_NOBODY,
        correlation=own_row_key(name, generation),
        values=given,
        shown=given,
        parent=row.parent,
        generation=generation,
        causes=causes,
    )


def birth_side(policy: SyncPolicy, kind: Kind) -> Side:
    """Where a record is made first: where its twin can follow it from.

    TimeTonic's rows carry our key, so an unanswered create is found again for certain.
    """
    flows = policy.kinds[kind].direction.writes(Side.HIGHLEVEL)
    return Side.TIMETONIC if flows else Side.HIGHLEVEL


def birth_sides(policy: SyncPolicy) -> dict[Kind, Side]:
    """The same for every kind that is synced."""
    return {kind: birth_side(policy, kind) for kind in policy.kinds}


def birth_id(scope: str, firing: Firing, effect: NewRecord) -> LinkId:
    """Name of a new record: the same firing asks for the same record each time."""
    return LinkId(digest([scope, "born", firing.id, effect.kind, effect.parent, effect.number]))


def birth_ids(scope: str, firings: Iterable[Firing]) -> Iterator[LinkId]:
    """Names of all records that firings ask for; the journal knows which were made."""
    for firing in firings:
        for effect in firing.effects:
            if isinstance(effect, NewRecord):
                yield birth_id(scope, firing, effect)


def build_birth(
    policy: SyncPolicy, fields: KindFields, firing: Firing, effect: NewRecord
) -> Create | str:
    """The create of a new record, or why neither side could have it."""
    kind = effect.kind
    if kind not in _BORN:
        return f"{kind}s are not made here"
    side = birth_side(policy, kind)
    unknown = sorted(effect.values.keys() - fields.policy.fields.keys())
    if unknown:
        return f"no field of a {kind} is called {' or '.join(unknown)}"
    given = {
        name: value
        for name, value in effect.values.items()
        # The kind's own direction says where changes flow; this is no change of anything.
        if not is_blank(value) and fields.policy.fields[name].direction.writes(side)
    }
    if refusal := create_refusal(fields.policy, given.keys()):
        return refusal
    if not given:
        return f"nothing of it can be written in {side.label}"
    name = birth_id(policy.scope, firing, effect)
    return Create(
        link_id=name,
        kind=kind,
        side=side,
        origin_id=_NOBODY,
        correlation=CorrelationKey(name),
        values=given,
        shown=given,
        parent=effect.parent,
        causes=(firing.id,),
    )


def _where(firing: Firing, link: Link) -> str:
    """Who asked, and where the contact stands: it is not deleted, so nothing is copied."""
    places = [
        f"{side.label} {'contact' if side is Side.HIGHLEVEL else 'row'} {record_id}"
        for side in Side
        if (record_id := link.id_on(side)) is not None
    ]
    return "; ".join([*places, f"asked for by {firing.rule}"])


def archive_row(firing: Firing, effect: ArchiveContact, link: Link) -> OwnRow:
    """The row that tells of an archived contact.

    Its moment is the happening's, not the clock's: planned again, it is the same row.
    """
    shown = dict(link.base)
    values: Values = {
        "name": shown.get("name"),
        "email": shown.get("email"),
        "archived_at": f"{firing.happening.at:%Y-%m-%dT%H:%M:%SZ}",
        "reason": effect.reason or None,
        "record": _where(firing, link),
        "highlevel_id": link.highlevel_id,
    }
    return OwnRow(Kind.ARCHIVE, f"{firing.id}/{link.id}", values, parent=link.id)
