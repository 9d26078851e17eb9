"""HighLevel's webhooks: whether they are real, for us, and new enough.

A payload is a hint, not a record, so only what says *which* record is read here; a payload
whose other fields are odd is still a good hint. Shapes as in `clients/highlevel/webhooks.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NoReturn

from toolkit.app.intake import Addressed, Intake, Receipt, Verdict, plain_name
from toolkit.clients.highlevel.signatures import (
    CURRENT_HEADER,
    ED25519_PUBLIC_KEY,
    LEGACY_HEADER,
    RSA_PUBLIC_KEY,
    is_signed_by_highlevel,
)
from toolkit.clients.highlevel.webhooks import EVENT_TYPES
from toolkit.clients.highlevel.wire.base import read_timestamp
from toolkit.model.ids import ConnectionName, Kind, RecordId, Side
from toolkit.store import Arrival

MAX_AGE = timedelta(hours=72)
"""Retries arrive ten minutes to hours late (vendor guides, read 2026-11): a tight limit would
refuse honest ones. The inbox remembers ids for as long, so nothing can be played twice."""

_KINDS: Mapping[str, Kind] = {
    event_type: kind
    for event_type in EVENT_TYPES
    for kind in Kind
    if event_type.lower().startswith(kind)
}
_LONGEST_ID = 200
# Without any stamp two equal payloads may be two changes: kept apart after this long.
_SAME_BODY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Destination:
    """A connection that HighLevel's events may be for.

    Attributes:
        app_id: Of the Marketplace app; None takes events of any app for this location.
        own_keys: PEM, Ed25519; believed for this connection and no other. A sandbox signs with
            a key of its own.
    """

    connection: ConnectionName
    location_id: str
    app_id: str | None = None
    own_keys: tuple[bytes, ...] = ()


class HighLevelIntake:
    """Takes deliveries to `/webhooks/highlevel`.

    One key pair of the vendor serves all apps: a good signature says who sent a delivery, only
    app and location say whom it is for.

    Args:
        intake: Keeps what is good.
        destinations: The connections; several may share one location.
        public_keys: PEM, Ed25519; several while the vendor changes its key.
        legacy_keys: PEM, RSA; none by default, since that header has ended.
        max_age: Older deliveries are refused.
    """

    def __init__(
        self,
        intake: Intake,
        destinations: Sequence[Destination],
        *,
        public_keys: Sequence[bytes] = (ED25519_PUBLIC_KEY,),
        legacy_keys: Sequence[bytes] = (),
        max_age: timedelta = MAX_AGE,
    ) -> None:
        self._intake = intake
        self._destinations = tuple(destinations)
        self._public_keys = tuple(public_keys)
        self._legacy_keys = tuple(legacy_keys)
        self._max_age = max_age

    async def take(self, body: bytes, headers: Mapping[str, str]) -> Receipt:
        """Judge one delivery, and keep it if it is good.

        Args:
            body: The bytes as they came.
            headers: Names in lower case.
        """
        # The two that count, picked out: walking all headers costs more than reading the JSON.
        signatures = {name: headers.get(name, "") for name in (CURRENT_HEADER, LEGACY_HEADER)}
        believers = self._believers(body, signatures)
        if not believers:
            return self.refuse(Verdict.BAD_SIGNATURE)
        payload = read_object(body)
        if payload is None:
            return self.refuse(Verdict.NOT_JSON)
        event_type = plain_name(payload.get("type"))
        if not event_type:
            return self.refuse(Verdict.NO_TYPE)
        arrivals = self._addressed(
            payload, event_type, body=body, headers=headers, believers=believers
        )
        if isinstance(arrivals, Verdict):
            return self._intake.account(
                Receipt(Side.HIGHLEVEL, arrivals, event_type=event_type)
            )
        return await self._intake.keep(arrivals)

    def refuse(self, verdict: Verdict) -> Receipt:
        """Count and log a delivery that got no further."""
        return self._intake.account(Receipt(Side.HIGHLEVEL, verdict))

    def _believers(self, body: bytes, signatures: Mapping[str, str]) -> tuple[Destination, ...]:
        """The connections for which this signature is good; none: it is forged."""
        if is_signed_by_highlevel(
            body, signatures, ed25519_keys=self._public_keys, rsa_keys=self._legacy_keys
        ):
            return self._destinations
        return tuple(
            each
            for each in self._destinations
            if each.own_keys
            and is_signed_by_highlevel(body, signatures, ed25519_keys=each.own_keys)
        )

    def _addressed(
        self,
        payload: dict[str, Any],
        event_type: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        believers: Sequence[Destination],
    ) -> list[Addressed] | Verdict:
        app_id, location_id = payload.get("appId"), payload.get("locationId")
        there = [each for each in believers if each.location_id == location_id]
        ours = [each for each in there if _is_app(each, app_id)]
        if not ours:
            is_known_app = any(_is_app(each, app_id) for each in believers)
            # An app of ours that is installed in more locations than are synced is no fault:
            # a refusal would have the vendor repeat, and in the end pause, its deliveries.
            return Verdict.WRONG_APP if there or not is_known_app else Verdict.NOT_OURS
        now, sent_at = self._intake.now(), _read_time(payload.get("timestamp"))
        if sent_at is not None and now - sent_at > self._max_age:
            return Verdict.TOO_OLD
        record = payload.get("appointment")
        fields = record if isinstance(record, dict) else payload
        record_id = plain_name(fields.get("id"), longest=_LONGEST_ID)
        arrival = Arrival(
            source=Side.HIGHLEVEL,
            event_id=_event_id(payload, body, headers, minute=_minute(now, sent_at)),
            event_type=event_type,
            body=payload,
            received_at=now,
            kind=_KINDS.get(event_type),
            record_id=RecordId(record_id) if record_id else None,
        )
        return [(each.connection, arrival) for each in ours]


def default_legacy_keys() -> tuple[bytes, ...]:
    """The vendor's RSA key, for a connection that switches the legacy header on."""
    return (RSA_PUBLIC_KEY,)


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in `body` (UTF-8, without NaN); None for anything else."""
    try:
        value = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_app(destination: Destination, app_id: object) -> bool:
    # The vendor's own samples carry no app id; a delivery without one names its location still.
    return destination.app_id is None or app_id is None or app_id == destination.app_id


def _event_id(
    payload: Mapping[str, Any], body: bytes, headers: Mapping[str, str], *, minute: str
) -> str:
    """What stays equal in every repetition of a delivery.

    The header is not signed: its ids live in a space of their own, so that nobody can claim
    another delivery's.
    """
    if given := plain_name(payload.get("webhookId"), longest=_LONGEST_ID):
        return given
    if given := plain_name(headers.get("deliveryid"), longest=_LONGEST_ID):
        return f"delivery:{given}"
    return f"body:{minute}{blake2b(body, digest_size=16).hexdigest()}"


def _minute(now: datetime, sent_at: datetime | None) -> str:
    if sent_at is not None:
        return ""
    return f"{int(now.timestamp() // _SAME_BODY.total_seconds())}:"


def _read_time(value: object) -> datetime | None:
    try:
        found = read_timestamp(value)
    except (ValueError, OverflowError, OSError):
        return None
    return found if isinstance(found, datetime) else None
