"""TimeTonic's *Call an API* action: a layout of the user's own, read by a small schema.

The vendor publishes neither layout, retries nor a signature (help pages, read 2026-11): the
sender is known by a fixed Bearer token or Basic password, and repetitions by what they say.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Any
from urllib.parse import parse_qsl

from toolkit.app.intake import Intake, Receipt, Verdict, plain_name
from toolkit.app.intake_highlevel import read_object
from toolkit.errors import ConfigError, StateError
from toolkit.model.ids import ConnectionName, Kind, RecordId, Side
from toolkit.store import Arrival

WEBHOOK_SECRET = "timetonic.webhook"  # noqa: S105 — the name of a secret, not its value
DEFAULT_EVENT = "row_changed"

_LONGEST_ID = 200
_PATH = re.compile(r"\$(?:\.[A-Za-z_][\w-]*|\[(?:\d{1,4}|'[^']+')\])+")
_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]")


@dataclass(frozen=True, slots=True)
class WebhookSchema:
    """Where the payload says what: a path each, such as `$.row.id` or `$.rows[0]['Row id']`.

    Attributes:
        row_id: Needed in every payload.
        table: The smart table, by name or id; nothing there means the contacts' table.
        event: The user's own word; nothing there means `row_changed`.
        event_id: Equal in repetitions of one delivery, where the user sends such a thing.
        same_body_s: Without an `event_id`, equal bodies within so many seconds are one
            delivery; 0 keeps every one.

    Raises:
        ConfigError: One of them is not a path.
    """

    row_id: str = "$.id"
    table: str = "$.table"
    event: str = "$.event"
    event_id: str = "$.event_id"
    same_body_s: float = 10.0

    def __post_init__(self) -> None:
        for name in ("row_id", "table", "event", "event_id"):
            if not _PATH.fullmatch(getattr(self, name)):
                raise ConfigError(
                    f"`{name}` of the TimeTonic webhook is not a path",
                    remedy="Write one such as `$.id` or `$.row.id`",
                )


@dataclass(frozen=True, slots=True)
class Entrance:
    """How one connection's payloads are read.

    Attributes:
        tables: What the rows of a table are, by the table's name or id as the user may write
            it. A table that is not among them is kept as something unknown.
    """

    schema: WebhookSchema = field(default_factory=WebhookSchema)
    tables: Mapping[str, Kind] = field(default_factory=dict)

    def kind_of(self, table: str) -> Kind | None:
        """What a row of this table is; letters' case and blanks around it do not count."""
        if not table.strip():
            return Kind.CONTACT
        spelled = {name.strip().casefold(): kind for name, kind in self.tables.items()}
        return spelled.get(table.strip().casefold())


