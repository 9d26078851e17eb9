"""The stored pairs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, or_, select

from toolkit.model.ids import Side
from toolkit.model.links import LinkState
from toolkit.store.codec import link_of, row_of
from toolkit.store.schema import IS_ACTIVE, IS_RETIRED, link
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import among, upsert

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Column, Connection

    from toolkit.model.ids import Kind, LinkId, RecordId
    from toolkit.model.links import Link

ACTIVE_STATES = frozenset({LinkState.HALF, LinkState.LIVE, LinkState.PARKED})
"""The states of `schema.IS_ACTIVE`."""

# Built once: the executor asks for a pair twice per write.
_BY_ID = select(link).where(
    link.c.connection == bindparam("of"), link.c.link_id == bindparam("wanted")
)
_OWNED_ELSEWHERE = "Its {side} record already belongs to another pair"


def column_of(side: Side) -> Column[str]:
    """Where a side's record id stands."""
    return link.c.highlevel_id if side is Side.HIGHLEVEL else link.c.timetonic_id


class Links(Shelf):
    """Reads and writes pairs."""

    def links(
        self,
        kind: Kind | None = None,
        states: Collection[LinkState] | None = None,
    ) -> list[Link]:
        """Pairs of a kind and of some states (None: all), by kind and id."""
        query = select(link).where(link.c.connection == self.name)
        if kind is not None:
            query = query.where(link.c.kind == kind.value)
        if states is not None:
            query = query.where(link.c.state.in_([state.value for state in states]))
        query = query.order_by(link.c.kind, link.c.link_id)
        with self._transactions.reading() as connection:
            return [link_of(row) for row in connection.execute(query).mappings()]

    def family_links(self, contacts: Collection[LinkId]) -> list[Link]:
        """The pairs of these contacts and of what hangs on them."""
        found: dict[str, Link] = {}
        with self._transactions.reading() as connection:
            for column in (link.c.link_id, link.c.parent):
                for condition in among(column, contacts):
                    query = select(link).where(link.c.connection == self.name, condition)
                    rows = connection.execute(query).mappings()
                    found.update((row["link_id"], link_of(row)) for row in rows)
        return list(found.values())

    def get_link(self, link_id: LinkId) -> Link | None:
        """The stored pair, or None."""
        named = {"of": self.name, "wanted": link_id}
        with self._transactions.reading() as connection:
            row = connection.execute(_BY_ID, named).mappings().first()
        return None if row is None else link_of(row)

    def find_link_by_id(self, kind: Kind, side: Side, record_id: RecordId) -> Link | None:
        """The pair that holds a record; where old ones do too, the one that owns it."""
        query = (
            select(link)
            .where(
                link.c.connection == self.name,
                link.c.kind == kind.value,
                column_of(side) == record_id,
            )
            .order_by(link.c.link_id)
        )
        with self._transactions.reading() as connection:
            for state in (IS_ACTIVE, IS_RETIRED):
                row = connection.execute(query.where(state)).mappings().first()
                if row is not None:
                    return link_of(row)
        return None

    def put_links(self, links: Sequence[Link]) -> None:
        """Store pairs as they are, in one transaction; twice is once.

        Raises:
            StateError: A record would belong to two pairs; nothing was stored.
        """
        if not links:
            return
        with self._transactions.writing() as connection:
            upsert(connection, link, [row_of(self.name, each) for each in links])

    def drop_links(self, link_ids: Sequence[LinkId]) -> None:
        """Forget pairs, so that their records are planned as new; unknown ids are ignored."""
        if not link_ids:
            return
        with self._transactions.writing() as connection:
            for condition in among(link.c.link_id, link_ids):
                connection.execute(
                    delete(link).where(link.c.connection == self.name, condition)
                )


def set_apart(connection: Connection, name: str, links: Sequence[Link]) -> list[Link]:
    """The same links, but none claims a record that another active link owns.

    A vendor may answer a create with the id of a record that is paired already. Refusing
    to store that would lose the outcomes of the whole batch, so the newcomer is parked
    without the id, and a person sees why. Only what is left of a refused create gives way:
    the record it started from has found its twin.
    """
    owners = _owners(connection, name, links)
    _clear_halves(connection, name, links, owners)
    kept = []
    for each in links:
        if each.state in ACTIVE_STATES:
            kept.append(_without_taken(each, owners))
        else:
            kept.append(each)
    return kept


def _owners(
    connection: Connection, name: str, links: Sequence[Link]
) -> dict[tuple[Kind, Side, str], str]:
    rewritten = {each.id for each in links}
    owners: dict[tuple[Kind, Side, str], str] = {}
    for kind in {each.kind for each in links}:
        for side in Side:
            ids = [each.id_on(side) for each in links if each.kind is kind]
            column = column_of(side)
            for condition in among(column, [each for each in ids if each is not None]):
                query = select(column, link.c.link_id).where(
                    link.c.connection == name,
                    link.c.kind == kind.value,
                    condition,
                    IS_ACTIVE,
                )
                owners.update(
                    ((kind, side, record_id), owner)
                    for record_id, owner in connection.execute(query)
                    if owner not in rewritten
                )
    return owners


def _clear_halves(
    connection: Connection,
    name: str,
    links: Sequence[Link],
    owners: dict[tuple[Kind, Side, str], str],
) -> None:
    """Forget parked half pairs whose only record is part of a whole pair now."""
    claimed = {
        owners[key]: key
        for each in links
        if each.state is LinkState.LIVE and each.highlevel_id and each.timetonic_id
        for side in Side
        if (key := (each.kind, side, each.id_on(side) or "")) in owners
    }
    is_half = or_(link.c.highlevel_id.is_(None), link.c.timetonic_id.is_(None))
    for condition in among(link.c.link_id, claimed):
        mine = (link.c.connection == name) & condition
        query = select(link.c.link_id).where(
            mine, is_half, link.c.state == LinkState.PARKED.value
        )
        for link_id in connection.scalars(query).all():
            connection.execute(
                delete(link).where(link.c.connection == name, link.c.link_id == link_id)
            )
            del owners[claimed[link_id]]


def _without_taken(each: Link, owners: dict[tuple[Kind, Side, str], str]) -> Link:
    kept = each
    for side in Side:
        record_id = each.id_on(side)
        if record_id is None:
            continue
        if owners.setdefault((each.kind, side, record_id), each.id) != each.id:
            reason = _OWNED_ELSEWHERE.format(side=side.label)
            kept = replace(kept.with_id(side, None), state=LinkState.PARKED, reason=reason)
    return kept
