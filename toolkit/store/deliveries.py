"""Messages that rules send out: kept sealed until they are delivered or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update

from toolkit.model.values import digest
from toolkit.store.schema_automation import IS_WAITING, delivery
from toolkit.store.shelf import Shelf, one_by_prefix
from toolkit.store.transactions import chunked, insert_into

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import RowMapping


class DeliveryState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """Given up; kept, so that a person may send it after all."""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message to keep.

    Attributes:
        once: Names it within the connection: of two with the same name the first is kept.
        rule: The rule that sends it.
        channel: `url` or `slack`.
        target: An address by its name, or a Slack channel.
        sealed: Its body, sealed by the vault.
    """

    once: str
    rule: str
    channel: str
    target: str
    sealed: str


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """A message as people may see it: its body stays sealed.

    Attributes:
        id: The same at each try and on every machine; receivers tell repeats by it.
        tries: How often it was taken up.
        not_before: It waits until then.
        error: Why the last try failed, in our words.
    """

    id: str
    rule: str
    channel: str
    target: str
    state: DeliveryState
    tries: int
    at: datetime
    not_before: datetime | None = None
    ended_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class TakenDelivery:
    """A message that is ours to send for a while."""

    entry: DeliveryEntry
    sealed: str


class Deliveries(Shelf):
    """One connection's messages."""

    def put_deliveries(self, new: Sequence[NewDelivery]) -> list[str]:
        """Keep messages, all or none; their ids in order. Twice is once."""
        ids = [delivery_id(self.name, each.once) for each in new]
        at = self._surroundings.clock()
        rows = [
            {
                "connection": self.name,
                "once": id_,
                "rule": each.rule,
                "channel": each.channel,
                "target": each.target,
                "sealed": each.sealed,
                "state": DeliveryState.WAITING.value,
                "tries": 0,
                "at": at,
                "not_before": at,
                "error": "",
            }
            for id_, each in zip(ids, new, strict=True)
        ]
        if rows:
            with self._transactions.adding() as connection:
                connection.execute(
                    insert_into(delivery, connection.dialect.name).on_conflict_do_nothing(
                        index_elements=["connection", "once"]
                    ),
                    rows,
                )
        return ids

    def take_deliveries(
        self,
        channel: str,
        *,
        targets: Collection[str] | None = None,
        limit: int = 10,
        lease_s: float = 60.0,
        now: datetime | None = None,
    ) -> list[TakenDelivery]:
        """Messages that are due, oldest first, for the caller alone to send.

        Whoever dies with them, or says nothing for `lease_s`, leaves them to others: a
        message is sent at least once, and now and then twice.

        Args:
            channel: `url` or `slack`.
            targets: Only to one of these; None for any.
            limit: At most so many, up to 1,000.
            lease_s: They are nobody else's for so long.
            now: None means the shared clock.
        """
        with self._transactions.writing() as connection:
            at = self._at(connection, now)
            query = (
                select(delivery)
                .where(self._deliveries_for(channel, targets), delivery.c.not_before <= at)
                .order_by(delivery.c.seq)
                .limit(limit)
            )
            rows = connection.execute(query).mappings().all()
            until = at + timedelta(seconds=lease_s)
            connection.execute(
                update(delivery)
                .where(delivery.c.seq.in_([row["seq"] for row in rows]))
                .values(not_before=until, tries=delivery.c.tries + 1)
            )
        return [
            TakenDelivery(_entry({**row, "tries": row["tries"] + 1}), row["sealed"])
            for row in rows
        ]

    def due_targets(self, channel: str, *, now: datetime | None = None) -> list[str]:
        """To whom messages are due, sorted."""
        with self._transactions.reading() as connection:
            at = self._at(connection, now)
            query = select(delivery.c.target).where(
                self._deliveries_for(channel, None), delivery.c.not_before <= at
            )
            return sorted(connection.scalars(query.distinct()))

    def mark_delivered(self, ids: Iterable[str]) -> None:
        """These arrived; their bodies are forgotten. Twice is once."""
        at = self._surroundings.clock()
        values = {
            "state": DeliveryState.SENT.value,
            "sealed": "",
            "error": "",
            "not_before": None,
            "ended_at": at,
        }
        self._settle_deliveries(ids, values)

    def mark_undelivered(self, id_: str, error: str, *, retry_at: datetime | None) -> None:
        """This one did not arrive; one that is not waiting any more is left alone.

        Args:
            id_: Which.
            error: Why, in our own words.
            retry_at: It is due again then; None gives it up.
        """
        values: dict[str, Any] = {"error": error, "not_before": retry_at}
        if retry_at is None:
            ended_at = self._surroundings.clock()
            values |= {"state": DeliveryState.DEAD.value, "ended_at": ended_at}
        self._settle_deliveries([id_], values)

    def revive_deliveries(self, ids: Collection[str] | None = None) -> int:
        """Give messages that were given up all their tries again; how many.

        Args:
            ids: Which; None for all that are dead.
        """
        dead = [self._own_deliveries(), delivery.c.state == DeliveryState.DEAD.value]
        if ids is not None:
            dead.append(delivery.c.once.in_(list(ids)))
        values = {"state": DeliveryState.WAITING.value, "tries": 0, "ended_at": None}
        with self._transactions.adding() as connection:
            at = self._at(connection, None)
            revived = update(delivery).where(*dead).values(not_before=at, **values)
            return connection.execute(revived).rowcount

    def list_deliveries(
        self, *, states: Collection[DeliveryState] | None = None, limit: int | None = None
    ) -> list[DeliveryEntry]:
        """Messages, newest first.

        Args:
            states: Only in these; None for all.
            limit: At most so many; None for all.
        """
        query = select(delivery).where(self._own_deliveries())
        if states is not None:
            query = query.where(delivery.c.state.in_([each.value for each in states]))
        query = query.order_by(delivery.c.seq.desc()).limit(limit)
        with self._transactions.reading() as connection:
            return [_entry(row) for row in connection.execute(query).mappings()]

    def get_delivery(self, wanted: str) -> DeliveryEntry:
        """A message by its id, or the beginning of it.

        Raises:
            UseError: None has it, or several do.
        """
        query = select(delivery).where(
            self._own_deliveries(), delivery.c.once.startswith(wanted, autoescape=True)
        )
        with self._transactions.reading() as connection:
            found = {row["once"]: row for row in connection.execute(query.limit(6)).mappings()}
        return _entry(found[one_by_prefix(wanted, list(found), noun="message")])

    def delivery_counts(self) -> dict[DeliveryState, int]:
        """Messages by state; states without any are there as 0."""
        query = (
            select(delivery.c.state, func.count())
            .where(self._own_deliveries())
            .group_by(delivery.c.state)
        )
        with self._transactions.reading() as connection:
            found: dict[str, int] = dict(connection.execute(query).all())
        return {each: found.get(each.value, 0) for each in DeliveryState}

    def prune_deliveries(self, older_than: datetime) -> int:
        """Forget messages that came to an end before a time; how many."""
        gone = delete(delivery).where(self._own_deliveries(), delivery.c.ended_at < older_than)
        with self._transactions.adding() as connection:
            return connection.execute(gone).rowcount

    def _own_deliveries(self) -> ColumnElement[bool]:
        return delivery.c.connection == self.name

    def _deliveries_for(
        self, channel: str, targets: Collection[str] | None
    ) -> ColumnElement[bool]:
        among = [] if targets is None else [delivery.c.target.in_(list(targets))]
        return and_(self._own_deliveries(), IS_WAITING, delivery.c.channel == channel, *among)

    def _settle_deliveries(self, ids: Iterable[str], values: Mapping[str, Any]) -> None:
        with self._transactions.adding() as connection:
            for chunk in chunked(ids):
                connection.execute(
                    update(delivery)
                    .where(self._own_deliveries(), IS_WAITING, delivery.c.once.in_(chunk))
                    .values(**values)
                )


def delivery_id(connection: str, once: str) -> str:
    """What a message is called for ever: 32 hex digits."""
    return digest([connection, once])


def _entry(row: RowMapping | Mapping[str, Any]) -> DeliveryEntry:
    return DeliveryEntry(
        id=row["once"],
        rule=row["rule"],
        channel=row["channel"],
        target=row["target"],
        state=DeliveryState(row["state"]),
        tries=row["tries"],
        at=row["at"],
        not_before=row["not_before"],
        ended_at=row["ended_at"],
        error=row["error"],
    )
