"""Speaks to the TimeTonic emulator as strangers do: forms, brackets, JSON text, multipart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from toolkit.sandbox.common import EmulatorClock, InProcessTransport
from toolkit.sandbox.faults import FaultPlan
from toolkit.sandbox.recording import Recorder
from toolkit.sandbox.seed import make_world
from toolkit.sandbox.timetonic import TimeTonicEmulator, build_timetonic

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "/live/api.php"
SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "timetonic"
WORLD = make_world(now=NOW, contacts=8, tasks=0, notes=0, leads=12, shared=3, appointments=0)


class Caller:
    """One emulator and somebody who calls it."""

    def __init__(self, emulator: TimeTonicEmulator) -> None:
        self.emulator = emulator
        self.state = emulator.state
        self.tables: Mapping[str, int] = emulator.credentials["tables"]
        self.keys = {
            "o_u": emulator.credentials["user"],
            "u_c": emulator.credentials["user"],
            "sesskey": emulator.credentials["sesskey"],
        }

    def field(self, name: str, table: str = "Contacts") -> int:
        column = self.state.table(table).field_named(name)
        assert column is not None
        return column.id

    async def send(self, method: str = "POST", path: str = URL, **how: Any) -> httpx.Response:
        transport = InProcessTransport(self.emulator.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1"
        ) as client:
            return await client.request(method, path, **how)

    async def post(self, req: str, **arguments: Any) -> httpx.Response:
        form = {**self.keys, "req": req, **arguments}
        return await self.send(data={name: _as_form(each) for name, each in form.items()})

    async def ask(self, req: str, **arguments: Any) -> dict[str, Any]:
        answer = await self.post(req, **arguments)
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    async def ok(self, req: str, **arguments: Any) -> dict[str, Any]:
        answer = await self.ask(req, **arguments)
        assert answer["status"] == "ok", answer
        return answer

    async def refused(self, req: str, **arguments: Any) -> str:
        answer = await self.ask(req, **arguments)
        assert answer["status"] == "nok", answer
        assert answer["errorMsg"] == answer["error"]
        return answer["errorMsg"]

    async def values(self, table: str = "Contacts", **arguments: Any) -> dict[str, Any]:
        answer = await self.ok("getTableValues", catId=self.tables[table], **arguments)
        return answer["tableValues"]

    async def row_ids(self, table: str = "Contacts", **arguments: Any) -> list[int]:
        values = await self.values(table, **arguments)
        return [each["id"] for each in values["fields"][0]["values"]]

    async def cell(self, row_id: int, field: str, table: str = "Contacts") -> Any:
        values = await self.values(
            table, filterRowIds=[row_id], fieldIds=[self.field(field, table)]
        )
        return values["fields"][0]["values"][0]["value"]

    async def create(self, values: Mapping[str, Any], table: str = "Contacts") -> int:
        fields = {str(self.field(name, table)): value for name, value in values.items()}
        answer = await self.ok(
            "createOrUpdateTableRow", catId=self.tables[table], rowId="tmp1", fieldValues=fields
        )
        return answer["rows"][0]["id"]


def _as_form(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def make_caller(
    *, faults: FaultPlan | None = None, recorder: Recorder | None = None, **variant: Any
) -> Caller:
    """A caller of a fresh emulator with twelve leads."""
    clock = EmulatorClock.frozen(NOW)
    return Caller(
        build_timetonic(WORLD, clock=clock, faults=faults, recorder=recorder, variant=variant)
    )
