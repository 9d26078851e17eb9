"""A small emulated location and a way to ask it things in one line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from toolkit.sandbox.common import EmulatorClock, InProcessTransport
from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.highlevel import HighLevelEmulator, HighLevelOptions, build_highlevel
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.seed import World, make_world

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
V2 = "2021-07-28"


@dataclass
class Door:
    options: HighLevelOptions = field(default_factory=HighLevelOptions)
    contacts: int = 30
    rate_limit: bool = False
    clock: EmulatorClock = field(default_factory=lambda: EmulatorClock.frozen(NOW))
    faults: FaultPlan = field(default_factory=FaultPlan)
    recorder: Recorder = field(default_factory=Recorder)

    def __post_init__(self) -> None:
        self.world: World = make_world(
            now=NOW, contacts=self.contacts, tasks=20, notes=10, appointments=5
        )
        self.emulator: HighLevelEmulator = build_highlevel(
            self.world,
            clock=self.clock,
            faults=self.faults,
            recorder=self.recorder,
            rate_limit=self.rate_limit,
            options=self.options,
        )
        self.state = self.emulator.state
        self.location = self.state.location_id
        self.token = self.emulator.credentials.token
        self.contact_ids = list(self.state.contacts)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: str | None = V2,
        token: str | None = "",
        **more: Any,
    ) -> httpx.Response:
        """One call; `token=""` is the good one, None sends none."""
        headers = dict(more.pop("headers", {}))
        if version is not None:
            headers["Version"] = version
        if token is not None:
            headers["Authorization"] = f"Bearer {token or self.token}"
        if body is not None:
            more["json"] = body

        async def send() -> httpx.Response:
            transport = InProcessTransport(self.emulator.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://hl") as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(send())

    def create(self, **values: Any) -> dict[str, Any]:
        """A new contact, as its create answered it."""
        answer = self.ask("POST", "/contacts/", {"locationId": self.location, **values})
        assert answer.status_code == 201, answer.text
        return answer.json()["contact"]

    def read(self, contact_id: str) -> dict[str, Any]:
        """One contact in full."""
        answer = self.ask("GET", f"/contacts/{contact_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["contact"]

    def search(self, **body: Any) -> dict[str, Any]:
        """A search that is expected to succeed."""
        answer = self.ask(
            "POST", "/contacts/search", {"locationId": self.location, "pageLimit": 500, **body}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def field(self, key: str) -> str:
        """The id of a seeded custom field."""
        keys = {one.field_key: one.id for one in self.state.fields.values()}
        return keys[f"contact.{key}"]
