"""A served intake over a real store, and hands to knock with."""

from __future__ import annotations

import base64
import json
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from toolkit.app.intake import Intake
from toolkit.app.intake_highlevel import Destination, HighLevelIntake
from toolkit.app.intake_inbox import StoredInbox
from toolkit.app.intake_timetonic import Entrance, TimeTonicIntake, WebhookSchema
from toolkit.app.measures import Measures, Readiness
from toolkit.clients.pacing import ManualClock
from toolkit.errors import StateError
from toolkit.model.ids import ConnectionName, Kind
from toolkit.server.app import ServerDeps, build_app
from toolkit.server.bodies import BodyLimits
from toolkit.store import Store, open_database
from toolkit.store.schema_service import inbox

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAIN, SECOND = ConnectionName("main"), ConnectionName("second")
HIGHLEVEL = "/webhooks/highlevel"
TIMETONIC = "/webhooks/timetonic/main"
SECRET = "tt-secret-0815"
BEARER = {"authorization": f"Bearer {SECRET}"}
JSON_TYPE = {"content-type": "application/json"}

KEY = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
STALE_KEY = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 — for speed


def public_pem(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def contact_event(**changes: Any) -> dict[str, Any]:
    """A delivery as HighLevel sends it; a value of None leaves the key out."""
    event = {
        "type": "ContactUpdate",
        "locationId": "loc-1",
        "id": "c1",
        "email": "jo@example.org",
        "phone": "+15555550100",
        "timestamp": "2026-11-23T08:59:58.000Z",
        "webhookId": "w-1",
        "appId": "app-1",
    } | changes
    return {name: value for name, value in event.items() if value is not None}


def encode(payload: object) -> bytes:
    return json.dumps(payload).encode()


def signed(body: bytes, key: Ed25519PrivateKey = KEY) -> dict[str, str]:
    return {"x-ghl-signature": base64.b64encode(key.sign(body)).decode()}


def legacy_signed(body: bytes) -> dict[str, str]:
    signature = RSA_KEY.sign(body, padding.PKCS1v15(), hashes.SHA256())
    return {"x-wh-signature": base64.b64encode(signature).decode()}


@cache
def _empty_database() -> bytes:
    """A migrated file, made once: migrating takes longer than any test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hightonic.db"
        with Store(open_database(path)) as store, store.transactions.writing() as connection:
            connection.exec_driver_sql("SELECT 1")
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


def open_store(folder: Path, clock: Callable[[], datetime]) -> Store:
    """A new store in a folder, or the one that is there."""
    path = folder / "hightonic.db"
    if not path.exists():
        path.write_bytes(_empty_database())
    return Store(open_database(path, busy_timeout_s=0.3), clock=clock)


@dataclass
class Door:
    """An application, the store behind it, and a client in front of it."""

    store: Store
    clock: ManualClock
    intake: Intake
    client: httpx.AsyncClient
    app: Any = None
    woken: list[str] = field(default_factory=list)

    async def post(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self.client.post(
            path, content=body, headers={**JSON_TYPE, **(headers or {})}
        )

    async def deliver(self, **changes: Any) -> httpx.Response:
        """A good HighLevel delivery, changed."""
        body = encode(contact_event(**changes))
        return await self.post(HIGHLEVEL, body, signed(body))

    async def call(
        self, payload: object, headers: Mapping[str, str] = BEARER
    ) -> httpx.Response:
        """A TimeTonic call."""
        return await self.post(TIMETONIC, encode(payload), headers)

    def rows(self) -> list[dict[str, Any]]:
        """What the inbox holds, oldest first."""
        with self.store.transactions.reading() as connection:
            found = connection.execute(select(inbox).order_by(inbox.c.seq)).mappings()
            return [dict(row) for row in found]

    def counts(self) -> dict[str, int]:
        """Deliveries by result, of both sides."""
        return {result: count for (_, result), count in self.intake.counts.results().items()}


@asynccontextmanager
async def open_door(
    folder: Path,
    *,
    port: Any = None,
    legacy: bool = False,
    schema: WebhookSchema | None = None,
    secrets: tuple[str, ...] | StateError = (SECRET,),
    destinations: tuple[Destination, ...] = (
        Destination(MAIN, "loc-1", "app-1"),
        Destination(SECOND, "loc-2", "app-1"),
    ),
    limits: BodyLimits | None = None,
    consent: Any = None,
    readiness: Any = None,
    measures: Any = None,
    capacity: int = 1_000,
    timeout_s: float = 5.0,
    wake: Any = None,
) -> AsyncIterator[Door]:
    """A door on a new store; `port` wraps the inbox, `consent` is made from store and clock."""

    async def well() -> Readiness:
        return Readiness({})

    def read_secrets(_name: ConnectionName) -> tuple[str, ...]:
        if isinstance(secrets, StateError):
            raise secrets
        return secrets

    woken: list[str] = []

    async def note(connection: ConnectionName) -> None:
        woken.append(connection)

    clock = ManualClock(NOW)
    with open_store(folder, clock.now) as store:
        stored = StoredInbox(store)
        intake = Intake(
            port(stored) if port else stored,
            clock=clock.now,
            on_stored=wake or note,
            capacity=capacity,
            timeout_s=timeout_s,
        )
        app = build_app(
            ServerDeps(
                highlevel=HighLevelIntake(
                    intake,
                    destinations,
                    public_keys=[public_pem(KEY)],
                    legacy_keys=[public_pem(RSA_KEY)] if legacy else [],
                ),
                timetonic=TimeTonicIntake(
                    intake,
                    {
                        MAIN: Entrance(
                            schema or WebhookSchema(),
                            {"Contacts": Kind.CONTACT, "51": Kind.TASK},
                        )
                    },
                    secrets=read_secrets,
                ),
                readiness=readiness or well,
                measures=measures or Measures,
                consent=consent(store, clock) if consent else None,
                limits=limits or BodyLimits(),
            )
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            yield Door(store, clock, intake, client, app, woken)
        await intake.aclose()
