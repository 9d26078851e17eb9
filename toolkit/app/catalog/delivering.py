"""Makes a trigger fire in a sandbox: through the intake, the inbox and the planner, as in life."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from toolkit.app.comparing import Comparer
from toolkit.app.draining import Drainer
from toolkit.app.intake import Addressed, Intake
from toolkit.app.intake_highlevel import Destination, HighLevelIntake
from toolkit.app.intake_timetonic import Entrance, TimeTonicIntake, WebhookSchema
from toolkit.app.live import is_sandbox
from toolkit.app.runs import Runner
from toolkit.app.turns import Desk, Turns
from toolkit.clients.pacing import SystemClock
from toolkit.errors import DecisionNeededError
from toolkit.model.events import (
    Event,
    EventKind,
    Subject,
    condition_fingerprint,
    usual_severity,
)
from toolkit.model.ids import Kind, RecordId

if TYPE_CHECKING:
    from pydantic import BaseModel

    from toolkit.app.catalog.entry import Entry
    from toolkit.app.wiring import Parts
    from toolkit.clients.pacing import Clock
    from toolkit.store import ConnectionStore

_SIGNED: Final = "x-ghl-signature"
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a trigger did.

    Attributes:
        verdict: What the intake answered; `stored` for what is our own.
        event_type: As the inbox or the feed keeps it.
        runs: Runs that it led to, newest first: id, verb, verdict.
        told: Events of the feed that it led to.
    """

    verdict: str
    event_type: str
    runs: tuple[tuple[str, str, str], ...] = ()
    told: tuple[str, ...] = ()


class _Inbox:
    """The inbox of one connection."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def put_events(self, arrivals: Sequence[Addressed]) -> Sequence[bool]:
        """Keep each; which of them are new."""
        return [self._store.put_event(arrival) for _, arrival in arrivals]

    def count_waiting(self) -> int:
        """A single event never finds the inbox full."""
        return 0


async def deliver(
    entry: Entry, given: BaseModel, parts: Parts, *, clock: Clock | None = None
) -> Delivered:
    """Let a trigger fire, and work on what it leads to.

    Raises:
        DecisionNeededError: The connection is no sandbox; nothing was delivered.
    """
    if not is_sandbox(parts.config):
        raise DecisionNeededError(
            "Events are made up for emulated services only",
            unchanged="Nothing was delivered",
            remedy="Add --sandbox",
        )
    feed, store = parts.store.feed, parts.store
    newest = feed.newest_event()
    known = {run.id for run in store.list_runs(_MOST)}
    source, _, word = entry.id.removeprefix("trigger.").partition(".")
    payload = json.loads(given.model_dump_json(exclude_unset=source == "highlevel"))
    verdict = await _fire(source, word, payload, parts, clock or SystemClock())
    runs = [run for run in store.list_runs(_MOST) if run.id not in known]
    told = feed.list_events(after=newest, limit=_MOST)
    return Delivered(
        verdict=verdict,
        event_type=word or source,
        runs=tuple((run.id, run.verb, run.verdict) for run in runs),
        told=tuple(each.kind.value for each in told),
    )


async def _fire(
    source: str, word: str, payload: dict[str, Any], parts: Parts, clock: Clock
) -> str:
    match source:
        case "highlevel":
            return await _from_highlevel(word, payload, parts, clock)
        case "timetonic":
            return await _from_timetonic(word, payload, parts, clock)
        case "schedule":
            turns = Turns("call", clock=clock)
            await Comparer(turns, clock=clock).compare(_desk(parts))
        case _:
            parts.store.feed.append_events([_feed_event(word, payload, parts)])
    return "stored"


async def _from_highlevel(
    event_type: str, payload: dict[str, Any], parts: Parts, clock: Clock
) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    body = {"appointment": payload} if event_type.startswith("Appointment") else payload
    location_id = parts.config.highlevel.location_id
    told = body | {
        "type": event_type,
        "locationId": location_id,
        "timestamp": clock.now().isoformat(),
        "webhookId": secrets.token_hex(16),
    }
    # Signed like a real delivery, by a key that is good for this one only.
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    raw = json.dumps(told).encode()
    intake = Intake(_Inbox(parts.store), clock=clock.now)
    door = HighLevelIntake(
        intake, [Destination(parts.config.name, location_id)], public_keys=[public]
    )
    receipt = await door.take(raw, {_SIGNED: base64.b64encode(key.sign(raw)).decode()})
    return await _work(receipt.verdict.value, intake, parts, clock)


async def _from_timetonic(
    event: str, payload: dict[str, Any], parts: Parts, clock: Clock
) -> str:
    name, secret = parts.config.name, secrets.token_urlsafe(16)
    tables = {
        each.table: kind
        for kind, each in parts.config.mapping.kinds.items()
        if getattr(each, "table", "")
    }
    intake = Intake(_Inbox(parts.store), clock=clock.now)
    entrance = Entrance(WebhookSchema(), {"Contacts": Kind.CONTACT, **tables})
    door = TimeTonicIntake(intake, {name: entrance}, secrets=lambda _name: [secret])
    refused = door.admit(name, f"Bearer {secret}")
    told = payload | {"event": event, "event_id": secrets.token_hex(16)}
    receipt = refused or await door.take(name, json.dumps(told).encode())
    return await _work(receipt.verdict.value, intake, parts, clock)


async def _work(verdict: str, intake: Intake, parts: Parts, clock: Clock) -> str:
    await intake.aclose()
    await Drainer(Turns("call", clock=clock), clock=clock).drain(_desk(parts))
    return verdict


def _desk(parts: Parts) -> Desk:
    """The connection's desk, where no event waits for quiet."""
    webhooks = replace(parts.config.webhooks, quiet_s=0.0, cap_s=0.0)
    prompt = replace(parts, config=replace(parts.config, webhooks=webhooks))
    return Desk(prompt, Runner(prompt))


def _feed_event(word: str, payload: dict[str, Any], parts: Parts) -> Event:
    kind, name = EventKind(word), parts.config.name
    ids = {
        side: RecordId(payload[side]) if payload[side] else None
        for side in ("highlevel_id", "timetonic_id")
    }
    about = next((each for each in Kind if word.startswith(each.value)), Kind.CONTACT)
    return Event(
        connection=name,
        at=parts.now(),
        kind=kind,
        severity=usual_severity(kind),
        fingerprint=condition_fingerprint(name, kind, *filter(None, ids.values())),
        subjects=(Subject(about, None, ids["highlevel_id"], ids["timetonic_id"]),),
        fields=tuple(payload["fields"]),
        facts=payload["facts"],
    )
