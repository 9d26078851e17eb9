"""TimeTonic's action *Call an API*: a written row makes the automation post what its author laid out.

The action, its three kinds of authorisation and `$field` placeholders are documented by the
vendor (read 2026-11); layout, retries and a signature are not: nothing is signed, and by
default a call is tried once.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from random import Random
from typing import Any, Final, Literal

import httpx

from toolkit.errors import UseError
from toolkit.sandbox.common import EmulatorClock
from toolkit.sandbox.timetonic.php import Json
from toolkit.sandbox.timetonic.state import RowWritten, TimeTonicState
from toolkit.sandbox.webhooks.delivery import CAPACITY, Attempt, Delivery, DeliveryQueue, Lost
from toolkit.sandbox.webhooks.faults import DeliveryFaults
from toolkit.sandbox.webhooks.placeholders import fill, list_names
from toolkit.sandbox.webhooks.posting import check_url, open_client, pump
from toolkit.sandbox.webhooks.retry import Policy

Values = Literal["json", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAction:
    """One automation: when a row of this table is written, post this body there.

    Args:
        table: Shown name of the table.
        url: Address on 127.0.0.1.
        body: JSON whose texts may hold `$field`: a field's slug (`$lifecycle_stage`), its shown
            name in braces (`${Lifecycle stage}`), or one of `$row_id`, `$table_id`, `$user`,
            `$book_code`, `$book_owner`, `$written_at` (Unix seconds). `$$` is a dollar sign.
        bearer: Sent as `Authorization: Bearer`.
        basic: User and password, sent as `Authorization: Basic`.
        only_fields: Shown names; only a change of one of these fires, any change when empty.
        values: What a text that is a single placeholder becomes: the value as the API reads it,
            or always a text.
    """

    table: str
    url: str
    body: Json
    bearer: str | None = field(default=None, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    only_fields: tuple[str, ...] = ()
    values: Values = "json"

    def __post_init__(self) -> None:
        token: object = "" if self.bearer is None else self.bearer
        if not (isinstance(token, str) and token.isascii() and token.isprintable()):
            raise UseError("A bearer token is one line of ASCII")

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> CallAction:
        """Read one action from a JSON object.

        Raises:
            UseError: An unknown name, or one of table, url and body is missing.
        """
        known = {one.name for one in fields(cls)}
        if set(given) - known or not {"table", "url", "body"} <= set(given):
            raise UseError("An action has table, url, body", remedy=f"Use {sorted(known)}")
        basic = given.get("basic")
        if basic is not None and not (isinstance(basic, list) and len(basic) == 2):  # noqa: PLR2004
            raise UseError("basic is a list of user and password")
        values: Any = given.get("values", "json")
        if values not in {"json", "text"}:
            raise UseError("values is json or text")
        pair = None if basic is None else (str(basic[0]), str(basic[1]))
        only_fields = tuple(given.get("only_fields", ()))
        return cls(**{**given, "basic": pair, "only_fields": only_fields})

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Of every call."""
        headers = (("Content-Type", "application/json"),)
        if self.bearer is not None:
            return (*headers, ("Authorization", f"Bearer {self.bearer}"))
        if self.basic is not None:
            pair = base64.b64encode(":".join(self.basic).encode()).decode()
            return (*headers, ("Authorization", f"Basic {pair}"))
        return headers


