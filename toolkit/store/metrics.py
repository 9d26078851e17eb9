"""A connection's figures by day, and the journal lines they are counted from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from toolkit.model.ids import Kind, LinkId, RunId
from toolkit.model.links import LinkState
from toolkit.model.outcomes import OutcomeState
from toolkit.model.values import canonical_json
from toolkit.store.codec import decode_values
from toolkit.store.schema import journal, link
from toolkit.store.schema_automation import metric
from toolkit.store.shelf import Shelf
from toolkit.store.transactions import upsert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from toolkit.model.values import Values

_STEPS = ("create", "join", "update", "rebase")


@dataclass(frozen=True, slots=True)
class Step:
    """One journal line about a contact: it came to be, or some of its fields changed.

    Attributes:
        is_again: A record that was there before was made once more.
    """

    run_id: RunId
    link_id: LinkId
    verb: str
    before: Values
    after: Values
    at: datetime
    is_again: bool = False


class Metrics(Shelf):
    """Keeps one JSON body a day, and reads what happened to contacts since a journal line."""

    def put_metrics(self, bodies: Sequence[tuple[date, Mapping[str, Any]]]) -> None:
        """Keep days, in place of what was known of them, all or none; twice is once."""
        at = self._surroundings.clock()
        rows = [
            {
                "connection": self.name,
                "day": day.isoformat(),
                "body": canonical_json(dict(body)),
                "at": at,
            }
            for day, body in bodies
        ]
        if not rows:
            return
        with self._transactions.writing() as connection:
            upsert(connection, metric, rows)

    def list_metrics(
        self, *, since: date | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Bodies, oldest day first.

        Args:
            since: The first day; None for all.
            limit: The newest so many; None for all.
        """
        query = select(metric.c.body).where(metric.c.connection == self.name)
        if since is not None:
            query = query.where(metric.c.day >= since.isoformat())
        query = query.order_by(metric.c.day.desc()).limit(limit)
        with self._transactions.reading() as connection:
            newest_first = list(connection.scalars(query))
        return [json.loads(body) for body in reversed(newest_first)]

    def prune_metrics(self, before: date) -> int:
        """Forget earlier days; how many they were."""
        with self._transactions.writing() as connection:
            gone = connection.execute(
                delete(metric).where(
                    metric.c.connection == self.name, metric.c.day < before.isoformat()
                )
            )
        return gone.rowcount

    def list_live(self) -> Iterator[tuple[Kind, dict[str, Any]]]:
        """Kind and agreed values of the live pairs, as plain JSON: for counting alone."""
        query = select(link.c.kind, link.c.base).where(
            link.c.connection == self.name, link.c.state == LinkState.LIVE.value
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query).all()
        kinds = {kind.value: kind for kind in Kind}
        return ((kinds[kind], json.loads(base)) for kind, base in rows)

    def journal_end(self) -> int:
        """Number of the last journal line; 0 where there is none."""
        query = select(func.max(journal.c.seq)).where(journal.c.connection == self.name)
        with self._transactions.reading() as connection:
            return connection.scalar(query) or 0

    def list_steps(self, after: int, *, until: int) -> list[Step]:
        """What was carried out on contacts, oldest first.

        Args:
            after: The journal line read last.
            until: The last line to read.
        """
        columns = (
            journal.c.run_id,
            journal.c.link_id,
            journal.c.verb,
            journal.c.before,
            journal.c.after,
            journal.c.at,
            journal.c.operation,
        )
        query = (
            select(*columns)
            .where(
                journal.c.connection == self.name,
                journal.c.seq > after,
                journal.c.seq <= until,
                journal.c.kind == Kind.CONTACT.value,
                journal.c.state == OutcomeState.DONE.value,
                journal.c.verb.in_(_STEPS),
            )
            .order_by(journal.c.seq)
        )
        with self._transactions.reading() as connection:
            rows = connection.execute(query).all()
        return [
            Step(
                RunId(run_id),
                LinkId(link_id),
                verb,
                decode_values(before),
                decode_values(after),
                at,
                is_again=verb == "create" and _is_again(json.loads(operation)),
            )
            for run_id, link_id, verb, before, after, at, operation in rows
        ]


def _is_again(create: Mapping[str, Any]) -> bool:
    return bool(create.get("generation") or create.get("is_undo"))