class TimeTonicIntake:
    """Takes deliveries to `/webhooks/timetonic/{connection}`.

    Args:
        intake: Keeps what is good.
        entrances: The connections that take deliveries.
        secrets: A connection's accepted secrets, newest first; several during a rotation, none
            refuses everything. Asked for every delivery.
    """

    def __init__(
        self,
        intake: Intake,
        entrances: Mapping[ConnectionName, Entrance],
        *,
        secrets: Callable[[ConnectionName], Sequence[str]],
    ) -> None:
        self._intake = intake
        self._entrances = dict(entrances)
        self._secrets = secrets
        self._recent: dict[tuple[ConnectionName, str], float] = {}

    def admit(self, connection: str, authorization: str) -> Receipt | None:
        """None for a sender who may deliver; asked before the body is read.

        A connection that does not exist is refused like a wrong secret: the answer does not
        tell which connections there are.
        """
        name = ConnectionName(connection)
        if name not in self._entrances:
            return self.refuse(Verdict.BAD_CREDENTIALS)
        try:
            secrets = self._secrets(name)
        except StateError as error:
            # The sender may well be right: it is asked to come again, not turned away.
            return self._intake.account(
                Receipt(
                    Side.TIMETONIC,
                    Verdict.NOT_STORED,
                    connection,
                    error=type(error).__name__,
                    reference=error.reference,
                )
            )
        if is_admitted(authorization, secrets):
            return None
        return self.refuse(Verdict.BAD_CREDENTIALS, connection)

    async def take(self, connection: str, body: bytes, *, is_form: bool = False) -> Receipt:
        """Read one delivery of an admitted sender by the connection's schema, and keep it.

        Args:
            connection: One that `admit` let in.
            body: The bytes as they came.
            is_form: The sender says they are form fields, not JSON.
        """
        name = ConnectionName(connection)
        payload = _read_form(body) if is_form else read_object(body)
        if payload is None:
            return self.refuse(Verdict.NOT_JSON, connection)
        entrance = self._entrances[name]
        schema = entrance.schema
        row_id = plain_name(_find(payload, schema.row_id), longest=_LONGEST_ID)
        if not row_id:
            return self.refuse(Verdict.NO_RECORD, connection)
        given_id = plain_name(_find(payload, schema.event_id), longest=_LONGEST_ID)
        arrival = Arrival(
            source=Side.TIMETONIC,
            event_id=given_id or self._body_id(name, body, schema.same_body_s),
            event_type=plain_name(_find(payload, schema.event)) or DEFAULT_EVENT,
            body=payload,
            received_at=self._intake.now(),
            kind=entrance.kind_of(
                plain_name(_find(payload, schema.table), longest=_LONGEST_ID)
            ),
            record_id=RecordId(row_id),
        )
        return await self._intake.keep([(name, arrival)])

    def refuse(self, verdict: Verdict, connection: str = "") -> Receipt:
        """Count and log a delivery that got no further."""
        return self._intake.account(Receipt(Side.TIMETONIC, verdict, connection))

    def _body_id(self, connection: ConnectionName, body: bytes, same_body_s: float) -> str:
        """An id that equal bodies share for `same_body_s` from the first of them.

        Also across a restart or a second process, as far as both fall into one slice of the
        clock; beyond that a change is read once too often, which harms nothing.
        """
        now_s = self._intake.now().timestamp()
        body_digest = blake2b(body, digest_size=16).hexdigest()
        if same_body_s <= 0:
            return f"body:{now_s:.6f}:{body_digest}"
        self._recent = {
            key: at_s for key, at_s in self._recent.items() if now_s - at_s <= same_body_s
        }
        first_s = self._recent.setdefault((connection, body_digest), now_s)
        return f"body:{int(first_s // same_body_s)}:{body_digest}"


def is_admitted(authorization: str, secrets: Iterable[str]) -> bool:
    """Whether a header holds one of the secrets: as Bearer token, or as Basic password.

    A secret written `user:password` binds the user's name too. Every secret is compared, in
    constant time, so that the answer's timing tells nothing.
    """
    scheme, _, given = authorization.strip().partition(" ")
    given = given.strip()
    match scheme.lower():
        case "bearer":
            offered = [given]
        case "basic":
            pair = _decoded(given)
            offered = [pair, pair.partition(":")[2]]
        case _:
            return False
    found = False
    for secret in filter(None, secrets):
        for each in offered:
            found |= hmac.compare_digest(_hashed(each), _hashed(secret))
    return found


def _hashed(text: str) -> bytes:
    # Equal lengths for the comparison, whatever was sent.
    return sha256(text.encode(errors="surrogatepass")).digest()


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _read_form(body: bytes) -> dict[str, Any] | None:
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError:
        return None


def _find(payload: Any, path: str) -> Any:  # noqa: ANN401 — JSON in, JSON out
    found = payload
    for name, index, quoted in _STEP.findall(path):
        if index:
            is_there = isinstance(found, list) and int(index) < len(found)
            found = found[int(index)] if is_there else None
        else:
            found = found.get(name or quoted) if isinstance(found, dict) else None
    return found
