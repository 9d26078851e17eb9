"""The audit of the Slack front end: appended to, chained, never changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select

from toolkit.model.chat_audit import AuditLine, find_break
from toolkit.model.ids import Digest
from toolkit.store.schema_slack import slack_audit, slack_subject
from toolkit.store.transactions import insert_into, wait_for_turn

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from toolkit.store.shelf import Surroundings
    from toolkit.store.transactions import Transactions

_LINE: TypeAdapter[AuditLine] = TypeAdapter(AuditLine)
_PAGE = 1_000


class SlackAudit:
    """Appends lines and finds them again.

    Args:
        transactions: Of the store.
        surroundings: Random ids for people.
    """

    def __init__(self, transactions: Transactions, surroundings: Surroundings) -> None:
        self._transactions = transactions
        self._surroundings = surroundings

    def append(self, line: AuditLine) -> AuditLine:
        """Add a line of its workspace's chain; gives it with its number and hashes."""
        with self._transactions.adding() as connection:
            # Two lines written at once would both follow the same one.
            wait_for_turn(connection, f"audit {line.team}")
            bound = line.chained(_last_hash(connection, line.team))
            row = {
                "team": bound.team,
                "subject": bound.subject,
                "reference": bound.reference,
                "at": bound.at,
                "body": _LINE.dump_json(bound).decode(),
                "hash": bound.hash,
            }
            added = connection.execute(insert(slack_audit).values(row))
            key = added.inserted_primary_key
        return replace(bound, seq=int(key[0]) if key else 0)

    def subject_of(self, team: str, user: str) -> str:
        """The id under which the audit knows a person; made up when first asked for."""
        query = select(slack_subject.c.subject).where(
            slack_subject.c.team == team, slack_subject.c.user == user
        )
        with self._transactions.adding() as connection:
            row = {"team": team, "user": user, "subject": f"s_{self._surroundings.token(8)}"}
            statement = insert_into(slack_subject, connection.dialect.name).values(row)
            connection.execute(statement.on_conflict_do_nothing())
            return str(connection.scalar(query))

    def find_user(self, team: str, subject: str) -> str | None:
        """Who is meant by an id; None once the person was forgotten."""
        query = select(slack_subject.c.user).where(
            slack_subject.c.team == team, slack_subject.c.subject == subject
        )
        with self._transactions.reading() as connection:
            found: str | None = connection.scalar(query)
            return found

    def forget(self, team: str, user: str) -> bool:
        """Take away what a person's id means; the lines stay, and their chain holds."""
        statement = delete(slack_subject).where(
            slack_subject.c.team == team, slack_subject.c.user == user
        )
        with self._transactions.adding() as connection:
            return connection.execute(statement).rowcount == 1

    def list_lines(
        self, team: str, *, subject: str = "", reference: str = "", limit: int = 100
    ) -> list[AuditLine]:
        """The newest lines that pass the filters given (empty: any), newest first."""
        query = select(slack_audit).where(slack_audit.c.team == team)
        if subject:
            query = query.where(slack_audit.c.subject == subject)
        if reference:
            query = query.where(slack_audit.c.reference == reference)
        with self._transactions.reading() as connection:
            rows = connection.execute(query.order_by(slack_audit.c.seq.desc()).limit(limit))
            return [_line(row.body, row.seq) for row in rows]

    def newest(self, team: str) -> AuditLine | None:
        """The line that ends the chain; None before the first."""
        lines = self.list_lines(team, limit=1)
        return lines[0] if lines else None

    def list_until(self, team: str, last: int, *, subject: str = "") -> list[AuditLine]:
        """All lines up to this number, oldest first; of one person, or of all."""
        query = select(slack_audit.c.seq, slack_audit.c.body).where(
            slack_audit.c.team == team, slack_audit.c.seq <= last
        )
        if subject:
            query = query.where(slack_audit.c.subject == subject)
        with self._transactions.reading() as connection:
            rows = connection.execute(query.order_by(slack_audit.c.seq))
            return [_line(row.body, row.seq) for row in rows]

    def find_break(self, team: str) -> int | None:
        """Number of the first line that was changed or follows a missing one; None for none."""
        after, previous = 0, Digest("")
        while True:
            query = (
                select(slack_audit.c.seq, slack_audit.c.body)
                .where(slack_audit.c.team == team, slack_audit.c.seq > after)
                .order_by(slack_audit.c.seq)
                .limit(_PAGE)
            )
            with self._transactions.reading() as connection:
                lines = [_line(row.body, row.seq) for row in connection.execute(query)]
            if not lines:
                return None
            broken = find_break(lines, after=previous)
            if broken is not None:
                return broken
            after, previous = lines[-1].seq, lines[-1].hash


def _line(body: str, seq: int) -> AuditLine:
    return replace(_LINE.validate_json(body), seq=seq)


def _last_hash(connection: Connection, team: str) -> Digest:
    query = (
        select(slack_audit.c.hash)
        .where(slack_audit.c.team == team)
        .order_by(slack_audit.c.seq.desc())
        .limit(1)
    )
    return Digest(connection.scalar(query) or "")
