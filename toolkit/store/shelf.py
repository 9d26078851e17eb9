"""What every part of a connection's memory stands on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.model.ids import ConnectionName
    from toolkit.store.transactions import Transactions


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


class Shelf:
    """One connection's share of the tables."""

    def __init__(
        self, transactions: Transactions, name: ConnectionName, surroundings: Surroundings
    ) -> None:
        self.name = name
        self._transactions = transactions
        self._surroundings = surroundings

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
