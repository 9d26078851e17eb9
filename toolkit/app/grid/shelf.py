"""What the grid reads of the store: a few columns of many contacts, or all of a few."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from toolkit.model.ids import Kind, LinkId, Side
from toolkit.model.links import LinkState
from toolkit.store.intake import InboxState
from toolkit.store.schema import conflict, journal, link, memo, observed, outbox, run
from toolkit.store.schema_service import inbox
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import among

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select

    from toolkit.model.ids import ConnectionName
    from toolkit.model.values import Value
    from toolkit.store import Store

_SHOWN: Final = tuple(state.value for state in LinkState if state is not LinkState.DELETED)
_ALONE: Final = (LinkState.HALF.value, LinkState.UNLINKED.value)
_AT_ONCE: Final = 2_000
_OPEN_WRITE: Final = outbox.c.state.in_(("sent", "unknown"))
_OPEN_CONFLICT: Final = conflict.c.state == "open"
_SURROUNDINGS: Final = "surroundings.highlevel"


@dataclass(frozen=True, slots=True)
class StoredContact:
    """One pair with what each side was last seen to hold.

    Attributes:
        base: Values both sides agreed on last.
        aliases: Side -> field -> what it is known to show instead of the agreed value.
        seen: Side -> values last seen there; a side that was never seen is absent.
        is_alone: One side has no record.
    """

    id: LinkId
    state: LinkState
    reason: str
    is_alone: bool
    base: Mapping[str, Value]
    aliases: Mapping[Side, Mapping[str, Value]] = field(default_factory=dict)
    seen: Mapping[Side, Mapping[str, Value]] = field(default_factory=dict)


class GridShelf(Shelf):
    """Reads contacts for the grid; writes nothing."""

    @classmethod
    def of(cls, store: Store, name: ConnectionName) -> Self:
        """A connection's share of an open store."""
        return cls(store.transactions.of(name), name, store.surroundings)

    def change_count(self) -> tuple[object, ...]:
        """Differs when something the grid shows may have been written since."""
        newest = [
            select(func.max(journal.c.seq)).where(journal.c.connection == self.name),
            select(func.max(run.c.started_at)).where(run.c.connection == self.name),
            select(func.max(run.c.ended_at)).where(run.c.connection == self.name),
            select(func.count()).where(conflict.c.connection == self.name, _OPEN_CONFLICT),
            select(func.max(conflict.c.opened_at)).where(conflict.c.connection == self.name),
            select(func.count()).where(outbox.c.connection == self.name, _OPEN_WRITE),
            select(func.max(inbox.c.received_at)).where(inbox.c.connection == self.name),
        ]
        with self._transactions.reading() as connection:
            return tuple(connection.scalar(each) for each in newest)

    def scan(self) -> Iterator[tuple[str, str, bool]]:
        """(pair, state, whether a side is missing) of every contact, by pair."""
        query = self._every(
            link.c.link_id,
            link.c.state,
            or_(link.c.highlevel_id.is_(None), link.c.timetonic_id.is_(None)),
        )
        with self._transactions.reading() as connection:
            for link_id, state, is_alone in _stream(connection, query):
                yield link_id, state, bool(is_alone)

    def scan_ids(self) -> Iterator[tuple[str, str | None, str | None]]:
        """(pair, its id in HighLevel, its id in TimeTonic) of every contact, by pair."""
        query = self._every(link.c.link_id, link.c.highlevel_id, link.c.timetonic_id)
        with self._transactions.reading() as connection:
            yield from _stream(connection, query)

    def scan_fields(self, names: Sequence[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """(pair, its agreed values of these fields) of every contact, by pair.

        Values are as JSON reads them; absent and blank are None.
        """
        with self._transactions.reading() as connection:
            texts = [_json_field(connection, link.c.base, name) for name in names]
            query = self._every(link.c.link_id, *texts)
            for link_id, *found in _stream(connection, query):
                yield link_id, tuple(map(_value, found))

    def scan_seen(self, side: Side, name: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The same for one field as a side shows it: of what is never agreed on."""
        with self._transactions.reading() as connection:
            taken = _json_field(connection, observed.c.body, name)
            query = self._every(link.c.link_id, taken).join(
                observed, self._observation_on(side)
            )
            for link_id, found in _stream(connection, query):
                yield link_id, (_value(found),)

    def find_suspects(self) -> set[str]:
        """Contacts that may differ from what was agreed, so that somebody compares them.

        A run that ended well leaves nothing open of what it saw: what was seen outside of
        one, what failed, and what waits to be tried again is all that can differ.
        """
        clean = select(run.c.run_id).where(
            run.c.connection == self.name, run.c.verdict == "done"
        )
        found: set[str] = set()
        with self._transactions.reading() as connection:
            for side in Side:
                pair = self._pairs().join(observed, self._observation_on(side))
                unsettled = pair.where(observed.c.seen_run.not_in(clean))
                found.update(connection.scalars(unsettled))
            troubled = or_(link.c.fails > 0, link.c.not_before.is_not(None))
            found.update(connection.scalars(self._pairs().where(troubled)))
        return found

    def find_waiting(self) -> set[str]:
        """Contacts with a write under way, or of which a service told something new."""
        writes = select(outbox.c.link_id).where(outbox.c.connection == self.name, _OPEN_WRITE)
        told = self._pairs().join(
            inbox,
            and_(
                inbox.c.connection == self.name,
                inbox.c.state == InboxState.PENDING.value,
                inbox.c.record_id.in_([link.c.highlevel_id, link.c.timetonic_id]),
            ),
        )
        with self._transactions.reading() as connection:
            return {*connection.scalars(writes), *connection.scalars(told)}

    def find_conflicts(self) -> dict[str, int]:
        """Contact -> how many of its fields wait for a decision."""
        query = (
            select(conflict.c.link_id, func.count().label("fields"))
            .where(
                conflict.c.connection == self.name,
                conflict.c.kind == Kind.CONTACT.value,
                _OPEN_CONFLICT,
            )
            .group_by(conflict.c.link_id)
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query).all()
        return {row.link_id: int(row.fields) for row in rows}

    def read(self, ids: Iterable[str]) -> dict[str, StoredContact]:
        """These contacts, whole; those that are gone are absent."""
        wanted = list(ids)
        found: dict[str, RowMapping] = {}
        seen: dict[Side, dict[str, str]] = {side: {} for side in Side}
        with self._transactions.reading() as connection:
            for condition in among(link.c.link_id, wanted):
                query = select(*_LINK).where(link.c.connection == self.name, condition)
                rows = connection.execute(query).mappings().all()
                found.update((row["link_id"], row) for row in rows)
            for side in Side:
                record_ids = [row[f"{side.value}_id"] for row in found.values()]
                seen[side] = self._bodies(
                    connection, side, [each for each in record_ids if each]
                )
        return {link_id: _contact(row, seen) for link_id, row in found.items()}

    def surroundings(self) -> dict[str, Any]:
        """What was remembered of the location: users, country, zone; empty before connecting."""
        query = select(memo.c.value).where(
            memo.c.connection == self.name, memo.c.key == _SURROUNDINGS
        )
        with self._transactions.reading() as connection:
            text = connection.scalar(query)
        found = None if text is None else json.loads(text)
        return found if isinstance(found, dict) else {}

    def _pairs(self) -> Select[Any]:
        return select(link.c.link_id).where(
            link.c.connection == self.name, link.c.kind == Kind.CONTACT.value
        )

    def _observation_on(self, side: Side) -> ColumnElement[bool]:
        return and_(
            observed.c.connection == self.name,
            observed.c.side == side.value,
            observed.c.kind == Kind.CONTACT.value,
            observed.c.record_id == link.c[f"{side.value}_id"],
        )

    def _every(self, *columns: ColumnElement[Any]) -> Select[Any]:
        return (
            select(*columns)
            .where(
                link.c.connection == self.name,
                link.c.kind == Kind.CONTACT.value,
                link.c.state.in_(_SHOWN),
            )
            .order_by(link.c.link_id)
        )

    def _bodies(
        self, connection: Connection, side: Side, record_ids: Sequence[str]
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for condition in among(observed.c.record_id, record_ids):
            query = select(observed.c.record_id, observed.c.body).where(
                observed.c.connection == self.name,
                observed.c.side == side.value,
                observed.c.kind == Kind.CONTACT.value,
                condition,
            )
            found.update((record_id, body) for record_id, body in connection.execute(query))
        return found


_LINK: Final = (
    link.c.link_id,
    link.c.state,
    link.c.reason,
    link.c.highlevel_id,
    link.c.timetonic_id,
    link.c.base,
    link.c.aliases,
)


def _stream(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    """Rows as they come, so that the whole answer never stands in memory."""
    yield from connection.execution_options(yield_per=_AT_ONCE).execute(query)


def _json_field(connection: Connection, column: Column[str], name: str) -> ColumnElement[Any]:
    # Both databases write `->` and give JSON text; the server wants its own type first.
    is_server = connection.dialect.name == "postgresql"
    held: ColumnElement[Any] = cast(column, JSONB) if is_server else column
    taken: ColumnElement[Any] = held.op("->")(name)
    return cast(taken, Text) if is_server else taken


def _value(text: str | None) -> Any:  # noqa: ANN401 — straight out of the JSON reader
    if text is None:
        return None
    if text.startswith('"') and "\\" not in text:
        return text[1:-1]
    return _frozen(json.loads(text))


def _frozen(value: Any) -> Any:  # noqa: ANN401 — as above
    return tuple(value) if isinstance(value, list) else value


def _values(text: str) -> dict[str, Value]:
    found: dict[str, Any] = json.loads(text)
    for name, value in found.items():
        if isinstance(value, list):
            found[name] = tuple(value)
    return found


def _contact(row: RowMapping, seen: Mapping[Side, Mapping[str, str]]) -> StoredContact:
    base = _values(row["base"])
    aliases = json.loads(row["aliases"]) if row["aliases"] != "{}" else {}
    bodies = {side: seen[side].get(row[f"{side.value}_id"] or "") for side in Side}
    return StoredContact(
        id=LinkId(row["link_id"]),
        state=LinkState(row["state"]),
        reason=row["reason"],
        is_alone=any(row[f"{side.value}_id"] is None for side in Side),
        base=base,
        aliases={
            Side(side): {name: _frozen(each) for name, each in values.items()}
            for side, values in aliases.items()
        },
        seen={side: _values(body) for side, body in bodies.items() if body is not None},
    )
