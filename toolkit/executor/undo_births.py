"""Taking back, and bringing back, records that began here: pure.

A record that a rule made leaves no pair under its own name. By the time it is taken back
the ordinary planner has mostly given it a twin, and the two have a pair of their own: both
go, each only if nobody has edited it since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from toolkit.model.ids import CorrelationKey, Kind, LinkId, RecordId, Side
from toolkit.model.links import Link, LinkState
from toolkit.model.outcomes import Outcome
from toolkit.model.plan import Create, Delete, Finding, Unlink, Update
from toolkit.model.values import Value, Values, digest

_RANK = {LinkState.LIVE: 0, LinkState.PARKED: 1, LinkState.HALF: 2}


@dataclass(slots=True)
class Births:
    """Reverses births, and the undoing of births.

    Args:
        scope: As in the sync policy.
        links: Every stored pair.
        sides: Kind -> the side on which its records begin; TimeTonic where none is named.
    """

    scope: str
    links: Mapping[LinkId, Link]
    sides: Mapping[Kind, Side]
    _emptied: set[LinkId] = field(default_factory=set)
    _born: set[tuple[Kind, Side, RecordId]] = field(default_factory=set)
    _written: dict[LinkId, set[str]] = field(default_factory=dict)
    _by_record: dict[tuple[Kind, Side, RecordId], Link] = field(default_factory=dict)

    def read(self, outcomes: Iterable[Outcome]) -> None:
        """Learn what was born in the run, written to, and which pairs lost both records."""
        deleted: dict[LinkId, set[Side]] = {}
        for outcome in outcomes:
            match outcome.operation:
                case Delete() as op:
                    deleted.setdefault(op.link_id, set()).add(op.side)
                case Update() as op:
                    self._written.setdefault(op.link_id, set()).update(op.after)
                case Create() as op if op.is_birth and outcome.id is not None:
                    self._born.add((op.kind, op.side, outcome.id))
                case _:
                    pass
        self._emptied = {each for each, sides in deleted.items() if len(sides) == len(Side)}
        for link in sorted(self.links.values(), key=lambda each: -_RANK.get(each.state, 3)):
            for side in Side:
                record_id = link.id_on(side)
                if record_id is not None:
                    self._by_record[link.kind, side, record_id] = link

    def owns(self, outcome: Outcome) -> bool:
        """Whether the operation is reversed here and not like a twin's."""
        match outcome.operation:
            case Create() as op:
                twin_of = (op.kind, op.side.other, op.origin_id)
                return op.kind.is_paired and (op.is_birth or twin_of in self._born)
            case Delete() as op:
                return op.kind.is_paired and (
                    op.link_id in self._emptied or op.link_id not in self.links
                )
            case _:
                return False

    def reverse(self, outcome: Outcome) -> Iterator[Create | Delete | Unlink | Finding]:
        """The steps that take the operation back; a twin goes with the record it is of."""
        match outcome.operation:
            case Create() as op if op.is_birth and outcome.id is not None:
                pair = self._by_record.get((op.kind, op.side, outcome.id))
                if pair is None:
                    yield self._remove_single(op, outcome.id, outcome.altered)
                else:
                    yield from self._remove_pair(op, pair)
            case Delete() as op:
                if op.side is self.sides.get(op.kind, Side.TIMETONIC) or (
                    op.link_id not in self._emptied
                ):
                    yield self._bear_again(op)
            case _:
                return

    def _remove_single(
        self, op: Create, record_id: RecordId, altered: tuple[str, ...]
    ) -> Delete:
        parent = self.links.get(op.parent) if op.parent is not None else None
        return Delete(
            link_id=op.link_id,
            kind=op.kind,
            side=op.side,
            id=record_id,
            mode="delete",
            before={f: v for f, v in op.shown.items() if f not in altered},
            expected=digest(dict(op.values)),
            parent_id=parent.id_on(op.side) if parent is not None else None,
            is_undo=True,
            causes=op.causes,
        )

    def _remove_pair(self, op: Create, pair: Link) -> Iterator[Delete | Unlink | Finding]:
        """Both records; what follows a pair still kept in step would follow a deletion."""
        made = {**_defaults(pair, op), **op.shown}
        own = self._written.get(pair.id, set())
        if any(f in pair.base and pair.base[f] != v and f not in own for f, v in made.items()):
            reason = "people have worked on it since a rule made it, so it stays"
            yield Finding(op.kind, op.side, pair.id_on(op.side) or RecordId(""), reason)
            return
        is_live = pair.state is LinkState.LIVE
        if is_live:
            yield Unlink(pair.id, pair.kind, gone=(), before=dict(pair.base))
        for side in (op.side, op.side.other) if is_live else (op.side,):
            record_id = pair.id_on(side)
            if record_id is not None:
                yield Delete(
                    link_id=pair.id,
                    kind=pair.kind,
                    side=side,
                    id=record_id,
                    mode="delete",
                    before=as_shown(pair, side, made),
                    expected=digest(made),
                    is_undo=True,
                    causes=op.causes,
                )

    def _bear_again(self, op: Delete) -> Create:
        """A new record like the one removed; its twin follows as a person's would."""
        link = self.links.get(op.link_id)
        parent = link.parent if link is not None else None
        if parent is None and op.parent_id is not None:
            contact = self._by_record.get((Kind.CONTACT, op.side, op.parent_id))
            parent = contact.id if contact is not None else None
        name = digest([self.scope, "again", op.kind, op.side, op.id])
        given = {f: v for f, v in op.before.items() if v is not None}
        return Create(
            link_id=LinkId(name),
            kind=op.kind,
            side=op.side,
            origin_id=RecordId(""),
            correlation=CorrelationKey(name),
            values=given,
            shown=given,
            parent=parent,
            causes=op.causes,
        )


def as_shown(link: Link | None, side: Side, values: Values) -> dict[str, Value]:
    """Values that a run wrote, in the spelling the side gave them where it was learnt."""
    if link is None:
        return dict(values)
    shown = link.shown_on(side)
    return {
        f: shown.get(f) if f in link.base and link.base[f] == v else v
        for f, v in values.items()
    }


def _defaults(pair: Link, op: Create) -> dict[str, Value]:
    """Fields the run did not fill: blank, or as the server leaves them (not done).

    A text that stands there now was typed since, and must not go with the record.
    """
    return {f: None if v else v for f, v in pair.base.items() if f not in op.shown}
