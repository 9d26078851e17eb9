"""Tickets: what a person takes to a browser and brings back once, within ten minutes."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, select

from toolkit.model.values import canonical_json
from toolkit.store.schema import memo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement

    from toolkit.store import Store

TICKET_AGE: Final = timedelta(minutes=10)
_PREFIX: Final = "ticket."


class Tickets:
    """Gives tickets out and takes them back; only their digests are stored.

    Args:
        store: Every process on it takes what another gave out.
        owner: Whose they are.
        new_ticket: Makes an unguessable text.
    """

    def __init__(
        self,
        store: Store,
        owner: str,
        *,
        new_ticket: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._transactions = store.transactions
        self._clock = store.surroundings.clock
        self._owner = owner
        self._new_ticket = new_ticket

    def give(
        self, purpose: str, told: Mapping[str, str], *, age: timedelta = TICKET_AGE
    ) -> str:
        """A new ticket; forgets what has expired.

        Args:
            purpose: A ticket for another purpose is none.
            told: What it stands for; no secret.
            age: How long it is good.

        Raises:
            StateError: It could not be stored.
        """
        ticket = self._new_ticket()
        row = {
            "connection": self._owner,
            "key": _key(purpose, ticket),
            "value": canonical_json(dict(told)),
            "at": self._clock() + age,
        }
        with self._transactions.writing() as opened:
            opened.execute(delete(memo).where(*self._of("", memo.c.at <= self._clock())))
            opened.execute(memo.insert(), row)
        return ticket

    def look(self, purpose: str, ticket: str) -> dict[str, str] | None:
        """What a ticket stands for, without taking it; None where it is good no more."""
        query = select(memo.c.value, memo.c.at).where(*self._is(purpose, ticket))
        with self._transactions.reading() as opened:
            row = opened.execute(query).first()
        return self._told(row)

    def take(self, purpose: str, ticket: str) -> dict[str, str] | None:
        """What a ticket stands for; only the first caller gets it.

        Raises:
            StateError: The store cannot be written, hence it was not taken.
        """
        # One statement: of two processes that delete a row, one is told of it.
        taken = (
            delete(memo).where(*self._is(purpose, ticket)).returning(memo.c.value, memo.c.at)
        )
        with self._transactions.writing() as opened:
            row = opened.execute(taken).first()
        return self._told(row)

    def _told(self, row: Any) -> dict[str, str] | None:  # noqa: ANN401 — a row, or none
        if row is None:
            return None
        value, ends_at = row
        is_good: bool = isinstance(ends_at, datetime) and self._clock() < ends_at
        return dict(json.loads(value)) if is_good else None

    def _of(self, key: str, *more: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        starts = memo.c.key.startswith(_PREFIX + key, autoescape=True)
        return (memo.c.connection == self._owner, starts, *more)

    def _is(self, purpose: str, ticket: str) -> tuple[ColumnElement[bool], ...]:
        return (memo.c.connection == self._owner, memo.c.key == _key(purpose, ticket))


def _key(purpose: str, ticket: str) -> str:
    digest = sha256(ticket.encode(errors="surrogatepass")).hexdigest()
    return f"{_PREFIX}{purpose}.{digest}"
