"""Slack's people, settings, approvals, and deliveries that were seen before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter
from sqlalchemy import delete, select, update

from toolkit.model.chat_approvals import Approval, ApprovalState
from toolkit.model.chat_people import Person
from toolkit.model.values import canonical_json
from toolkit.store.schema_slack import slack_approval, slack_person, slack_seen, slack_setting
from toolkit.store.transactions import insert_into, upsert

if TYPE_CHECKING:
    from datetime import datetime

    from toolkit.store.shelf import Surroundings
    from toolkit.store.transactions import Transactions

_PERSON: TypeAdapter[Person] = TypeAdapter(Person)
_APPROVAL: TypeAdapter[Approval] = TypeAdapter(Approval)
_WAITING: Final = (ApprovalState.OPEN.value, ApprovalState.APPROVED.value)


class SlackPeople:
    """Who is who in a workspace, and what was chosen there.

    Args:
        transactions: Of the store.
        surroundings: Clock and random ids.
    """

    def __init__(self, transactions: Transactions, surroundings: Surroundings) -> None:
        self._transactions = transactions
        self._surroundings = surroundings

    def find_person(self, team: str, user: str) -> Person | None:
        """A member as last stored; None for one we never met."""
        query = select(slack_person.c.body).where(
            slack_person.c.team == team, slack_person.c.user == user
        )
        with self._transactions.reading() as connection:
            body = connection.scalar(query)
        return None if body is None else _PERSON.validate_json(body)

    def list_people(self, team: str) -> list[Person]:
        """Everybody we met in a workspace."""
        query = select(slack_person.c.body).where(slack_person.c.team == team)
        with self._transactions.reading() as connection:
            rows = connection.scalars(query.order_by(slack_person.c.user))
            return [_PERSON.validate_json(body) for body in rows]

    def put_person(self, person: Person) -> None:
        """Keep a member as given."""
        row = {
            "team": person.team,
            "user": person.user,
            "body": _PERSON.dump_json(person).decode(),
            "at": self._surroundings.clock(),
        }
        with self._transactions.adding() as connection:
            upsert(connection, slack_person, [row])

    def forget_team(self, team: str) -> None:
        """Drop people and settings of a workspace that removed us; the audit stays."""
        with self._transactions.adding() as connection:
            connection.execute(delete(slack_person).where(slack_person.c.team == team))
            connection.execute(delete(slack_setting).where(slack_setting.c.team == team))

    def get_setting(self, team: str, scope: str, name: str) -> Any:  # noqa: ANN401 — JSON, validated by who put it there
        """A chosen value; None where nothing was chosen."""
        query = select(slack_setting.c.value).where(
            slack_setting.c.team == team,
            slack_setting.c.scope == scope,
            slack_setting.c.name == name,
        )
        with self._transactions.reading() as connection:
            value = connection.scalar(query)
        return None if value is None else json.loads(value)

    def list_settings(self, team: str, name: str) -> dict[str, Any]:
        """Scope -> value, wherever this was chosen in a workspace."""
        query = select(slack_setting.c.scope, slack_setting.c.value).where(
            slack_setting.c.team == team, slack_setting.c.name == name
        )
        with self._transactions.reading() as connection:
            return {row.scope: json.loads(row.value) for row in connection.execute(query)}

    def put_setting(self, team: str, scope: str, name: str, *, value: object) -> None:
        """Choose; None takes the choice back."""
        key = {"team": team, "scope": scope, "name": name}
        with self._transactions.adding() as connection:
            if value is None:
                where = [slack_setting.c[column] == text for column, text in key.items()]
                connection.execute(delete(slack_setting).where(*where))
                return
            row = {**key, "value": canonical_json(value), "at": self._surroundings.clock()}
            upsert(connection, slack_setting, [row])

    def teams(self) -> list[str]:
        """Workspaces that somebody set something up in."""
        query = select(slack_setting.c.team).union(select(slack_person.c.team))
        with self._transactions.reading() as connection:
            return sorted(connection.scalars(query))

    def take_on(self, key: str) -> bool:
        """Whether this delivery is new; False for one that any process took on before.

        Args:
            key: Its trigger, envelope, event or view id with the workspace's.
        """
        statement = insert_into(slack_seen, self._transactions.engine.dialect.name)
        row = {"key": key, "at": self._surroundings.clock()}
        with self._transactions.adding() as connection:
            added = statement.values(row).on_conflict_do_nothing().returning(slack_seen.c.key)
            return connection.scalar(added) is not None

    def prune_seen(self, older_than: datetime) -> int:
        """Forget deliveries from before a time; how many."""
        with self._transactions.adding() as connection:
            return connection.execute(
                delete(slack_seen).where(slack_seen.c.at < older_than)
            ).rowcount

    def find_approval(self, id_: str) -> Approval | None:
        """A request by its id."""
        query = select(slack_approval.c.body).where(slack_approval.c.id == id_)
        with self._transactions.reading() as connection:
            body = connection.scalar(query)
        return None if body is None else _APPROVAL.validate_json(body)

    def waiting_approvals(self, team: str) -> list[Approval]:
        """Requests that wait for a vote or for being carried out, the next to expire first."""
        query = (
            select(slack_approval.c.body)
            .where(slack_approval.c.team == team, slack_approval.c.state.in_(_WAITING))
            .order_by(slack_approval.c.expires_at)
        )
        with self._transactions.reading() as connection:
            return [_APPROVAL.validate_json(body) for body in connection.scalars(query)]

    def put_approval(self, asked: Approval, *, instead_of: Approval | None = None) -> bool:
        """Keep a request; False where it is no longer what the caller took it for.

        Args:
            asked: As it shall stand.
            instead_of: As the caller read it; None for a new one. Two who decide at the
                same moment cannot both win.
        """
        row = {
            "id": asked.id,
            "team": asked.team,
            "state": asked.state.value,
            "expires_at": asked.expires_at,
            "body": _APPROVAL.dump_json(asked).decode(),
        }
        with self._transactions.adding() as connection:
            if instead_of is None:
                statement = insert_into(slack_approval, connection.dialect.name).values(row)
                added = statement.on_conflict_do_nothing().returning(slack_approval.c.id)
                return connection.scalar(added) is not None
            was = _APPROVAL.dump_json(instead_of).decode()
            changed = connection.execute(
                update(slack_approval)
                .where(slack_approval.c.id == asked.id, slack_approval.c.body == was)
                .values(row)
            )
            return changed.rowcount == 1