class TimeTonicAutomations:
    """Idle without actions. A served sandbox calls by itself; else a test pumps.

    Rows written through the API fire with `bypassUrlTrigger=false` alone, as the vendor's default
    keeps an integration from waking itself; rows written by hand always do. Deletions never do.

    Args:
        state: Whose rows.
        clock: Times the calls.
        seed: Of the calls' ids, which stay in this process.
        capacity: Calls kept at most.

    Attributes:
        queue: What waits, and what became of the rest.
        actions: In force, in order.
    """

    def __init__(
        self,
        state: TimeTonicState,
        *,
        clock: EmulatorClock,
        seed: int,
        capacity: int = CAPACITY,
    ) -> None:
        self._state = state
        self._ids = Random(f"automation ids {seed}")
        self._transport: httpx.AsyncBaseTransport | None = None
        self.queue = DeliveryQueue(clock, policy=Policy.NEVER, capacity=capacity)
        self.actions: tuple[CallAction, ...] = ()

    def configure(
        self,
        actions: Sequence[CallAction],
        *,
        faults: DeliveryFaults | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Replace the actions; none turns the automations off.

        Args:
            actions: All that are in force from now on.
            faults: Replaces the faults in force.
            transport: In place of sockets, for `pump` alone; any address will do then.

        Raises:
            UseError: An unknown table or field, or an address beyond this machine; nothing was
                changed.
        """
        chosen = transport or self._transport
        for action in actions:
            check_url(action.url, has_transport=chosen is not None)
            self._check_names(action)
        self._transport, self.actions = chosen, tuple(actions)
        if faults is not None:
            self.queue.set_faults(faults)
        self._state.on_written = self._take_row if actions else None

    @property
    def pending(self) -> tuple[Delivery, ...]:
        """Calls that are not settled yet, in the order in which they are due."""
        return self.queue.pending

    @property
    def attempts(self) -> list[Attempt]:
        """The tries so far, oldest first."""
        return list(self.queue.attempts)

    @property
    def lost(self) -> list[Lost]:
        """The calls that were dropped or given up, oldest first."""
        return list(self.queue.lost)

    async def pump(self) -> list[Attempt]:
        """Make the calls that are due at the emulator's time, one after another."""
        async with open_client(self._transport) as client:
            return await pump(self.queue, client)

    def set_json(self, given: Any) -> None:  # noqa: ANN401 — before validation
        """`configure` by `{"actions": [...], "faults": {...}}`.

        Raises:
            UseError: Not such an object; nothing was changed.
        """
        is_object = isinstance(given, Mapping) and set(given) <= {"actions", "faults"}
        actions = given.get("actions", []) if is_object else None
        if not isinstance(actions, list) or not all(
            isinstance(one, Mapping) for one in actions
        ):
            raise UseError("Send an object with a list of actions, and perhaps faults")
        faults = DeliveryFaults.from_json(given.get("faults", {}))
        self.configure([CallAction.from_json(one) for one in actions], faults=faults)

    def to_json(self) -> dict[str, Any]:
        """Tables and addresses of the actions, faults and counters; no credentials."""
        return {
            "actions": [{"table": one.table, "url": one.url} for one in self.actions],
            "faults": self.queue.faults.to_json(),
            **self.queue.counts(),
        }

    def _check_names(self, action: CallAction) -> None:
        table = self._state.table(action.table)
        names = {one.name for one in table.fields.values()}
        slugs = {one.fixed_code for one in table.fields.values()}
        unknown = {*action.only_fields} - names
        unknown |= {*list_names(action.body)} - names - slugs - _ROW_FACTS.keys()
        if unknown:
            raise UseError(f"The table {action.table} has no field {min(unknown)!r}")

    def _take_row(self, written: RowWritten) -> None:
        """Fill in and queue the calls of one written row, in the thread of the write."""
        for action in self.actions:
            if not _fires(action, written):
                continue
            body = fill(
                action.body, partial(self._show, written), is_text=action.values == "text"
            )
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            self.queue.put(
                Delivery(
                    id=str(uuid.UUID(int=self._ids.getrandbits(128), version=4)),
                    event="CallAnApi",
                    record_id=str(written.row_id),
                    url=action.url,
                    body=text.encode("utf-8", "replace"),
                    headers=action.headers(),
                )
            )

    def _show(self, written: RowWritten, name: str) -> Json:
        for column in written.table.fields.values():
            if name in {column.name, column.fixed_code}:
                value = written.table.columns[column.id].get(written.row_id)
                return self._state.rendering.shown(column, value)
        return _ROW_FACTS[name](self._state, written)


def _fires(action: CallAction, written: RowWritten) -> bool:
    if action.table != written.table.name:
        return False
    changed = {written.table.fields[field_id].name for field_id in written.changed}
    return not action.only_fields or bool(changed & {*action.only_fields})


_ROW_FACTS: Final[Mapping[str, Callable[[TimeTonicState, RowWritten], Json]]] = {
    "row_id": lambda _, written: written.row_id,
    "table_id": lambda _, written: written.table.id,
    "user": lambda _, written: written.user,
    "book_code": lambda state, written: state.book_of[written.table.id].code,
    "book_owner": lambda state, written: state.book_of[written.table.id].owner,
    "written_at": lambda state, _: state.stamps.epoch_s(),
}
