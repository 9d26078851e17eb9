"""The right to work on a connection, in the database: where a file lock does not reach.

`Lease` keeps processes of one machine apart; workers on several machines share no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select, update

from toolkit.errors import StateBusyError
from toolkit.store.schema_service import lease
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import insert_into

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

_SYNC: Final = "sync"


@dataclass(frozen=True, slots=True)
class LeaseEntry:
    """A right that somebody holds.

    Attributes:
        owner: Who; a worker's `executor_id`.
        purpose: What for, in a word that a person may read.
        fence: Grows with every change of hands.
        expires_at: It ends then unless it is renewed.
    """

    owner: str
    purpose: str
    fence: int
    expires_at: datetime


class Leases(Shelf):
    """Rights of one connection, by name. Times are the shared clock's (`moment`)."""

    def acquire_lease(
        self,
        owner: str,
        *,
        ttl_s: float,
        purpose: str = "",
        name: str = _SYNC,
        now: datetime | None = None,
    ) -> LeaseEntry:
        """Take a right that is free, has expired, or is the owner's already.

        Args:
            owner: Unique to a process.
            ttl_s: It ends after so many seconds; renew it after a third of them.
            purpose: Shown to whoever is refused.
            name: Which right of the connection.
            now: None means the shared clock.

        Raises:
            StateBusyError: Another one holds it; the sentence says who.
        """
        with self._transactions.adding() as connection:
            at = self._at(connection, now)
            statement = insert_into(lease, connection.dialect.name).values(
                connection=self.name,
                name=name,
                owner=owner,
                purpose=purpose,
                fence=1,
                expires_at=at + timedelta(seconds=ttl_s),
            )
            new = statement.excluded
            # One statement: two who ask at once are told apart by the database.
            taken = connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection", "name"],
                    set_={
                        "owner": new.owner,
                        "purpose": new.purpose,
                        "fence": lease.c.fence + 1,
                        "expires_at": new.expires_at,
                    },
                    where=or_(lease.c.expires_at <= at, lease.c.owner == owner),
                ).returning(*_COLUMNS)
            ).first()
            holder = None if taken else self._holder(connection, name)
        if taken is None:
            raise _held(self.name, holder)
        return LeaseEntry(*taken)

    def renew_lease(
        self, owner: str, *, ttl_s: float, name: str = _SYNC, now: datetime | None = None
    ) -> bool:
        """Hold on for another `ttl_s` seconds.

        Returns:
            False where it has passed to another one, or expired: stop working, since
            another one may have begun.
        """
        with self._transactions.adding() as connection:
            at = self._at(connection, now)
            statement = update(lease).where(*self._mine(owner, name), lease.c.expires_at > at)
            renewed = statement.values(expires_at=at + timedelta(seconds=ttl_s))
            return connection.execute(renewed).rowcount == 1

    def release_lease(
        self, owner: str, *, name: str = _SYNC, now: datetime | None = None
    ) -> None:
        """Let others in at once; of one that is not held nothing happens."""
        with self._transactions.adding() as connection:
            # The row stays: its fence must go on growing.
            connection.execute(
                update(lease)
                .where(*self._mine(owner, name))
                .values(expires_at=self._at(connection, now))
            )

    def get_lease(self, *, name: str = _SYNC, now: datetime | None = None) -> LeaseEntry | None:
        """Who holds it; None where nobody does."""
        with self._transactions.reading() as connection:
            found = self._holder(connection, name)
            at = self._at(connection, now)
        return found if found is not None and found.expires_at > at else None

    def _mine(self, owner: str, name: str) -> tuple[ColumnElement[bool], ...]:
        return (
            lease.c.connection == self.name,
            lease.c.name == name,
            lease.c.owner == owner,
        )

    def _holder(self, connection: Connection, name: str) -> LeaseEntry | None:
        query = select(*_COLUMNS).where(lease.c.connection == self.name, lease.c.name == name)
        row = connection.execute(query).first()
        return None if row is None else LeaseEntry(*row)


_COLUMNS: Final = (lease.c.owner, lease.c.purpose, lease.c.fence, lease.c.expires_at)


def _held(name: str, holder: LeaseEntry | None) -> StateBusyError:
    who = "another process" if holder is None else holder.owner
    purpose = f", {holder.purpose}" if holder is not None and holder.purpose else ""
    return StateBusyError(
        f"The connection {name} is being worked on ({who}{purpose})",
        unchanged="Nothing was changed",
        remedy="Wait for it to end, or stop it",
    )
