"""What every part of a connection's memory stands on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import text

from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from toolkit.model.ids import ConnectionName
    from toolkit.store.transactions import Transactions

S = TypeVar("S", bound="Shelf")

_SERVER_CLOCK = text("SELECT clock_timestamp()")


def utc_now() -> datetime:
    """The machine's wall clock; the default where a clock is an argument."""
    return datetime.now(UTC)  # noqa: TID251 — this is the clock that others take


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the store takes from outside, so that tests decide it.

    Attributes:
        clock: Now, aware.
        token: Random hex of so many bytes.
    """

    clock: Callable[[], datetime] = utc_now
    token: Callable[[int], str] = secrets.token_hex


def moment(
    connection: Connection, surroundings: Surroundings, *, given: datetime | None
) -> datetime:
    """Now, as all who share the database agree on it.

    Machines that share a server differ in their clocks; a lease or a call window that
    trusted each its own would end early for one of them. So the server's clock counts
    there, and ours where the database is a file on this machine.

    Args:
        connection: Of the database in question.
        surroundings: Whose clock counts for a file.
        given: Taken as it is where not None.
    """
    if given is not None:
        return given
    if connection.dialect.name == "postgresql":
        told: datetime = connection.execute(_SERVER_CLOCK).scalar_one()
        return told.astimezone(UTC)
    return surroundings.clock()


class Shelf:
    """One connection's share of the tables."""

    def __init__(
        self, transactions: Transactions, name: ConnectionName, surroundings: Surroundings
    ) -> None:
        self.name = name
        self._transactions = transactions
        self._surroundings = surroundings

    def beside(self, shelf: type[S]) -> S:
        """The same connection's share of other tables."""
        return shelf(self._transactions, self.name, self._surroundings)

    def _at(self, connection: Connection, given: datetime | None) -> datetime:
        return moment(connection, self._surroundings, given=given)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


def one_by_prefix(wanted: str, found: Sequence[str], *, noun: str) -> str:
    """The id that is `wanted`, or the only one that begins with it.

    Raises:
        UseError: None does, or several do.
    """
    if wanted in found:
        return wanted
    if len(found) == 1:
        return found[0]
    if not found:
        raise UseError(f"There is no {noun} {wanted}", unchanged="Nothing was changed")
    raise UseError(
        f"Several {noun}s begin with {wanted}",
        unchanged="Nothing was changed",
        remedy=f"Write one in full: {', '.join(sorted(found)[:5])}",
    )
